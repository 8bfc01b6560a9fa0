#pragma once
// BackwardWorker: one thread's part in the backward pass.
#include "unroll/rnn/compile/forward_worker.hpp"

namespace unroll::compile {

template <class T>
class BackwardWorker : public Worker<T> {
 public:
  BackwardWorker(Executor<T>& executor, const BackwardCall& call, int index, Team& team,
                 const WorkerStages& stages = {})
      : Worker<T>(executor, call, executor.plan_.backward, executor.backward_, index, team, stages),
        backward_(call),
        flips_(executor.plan_.backward.stages.size()) {}
  /// `replay` takes the store's forward steps.
  void run(ForwardWorker<T>* replay);
  /// Thread `index` of a team that runs a wavefront.
  static void run(const Wavefront& wavefront, Executor<T>& executor, const BackwardCall& call, int index, Team& team);

 private:
  void take(const memory::Step& step);
  void start_results();
  void copy_in();
  void copy_out();
  void loop(const std::vector<Kernel>& kernels, std::size_t stage);
  void take_over(const Era& era, const Era* next, std::size_t stage);
  void gather_states(const Era& last, const Era& era, Index t);
  void first_states();
  void assemble();

  const BackwardCall& backward_;
  CachedVector<bool> flips_;  // by stage: the half that the last step wrote
};

extern template class BackwardWorker<float>;
extern template class BackwardWorker<double>;

}  // namespace unroll::compile
