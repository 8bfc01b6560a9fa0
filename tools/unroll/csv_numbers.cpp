#include "csv_numbers.hpp"

#include <algorithm>
#include <charconv>

namespace unroll::program {

bool parse_numbers(std::string_view& text, std::vector<double>& numbers) {
  constexpr const char* blanks = " \t";
  numbers.clear();
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return false;
    std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
    rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
    if (!rest.empty() && rest[0] != ',') return false;
    numbers.push_back(value);
    if (rest.empty()) return true;
    text = rest.substr(1);
  }
}

}  // namespace unroll::program
