#pragma once
// How cases find the code that runs them. A file of runners registers itself; there is no list.
#include <functional>
#include <memory>
#include <stdexcept>

#include "golden.hpp"
#include "unroll/cells/rnn_cell.hpp"
#include "unroll/rnn/executor.hpp"

namespace parity {

/// The function or class of a case does not exist here.
struct Skip : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Runs one case and notes what differs.
using Runner = std::function<void(const Json& test, Differences& differences)>;

/// At namespace scope: `const RegisterRunner dynamic_rnn("dynamic_rnn", run);`
struct RegisterRunner {
  RegisterRunner(const std::string& function, Runner runner);
};
/// Null if there is none.
const Runner* find_runner(const std::string& function);

/// The executor that cases use.
unroll::Executor& chosen_executor();

using CellMaker = std::function<std::shared_ptr<unroll::RNNCell>(const Json& arguments)>;
struct RegisterCell {
  RegisterCell(const std::string& class_name, CellMaker maker);
};
/// The cell that {"class": ..., ...} describes. Throws Skip if there is no such class or argument.
std::shared_ptr<unroll::RNNCell> make_cell(const Json& description);

}  // namespace parity
