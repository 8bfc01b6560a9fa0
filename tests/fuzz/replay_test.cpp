#include <doctest/doctest.h>

#include "target.hpp"
#include "unroll/core/errors.hpp"

using namespace unroll;
using namespace testing;

namespace {

// False if the reader says that it does not take the file; any other exception ends the test.
bool takes(const Target& target, const TemporaryFolder& folder, const std::string& content) {
  write_file(folder / ("x" + target.extension), content);
  try {
    target.read(folder / ("x" + target.extension));
    return true;
  } catch (const Error& error) {
    CAPTURE(std::string(error.what()));
    CHECK((!target.names_file || std::string(error.what()).find("x" + target.extension) != std::string::npos));
    return false;
  }
}

// Every byte of a small file, and as many as there is time for of a large one.
std::size_t stride(const std::string& seed) {
  constexpr std::size_t most = 200;
  return 1 + seed.size() / most;
}

template <class F>
void each_seed(F&& f) {
  for (const auto& entry : targets()) {
    const Target& target = entry.second;
    CAPTURE(entry.first);
    TemporaryFolder folder;
    for (const std::string& seed : target.seeds()) {
      CAPTURE(seed.size());
      f(target, folder, seed);
      CHECK(takes(target, folder, seed));  // whatever came before
    }
  }
}

}  // namespace

TEST_CASE("every reader takes the files that it should") {
  CHECK(targets().size() >= 21);
  each_seed([](const Target& target, const TemporaryFolder&, const std::string& seed) {
    CHECK(seed != "");
    CHECK(target.seeds().size() < 10);
  });
}

TEST_CASE("every reader takes or refuses a file that is cut off anywhere") {
  each_seed([](const Target& target, const TemporaryFolder& folder, const std::string& seed) {
    for (std::size_t size = 0; size < seed.size(); size += stride(seed)) takes(target, folder, seed.substr(0, size));
  });
}

TEST_CASE("every reader takes or refuses a file with a bit turned anywhere") {
  each_seed([](const Target& target, const TemporaryFolder& folder, const std::string& seed) {
    for (std::size_t at = 0; at < seed.size(); at += stride(seed)) {
      std::string turned = seed;
      turned[at] = static_cast<char>(turned[at] ^ 1 << at / stride(seed) % 8);
      takes(target, folder, turned);
    }
  });
}

TEST_CASE("every reader takes or refuses numbers, brackets and text in the place of a byte") {
  const std::string inserted[] = {"9223372036854775807", "-1", "1e999", "[[[[[[[[", "\"", std::string(8, '\xff')};
  each_seed([&](const Target& target, const TemporaryFolder& folder, const std::string& seed) {
    for (std::size_t at = 0; at < seed.size(); at += stride(seed)) {
      const std::string& text = inserted[at / stride(seed) % std::size(inserted)];
      takes(target, folder, seed.substr(0, at) + text + seed.substr(at + 1));
    }
  });
}
