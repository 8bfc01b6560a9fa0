#include "unroll/rnn/compile/team_costs.hpp"

#include <algorithm>

#include "unroll/core/cache_size.hpp"
#include "unroll/core/thread_team.hpp"

namespace unroll::compile {
namespace {

// A product reads a matrix for one row in the time that it takes for two.
double of_step(const PassCosts& pass, Index rows) {
  return pass.loop_products * static_cast<double>(std::max<Index>(rows, 2)) +
         pass.loop_programs * static_cast<double>(rows);
}

double by_rows(const PassCosts& pass, Index rows, int threads) { return of_step(pass, (rows + threads - 1) / threads); }

double by_columns(const PassCosts& pass, Index rows, int threads) {
  double programs = pass.loop_programs * static_cast<double>(rows);
  return (of_step(pass, rows) - programs) / threads + programs / (pass.cuts_loops ? threads : 1);
}

}  // namespace

double cost(const Plan& plan, const Pass& pass, const Kernel& kernel) {
  constexpr double of_instruction = 8;
  switch (kernel.kind) {
    case Kernel::Kind::product:
      return static_cast<double>(plan.weights(pass.products[kernel.index]));
    case Kernel::Kind::program: {
      const Program& program = pass.programs[kernel.index];
      return of_instruction * static_cast<double>(program.width) * static_cast<double>(program.instructions.size());
    }
    case Kernel::Kind::sum: {
      const Sum& sum = pass.sums[kernel.index];
      return static_cast<double>((sum.a ? sum.a_width : 1) * sum.b_width * sum.parts);
    }
  }
  return 0;
}

TeamCosts TeamCosts::of(int threads, int lanes, int bytes) {
  constexpr double per_ns = 5;  // for each lane
  constexpr Index far_bytes = 1 << 20;
  const Index cache = detail::barriers_are_free() ? far_bytes / 2 : second_level_cache();  // tests: anywhere the same
  return {threads, barrier_ns(threads) * per_ns * lanes, cache / 2 / bytes, far_bytes / bytes};
}

// Rows that do not go round leave a worker idle; a few for each make all workers read all of large matrices for little,
// the fewer the nearer these are. Either may be worse than a meeting after each kernel.
bool TeamCosts::share_columns(const PassCosts& pass, Index rows) const {
  if (threads == 1) return false;
  if (rows < 2 * threads)
    return by_columns(pass, rows, threads) + pass.loop_kernels * barrier < by_rows(pass, rows, threads);
  const Index few = pass.loop_products > static_cast<double>(far) ? 32 : 8;  // rows of a worker
  return pass.cuts_loops && pass.loop_products >= static_cast<double>(large) && rows <= few * threads;
}

bool TeamCosts::are_faster(const PassCosts& pass, const RowLayout& layout) const {
  if (threads == 1) return false;
  constexpr double of_call = 8, of_chunk = 20;  // barriers, and what else goes from core to core
  double gain = pass.between * static_cast<double>(layout.rows()) * (1 - 1.0 / threads) -
                barrier * (of_call + of_chunk * static_cast<double>(layout.chunks().size()));
  for (const Era& era : layout.eras()) {
    double shared = share_columns(pass, era.rows) ? by_columns(pass, era.rows, threads) + pass.loop_kernels * barrier
                                                  : by_rows(pass, era.rows, threads);
    gain += static_cast<double>(era.end - era.begin) * (of_step(pass, era.rows) - shared);
  }
  return gain > 0;
}

}  // namespace unroll::compile
