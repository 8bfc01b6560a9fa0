#include "unroll/cells/step_random.hpp"

namespace unroll {

RandomStream StepRandom::next(std::uint64_t slot) {
  constexpr int bits_for_draws = 48;
  return {*seed_, (slot << bits_for_draws) + at(draws_, slot)};
}

RandomStream StepRandom::draw(std::uint64_t slot) {
  if (!seed_) return next_random_stream();
  if (detail::traced_draws) return detail::traced_draws->draw(&at(draws_, slot), next(slot));
  RandomStream stream = next(slot);
  ++at(draws_, slot);
  return stream;
}

// Taken at once, also where a step is traced: it belongs to the run.
RandomStream StepRandom::draw_once_in_a_run(std::uint64_t slot) {
  std::optional<RandomStream>& drawn = at(of_run_, slot);
  if (drawn) return *drawn;
  if (!seed_) {
    drawn = detail::take_random_stream();
  } else {
    drawn = next(slot);
    ++at(draws_, slot);
  }
  return *drawn;
}

}  // namespace unroll
