// check_in_place: counts what the whole program asks of the heap.
#include "optim/optimizer_checks.hpp"
#include "support/heap_count.hpp"

namespace unroll {

void check_in_place(const MakeOptimizer& make) {
  auto optimizer = make();
  std::vector<Variable> variables;
  std::vector<Tensor> gradients;
  for (int k = 0; k < 20; ++k) {
    DType dtype = k % 2 ? float32 : float64;
    variables.emplace_back(numbers({k, 3}, k, dtype), std::string(1, static_cast<char>('a' + k)));
    gradients.push_back(k == 7 ? Tensor() : numbers({k, 3}, k + 1, dtype));
  }
  auto addresses = [&] {
    std::vector<const std::byte*> all;
    for (const Variable& v : variables) all.push_back(v.value().raw());
    for (const Variable& v : optimizer->variables()) all.push_back(v.value().raw());
    return all;
  };
  long count = testing::heap_allocations();
  optimizer->apply_gradients(gradients, variables);
  CHECK(testing::heap_allocations() > count);  // so it does count
  auto before = addresses();
  count = testing::heap_allocations();
  for (int k = 0; k < 3; ++k) optimizer->apply_gradients(gradients, variables);
  count = testing::heap_allocations() - count;
  CHECK(count == 0);
  CHECK(addresses() == before);
  Tensor kept = variables[1];  // copied by the next step, so that `kept` does not change
  const Tensor values = kept.clone();
  optimizer->apply_gradients(gradients, variables);
  CHECK(variables[1].value().raw() != before[1]);
  CHECK(bit_equal(kept, values));
}

}  // namespace unroll
