// The two examples of TensorFlow's page on dynamic_rnn, line by line.
#include <iostream>
#include <unroll/unroll.hpp>

using namespace unroll;

int main() {
  const Index batch_size = 4, max_time = 7, depth = 3, hidden_size = 5;
  Tensor input_data = random_normal({batch_size, max_time, depth}, {.seed = 1});

  // create a BasicRNNCell
  BasicRNNCell rnn_cell(hidden_size);

  // 'outputs' is a tensor of shape [batch_size, max_time, cell_state_size]

  // defining initial state
  Nest initial_state = rnn_cell.zero_state(batch_size, float32);

  // 'state' is a tensor of shape [batch_size, cell_state_size]
  auto [outputs, state] = dynamic_rnn(rnn_cell, input_data, {.initial_state = initial_state, .dtype = float32});
  std::cout << "outputs " << outputs.leaf().shape() << ", state " << state.leaf().shape() << '\n';

  // create 2 LSTMCells
  std::vector<std::shared_ptr<RNNCell>> rnn_layers;
  for (Index size : {128, 256}) rnn_layers.push_back(std::make_shared<LSTMCell>(size));

  // create a RNN cell composed sequentially of a number of RNNCells
  MultiRNNCell multi_rnn_cell(rnn_layers);

  // 'outputs' is a tensor of shape [batch_size, max_time, 256]
  // 'state' is a N-tuple where N is the number of LSTMCells containing a
  // LSTMStateTuple for each cell
  auto [outputs2, state2] = dynamic_rnn(multi_rnn_cell, input_data, {.dtype = float32});
  std::cout << "outputs " << outputs2.leaf().shape() << ", state " << state2.structure() << '\n';
  for (std::size_t k = 0; k < state2.size(); ++k)
    std::cout << "state of cell " << k << ": c " << state2[k]["c"].leaf().shape() << ", h "
              << state2[k]["h"].leaf().shape() << '\n';

  bool right = outputs.leaf().shape() == Shape{4, 7, 5} && state.leaf().shape() == Shape{4, 5} &&
               outputs2.leaf().shape() == Shape{4, 7, 256} && state2[1]["h"].leaf().shape() == Shape{4, 256} &&
               array_equal(slice(outputs2, {0, 6, 0}, {4, 1, 256}), expand_dims(state2[1]["h"], 1));
  std::cout << (right ? "the last output is the last state: yes\n" : "the last output is the last state: NO\n");
  return right ? 0 : 1;
}
