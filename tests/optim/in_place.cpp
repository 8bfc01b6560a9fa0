// check_in_place: counts what the whole program asks of the heap.
#include <atomic>
#include <cstdlib>
#include <new>

#include "optim/optimizer_checks.hpp"

namespace {
std::atomic<long> allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* block = std::malloc(size ? size : 1)) return block;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size ? size : 1);
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }

namespace unroll {

long heap_allocations() { return allocations; }

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
  long count = allocations;
  optimizer->apply_gradients(gradients, variables);
  CHECK(allocations > count);  // so it does count
  auto before = addresses();
  count = allocations;
  for (int k = 0; k < 3; ++k) optimizer->apply_gradients(gradients, variables);
  count = allocations - count;
  CHECK(count == 0);
  CHECK(addresses() == before);
  Tensor kept = variables[1];  // copied by the next step, so that `kept` does not change
  const Tensor values = kept.clone();
  optimizer->apply_gradients(gradients, variables);
  CHECK(variables[1].value().raw() != before[1]);
  CHECK(bit_equal(kept, values));
}

}  // namespace unroll
