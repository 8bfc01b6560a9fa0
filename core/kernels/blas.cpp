#include "unroll/core/kernels/blas.hpp"

#include <cstdlib>

#include "hwy/targets.h"

extern "C" {
void openblas_set_num_threads(int);
char* openblas_get_corename();
// Only in builds that choose kernels at run time.
[[gnu::weak]] void gotoblas_dynamic_init();
[[gnu::weak]] void gotoblas_dynamic_quit();
}

namespace unroll::kernels {
namespace {

#if HWY_ARCH_X86
// The choice is made once, from a list of processors by number; one that came out later than the list gets Prescott.
// Making it again with a name given is what OPENBLAS_CORETYPE would have done from the start.
void correct_core_type() {
  constexpr const char* variable = "OPENBLAS_CORETYPE";
  if (!gotoblas_dynamic_init || !gotoblas_dynamic_quit || std::getenv(variable)) return;
  gotoblas_dynamic_init();  // does nothing if it was done; linked statically, OpenBLAS may come after us
  if (std::string(openblas_get_corename()) != "Prescott") return;
  auto targets = hwy::SupportedTargets();
  if (!(targets & (HWY_AVX2 | HWY_AVX3))) return;
  if (setenv(variable, targets & HWY_AVX3 ? "SkylakeX" : "Haswell", 1) != 0) return;
  gotoblas_dynamic_quit();
  gotoblas_dynamic_init();
  unsetenv(variable);
}
#else
void correct_core_type() {}
#endif

// While the library is loaded: the program has no threads yet that could be reading the environment or multiplying.
[[maybe_unused]] const bool ready = (prepare_blas(), true);

}  // namespace

void prepare_blas() {
  static const bool done = [] {
    correct_core_type();
    openblas_set_num_threads(1);
    return true;
  }();
  static_cast<void>(done);
}

std::string blas_core_type() {
  prepare_blas();
  return openblas_get_corename();
}

}  // namespace unroll::kernels
