#include "unroll/autograd/ops/reverse.hpp"

#include <algorithm>

#include "unroll/autograd/vjp.hpp"
#include "unroll/core/strided.hpp"

namespace unroll {
namespace {

struct Reverse final : Op {
  std::array<bool, Shape::max_rank> reversed{};
  std::string_view name() const override { return "reverse"; }
  TensorSpec infer(Inputs x) const override { return x[0].spec(); }
  void forward(Inputs x, Tensor& y) const override {
    StridedPattern pattern = contiguous_pattern(x[0].shape());
    for (int axis = 0; axis < x[0].rank(); ++axis) {
      if (!reversed[axis]) continue;
      pattern.offset += (x[0].shape(axis) - 1) * pattern.strides[axis];
      pattern.strides[axis] = -pattern.strides[axis];
    }
    gather_strided(x[0], pattern, y);
  }
  void vjp(Vjp& v) const override { v.add(0, apply(*this, v.gradient())); }
  Saved saved() const override { return {Saved::none, Saved::none}; }
};

struct ReverseSequence final : Op {
  int seq_axis, batch_axis;
  ReverseSequence(int s, int b) : seq_axis(s), batch_axis(b) {}
  std::string_view name() const override { return "reverse_sequence"; }
  TensorSpec infer(Inputs x) const override {
    if (!is_integer(x[1].dtype()))
      raise<TypeError>(name(), "seq_lengths are ", x[1].dtype(), ", expected int32 or int64");
    if (x[1].shape() != Shape(x[0].shape(batch_axis)))
      raise<ValueError>(name(), "seq_lengths has shape ", x[1].shape(), ", expected ", Shape(x[0].shape(batch_axis)),
                        " for axis ", batch_axis, " of shape ", x[0].shape());
    return x[0].spec();
  }
  void forward(Inputs x, Tensor& y) const override {
    const Shape& s = x[0].shape();
    Index batch = s[batch_axis], steps = s[seq_axis];
    dispatch_integer(name(), x[1].dtype(), [&](auto integer) {
      auto lengths = x[1].values<decltype(integer)>();
      for (Index b = 0; b < batch; ++b) {
        if (lengths[b] < 0)
          raise<InvalidArgumentError>(name(), "seq_lens(", b, ") < 0: it is ", lengths[b], ", expected 0 to ", steps);
        if (lengths[b] > steps)
          raise<InvalidArgumentError>(name(), "seq_lens(", b, ") > input.dims(", seq_axis, "): it is ", lengths[b],
                                      ", expected 0 to ", steps);
      }
      if (y.size() == 0) return;
      // x as [before, first axis, between, second axis, after], each run of `after` elements moved as a whole.
      int first = std::min(seq_axis, batch_axis), second = std::max(seq_axis, batch_axis);
      Index before = s.slice(0, first).size(), between = s.slice(first + 1, second).size();
      std::size_t after = s.slice(second + 1).size() * size_of(x[0].dtype());
      const std::byte* in = x[0].raw();
      std::byte* out = y.mutable_raw();
      for (Index p = 0; p < before; ++p)
        for (Index i = 0; i < s[first]; ++i)
          for (Index q = 0; q < between; ++q)
            for (Index j = 0; j < s[second]; ++j, out += after) {
              Index t = seq_axis == first ? i : j, length = lengths[seq_axis == first ? j : i];
              Index from = t < length ? length - 1 - t : t;
              Index row = (p * s[first] + (seq_axis == first ? from : i)) * between + q;
              std::memcpy(out, in + (row * s[second] + (seq_axis == first ? j : from)) * after, after);
            }
    });
  }
  void vjp(Vjp& v) const override { v.add(0, apply(*this, v.gradient(), v.input(1))); }
  Saved saved() const override { return {2, Saved::none}; }
};

}  // namespace

Tensor reverse(const Tensor& x, IndexList axes) {
  Reverse op;
  for (Index given : axes) {
    bool& reversed = op.reversed[normalize_axis("reverse", given, x.rank())];
    if (reversed) raise<ValueError>("reverse", "axis ", given, " is given twice");
    reversed = true;
  }
  return apply(op, x);
}

Tensor reverse_sequence(const Tensor& x, const Tensor& seq_lengths, int seq_axis, int batch_axis) {
  ReverseSequence op(normalize_axis("reverse_sequence", seq_axis, x.rank()),
                     normalize_axis("reverse_sequence", batch_axis, x.rank()));
  if (op.seq_axis == op.batch_axis)
    raise<ValueError>("reverse_sequence", "seq_axis and batch_axis are both ", op.seq_axis);
  return apply(op, x, seq_lengths);
}

}  // namespace unroll
