#include "unroll/rnn/compile/cuts.hpp"

namespace unroll::compile {

void Cuts::cut(Trace::Id value, Index column) { at_[value].insert(column); }

void Cuts::join(Trace::Id x, Index a, Trace::Id y, Index b, Index width) { joints_.push_back({x, y, a, b, width}); }

bool Cuts::pass(const std::set<Index>& from, Index a, std::set<Index>& to, Index b, Index width) {
  bool changed = false;
  for (auto it = from.lower_bound(a); it != from.end() && *it < a + width; ++it)
    changed |= to.insert(*it - a + b).second;
  return changed;
}

void Cuts::spread() {
  for (bool changed = true; changed;) {
    changed = false;
    for (const Joint& j : joints_) {
      changed |= pass(at_[j.x], j.a, at_[j.y], j.b, j.width);
      changed |= pass(at_[j.y], j.b, at_[j.x], j.a, j.width);
    }
  }
}

}  // namespace unroll::compile
