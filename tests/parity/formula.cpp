#include "formula.hpp"

#include <cctype>
#include <stdexcept>

#include "unroll/autograd/ops/activation_by_name.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/math.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/core/creation.hpp"

namespace parity {
namespace {

using namespace unroll;

// A value is a tensor, or a number that takes the dtype of what it is combined with.
struct Value {
  Tensor tensor;
  double number = 0;
};

class Parser {
 public:
  Parser(const std::string& text, const std::map<std::string, Tensor>& tensors,
         const std::map<std::string, Index>& integers)
      : text_(text), tensors_(tensors), integers_(integers) {}

  Value parse() {
    Value value = sum();
    if (peek()) fail();
    return value;
  }

 private:
  [[noreturn]] void fail() const {
    throw std::runtime_error("cannot read the formula \"" + text_ + "\" at " + std::to_string(at_));
  }
  char peek() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail();
  }
  std::string word() {
    std::string out;
    for (peek(); at_ < text_.size() &&
                 (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_' || text_[at_] == '.');
         ++at_)
      out += text_[at_];
    if (out.empty()) fail();
    return out;
  }

  template <class F>
  static Value combine(const Value& a, const Value& b, F f) {
    if (a.tensor && b.tensor) return {f(a.tensor, b.tensor)};
    if (a.tensor) return {f(a.tensor, full({}, b.number, a.tensor.dtype()))};
    if (b.tensor) return {f(full({}, a.number, b.tensor.dtype()), b.tensor)};
    return {{}, f(Tensor(a.number), Tensor(b.number)).template item<double>()};
  }
  Value sum() {
    Value value = product();
    while (true) {
      if (take('+'))
        value = combine(value, product(), add);
      else if (take('-'))
        value = combine(value, product(), subtract);
      else
        return value;
    }
  }
  Value product() {
    Value value = factor();
    while (true) {
      if (take('*'))
        value = combine(value, factor(), multiply);
      else if (take('/'))
        value = combine(value, factor(), divide);
      else
        return value;
    }
  }
  Value factor() {
    if (take('-')) return combine({{}, -1}, factor(), multiply);
    Value value = atom();
    while (take('[')) value.tensor = columns(value.tensor);
    return value;
  }
  Value atom() {
    if (take('(')) {
      Value value = sum();
      expect(')');
      return value;
    }
    if (std::isdigit(static_cast<unsigned char>(peek()))) return {{}, std::stod(word())};
    std::string name = word();
    if (take('(')) {
      Value argument = sum();
      expect(')');
      if (!argument.tensor) argument.tensor = Tensor(argument.number);
      if (name == "exp") return {exp(argument.tensor)};
      if (name == "square") return {square(argument.tensor)};
      if (name == "sin") return {sin(argument.tensor)};
      return {activation(name)(argument.tensor)};
    }
    if (auto found = tensors_.find(name); found != tensors_.end()) return {found->second};
    fail();
  }
  Index bound(Index otherwise) {
    if (peek() == ':' || peek() == ']') return otherwise;
    std::string name = word();
    if (auto found = integers_.find(name); found != integers_.end()) return found->second;
    return std::stoll(name);
  }
  // After "[": ":, a:b]"
  Tensor columns(const Tensor& x) {
    expect(':');
    expect(',');
    Index first = bound(0);
    expect(':');
    Index last = bound(x.shape(-1));
    expect(']');
    return slice(x, {0, first}, {-1, last - first});
  }

  const std::string& text_;
  const std::map<std::string, Tensor>& tensors_;
  const std::map<std::string, Index>& integers_;
  std::size_t at_ = 0;
};

}  // namespace

Tensor evaluate(const std::string& formula, const std::map<std::string, Tensor>& tensors,
                const std::map<std::string, Index>& integers) {
  Value value = Parser(formula, tensors, integers).parse();
  return value.tensor ? value.tensor : Tensor(value.number);
}

}  // namespace parity
