#pragma once
// The formats of other programs that hold a cell, or a stack of cells, and a Dense.
#include <functional>
#include <string>
#include <vector>

#include "unroll/cells/dense.hpp"
#include "unroll/cells/rnn_cell.hpp"
#include "unroll/io/aidax.hpp"
#include "unroll/io/guitarml.hpp"
#include "unroll/io/keras.hpp"
#include "unroll/io/nam.hpp"
#include "unroll/io/npz.hpp"
#include "unroll/io/onnx.hpp"
#include "unroll/io/rtneural.hpp"
#include "unroll/io/torch.hpp"

namespace testing {

struct Format {
  std::string name;
  std::function<void(const std::filesystem::path&, unroll::RNNCell&, unroll::Dense&)> write, read;
};

inline unroll::NamedTensors both(unroll::NamedTensors first, const unroll::NamedTensors& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

inline const std::vector<Format>& formats() {
  using namespace unroll;
  using Path = std::filesystem::path;
  static const std::vector<Format> all{{"rtneural", [](const Path& p, RNNCell& c, Dense& d) { save_rtneural(p, c, d); },
                                        [](const Path& p, RNNCell& c, Dense& d) { load_rtneural(p, c, d); }},
                                       {"nam", [](const Path& p, RNNCell& c, Dense& d) { save_nam(p, c, d); },
                                        [](const Path& p, RNNCell& c, Dense& d) { load_nam(p, c, d); }},
                                       {"aidax", [](const Path& p, RNNCell& c, Dense& d) { save_aidax(p, c, d); },
                                        [](const Path& p, RNNCell& c, Dense& d) { load_aidax(p, c, d); }},
                                       {"guitarml", [](const Path& p, RNNCell& c, Dense& d) { save_guitarml(p, c, d); },
                                        [](const Path& p, RNNCell& c, Dense& d) { load_guitarml(p, c, d); }},
                                       {"pytorch",
                                        [](const Path& p, RNNCell& c, Dense& d) {
                                          write_npz(p, both(torch_state_dict(c, "rec."), torch_state_dict(d, "lin.")));
                                        },
                                        [](const Path& p, RNNCell& c, Dense& d) {
                                          load_torch_state_dict(read_npz(p), c, "rec.");
                                          load_torch_state_dict(read_npz(p), d, "lin.");
                                        }},
                                       {"keras",
                                        [](const Path& p, RNNCell& c, Dense& d) {
                                          write_npz(p, both(keras_weights(c, "rnn"), keras_weights(d, "dense")));
                                        },
                                        [](const Path& p, RNNCell& c, Dense& d) {
                                          load_keras_weights(read_npz(p), c, "rnn");
                                          load_keras_weights(read_npz(p), d, "dense");
                                        }},
                                       {"onnx", [](const Path& p, RNNCell& c, Dense& d) { save_onnx(p, c, d); },
                                        [](const Path& p, RNNCell& c, Dense& d) { load_onnx(p, c, d); }}};
  return all;
}

}  // namespace testing
