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
constexpr int max_digits = 8;

// A finite number as its shortest digits: sign, d.ddd, exponent of ten.
struct Digits {
  std::string text;
  int exponent;
  bool negative;
};

template <class T>
Digits shortest_digits(T value) {
  char buffer[64];
  char* end = std::to_chars(buffer, buffer + sizeof buffer, std::abs(value), std::chars_format::scientific).ptr;
  char* e = std::find(buffer, end, 'e');
  Digits digits{{}, 0, std::signbit(value)};
  std::copy_if(buffer, e, std::back_inserter(digits.text), [](char c) { return c != '.'; });
  std::from_chars(e[1] == '+' ? e + 2 : e + 1, end, digits.exponent);
  return digits;
}

std::string rounded(double value, std::chars_format format) {
  char buffer[512];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value, format, max_digits).ptr};
}

void trim_zeros(std::string& text) { text.erase(text.find_last_not_of('0') + 1); }

// "-12.5", "3.": whole digits, a point, and what is needed after it, up to `most` digits.
template <class T>
std::string positional(T value, int most) {
  Digits d = shortest_digits(value);
  int count = static_cast<int>(d.text.size());
  std::string text;
  if (count - 1 - d.exponent > most) {
    text = rounded(std::abs(static_cast<double>(value)), std::chars_format::fixed);
  } else if (d.exponent < 0) {
    text = d.text.insert(0, -d.exponent, '0').insert(1, 1, '.');
  } else {
    d.text.append(std::max(0, d.exponent + 1 - count), '0');
    text = d.text.insert(d.exponent + 1, 1, '.');
  }
  trim_zeros(text);
  return d.negative ? "-" + text : text;
}

// "-1.25" and "e-05".
template <class T>
std::pair<std::string, std::string> scientific(T value, int most) {
  Digits d = shortest_digits(value);
  std::string text = d.text.insert(1, 1, '.');
  if (static_cast<int>(text.size()) - 2 > most) {
    std::string exact = rounded(std::abs(static_cast<double>(value)), std::chars_format::scientific);
    auto e = exact.find('e');
    text = exact.substr(0, e);
    std::from_chars(exact.data() + e + (exact[e + 1] == '+' ? 2 : 1), exact.data() + exact.size(), d.exponent);
  }
  trim_zeros(text);
  std::string power = std::to_string(std::abs(d.exponent));
  if (power.size() < 2) power.insert(0, 1, '0');
  return {d.negative ? "-" + text : text, (d.exponent < 0 ? "e-" : "e+") + power};
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
  std::vector<std::pair<std::string, std::string>> parts;  // of finite numbers
  std::size_t left = 0, right = 0, power = 0, width = 0;
  for (T value : values) {
    auto& part = parts.emplace_back();
    if (!std::isfinite(value)) {
      width = std::max(width, not_finite(value).size());
      continue;
    }
    if (exponent)
      part = scientific(value, max_digits);
    else
      part.first = positional(value, max_digits);
    std::size_t point = part.first.find('.');
    left = std::max(left, point);
    right = std::max(right, part.first.size() - point - 1);
    power = std::max(power, part.second.size());
  }
  width = std::max(width, left + 1 + right + power);
  std::vector<std::string> out;
  for (std::size_t k = 0; k < values.size(); ++k) {
    auto& [text, tail] = parts[k];
    if (text.empty()) {
      text = not_finite(values[k]);
    } else {
      text.append(right - (text.size() - text.find('.') - 1), exponent ? '0' : ' ');
      if (exponent) text += tail.insert(2, power - tail.size(), '0');
    }
    out.push_back(text.insert(0, width - text.size(), ' '));
  }
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
    constexpr int all = 1000;
    if (x == 0 || (x >= 1e-4 && x < whole_limit<T>)) {
      std::string text = positional(value, all);
      return text.back() == '.' ? text + "0" : text;
    }
    auto [text, tail] = scientific(value, all);
    return (text.back() == '.' ? text.substr(0, text.size() - 1) : text) + tail;
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
