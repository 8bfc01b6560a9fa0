#include "unroll/cells/embedding.hpp"

#include "unroll/autograd/ops/gather.hpp"
#include "unroll/cells/check.hpp"

namespace unroll {

Embedding::Embedding(Index input_dim, Index output_dim, EmbeddingOptions options)
    : Module(options.name, options.dtype),
      input_dim_(checked_units("Embedding", "input_dim", input_dim)),
      output_dim_(checked_units("Embedding", "output_dim", output_dim)),
      options_(std::move(options)) {
  if (!options_.embeddings_initializer)
    options_.embeddings_initializer = random_uniform_initializer({.minval = -0.05, .maxval = 0.05});
}

void Embedding::create(const SpecNest&) {
  embeddings_ = add_variable("embeddings", {input_dim_, output_dim_}, options_.embeddings_initializer);
}

Tensor Embedding::operator()(const Tensor& ids) {
  build(ids.spec());
  return embedding_lookup(embeddings_, ids);
}

}  // namespace unroll
