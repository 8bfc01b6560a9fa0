#include "unroll/train/interrupt.hpp"

#include <csignal>

#include "unroll/core/errors.hpp"

namespace unroll {
namespace {

volatile std::sig_atomic_t noted = 0;
bool alive = false;
struct sigaction before;

extern "C" void note_interrupt(int signal) {
  noted = 1;
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  sigaction(signal, &standard, nullptr);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  if (alive) raise<RuntimeError>("InterruptGuard", "there is one already");
  noted = 0;
  struct sigaction action {};
  action.sa_handler = note_interrupt;
  action.sa_flags = SA_RESTART;
  if (sigaction(SIGINT, &action, &before) != 0) raise<RuntimeError>("InterruptGuard", "the signal cannot be handled");
  alive = true;
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &before, nullptr);
  alive = false;
}

bool InterruptGuard::requested() const { return noted != 0; }

}  // namespace unroll
