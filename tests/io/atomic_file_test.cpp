#include "unroll/io/atomic_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "files.hpp"
#include "support/child.hpp"
#include "unroll/core/errors.hpp"

using namespace unroll;
using testing::become_nobody;
using testing::fill_disk;
using testing::in_child;
using testing::read_file;
using testing::TemporaryFolder;
using testing::write_file;
namespace fs = std::filesystem;

namespace {

void save(const fs::path& path, const std::string& text) {
  AtomicFile file("save", path);
  file.write(text);
  file.commit();
}

unsigned mode(const fs::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("an atomic file is there after commit, and not before") {
  TemporaryFolder folder;
  fs::path path = folder / "a.txt";
  {
    AtomicFile file("save", path);
    file.write("first ");
    file.write("second");
    CHECK_FALSE(fs::exists(path));
    file.commit();
  }
  CHECK(read_file(path) == "first second");
  CHECK(folder.files() == 1);
}

TEST_CASE("an atomic file that is not committed leaves the old one and nothing else") {
  TemporaryFolder folder;
  fs::path path = folder / "a.txt";
  write_file(path, "old");
  { AtomicFile("save", path).write("new"); }
  CHECK(read_file(path) == "old");
  CHECK(folder.files() == 1);
}

TEST_CASE("an atomic file keeps the permissions of the file that it replaces") {
  TemporaryFolder folder;
  fs::path path = folder / "a.txt";
  write_file(path, "old");
  for (mode_t wanted : {0600u, 0640u, 0777u}) {
    REQUIRE(::chmod(path.c_str(), wanted) == 0);
    save(path, "new");
    CHECK(mode(path) == wanted);
  }
  mode_t mask = ::umask(027);
  save(folder / "b.txt", "new");
  ::umask(mask);
  CHECK(mode(folder / "b.txt") == 0640);
}

TEST_CASE("an atomic file replaces what a link points to, also through several links and where there is nothing yet") {
  TemporaryFolder folder;
  fs::create_directory(folder / "real");
  write_file(folder / "real/a.txt", "old");
  fs::create_symlink("real/a.txt", folder / "near");
  fs::create_symlink(folder / "near", folder / "far");
  save(folder / "far", "new");
  CHECK(read_file(folder / "real/a.txt") == "new");
  CHECK(fs::is_symlink(folder / "far"));
  CHECK(fs::is_symlink(folder / "near"));

  fs::create_symlink("real/b.txt", folder / "dangling");
  save(folder / "dangling", "made");
  CHECK(fs::is_symlink(folder / "dangling"));
  CHECK(read_file(folder / "real/b.txt") == "made");

  fs::create_symlink("loop", folder / "loop");
  CHECK_THROWS_WITH_AS(save(folder / "loop", "x"), doctest::Contains("Too many levels of symbolic links"), IOError);
}

TEST_CASE("an atomic file says why it cannot be written") {
  TemporaryFolder folder;
  CHECK_THROWS_WITH_AS(save(folder / "none/a.txt", "x"), doctest::Contains("none/a.txt: No such file or directory"),
                       IOError);
  CHECK_THROWS_WITH_AS(save(folder.path(), "x"), doctest::Contains("Is a directory"), IOError);
  CHECK_THROWS_WITH_AS(save(folder / "new/", "x"), doctest::Contains("Is a directory"), IOError);
  CHECK_THROWS_WITH_AS(save("", "x"), doctest::Contains("No such file"), IOError);
  CHECK_THROWS_WITH_AS(save("/dev/null", "x"), doctest::Contains("/dev/null: it is not a regular file"), IOError);
  CHECK_THROWS_WITH_AS(save(folder / std::string(300, 'n'), "x"), doctest::Contains("File name too long"), IOError);
  write_file(folder / "file", "");
  CHECK_THROWS_WITH_AS(save(folder / "file/a.txt", "x"), doctest::Contains("Not a directory"), IOError);
  CHECK(folder.files() == 1);
}

TEST_CASE("an atomic file takes names as long as the system does") {
  TemporaryFolder folder;
  save(folder / std::string(255, 'n'), "x");
  CHECK(read_file(folder / std::string(255, 'n')) == "x");
}

TEST_CASE("an atomic file goes to the working directory if its path has no folder") {
  TemporaryFolder folder;
  int status = in_child([&] {
    fs::current_path(folder.path());
    save("a.txt", "x");
    return 0;
  });
  CHECK(status == 0);
  CHECK(read_file(folder / "a.txt") == "x");
}

TEST_CASE("an atomic file does not replace a file or enter a folder that is write-protected") {
  TemporaryFolder folder;
  fs::create_directory(folder / "closed");
  write_file(folder / "closed/a.txt", "old");
  write_file(folder / "fixed.txt", "old");
  fs::permissions(folder / "fixed.txt", fs::perms::owner_read);
  fs::permissions(folder / "closed", fs::perms::owner_read | fs::perms::owner_exec);
  fs::permissions(folder.path(), fs::perms::all);
  auto denied = [](const fs::path& path) {
    try {
      save(path, "new");
    } catch (const IOError& error) {
      return std::string(error.what()).ends_with("Permission denied");
    }
    return false;
  };
  int status = in_child([&] {
    become_nobody();
    return denied(folder / "closed/a.txt") && denied(folder / "closed/b.txt") && denied(folder / "fixed.txt") ? 0 : 1;
  });
  CHECK(status == 0);
  fs::permissions(folder / "closed", fs::perms::owner_all);
  CHECK(read_file(folder / "closed/a.txt") == "old");
  CHECK(read_file(folder / "fixed.txt") == "old");
}

TEST_CASE("when the disk is full the old file stays and the temporary one goes") {
  TemporaryFolder folder;
  fs::path path = folder / "a.txt";
  write_file(path, "old");
  int status = in_child([&] {
    fill_disk(1000);
    try {
      save(path, std::string(5000, 'x'));
    } catch (const IOError& error) {
      return std::string(error.what()).ends_with("File too large") ? 0 : 2;
    }
    return 1;
  });
  CHECK(status == 0);
  CHECK(read_file(path) == "old");
  CHECK(folder.files() == 1);
}

TEST_CASE("a process that is killed while it writes leaves the old file, and the next one writes the new") {
  TemporaryFolder folder;
  fs::path path = folder / "a.txt";
  write_file(path, "old");
  int status = in_child([&] {
    AtomicFile file("save", path);
    file.write("half of ");
    ::raise(SIGKILL);
    return 0;
  });
  CHECK(WIFSIGNALED(status));
  CHECK(read_file(path) == "old");
  save(path, "new");
  CHECK(read_file(path) == "new");
}
