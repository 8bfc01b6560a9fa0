#pragma once
// Plan: a step graph as lists of kernels on buffers.
#include "unroll/rnn/compile/passes.hpp"
#include "unroll/rnn/compile/schedule.hpp"

namespace unroll::compile {

/// A matrix with a row for each row of the batch, in blocks.
struct Buffer {
  enum class Place : std::uint8_t {
    step,      // of one step
    chunk,     // of all steps of a chunk
    kept,      // of all steps, for the backward pass; if there is none, of a chunk
    state,     // likewise, with what came before the first step of the chunk in front
    gradient,  // of two steps: one is read while the other is written
  };
  Place place;
  Index width;
  bool needed_backward = false;
};

/// Where an operand lies.
struct Ref {
  enum class Kind : std::uint8_t {
    buffer,
    before,    // a state buffer, one step earlier
    incoming,  // a gradient buffer, as the step after this one left it
    columns,   // Plan::columns
    number,    // Plan::numbers
    temporary,
  };
  Kind kind;
  int index;
  friend bool operator==(const Ref&, const Ref&) = default;
};

/// out = [out +] sum of products, [+ bias]; for one matrix or more of equal width with the same factors a, whose
/// results lie in buffers that follow each other.
struct Product {
  struct Factor {
    Ref a;
    int packing;  // Plan::packings
  };
  Ref out;  // of the first
  Index width;
  int parts;
  bool accumulate;
  int bias;  // Plan::biases, -1: none; those of the other parts follow
  std::vector<Factor> terms;
};

/// Instructions of the tile interpreter.
struct Program {
  struct Register {
    Ref ref;
    Index width;
  };
  struct Instruction {
    kernels::TileOp op;
    std::uint16_t out;
    std::array<std::uint16_t, kernels::most_operands> in;
    std::uint16_t parts = 1;
    std::size_t operand_count() const { return static_cast<std::size_t>(kernels::operand_count(op)) * parts; }
  };
  Index width;  // columns of the matrices in it
  bool reduces;
  std::vector<Register> registers;
  std::vector<Instruction> instructions;
  int temporaries;
};

/// Adds to a target of the step graph; b is one buffer or more of equal width that follow each other.
struct Sum {
  std::optional<Ref> a;
  Ref b;
  Index a_width, b_width;
  int parts;
  int target;
  Index first_row, first_column;
  bool by_column;
};

struct Kernel {
  enum class Kind : std::uint8_t { product, program, sum } kind;
  int index;
};

/// Columns of a leaf, as they are copied to or from a buffer.
struct Copy {
  int leaf;
  Index first, width;
  Ref ref;
  Index leaf_width = 0;  // of a row of the leaf
  int stage = 0;         // of a state: that of its loop
};

struct Pass {
  std::vector<std::vector<Kernel>> stages;  // odd ones are loops
  std::vector<Product> products;
  std::vector<Program> programs;
  std::vector<Sum> sums;
  std::vector<Copy> in, gradients_in;  // inputs; gradients of the outputs
  std::vector<Copy> masks;             // of dropouts
  std::vector<Copy> out;               // outputs, or gradients of the inputs
  std::vector<Copy> states;            // new states, or gradients of the states before
};

struct Bias {
  Index width;
  std::vector<int> columns, numbers;  // whose sum it is
};

struct ColumnVector {
  Trace::Id tensor;
  Index first, width;
  bool single;  // one number for all columns
};

struct Plan {
  StepGraph graph;
  std::vector<Buffer> buffers;
  std::vector<Matrix> matrices;
  std::vector<std::vector<int>> packings;  // matrices of equal sizes that are packed side by side
  std::vector<ColumnVector> columns;
  std::vector<double> numbers;
  std::vector<Bias> biases;
  Pass forward, backward;
  bool has_backward;
  /// Numbers of the matrices that a product multiplies by.
  Index weights(const Product& product) const {
    Index count = 0;
    for (const Product::Factor& term : product.terms)
      count += matrices[packings[term.packing][0]].k * product.width * product.parts;
    return count;
  }
};

/// How many numbers a row of each leaf has.
struct LeafWidths {
  std::vector<Index> inputs, states, outputs;
};

/// Runs the passes and makes the plan.
Plan make_plan(StepGraph graph, const LeafWidths& widths, bool backward, const Passes& passes = {});

}  // namespace unroll::compile
