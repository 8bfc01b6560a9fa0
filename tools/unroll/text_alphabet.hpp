#pragma once
// The bytes of a text as numbers.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "unroll/core/shape.hpp"

namespace unroll::program {

class TextAlphabet {
 public:
  /// Of the bytes that occur, in the order of their values.
  explicit TextAlphabet(std::string_view text);

  Index size() const { return static_cast<Index>(bytes_.size()); }
  char byte(std::int32_t id) const { return bytes_[static_cast<std::size_t>(id)]; }
  std::vector<std::int32_t> ids(std::string_view text) const;
  /// "column,byte" and a line for each, the byte as its value.
  std::string table() const;

 private:
  std::string bytes_;
  std::array<std::int32_t, 256> ids_{};
};

}  // namespace unroll::program
