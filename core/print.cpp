// NumPy's array2string with its default options (as of NumPy 2.4): 8 digits after the point at most and as few as tell
// the values apart, a common width, lines of 75 characters, the first and last 3 of large tensors.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <ostream>

#include "unroll/core/tensor.hpp"

namespace unroll {
namespace {

constexpr Index threshold = 1000, edge = 3;
constexpr std::size_t line_width = 75;
constexpr std::size_t max_digits = 8;

template <class T, class... Precision>
std::string chars(T value, std::chars_format format, Precision... precision) {
  char buffer[512];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value, format, precision...).ptr};
}

// "-1.25" and "e-05".
struct Scientific {
  std::string digits, power;

  explicit Scientific(const std::string& text) : digits(text, 0, text.find('e')), power(text, text.find('e')) {
    if (digits.find('.') == std::string::npos) digits += '.';
  }
  std::size_t point() const { return digits.find('.'); }
  std::size_t decimals() const { return digits.size() - point() - 1; }
};

void trim_zeros(std::string& text) { text.erase(text.find_last_not_of('0') + 1); }

// As few digits as tell the value from its neighbours, rounded to `most` after the point.
template <class T>
Scientific scientific(T value, std::size_t most) {
  Scientific shortest(chars(value, std::chars_format::scientific));
  if (shortest.decimals() > most) {
    shortest = Scientific(chars(double{value}, std::chars_format::scientific, static_cast<int>(most)));
    trim_zeros(shortest.digits);
  }
  return shortest;
}

// The same without an exponent: "-12.5", "3.".
template <class T>
std::string positional(T value, std::size_t most) {
  Scientific shortest(chars(value, std::chars_format::scientific));
  std::string text = shortest.digits;
  std::size_t first = shortest.point() - 1;
  int power = std::stoi(shortest.power.substr(1));
  if (static_cast<int>(shortest.decimals()) - power > static_cast<int>(most)) {
    text = chars(double{value}, std::chars_format::fixed, static_cast<int>(most));
  } else {
    text.erase(first + 1, 1);
    if (power < 0) text.insert(first, static_cast<std::size_t>(-power), '0');
    std::size_t point = first + 1 + static_cast<std::size_t>(std::max(0, power));
    if (text.size() < point) text.append(point - text.size(), '0');
    text.insert(point, 1, '.');
  }
  trim_zeros(text);
  return text;
}

template <class T>
constexpr double whole_limit = std::same_as<T, float> ? 1e6 : 1e16;  // of a single number; NumPy's

template <class T>
std::string not_finite(T value) {
  return std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
}

template <class T>
bool needs_exponent(const std::vector<T>& values) {
  T low = 0, high = 0;
  for (T value : values) {
    T x = std::abs(value);
    if (x == 0 || !std::isfinite(x)) continue;
    low = low == 0 ? x : std::min(low, x);
    high = std::max(high, x);
  }
  if (high == 0) return false;
  return high >= (std::same_as<T, float> ? T(1e6) : T(1e8)) || low < T(0.0001) || high / low > T(1000);
}

// Words of equal width.
template <class T>
std::vector<std::string> words(const std::vector<T>& values) requires std::floating_point<T> {
  bool exponent = needs_exponent(values);
  std::vector<std::string> out;
  std::size_t whole = 0, decimals = 0, power = 0, other = 0;
  for (T value : values) {
    if (!std::isfinite(value)) {
      other = std::max(other, out.emplace_back(not_finite(value)).size());
    } else if (exponent) {
      Scientific parts = scientific(value, max_digits);
      whole = std::max(whole, parts.point());
      decimals = std::max(decimals, parts.decimals());
      power = std::max(power, parts.power.size());
      out.emplace_back();
    } else {
      std::size_t point = out.emplace_back(positional(value, max_digits)).find('.');
      whole = std::max(whole, point);
      decimals = std::max(decimals, out.back().size() - point - 1);
    }
  }
  std::size_t width = std::max(other, whole + 1 + decimals + power);
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (!std::isfinite(values[k])) continue;
    if (exponent) {
      Scientific exact(chars(double{values[k]}, std::chars_format::scientific, static_cast<int>(decimals)));
      out[k] = exact.digits + exact.power.insert(2, power - exact.power.size(), '0');
    } else {
      out[k].append(decimals - (out[k].size() - out[k].find('.') - 1), ' ');
    }
  }
  for (auto& word : out) word.insert(0, width - word.size(), ' ');
  return out;
}

