#pragma once
// The executor that traces a cell's step once and runs it compiled.
#include <array>
#include <optional>
#include <string>

#include "unroll/rnn/compile/passes.hpp"
#include "unroll/rnn/sequence.hpp"

namespace unroll::compile {

/// Results and gradients as run_eager's, or none, and why not.
struct CompiledResult {
  std::optional<SequenceResult> result;
  std::string reason;
};
CompiledResult run_compiled(const Sequence& sequence, const Passes& passes = {});

/// Both at once, each on a thread of its own. None if one of them cannot be compiled, or both are one cell, or there is
/// one thread only.
std::optional<std::array<SequenceResult, 2>> run_compiled_pair(const Sequence& a, const Sequence& b,
                                                               const Passes& passes = {});

/// The step program of a cell for these inputs, or why there is none.
std::string explain_compiled(const Sequence& sequence, const Passes& passes = {});

/// The passes that run_compiled's callers on this thread get; for tests.
Passes& default_passes();

}  // namespace unroll::compile
