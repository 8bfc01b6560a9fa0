#include "unroll/io/onnx.hpp"

#include "layer_models.hpp"
#include "unroll/cells/basic_rnn_cell.hpp"
#include "unroll/cells/prelu.hpp"

using namespace unroll;
using namespace testing;

namespace {

// Messages of protobuf, less than 128 bytes long. Behind a model's own they add nodes and tensors to its graph.
std::string field(int number, const std::string& bytes) {
  return std::string{static_cast<char>(8 * number + 2), static_cast<char>(bytes.size())} + bytes;
}
std::string graph(const std::string& bytes) { return field(7, bytes); }
std::string node(const std::string& type, const std::string& weight) {
  return graph(field(1, field(1, "x") + field(1, weight) + field(2, "y") + field(4, type)));
}
std::string tensor(const std::string& name, const std::vector<float>& numbers, const std::vector<char>& dims) {
  std::string bytes{2 * 8, 1};  // of floats
  for (char dim : dims) bytes += {1 * 8, dim};
  bytes += field(8, name) + field(9, {reinterpret_cast<const char*>(numbers.data()), 4 * numbers.size()});
  return graph(field(5, bytes));
}

}  // namespace

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

TEST_CASE("PReLU comes back from ONNX; one slope is for all of the layer before it") {
  TemporaryFolder folder;
  Dense first(3), loaded_first(3), head(1), loaded_head(1);
  PReLU prelu, loaded;
  built(first, 2), built(prelu, 3), built(head, 3);
  save_onnx(folder / "m.onnx", first, prelu, head);
  load_onnx(folder / "m.onnx", loaded_first, loaded, loaded_head);
  check_same_values(loaded, prelu);
  check_same_values(loaded_head, head);

  save_onnx(folder / "m.onnx", first);
  const std::string dense = read_file(folder / "m.onnx");
  auto load = [&](const std::vector<float>& slopes, const std::vector<char>& dims) {
    write_file(folder / "m.onnx", dense + node("PRelu", "s") + tensor("s", slopes, dims));
    PReLU fresh;
    load_onnx(folder / "m.onnx", loaded_first, fresh);
    return fresh.variables()[0].value();
  };
  CHECK(array_equal(load({-2}, {1, 1}), Tensor{-2.f, -2.f, -2.f}));
  CHECK(array_equal(load({0.5f}, {}), Tensor{0.5f, 0.5f, 0.5f}));
  CHECK(array_equal(load({1, 2, 3}, {1, 1, 3}), Tensor{1.f, 2.f, 3.f}));
  auto refusal = [&](const std::vector<float>& slopes, const std::vector<char>& dims) {
    return message_of<DataLossError>([&] { load(slopes, dims); });
  };
  CHECK(refusal({1, 2, 3}, {3, 1})
            .find("node \"PRelu\": slope has shape (3, 1), expected one number, or 3 along the last axis") !=
        std::string::npos);
  CHECK(refusal({1, 2}, {2}).find("slope has shape (2,)") != std::string::npos);
  CHECK(refusal({1}, std::vector<char>(9, 1)).find("slope has 9 axes") != std::string::npos);
  CHECK(message_of<ValueError>([&] {
          save_onnx(folder / "x", {{&prelu, &prelu}});
        }).find("has no directions") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "x"));
}

TEST_CASE("nodes may have a weight in common, but not so many that a small file fills the memory") {
  TemporaryFolder folder;
  constexpr Index units = 64;
  Dense dense(units);
  built(dense, units);
  save_onnx(folder / "m.onnx", dense);
  std::string bytes = read_file(folder / "m.onnx");
  auto load = [&](int times, const char* type, const char* weight) {
    std::string repeated = bytes;
    for (int k = 0; k < times; ++k) repeated += node(type, weight);
    write_file(folder / "n.onnx", repeated);
    return message_of<Error>([&] { load_onnx(folder / "n.onnx", dense); });
  };
  CHECK(load(20, "MatMul", "layer_0/kernel").find("21 layers for modules of 1") != std::string::npos);
  CHECK(load(200, "MatMul", "layer_0/kernel").find("more than 64 times as many weights as the file") !=
        std::string::npos);
  bytes += tensor("s", {1}, {1});
  CHECK(load(200, "PRelu", "s").find("201 layers for modules of 1") != std::string::npos);
}