template <class T>
std::vector<std::string> words(const std::vector<T>& values) {
  std::vector<std::string> out;
  std::size_t width = 0;
  for (T value : values) {
    if constexpr (std::same_as<T, bool>)
      out.emplace_back(value ? " True" : "False");
    else
      out.push_back(std::to_string(value));
    width = std::max(width, out.back().size());
  }
  for (auto& word : out) word.insert(0, width - word.size(), ' ');
  return out;
}

// Brackets, line breaks and dots around words.
class Layout {
 public:
  explicit Layout(const Shape& shape) : shape_(shape), summarise_(shape.size() > threshold) { collect(0, 0); }

  // Flat indices of what is shown, in order.
  const std::vector<Index>& places() const { return places_; }

  std::string format(const std::vector<std::string>& words) {
    word_ = words.begin();
    return block(0, " ", line_width);
  }

 private:
  bool shortened(int axis) const { return summarise_ && shape_[axis] > 2 * edge; }

  void collect(int axis, Index place) {
    if (axis == shape_.rank()) return places_.push_back(place);
    for (Index i = 0; i < shape_[axis]; ++i) {
      if (shortened(axis) && i == edge) i = shape_[axis] - edge;
      collect(axis + 1, place * shape_[axis] + i);
    }
  }

  std::string block(int axis, const std::string& indent, std::size_t width) {
    Index shown = shortened(axis) ? 2 * edge : shape_[axis];
    bool last = axis == shape_.rank() - 1;
    std::string text, line = indent;
    auto add = [&](const std::string& item, bool end) {
      if (!last) {
        text += indent + item + (end ? "" : std::string(shape_.rank() - 1 - axis, '\n'));
        return;
      }
      if (line.size() + item.size() > width - 1 && line.size() > indent.size()) {
        text += line.erase(line.find_last_not_of(' ') + 1) + "\n";
        line = indent;
      }
      line += item + (end ? "" : " ");
    };
    for (Index i = 0; i < shown; ++i) {
      if (shortened(axis) && i == edge) add("...", false);
      add(last ? *word_++ : block(axis + 1, indent + " ", width - 1), i == shown - 1);
    }
    if (last) text += line;
    return '[' + text.substr(indent.size()) + ']';
  }

  Shape shape_;
  bool summarise_;
  std::vector<Index> places_;
  std::vector<std::string>::const_iterator word_;
};

template <class T>
std::string single(T value) {
  if constexpr (std::same_as<T, bool>) {
    return value ? "True" : "False";
  } else if constexpr (std::floating_point<T>) {
    if (!std::isfinite(value)) return not_finite(value);
    double x = std::abs(static_cast<double>(value));
    constexpr std::size_t all = 1000;
    if (x == 0 || (x >= 1e-4 && x < whole_limit<T>)) {
      std::string text = positional(value, all);
      return text.back() == '.' ? text + "0" : text;
    }
    Scientific parts = scientific(value, all);
    if (parts.digits.back() == '.') parts.digits.pop_back();
    return parts.digits + parts.power;
  } else {
    return std::to_string(value);
  }
}

}  // namespace

std::string to_string(const Tensor& tensor) {
  if (!tensor) return "None";
  if (tensor.size() == 0) return "[]";
  return dispatch(tensor.dtype(), [&](auto zero) {
    using T = decltype(zero);
    if (tensor.rank() == 0) return single(*tensor.data<T>());
    Layout layout(tensor.shape());
    std::vector<T> values;
    for (Index place : layout.places()) values.push_back(tensor.data<T>()[place]);
    return layout.format(words<T>(values));
  });
}

std::ostream& operator<<(std::ostream& out, const Tensor& tensor) { return out << to_string(tensor); }

}  // namespace unroll
