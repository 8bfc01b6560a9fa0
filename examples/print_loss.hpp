#pragma once
// For curves of programs that are too quick for fit's progress to say much.
#include <iostream>
#include <unroll/train/trainer.hpp>

/// Prints the loss of every so many steps of `fit`: `{.on_step = print_loss_every(100)}`.
inline std::function<bool(const unroll::FitStatus&)> print_loss_every(int steps) {
  return [=](const unroll::FitStatus& status) {
    if (status.step % steps == 0) std::cout << "step " << status.step << "  loss " << status.loss << '\n';
    return true;
  };
}
