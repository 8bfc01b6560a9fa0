#pragma once
#include "unroll/autograd/module.hpp"

namespace unroll {

struct EmbeddingOptions {
  Initializer embeddings_initializer = {};  // uniform in [-0.05, 0.05)
  std::string name = {};
  DType dtype = float32;
};

/// A table of vectors (tf.keras.layers.Embedding): integers (...,) -> (..., output_dim), row k for k. Variable:
/// embeddings (input_dim, output_dim). Its gradient touches only the rows that were used.
class Embedding : public Module {
 public:
  Embedding(Index input_dim, Index output_dim, EmbeddingOptions options = {});
  std::string class_name() const override { return "Embedding"; }
  Config config() const override { return {{"input_dim", input_dim_}, {"output_dim", output_dim_}}; }

  /// Throws TypeError unless ids are int32 or int64, InvalidArgumentError for an id outside of 0 .. input_dim-1.
  Tensor operator()(const Tensor& ids);

 private:
  void create(const SpecNest& inputs) override;

  Index input_dim_, output_dim_;
  EmbeddingOptions options_;
  Variable embeddings_;
};

}  // namespace unroll
