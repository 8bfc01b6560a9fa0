// What the program reads beside weights: rows, curves, labels; and models that it constructs itself.
#include "curves.hpp"
#include "labelled_rows.hpp"
#include "model_file.hpp"
#include "rows.hpp"
#include "target.hpp"
#include "unroll/cells/dense.hpp"
#include "unroll/cells/prelu.hpp"
#include "unroll/io/json.hpp"
#include "unroll/io/keras.hpp"
#include "unroll/io/onnx.hpp"
#include "unroll/io/rtneural.hpp"
#include "unroll/io/safetensors.hpp"
#include "unroll/io/torch.hpp"

using namespace unroll;
using namespace testing;

namespace {

void read_rows(const std::filesystem::path& path) {
  constexpr std::size_t widest = 4096;
  const auto reader = program::open_rows(path);
  if (reader->width() > widest) return;  // the program compares it with the model's inputs
  std::vector<double> row(reader->width());
  while (reader->read(row)) {
  }
}

template <Index columns>
std::vector<std::string> rows_in(const std::string& extension) {
  return {written(extension, [](const auto& path) {
    auto writer = program::create_rows(path, {.width = columns, .sample_rate = 48000});
    const double row[] = {0.5, -1.25};
    for (int k = 0; k < 3; ++k) writer->write(std::span(row, columns));
    writer->finish();
  })};
}

std::vector<std::string> model_seeds() {
  MultiRNNCell stack = with_values(MultiRNNCell(LSTMCell(1, {.cell_clip = 1, .num_proj = 1}), GRUCell(1)), 1);
  BasicRNNCell cell = with_values(BasicRNNCell(1), 1);
  Dense head = with_values(Dense(1), 1);
  Dense first = with_values(Dense(1), 1);
  PReLU prelu = with_values(PReLU(), 1);
  return {
      written(".json", [&](const auto& path) { save_json(path, stack); }),
      written(".json", [&](const auto& path) { save_json(path, cell, head); }),
      written(".json", [&](const auto& path) { save_rtneural(path, first, prelu); }),
      R"({"in_shape":[1,2.0],"layers":[{"type":"prelu","shape":[1],"weights":[[[0.5]]]}]})",
      R"({"a.weight_ih_l0":[[1]],"a.weight_hh_l0":[[0.5]],"a.bias_ih_l0":[1],"a.bias_hh_l0":[2],"b.weight":[[3]]})"};
}

std::vector<std::string> onnx_seeds() {
  BasicRNNCell cell = with_values(BasicRNNCell(1), 1);
  Dense head = with_values(Dense(1), 1);
  PReLU prelu = with_values(PReLU(), 1);
  return {written(".onnx", [&](const auto& path) { save_onnx(path, cell, head, prelu); })};
}

// Whose names tell what the layers are.
std::vector<std::string> name_seeds() {
  LSTMCell forward = with_values(LSTMCell(1), 1), backward = with_values(LSTMCell(1), 1);
  MultiRNNCell stack = with_values(MultiRNNCell(GRUCell(2), LSTMCell(1)), 1);
  Dense wide = with_values(Dense(1), 2), head = with_values(Dense(1), 1);
  PReLU prelu = with_values(PReLU(), 1);
  auto file_of = [](const std::vector<NamedTensors>& parts) {
    NamedTensors all;
    for (const NamedTensors& part : parts) all.insert(all.end(), part.begin(), part.end());
    return written(".safetensors", [&](const auto& path) { write_safetensors(path, all); });
  };
  return {file_of({torch_state_dict({{&forward, &backward}}, "rnn."), torch_state_dict(wide, "fc.")}),
          file_of({keras_weights({&forward, &backward}, "a"), keras_weights(wide, "b"), keras_weights(prelu, "c")}),
          file_of({keras_weights(stack, "rnn"), keras_weights(head, "dense")})};
}

void read_model(const std::filesystem::path& path) { program::read_model(path); }

const FuzzTarget csv("csv_rows", {".csv",
                                  [] {
                                    auto seeds = rows_in<2>(".csv");
                                    seeds.push_back("left, right\r\n+1e3,\t-0.5\r\n\n2,3");
                                    return seeds;
                                  },
                                  read_rows});
const FuzzTarget npy("npy_rows", {".npy", [] { return rows_in<2>(".npy"); }, read_rows});
const FuzzTarget wav("wav_rows", {".wav",
                                  [] {
                                    auto seeds = rows_in<1>(".wav");
                                    std::string stream = seeds[0];  // of sizes that are not known
                                    for (std::size_t at : {std::size_t{4}, stream.find("data") + 4})
                                      stream.replace(at, 4, 4, '\xff');
                                    seeds.push_back(stream);
                                    return seeds;
                                  },
                                  read_rows});
const FuzzTarget curves("curves",
                        {".csv", [] { return std::vector<std::string>{"step,loss\n1,0.5\n2,\n3,nan\n4,1e3\n"}; },
                         [](const auto& path) { program::read_curves(path); }});
const FuzzTarget labels("labelled_rows", {".csv", [] { return std::vector<std::string>{"cat,0.5,1\n\ndog,2,3\n"}; },
                                          [](const auto& path) {
                                            for (bool last : {false, true})
                                              program::read_labelled_rows(path.string(), last);
                                          }});
const FuzzTarget models("program_json", {".json", model_seeds, read_model});
const FuzzTarget names("program_names", {".safetensors", name_seeds, read_model});
const FuzzTarget graphs("program_onnx", {".onnx", onnx_seeds, read_model});

}  // namespace
