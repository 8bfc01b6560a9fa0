#pragma once
// Planner: turns one scheduled pass of a step graph into kernels and buffers. For plan.cpp and plan_kernels.cpp.
#include <algorithm>
#include <set>
#include <span>

#include "unroll/rnn/compile/plan.hpp"

namespace unroll::compile {

class Planner {
 public:
  Planner(Plan& plan, const Schedule& schedule, Pass& pass, std::vector<std::optional<Ref>>& places)
      : plan_(plan), g_(plan.graph), s_(schedule), pass_(pass), places_(places) {}

  void run() {
    places_.resize(g_.nodes.size());
    group();
    place_sources();
    place_values();
    for (std::size_t stage = 0; stage < groups_.size(); ++stage) {
      pass_.stages.emplace_back();
      for (const Group& group : groups_[stage]) emit(group, pass_.stages.back());
      emit_sums(static_cast<int>(stage), pass_.stages.back());
    }
    add_copies();
  }

 private:
  struct Group {
    bool product;
    std::vector<Id> nodes;
  };

  bool mine(Id id) const { return s_.stage[id] >= 0; }
  Ref buffer(Buffer::Place place, Index width) {
    plan_.buffers.push_back({place, width});
    return {Ref::Kind::buffer, static_cast<int>(plan_.buffers.size()) - 1};
  }
  template <class T>
  static int index_of(std::vector<T>& list, T value) {
    auto found = std::find(list.begin(), list.end(), value);
    if (found != list.end()) return static_cast<int>(found - list.begin());
    list.push_back(value);
    return static_cast<int>(list.size()) - 1;
  }

  void group();
  bool can_join(Id a, Id b) const;
  bool follow(Ref a, Ref b) const;
  void place_summed();
  void place_sources();
  void place_values();
  Ref ref(Id id);
  Ref columns(const Node& n);
  void emit(const Group& group, std::vector<Kernel>& kernels);
  void emit_products(const Group& group, std::vector<Kernel>& kernels);
  void emit_product(std::span<const Id> nodes, std::vector<Kernel>& kernels);
  void emit_program(const Group& group, std::vector<Kernel>& kernels);
  void emit_sums(int stage, std::vector<Kernel>& kernels);
  void add_copies();

  Plan& plan_;
  StepGraph& g_;
  const Schedule& s_;
  Pass& pass_;
  std::vector<std::optional<Ref>>& places_;
  std::vector<std::vector<Group>> groups_;  // by stage
  std::vector<int> group_of_;
};

}  // namespace unroll::compile
