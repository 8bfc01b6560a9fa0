#include "unroll/autograd/ops/comparison.hpp"

#include <cmath>
#include <functional>

#include "unroll/autograd/ops/elementwise.hpp"

namespace unroll {
namespace {

template <class Relation>
constexpr kernels::TileOp tile_op = kernels::TileOp::equal;
template <>
constexpr kernels::TileOp tile_op<std::not_equal_to<>> = kernels::TileOp::not_equal;
template <>
constexpr kernels::TileOp tile_op<std::less<>> = kernels::TileOp::less;
template <>
constexpr kernels::TileOp tile_op<std::less_equal<>> = kernels::TileOp::less_equal;
template <>
constexpr kernels::TileOp tile_op<std::greater<>> = kernels::TileOp::greater;
template <>
constexpr kernels::TileOp tile_op<std::greater_equal<>> = kernels::TileOp::greater_equal;

template <class Relation>
struct Comparison final : BinaryOp {
  static constexpr bool ordered =
      !std::is_same_v<Relation, std::equal_to<>> && !std::is_same_v<Relation, std::not_equal_to<>>;
  std::string_view own_name;
  explicit Comparison(std::string_view who) : own_name(who) {}
  std::string_view name() const override { return own_name; }
  auto attributes() const { return own_name; }
  Lowering lowering() const override { return Lowering::elementwise(tile_op<Relation>); }
  TensorSpec infer(Inputs x) const override {
    if (ordered && x[0].dtype() == bool_) raise<TypeError>(name(), "expected numbers, got bool");
    return {BinaryOp::infer(x).shape, bool_};
  }
  void forward(Inputs x, Tensor& y) const override {
    dispatch(x[0].dtype(), [&](auto zero) {
      run_binary_as<decltype(zero), bool>(x, y, binary_loop([](auto a, auto b) { return Relation()(a, b); }));
    });
  }
  bool differentiable() const override { return false; }
};

template <class F>
struct Logic final : BinaryOp {
  std::string_view own_name;
  kernels::TileOp op;
  Logic(std::string_view who, kernels::TileOp o) : own_name(who), op(o) {}
  std::string_view name() const override { return own_name; }
  auto attributes() const { return own_name; }
  Lowering lowering() const override { return Lowering::elementwise(op); }
  TensorSpec infer(Inputs x) const override {
    for (std::size_t k = 0; k < 2; ++k)
      if (x[k].dtype() != bool_) raise<TypeError>(name(), "expected bool, got ", unroll::name(x[k].dtype()));
    return BinaryOp::infer(x);
  }
  void forward(Inputs x, Tensor& y) const override {
    run_binary_as<bool>(x, y, binary_loop([](bool a, bool b) { return static_cast<bool>(F()(a, b)); }));
  }
  bool differentiable() const override { return false; }
};

// The same elements as bool, by a predicate.
class Predicate : public FloatingUnaryOp {
 public:
  TensorSpec infer(Inputs x) const override { return {FloatingUnaryOp::infer(x).shape, bool_}; }
  bool differentiable() const override { return false; }

