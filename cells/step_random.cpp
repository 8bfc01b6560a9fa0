#include "unroll/cells/step_random.hpp"

namespace unroll {
namespace {

RandomStream upcoming_random_stream() {
  RandomGenerator generator = global_generator();
  return {generator.seed(), generator.next_stream()};
}

}  // namespace

RandomStream StepRandom::next(std::uint64_t slot) {
  constexpr int bits_for_draws = 48;
  return {*seed_, (slot << bits_for_draws) + at(draws_, slot)};
}

RandomStream StepRandom::draw(std::uint64_t slot, bool once) {
  detail::TracedDraws* traced = detail::traced_draws;
  if (!seed_) return traced && once ? traced->draw(nullptr, upcoming_random_stream(), true) : next_random_stream();
  RandomStream stream = next(slot);
  if (traced) return traced->draw(&at(draws_, slot), stream, once);
  ++at(draws_, slot);
  return stream;
}

RandomStream StepRandom::draw_once_in_a_run(std::uint64_t slot) {
  return detail::logged_draw([&] {
    std::optional<RandomStream>& drawn = at(of_run_, slot);
    if (!drawn) drawn = draw(slot, true);
    return *drawn;
  });
}

}  // namespace unroll
