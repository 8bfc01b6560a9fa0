#pragma once
// Cuts: where the columns of the row matrices of a trace are cut into parts.
#include <set>
#include <vector>

#include "unroll/autograd/trace.hpp"

namespace unroll::compile {

/// Columns at which a new part begins, for every value of the trace; 0 is one of them, the width is not. An op that
/// works column by column cuts its operands and results alike; one that joins or takes out columns cuts at their ends.
class Cuts {
 public:
  explicit Cuts(std::size_t values) : at_(values) {}
  const std::set<Index>& at(Trace::Id value) const { return at_[value]; }
  void cut(Trace::Id value, Index column);
  /// Columns a, ..., a + width - 1 of x are columns b, ... of y.
  void join(Trace::Id x, Index a, Trace::Id y, Index b, Index width);
  /// Spreads the cuts over all that is joined.
  void spread();

 private:
  struct Joint {
    Trace::Id x, y;
    Index a, b, width;
  };
  bool pass(const std::set<Index>& from, Index a, std::set<Index>& to, Index b, Index width);

  std::vector<std::set<Index>> at_;
  std::vector<Joint> joints_;
};

}  // namespace unroll::compile
