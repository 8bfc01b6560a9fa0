#pragma once
// Executor: runs a plan over all steps of a sequence.
#include <array>
#include <memory>

#include "unroll/core/kernels/packed_matmul.hpp"
#include "unroll/core/kernels/tile.hpp"
#include "unroll/rnn/compile/numbers.hpp"
#include "unroll/rnn/compile/plan.hpp"
#include "unroll/rnn/compile/prepared_step.hpp"
#include "unroll/rnn/compile/row_layout.hpp"
#include "unroll/rnn/compile/step_memory.hpp"
#include "unroll/rnn/compile/team_costs.hpp"
#include "unroll/rnn/compile/wavefront.hpp"
#include "unroll/rnn/memory/store.hpp"

namespace unroll::compile {

/// The values that do not change in time, by their numbers in the trace.
using Environment = CachedVector<Tensor>;

/// A mask in one sequence: the stream of step t is words.stream + t * increment.
struct SequenceMask {
  Lowering::Mask words;
  std::uint64_t increment;
};

/// One sequence. Tensors of leaves are (time, batch, ...), or (batch, time, ...).
struct SequenceCall {
  const RowLayout& layout;
  bool time_major, reverse;
  Index time;
  int threads;
  const Environment& environment;
  std::span<const Tensor> inputs;
  std::span<const SequenceMask> masks;
};

struct ForwardCall : SequenceCall {
  std::span<const Tensor> states;
  std::span<Tensor> outputs, final_states;  // written
  memory::Store* store;                     // null: nothing is kept
  bool replays = false;                     // nothing is written but what the store wants
};

struct BackwardCall : SequenceCall {
  memory::Store& store;
  std::span<const Tensor> states;
  std::span<const Tensor> output_gradients, final_gradients;  // null tensors: 0
  std::span<Tensor> input_gradients, state_gradients;         // written; null ones are not wanted
  std::span<Tensor> sums;                                     // the targets of the step graph
};

/// Numbers in a tile of the interpreter: its temporaries stay in the first-level cache.
inline constexpr Index tile_numbers = 512;

/// What the workers of a call share, for one dtype.
template <class T>
class Executor {
 public:
  explicit Executor(const Plan& plan);

  /// How many numbers are kept of a chunk, and make up the state before it.
  Index kept_size(const Chunk& chunk) const;
  Index state_size(const Chunk& chunk) const;
  /// How many of these numbers a row of one step takes.
  Index kept_of_row() const {
    Index size = 0;
    for (const Buffer& b : plan_.buffers)
      if (is_kept(b)) size += blocks(b.width) * lanes_;
    return size;
  }
  /// How the rows of a layout that has one part are to be parted for so many threads: where these share rows, not
  /// columns, and are worth while.
  Parting parting(int threads, const RowLayout& layout) const;
  /// What so many threads are worth to it.
  TeamCosts team_costs(int threads) const;
  void forward(const ForwardCall& call);
  /// What single steps need, packed; valid until the next call of anything.
  StepWeights<T> step_weights(const Environment& environment, const RowLayout& layout);
  /// `replay` takes the store's forward steps; null if there are none.
  void backward(const BackwardCall& call, Executor* replay);

 private:
  template <class>
  friend class Worker;
  template <class>
  friend class ForwardWorker;
  template <class>
  friend class BackwardWorker;

  struct Compiled {  // of a pass
    std::vector<std::vector<kernels::TileInstruction<T>>> programs;
    std::vector<std::vector<bool>> narrow;  // by instruction: the result has one column
    std::vector<int> packings;              // that its products read
    std::vector<bool> can_be_cut;           // by program: workers may each compute some of its columns
    PassCosts costs;
  };

  static constexpr Index widest_joined = 64;  // if that needs a copy

  Index blocks(Index width) const { return (width + lanes_ - 1) >> lanes_shift_; }
  // From a block of columns to the next one, or from a row of a sum, of so many blocks, to the next one: an odd number
  // of cache lines, so that they neither share one nor fall all into the same set of a cache.
  Index stride(Index rows) const {
    constexpr auto line = static_cast<Index>(64 / sizeof(T));
    return ((rows * lanes_ + line - 1) / line | 1) * line;
  }
  Index size_of(const Sum& sum) const { return sum.a_width * stride(sum.parts * blocks(sum.b_width)); }
  /// 2 if a sum is made of two, one of each half of the groups, whatever the number of threads: then two threads need
  /// not read each other's rows. One thread alone loses by it, the more the shorter the runs of rows and the larger the
  /// sum.
  int halves(const Sum& sum, const RowLayout& layout) const {
    constexpr Index most = 20000, fewest_rows = 16;
    return layout.batch() >= fewest_rows && size_of(sum) <= most ? 2 : 1;
  }
  /// Rows in a tile of a program that reduces rows. Few wide rows would wait for their chains of sums.
  Index reduced_rows(const Program& program) const {
    constexpr Index fewest = 16;
    return std::max(fewest, tile_numbers / (blocks(program.width) * lanes_));
  }
  Compiled compile(const Pass& pass) const;
  /// Without a store, one step for each chunk.
  void list_steps(memory::Store* store, Index chunks);
  /// With one set of the buffers that are not kept for each of `slots` chunks.
  void prepare(const SequenceCall& call, const Pass& pass, bool keeps, int slots = 1);
  void fill_vectors(const Environment& environment);
  void pack(const Environment& environment, int packing, Index part, Index parts);
  void pack_matrix(const Environment& environment, const Matrix& matrix, Index part, Index parts, T* to);
  void pack_blocks(const Environment& environment, const Matrix& matrix, Index number, T* to);
  /// Whether matrices of this width lie side by side in panels, so that one product computes all.
  bool is_joined(Index width) const { return width <= widest_joined || blocks(width) % matmul_.panel_blocks == 0; }
  Index packed_size(const std::vector<int>& packing) const;
  Index rows_of(const Buffer& buffer, const Chunk& chunk) const {
    return chunk.rows + (buffer.place == Buffer::Place::state ? chunk.lead : 0);
  }
  static bool is_kept(const Buffer& b) { return b.needed_backward; }

  const Plan& plan_;
  int lanes_, lanes_shift_;
  kernels::MatmulKernels<T> matmul_;
  Compiled forward_, backward_;

  struct Place {
    T* p = nullptr;
    Index stride = 0;
  };
  CachedVector<Place> places_;  // by buffer; of a gradient, its first half
  CachedVector<Place> second_;  // by buffer: rows of the step before, gathered; the other half of a gradient
  std::vector<T*> packed_;      // by matrix
  std::vector<T*> biases_, columns_, numbers_;
  std::vector<T*> sums_;  // by sum: what it has added up
  Numbers<T> buffer_memory_, packed_memory_, vector_memory_, sum_memory_;
  std::vector<Numbers<T>> temporaries_;  // by thread
  std::vector<std::vector<Index>> row_index_;
  std::vector<std::array<PreparedStep<T>, 2>> prepared_;  // by thread
  std::vector<Numbers<T>> mask_rows_;                     // by thread
  TeamCosts team_costs_;
  memory::Step step_;  // that all workers take
  bool any_step_ = false;
  CachedVector<memory::Step> steps_;  // all, of a store that holds all chunks
  Index slot_size_ = 0;               // of a wavefront: from the buffers of a chunk to those of the next one
};

extern template class Executor<float>;
extern template class Executor<double>;

}  // namespace unroll::compile
