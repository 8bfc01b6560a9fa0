// Whole models: what is computed after loading is what was computed before saving.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "files.hpp"
#include "modules.hpp"
#include "support/random_tensors.hpp"
#include "unroll/autograd/ops/losses.hpp"
#include "unroll/autograd/ops/one_hot.hpp"
#include "unroll/cells/dense.hpp"
#include "unroll/cells/embedding.hpp"
#include "unroll/cells/gru_cell.hpp"
#include "unroll/cells/lstm_cell.hpp"
#include "unroll/cells/multi_rnn_cell.hpp"
#include "unroll/io/json.hpp"
#include "unroll/optim/adam.hpp"
#include "unroll/rnn/dynamic_rnn.hpp"

using namespace unroll;
using testing::random_tensor;
using testing::TemporaryFolder;

TEST_CASE("a trained model computes the same after it was saved and loaded, and trains on in the same way") {
  struct Model {
    Embedding embedding{11, 6};
    MultiRNNCell stack{LSTMCell(5, {.use_peepholes = true, .num_proj = 3}), GRUCell(4)};
    Dense head{11};
    Adam adam{{.learning_rate = 0.01}};

    Tensor outputs(const Tensor& ids) {
      Tensor lengths{7, 2, 5};
      return head(dynamic_rnn(stack, embedding(ids), {.sequence_length = lengths, .dtype = float32}).outputs.leaf());
    }
    void train(const Tensor& ids, int steps) {
      for (int k = 0; k < steps; ++k) {
        GradientTape tape;
        adam.minimize(tape, mean_squared_error(one_hot(ids, 11), outputs(ids)));
      }
    }
  };
  TemporaryFolder folder;
  Tensor ids = random_integers({3, 7}, 0, 11, {.seed = 4});
  Model trained, fresh, used;
  trained.train(ids, 4);
  save_json(folder / "m.json", trained.embedding, trained.stack, trained.head);
  used.outputs(ids);
  CHECK_FALSE(bit_equal(used.outputs(ids), trained.outputs(ids)));
  load_json(folder / "m.json", fresh.embedding, fresh.stack, fresh.head);
  load_json(folder / "m.json", used.embedding, used.stack, used.head);
  CHECK(bit_equal(fresh.outputs(ids), trained.outputs(ids)));
  CHECK(bit_equal(used.outputs(ids), trained.outputs(ids)));
  fresh.train(ids, 3);
  used.train(ids, 3);
  CHECK(bit_equal(fresh.outputs(ids), used.outputs(ids)));
  CHECK_FALSE(bit_equal(fresh.outputs(ids), trained.outputs(ids)));
}

TEST_CASE("a save that is killed at any moment leaves the model before or after it") {
  TemporaryFolder folder;
  testing::Holder before(random_tensor({150, 150}, 1)), after(random_tensor({150, 150}, 2)),
      loaded(random_tensor({150, 150}, 3));
  for (testing::Holder* holder : {&before, &after}) holder->build({});
  save_json(folder / "m.json", before);
  for (int k = 0; k < 20; ++k) {
    pid_t child = ::fork();
    if (child == 0) {
      for (int round = 0; round < 200; ++round) save_json(folder / "m.json", round % 2 ? before : after);
      ::_exit(0);
    }
    REQUIRE(child > 0);
    ::usleep(static_cast<useconds_t>(1000 + 1700 * k));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    load_json(folder / "m.json", loaded);
    CHECK((bit_equal(loaded.values(), before.values()) || bit_equal(loaded.values(), after.values())));
  }
}
