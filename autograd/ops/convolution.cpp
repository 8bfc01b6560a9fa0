#include "unroll/autograd/ops/convolution.hpp"

#include <algorithm>
#include <vector>

#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/autograd/ops/pad.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/slice.hpp"

namespace unroll {

Tensor convolution(const Tensor& x, const Tensor& filters) {
  const Shape &shape = x.shape(), &window = filters.shape();
  int spatial = shape.rank() - 2;
  if (spatial < 1 || window.rank() != shape.rank() || window[spatial] != shape[-1] || window.size() == 0)
    raise<ValueError>("convolution", "x has shape ", shape, ", filters ", window,
                      "; expected (batch, spatial..., channels) and (window..., channels, channels out)");
  std::vector<Padding> paddings(static_cast<std::size_t>(shape.rank()));
  Index places = 1;
  for (int axis = 0; axis < spatial; ++axis) {
    Index border = window[axis] - 1;
    paddings[axis + 1] = {border / 2, border - border / 2};
    places *= window[axis];
  }
  Tensor padded = pad(x, paddings);

  // x as seen through each place of the window, side by side: one matrix product does the rest.
  std::vector<Tensor> shifted;
  std::vector<Index> begin(static_cast<std::size_t>(shape.rank()), 0);
  for (Index place = 0; place < places; ++place) {
    shifted.push_back(slice(padded, begin, shape));
    for (int axis = spatial; axis >= 1; --axis) {
      if (++begin[axis] < window[axis - 1]) break;
      begin[axis] = 0;
    }
  }
  Index patch = places * shape[-1], pixels = shape.slice(0, shape.rank() - 1).size();
  Tensor patches = reshape(concat(shifted, shape.rank() - 1), {pixels, patch});
  return reshape(matmul(patches, reshape(filters, {patch, window[-1]})), shape.with(-1, window[-1]));
}

}  // namespace unroll
