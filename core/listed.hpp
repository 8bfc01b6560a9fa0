#pragma once
#include <functional>
#include <string>

namespace unroll {

/// "a, b, c": what `label` gives for each, between commas.
template <class Range, class Label>
std::string listed(const Range& range, const Label& label) {
  std::string text;
  for (const auto& item : range) text.append(text.empty() ? "" : ", ").append(std::invoke(label, item));
  return text;
}

}  // namespace unroll
