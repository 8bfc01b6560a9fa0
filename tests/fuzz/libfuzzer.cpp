// `fuzz` lists the targets; `fuzz TARGET CORPUS [OPTION]...` puts the target's seeds into the folder CORPUS and lets
// libFuzzer loose on it, with its options.
#include <unistd.h>

#include <cstdint>
#include <iostream>

#include "target.hpp"
#include "unroll/core/errors.hpp"

namespace {

const testing::Target* target = nullptr;
std::filesystem::path input;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  if (*count < 3) {
    for (const auto& [name, listed] : testing::targets()) std::cout << name << '\n';
    std::exit(0);
  }
  target = &testing::targets().at((*arguments)[1]);
  const std::filesystem::path corpus = (*arguments)[2];
  std::filesystem::create_directories(corpus);
  int number = 0;
  for (const std::string& seed : target->seeds())
    testing::write_file(corpus / ("seed-" + std::to_string(number++)), seed);
  // The same file each time, of this process.
  input = std::filesystem::temp_directory_path() / ("fuzz-" + std::to_string(getpid()) + target->extension);
  std::atexit([] { std::filesystem::remove(input); });
  (*arguments)[1] = (*arguments)[0];
  ++*arguments, --*count;
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  testing::write_file(input, std::string(reinterpret_cast<const char*>(bytes), size));
  try {
    target->read(input);
  } catch (const unroll::Error&) {
  }
  return 0;
}
