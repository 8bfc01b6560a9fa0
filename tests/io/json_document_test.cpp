#include "unroll/io/json_document.hpp"

#include <doctest/doctest.h>

#include "files.hpp"
#include "unroll/core/errors.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("what the outermost object of a file says is found wherever it is, and nowhere else") {
  TemporaryFolder folder;
  auto says = [&](const std::string& text) {
    write_file(folder / "x.json", text);
    return json_file_says("reader", folder / "x.json", "format", "unroll",
                          [](const std::string& key) { return key == "end"; });
  };
  const std::string much = "[\"" + std::string(100'000, 'a') + "\",[{\"format\":\"unroll\"}]]";
  CHECK(says(R"({"format":"unroll"})"));
  CHECK(says(R"({"modules":)" + much + R"(,"a":{"format":"other"},"format":"unroll"})"));
  CHECK(says(R"({"format":"unroll","modules":[,)"));  // what is behind it is for its reader
  CHECK(says(R"({"\u0066ormat" : "unroll"})"));
  for (const std::string text :
       {R"({"format":"other","name":"unroll"})", R"({"format":["unroll"]})", R"(["format","unroll"])",
        R"({"a":{"format":"unroll"}})", R"({"format":1,"a":"unroll"})", R"("unroll")", "", "{", "}",
        R"({"a":[1,,2],"format":"unroll"})"}) {
    INFO(text);
    CHECK_FALSE(says(text));
  }
  CHECK(says(R"({"a":{"end":1},"format":"unroll"})"));
  CHECK(says(R"({"format":"unroll","end":1})"));
  CHECK_FALSE(says(R"({"end":1,"format":"unroll"})"));
  CHECK_FALSE(says(std::string(100'000, '[')));
  CHECK_FALSE(says(R"({"modules":)" + much + "}"));
}

TEST_CASE("a file that cannot be searched is an error with the system's reason") {
  TemporaryFolder folder;
  auto never = [](const std::string&) { return false; };
  CHECK_THROWS_WITH_AS(json_file_says("reader", folder / "none.json", "format", "unroll", never),
                       "reader: cannot open: No such file or directory", IOError);
  CHECK_THROWS_AS(json_file_says("reader", folder.path(), "format", "unroll", never), IOError);
}
