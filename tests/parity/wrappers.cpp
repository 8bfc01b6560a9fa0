// The wrappers of tf.nn.rnn_cell from their descriptions.
#include "arguments.hpp"
#include "unroll/cells/device_wrapper.hpp"
#include "unroll/cells/dropout_wrapper.hpp"
#include "unroll/cells/residual_wrapper.hpp"

namespace parity {
namespace {

using namespace unroll;

const RegisterCell device("DeviceWrapper", [](const Json& j) {
  only(j, {"cell", "device"});
  return std::make_shared<DeviceWrapper>(make_cell(j.at("cell")), j.at("device").get<std::string>());
});

const RegisterCell residual("ResidualWrapper", [](const Json& j) {
  only(j, {"cell", "residual_fn"});
  ResidualWrapperOptions options;
  if (has(j, "residual_fn"))
    options.residual_fn = [formula = j.at("residual_fn").get<std::string>()](const Tensor& inputs,
                                                                             const Tensor& outputs) {
      return evaluate(formula, {{"inputs", inputs}, {"outputs", outputs}}, {{"N", outputs.shape(-1)}});
    };
  return std::make_shared<ResidualWrapper>(make_cell(j.at("cell")), options);
});

const RegisterCell dropout("DropoutWrapper", [](const Json& j) {
  only(j, {"cell", "input_keep_prob", "output_keep_prob", "state_keep_prob", "variational_recurrent", "input_size"});
  DropoutWrapperOptions options{.input_keep_prob = get(j, "input_keep_prob", 1.0),
                                .output_keep_prob = get(j, "output_keep_prob", 1.0),
                                .state_keep_prob = get(j, "state_keep_prob", 1.0),
                                .variational_recurrent = get(j, "variational_recurrent", false),
                                .dtype = read_dtype(j)};
  if (has(j, "input_size")) options.input_size = j.at("input_size").get<Index>();
  return std::make_shared<DropoutWrapper>(make_cell(j.at("cell")), options);
});

}  // namespace
}  // namespace parity