 protected:
  template <class F>
  void run(Inputs x, Tensor& y, F f) const {
    dispatch_floating(name(), x[0].dtype(),
                      [&](auto zero) { unary_loop(f)(x[0].data<decltype(zero)>(), y.mutable_data<bool>(), y.size()); });
  }
};

struct IsNan final : Predicate {
  std::string_view name() const override { return "is_nan"; }
  void forward(Inputs x, Tensor& y) const override {
    run(x, y, [](auto value) { return value != value; });
  }
};

struct IsFinite final : Predicate {
  std::string_view name() const override { return "is_finite"; }
  void forward(Inputs x, Tensor& y) const override {
    run(x, y, [](auto value) { return std::abs(value) <= std::numeric_limits<decltype(value)>::max(); });
  }
};

struct LogicalNot final : Op {
  std::string_view name() const override { return "logical_not"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::logical_not); }
  TensorSpec infer(Inputs x) const override {
    if (x[0].dtype() != bool_) raise<TypeError>(name(), "expected bool, got ", unroll::name(x[0].dtype()));
    return x[0].spec();
  }
  void forward(Inputs x, Tensor& y) const override {
    unary_loop(std::logical_not<bool>())(x[0].data<bool>(), y.mutable_data<bool>(), y.size());
  }
  bool differentiable() const override { return false; }
};

// `Before`: std::greater or std::less.
template <class Before>
struct ArgExtreme final : Op {
  std::string_view own_name;
  int axis;
  DType output_type;
  ArgExtreme(std::string_view who, int a, DType type) : own_name(who), axis(a), output_type(type) {}
  auto attributes() const { return std::tie(own_name, axis, output_type); }
  std::string_view name() const override { return own_name; }
  TensorSpec infer(Inputs x) const override {
    if (x[0].dtype() == bool_) raise<TypeError>(name(), "expected numbers, got bool");
    if (!is_integer(output_type))
      raise<TypeError>(name(), "output_type is ", unroll::name(output_type), ", expected int32 or int64");
    const Shape& shape = x[0].shape();
    if (shape[axis] == 0) raise<ValueError>(name(), "there is no element along axis ", axis, " of shape ", shape);
    return {shape.without(axis), output_type};
  }
  void forward(Inputs x, Tensor& y) const override {
    dispatch_number(name(), x[0].dtype(), [&](auto zero) {
      const auto* in = x[0].data<decltype(zero)>();
      if (output_type == int32)
        run(x[0].shape(), in, y.mutable_data<std::int32_t>());
      else
        run(x[0].shape(), in, y.mutable_data<std::int64_t>());
    });
  }
  template <class T, class I>
  void run(const Shape& shape, const T* x, I* y) const {
    Index outer = shape.slice(0, axis).size(), count = shape[axis], inner = shape.slice(axis + 1).size();
    for (Index i = 0; i < outer; ++i, x += count * inner)
      for (Index j = 0; j < inner; ++j) {
        Index best = 0;
        for (Index k = 1; k < count; ++k) {
          T value = x[k * inner + j], best_value = x[best * inner + j];
          if (Before()(value, best_value) || (value != value && best_value == best_value)) best = k;
        }
        *y++ = static_cast<I>(best);
      }
  }
  bool differentiable() const override { return false; }
};

// Qualified: std::apply is visible, too.
template <class Relation>
Tensor compare(std::string_view who, const Tensor& a, const Tensor& b) {
  return unroll::apply(Comparison<Relation>(who), a, b);
}
template <class Relation>
Tensor compare(std::string_view who, const Tensor& a, double b) {
  return compare<Relation>(who, a, scalar_like(who, a, b));
}

}  // namespace

Tensor equal(const Tensor& a, const Tensor& b) { return compare<std::equal_to<>>("equal", a, b); }
Tensor not_equal(const Tensor& a, const Tensor& b) { return compare<std::not_equal_to<>>("not_equal", a, b); }
Tensor less(const Tensor& a, const Tensor& b) { return compare<std::less<>>("less", a, b); }
Tensor less_equal(const Tensor& a, const Tensor& b) { return compare<std::less_equal<>>("less_equal", a, b); }
Tensor greater(const Tensor& a, const Tensor& b) { return compare<std::greater<>>("greater", a, b); }
Tensor greater_equal(const Tensor& a, const Tensor& b) { return compare<std::greater_equal<>>("greater_equal", a, b); }

Tensor equal(const Tensor& a, double b) { return compare<std::equal_to<>>("equal", a, b); }
Tensor not_equal(const Tensor& a, double b) { return compare<std::not_equal_to<>>("not_equal", a, b); }
Tensor less(const Tensor& a, double b) { return compare<std::less<>>("less", a, b); }
Tensor less_equal(const Tensor& a, double b) { return compare<std::less_equal<>>("less_equal", a, b); }
Tensor greater(const Tensor& a, double b) { return compare<std::greater<>>("greater", a, b); }
Tensor greater_equal(const Tensor& a, double b) { return compare<std::greater_equal<>>("greater_equal", a, b); }

Tensor logical_and(const Tensor& a, const Tensor& b) {
  return unroll::apply(Logic<std::bit_and<>>("logical_and", kernels::TileOp::minimum), a, b);
}
Tensor logical_or(const Tensor& a, const Tensor& b) {
  return unroll::apply(Logic<std::bit_or<>>("logical_or", kernels::TileOp::maximum), a, b);
}
Tensor logical_xor(const Tensor& a, const Tensor& b) {
  return unroll::apply(Logic<std::bit_xor<>>("logical_xor", kernels::TileOp::not_equal), a, b);
}
Tensor logical_not(const Tensor& x) { return apply(LogicalNot{}, x); }

Tensor is_nan(const Tensor& x) { return apply(IsNan{}, x); }
Tensor is_finite(const Tensor& x) { return apply(IsFinite{}, x); }

Tensor argmax(const Tensor& x, int axis, DType output_type) {
  return unroll::apply(ArgExtreme<std::greater<>>("argmax", normalize_axis("argmax", axis, x.rank()), output_type), x);
}
Tensor argmin(const Tensor& x, int axis, DType output_type) {
  return unroll::apply(ArgExtreme<std::less<>>("argmin", normalize_axis("argmin", axis, x.rank()), output_type), x);
}

}  // namespace unroll
