#include "text_alphabet.hpp"

namespace unroll::program {

TextAlphabet::TextAlphabet(std::string_view text) {
  std::array<bool, 256> occurs{};
  for (unsigned char c : text) occurs[c] = true;
  for (std::size_t c = 0; c < occurs.size(); ++c) {
    ids_[c] = static_cast<std::int32_t>(size());
    if (occurs[c]) bytes_ += static_cast<char>(c);
  }
}

std::vector<std::int32_t> TextAlphabet::ids(std::string_view text) const {
  std::vector<std::int32_t> result;
  for (unsigned char c : text) result.push_back(ids_[c]);
  return result;
}

std::string TextAlphabet::table() const {
  std::string text = "column,byte\n";
  for (std::size_t k = 0; k < bytes_.size(); ++k)
    text += std::to_string(k) + ',' + std::to_string(static_cast<unsigned char>(bytes_[k])) + '\n';
  return text;
}

}  // namespace unroll::program
