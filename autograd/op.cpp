#include "unroll/autograd/op.hpp"

#include <array>

#include "unroll/autograd/log.hpp"
#include "unroll/autograd/trace.hpp"

namespace unroll {

void MultiOp::vjp(Vjp&) const { raise<LookupError>(name(), "no gradient is defined for this op"); }

namespace detail {

void run(MultiOp& op, const OpType& type, Inputs inputs, std::span<Tensor> outputs) {
  for (std::size_t k = 0; k < inputs.size(); ++k)
    if (!inputs[k]) raise<ValueError>(op.name(), "input ", k, " is None (a null Tensor)");
  if (Trace* trace = Trace::active())
    if (trace->add(op, type, inputs, outputs)) return;
  if (!op.view(inputs, outputs)) {
    std::array<TensorSpec, 4> few;
    CachedVector<TensorSpec> many;
    std::span<TensorSpec> specs(few.data(), std::min(outputs.size(), few.size()));
    if (outputs.size() > few.size()) {
      many.resize(outputs.size());
      specs = many;
    }
    op.infer(inputs, specs);
    for (std::size_t k = 0; k < outputs.size(); ++k) outputs[k] = Tensor(specs[k]);
    op.forward(inputs, outputs);
  }
  Log& log = thread_log();
  if (log.recording() && op.differentiable()) log.record(op, type, inputs, outputs);
}

}  // namespace detail
}  // namespace unroll
