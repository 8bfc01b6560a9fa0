#pragma once
#include <string_view>
#include <vector>

namespace unroll::program {

/// Numbers between commas. False, with the rest of the text, at what is none.
bool parse_numbers(std::string_view& text, std::vector<double>& numbers);

}  // namespace unroll::program
