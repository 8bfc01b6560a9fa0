#include "unroll/autograd/ops/ctc_loss.hpp"

#include <algorithm>
#include <vector>

#include "unroll/autograd/op.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/gather.hpp"
#include "unroll/autograd/ops/one_hot.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/selection.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/autograd/ops/softmax.hpp"
#include "unroll/autograd/ops/transpose.hpp"
#include "unroll/core/creation.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "ctc_loss";
// Stands for log(0): far below any sum of logarithms, and unlike -infinity its differences are numbers.
constexpr double never = -1e30;

std::vector<Index> integers(std::string_view what, const Tensor& t, const Shape& shape) {
  if (!is_integer(t.dtype())) raise<TypeError>(who, what, " are ", t.dtype(), ", expected int32 or int64");
  if (t.shape() != shape) raise<ValueError>(who, what, " has shape ", t.shape(), ", expected ", shape);
  Tensor wide(t, int64);
  const std::int64_t* data = wide.data<std::int64_t>();
  return {data, data + wide.size()};
}

// The labels of all rows with blanks around each: place 2k + 1 is label k, even places are blank.
struct Places {
  Index batch, time, classes, blank, most, count;  // most: labels of a row; count = 2 most + 1
  std::vector<Index> labels, label_length, logit_length;
  std::vector<bool> infeasible;

  Index at(Index row, Index place) const { return place % 2 ? labels[row * most + place / 2] : blank; }

  void check(bool ignore) {
    for (Index row = 0; row < batch; ++row) {
      auto in_range = [&](std::string_view what, Index value, Index last) {
        if (value < 0 || value > last)
          raise<InvalidArgumentError>(who, what, " of row ", row, " is ", value, ", expected 0 to ", last);
      };
      in_range("label_length", label_length[row], most);
      in_range("logit_length", logit_length[row], time);
      Index needed = label_length[row];
      for (Index k = 0; k < most; ++k) {
        Index& label = labels[row * most + k];
        if (k >= label_length[row]) {
          label = blank;
          continue;
        }
        in_range("a label", label, classes - 1);
        if (label == blank) raise<InvalidArgumentError>(who, "label ", k, " of row ", row, " is the blank, ", blank);
        needed += k > 0 && label == labels[row * most + k - 1];
      }
      infeasible.push_back(needed > logit_length[row]);
      if (infeasible.back() && !ignore)
        raise<InvalidArgumentError>(who, "the labels of row ", row, " need ", needed, " steps, there are ",
                                    logit_length[row]);
    }
  }

  // (batch, count): whether a path may come from two places before, over a blank between different labels.
  Tensor may_skip() const {
    Tensor mask(TensorSpec{{batch, count}, bool_});
    bool* out = mask.mutable_data<bool>();
    for (Index row = 0; row < batch; ++row)
      for (Index s = 0; s < count; ++s) *out++ = s % 2 == 1 && s >= 3 && at(row, s) != at(row, s - 2);
    return mask;
  }
  // (batch, count, 2): where the class of each place stands in (batch, classes).
  Tensor class_of_place() const {
    Tensor index(TensorSpec{{batch, count, 2}, int64});
    std::int64_t* out = index.mutable_data<std::int64_t>();
    for (Index row = 0; row < batch; ++row)
      for (Index s = 0; s < count; ++s) {
        *out++ = row;
        *out++ = at(row, s);
      }
    return index;
  }
  // (batch, 2): the last blank of each row, or the last label, in (batch, 1 + count) with a place before the first.
  Tensor last_place(bool blank_place) const {
    Tensor index(TensorSpec{{batch, 2}, int64});
    std::int64_t* out = index.mutable_data<std::int64_t>();
    for (Index row = 0; row < batch; ++row) {
      *out++ = row;
      *out++ = 2 * label_length[row] + (blank_place ? 1 : 0);
    }
    return index;
  }
};

}  // namespace

Tensor ctc_loss(const Tensor& labels, const Tensor& logits, const Tensor& label_length, const Tensor& logit_length,
                const CtcLossOptions& options) {
  floating(who, logits);
  if (logits.rank() != 3 || labels.rank() != 2)
    raise<ValueError>(who, "labels has shape ", labels.shape(), ", logits ", logits.shape(),
                      "; expected (batch, labels) and (time, batch, classes)");
  Tensor x = options.logits_time_major ? logits : transpose(logits, {1, 0, 2});
  Index time = x.shape(0), batch = x.shape(1), classes = x.shape(2), most = labels.shape(1);
  Index blank = options.blank_index + (options.blank_index < 0 ? classes : 0);
  if (blank < 0 || blank >= classes)
    raise<ValueError>(who, "blank_index is ", options.blank_index, ", there are ", classes, " classes");
  Places places{batch,
                time,
                classes,
                blank,
                most,
                2 * most + 1,
                integers("labels", labels, {batch, most}),
                integers("label_length", label_length, {batch}),
                integers("logit_length", logit_length, {batch}),
                {}};
  places.check(options.ignore_longer_outputs_than_inputs);

  DType dtype = x.dtype();
  Tensor alive = transpose(sequence_mask(logit_length, time), {1, 0});
  x = log_softmax(where(expand_dims(alive, 2), x, zeros({}, dtype)));

  Tensor nothing = full({}, never, dtype), nothing_left = full({batch, 1}, never, dtype);
  Tensor skip = places.may_skip(), class_of_place = places.class_of_place();
  // The logarithm of the probability to be in each place, after no steps: before the first blank or label.
  Tensor paths = full({batch, places.count}, never, dtype);
  for (Index row = 0; row < batch; ++row) dispatch_floating(who, dtype, [&](auto zero) { paths.set({row, 0}, zero); });
  auto moved = [&](const Tensor& p) { return concat(nothing_left, slice_axis(p, 1, 0, places.count - 1), 1); };
  for (Index t = 0; t < time; ++t) {
    Tensor from_before = moved(paths);
    Tensor from_two_before = where(skip, moved(from_before), nothing);
    Tensor reached = reduce_logsumexp(stack({paths, from_before, from_two_before}, 2), {2});
    Tensor emitted = maximum(gather_nd(row(x, t), class_of_place), nothing);
    paths = where(reshape(row(alive, t), {batch, 1}), reached + emitted, paths);
  }
  paths = concat(nothing_left, paths, 1);
  Tensor ends = stack({gather_nd(paths, places.last_place(true)), gather_nd(paths, places.last_place(false))}, 1);
  Tensor loss = -reduce_logsumexp(ends, {1});

  Tensor infeasible(TensorSpec{{batch}, bool_});
  std::copy(places.infeasible.begin(), places.infeasible.end(), infeasible.mutable_data<bool>());
  return where(infeasible, zeros({}, dtype), loss);
}

}  // namespace unroll
