#include "unroll/io/onnx.hpp"

#include "layer_models.hpp"
#include "unroll/cells/basic_rnn_cell.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("models come back from ONNX, into modules that are built and into new ones") {
  TemporaryFolder folder;
  auto check = [&](auto make, DType dtype) {
    auto saved = make(), loaded = make(), fresh = make();
    Dense head(2, {.activation = "relu"}), loaded_head(2, {.activation = "relu"}),
        fresh_head(2, {.activation = "relu"});
    built(saved, 3, dtype), built(loaded, 3, dtype), built(head, 4, dtype), built(loaded_head, 4, dtype);
    save_onnx(folder / "m.onnx", saved, head);
    load_onnx(folder / "m.onnx", loaded, loaded_head);
    load_onnx(folder / "m.onnx", fresh, fresh_head);
    check_same_values(loaded, saved);
    check_same_values(fresh, saved);
    check_same_values(fresh_head, head);
  };
  for (DType dtype : {float32, float64}) {
    check([] { return LSTMCell(4); }, dtype);
    check([] { return BasicLSTMCell(4); }, dtype);
    check([] { return LSTMCell(4, {.use_peepholes = true}); }, dtype);
    check([] { return BasicRNNCell(4); }, dtype);
    check([] { return GRUCell(4); }, dtype);
    check([] { return CudnnCompatibleGRUCell(4); }, dtype);
    check([] { return MultiRNNCell(LSTMCell(5), CudnnCompatibleGRUCell(4)); }, dtype);
  }
}

TEST_CASE("both directions of a layer lie side by side in ONNX") {
  TemporaryFolder folder;
  LSTMCell forward(4), backward(4), forward_back(4), backward_back(4);
  Dense head(2), head_back(2);
  built(forward, 3), built(backward, 3), built(head, 8);
  save_onnx(folder / "m.onnx", {{&forward, &backward}, {&head}});
  load_onnx(folder / "m.onnx", {{&forward_back, &backward_back}, {&head_back}});
  check_same_values(forward_back, forward);
  check_same_values(backward_back, backward);
  check_same_values(head_back, head);
  CHECK(message_of<ValueError>([&] { load_onnx(folder / "m.onnx", forward_back, head_back); }).find("two directions") !=
        std::string::npos);
}

TEST_CASE("peepholes and their lack are no match, in a file and in a cell") {
  TemporaryFolder folder;
  LSTMCell peepholes(4, {.use_peepholes = true}), none(4);
  built(peepholes, 3), built(none, 3);
  save_onnx(folder / "p.onnx", peepholes);
  save_onnx(folder / "n.onnx", none);
  CHECK_THROWS_WITH_AS(load_onnx(folder / "p.onnx", none), doctest::Contains("has no use_peepholes"), ValueError);
  CHECK_THROWS_WITH_AS(load_onnx(folder / "n.onnx", peepholes), doctest::Contains("has use_peepholes"), ValueError);
  CHECK_THROWS_WITH_AS(save_onnx(folder / "b.onnx", std::vector<RecurrentLayer>{{&peepholes, &none}}),
                       doctest::Contains("use_peepholes"), ValueError);
  CHECK_FALSE(std::filesystem::exists(folder / "b.onnx"));
}

TEST_CASE("what ONNX does not compute is refused by name, before anything is written") {
  TemporaryFolder folder;
  auto refusal = [&](auto cell) {
    built(cell, 3);
    return message_of<ValueError>([&] { save_onnx(folder / "m.onnx", cell); });
  };
  CHECK(refusal(LSTMCell(4, {.num_proj = 2})).find("num_proj") != std::string::npos);
  CHECK(refusal(LSTMCell(4, {.cell_clip = 1})).find("cell_clip") != std::string::npos);
  LSTMCell cell(4);
  Dense head(2);
  built(cell, 3), built(head, 5);
  CHECK(message_of<ValueError>([&] { save_onnx(folder / "m.onnx", cell, head); }).find("5 inputs") !=
        std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "m.onnx"));
}

TEST_CASE(
    "a file of ONNX that is cut short or altered is an error, or has other weights, and never harms the modules") {
  TemporaryFolder folder;
  LSTMCell cell(2), other(2);
  built(cell, 1), built(other, 1);
  save_onnx(folder / "m.onnx", cell);
  const std::string whole = read_file(folder / "m.onnx");
  std::vector<Tensor> before;
  for (const Variable& v : other.variables()) before.push_back(v.value());
  auto same = [&] {
    for (std::size_t k = 0; k < before.size(); ++k)
      if (!array_equal(other.variables()[k], before[k])) return false;
    return true;
  };
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write_file(folder / "m.onnx", whole.substr(0, size));
    CAPTURE(size);
    CHECK(message_of<Error>([&] { load_onnx(folder / "m.onnx", other); }) != "");
    CHECK(same());
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    write_file(folder / "m.onnx", damaged);
    CAPTURE(at);
    if (message_of<Error>([&] { load_onnx(folder / "m.onnx", other); }) != "") CHECK(same());
    for (std::size_t k = 0; k < before.size(); ++k) other.variables()[k].assign(before[k]);
  }
}
