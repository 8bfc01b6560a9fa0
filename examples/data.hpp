#pragma once
// Where `./dev data` puts what the examples learn from.
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

/// "words/danish", "digits.csv". Ends the program if it is not there, with the status that the tests count as skipped.
inline std::filesystem::path data_file(const std::string& name) {
  constexpr int skipped = 77;
  const std::filesystem::path path = std::filesystem::path(UNROLL_DATA_DIR) / name;
  if (!std::filesystem::exists(path)) {
    std::cerr << path.string() << " is missing; this unpacks it from a Debian package: ./dev data\n";
    std::exit(skipped);
  }
  return path;
}
