#pragma once
// ForwardWorker: one thread's part in the forward pass.
#include "unroll/rnn/compile/worker.hpp"

namespace unroll::compile {

template <class T>
class ForwardWorker : public Worker<T> {
 public:
  ForwardWorker(Executor<T>& executor, const ForwardCall& call, int index, Team& team, const WorkerStages& stages = {})
      : Worker<T>(executor, call, executor.plan_.forward, executor.forward_, index, team, stages), forward_(call) {}
  void run();
  /// Thread `index` of a team that runs a wavefront.
  static void run(const Wavefront& wavefront, Executor<T>& executor, const ForwardCall& call, int index, Team& team);
  /// What comes before the first step, and a step.
  void start();
  void take(const memory::Step& step);

 private:
  void start_outputs();
  void initial_states();
  void states_of_last_chunk(const Chunk& last, const CachedVector<typename Worker<T>::Place>& places);
  /// The states before the chunk, from or to memory of the store.
  void load_states(const T* from);
  void save_states(T* to);
  template <class F>
  void for_each_state(F&& f);
  void loop(const std::vector<Kernel>& kernels);
  void gather(const Era& last, const Era& era, Index t);
  void copy_in();
  void copy_out();
  void finish_rows();

  const ForwardCall& forward_;
  const Chunk* last_ = nullptr;
  CachedVector<typename Worker<T>::Place> last_places_;
};

extern template class ForwardWorker<float>;
extern template class ForwardWorker<double>;

}  // namespace unroll::compile
