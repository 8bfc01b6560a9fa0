#include "unroll/cells/step_random.hpp"

#include "unroll/autograd/trace.hpp"

namespace unroll {

RandomStream StepRandom::draw(std::uint64_t slot) {
  if (Trace* trace = Trace::active()) {  // whose numbers nobody sees
    trace->refuse("it draws random numbers");
    return {};
  }
  if (!seed_) return next_random_stream();
  constexpr int bits_for_draws = 48;
  return {*seed_, (slot << bits_for_draws) + at(draws_, slot)++};
}

RandomStream StepRandom::draw_once_in_a_run(std::uint64_t slot) {
  if (Trace::active()) return draw(slot);
  std::optional<RandomStream>& drawn = at(of_run_, slot);
  if (!drawn) drawn = draw(slot);
  return *drawn;
}

}  // namespace unroll
