#include "unroll/rnn/compile/prepared_step.hpp"

namespace unroll::compile {

template <class T>
void PreparedStep<T>::clear() {
  operations_.clear();
  registers_.clear();
  products_.calls.clear();
  products_.pieces.clear();
  products_.tiles.clear();
  register_moves_.clear();
  piece_moves_.clear();
  call_moves_.clear();
}

template <class T>
void PreparedStep<T>::add(const kernels::MatmulKernels<T>& matmul, const kernels::MatmulCall<T>& call,
                          const Index* a_moves, Index c_move) {
  std::size_t tile = products_.tiles.size(), piece = products_.pieces.size(), part = products_.calls.size();
  matmul.prepare(call, products_);
  operations_.push_back({nullptr, tile, products_.tiles.size(), 0, 0, 0});
  if (c_move)
    for (; part < products_.calls.size(); ++part) call_moves_.push_back({part, c_move});
  Index used = 0;
  for (Index term = 0; a_moves && term < call.term_count; ++piece) {
    if (a_moves[term]) piece_moves_.push_back({piece, a_moves[term]});
    used += products_.pieces[piece].k;
    if (used < call.terms[term].k) continue;
    ++term;
    used = 0;
  }
}

template <class T>
std::size_t PreparedStep<T>::add(std::span<const kernels::TileOperand<T>> registers, const Index* moves) {
  std::size_t first = registers_.size();
  registers_.insert(registers_.end(), registers.begin(), registers.end());
  for (std::size_t k = 0; moves && k < registers.size(); ++k)
    if (moves[k]) register_moves_.push_back({first + k, moves[k]});
  return first;
}

template <class T>
void PreparedStep<T>::add(const kernels::TileInstruction<T>& instruction, std::size_t first_register, Index blocks,
                          Index rows, Index columns) {
  operations_.push_back({&instruction, first_register, first_register, blocks, rows, columns});
}

template <class T>
void PreparedStep<T>::run() noexcept {
  for (const Operation& o : operations_) {
    if (o.instruction)
      o.instruction->function(*o.instruction, registers_.data() + o.first, o.blocks, o.rows, o.columns);
    else
      products_.run(o.first, o.last);
  }
  for (const Move& m : register_moves_) registers_[m.number].p += m.by;
  for (const Move& m : piece_moves_) products_.pieces[m.number].a += m.by;
  for (const Move& m : call_moves_) products_.calls[m.number].c += m.by;
}

template class PreparedStep<float>;
template class PreparedStep<double>;

}  // namespace unroll::compile
