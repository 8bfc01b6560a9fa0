#include "unroll/io/file_bytes.hpp"

#include <cerrno>
#include <fstream>
#include <new>
#include <sstream>
#include <system_error>

#include "unroll/core/errors.hpp"

namespace unroll {

std::string read_file_bytes(std::string_view who, const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) raise<IOError>(who, "cannot open: it is a folder");
  std::ifstream file(path, std::ios::binary);
  if (!file) raise<IOError>(who, "cannot open: ", std::generic_category().message(errno));
  try {
    std::ostringstream bytes;
    if (file.peek() != std::ifstream::traits_type::eof()) bytes << file.rdbuf();
    if (file.bad() || bytes.bad()) raise<IOError>(who, "cannot read: ", std::generic_category().message(errno));
    return std::move(bytes).str();
  } catch (const std::bad_alloc&) {
    raise<ResourceExhaustedError>(who, "no memory for its content");
  }
}

}  // namespace unroll
