#include "target.hpp"
#include "unroll/cells/cudnn_compatible_gru_cell.hpp"
#include "unroll/cells/dense.hpp"
#include "unroll/cells/prelu.hpp"
#include "unroll/io/onnx.hpp"

using namespace unroll;
using namespace testing;

namespace {

const FuzzTarget onnx("onnx", {".onnx",
                               [] {
                                 LSTMCell forward = with_values(LSTMCell(1), 1), backward = with_values(LSTMCell(1), 1);
                                 CudnnCompatibleGRUCell gru = with_values(CudnnCompatibleGRUCell(1), 1);
                                 Dense wide = with_values(Dense(1), 2),
                                       head = with_values(Dense(1, {.activation = "relu"}), 1);
                                 PReLU prelu = with_values(PReLU(), 1);
                                 return std::vector{
                                     written(".onnx",
                                             [&](const auto& path) {
                                               save_onnx(path, {{&forward, &backward}, {&wide}});
                                             }),
                                     written(".onnx", [&](const auto& path) { save_onnx(path, gru, head, prelu); })};
                               },
                               [](const auto& path) {
                                 Dense wide(1), head(1, {.activation = "relu"});
                                 try {
                                   LSTMCell forward(1), backward(1);
                                   load_onnx(path, {{&forward, &backward}, {&wide}});
                                 } catch (const ValueError&) {
                                   CudnnCompatibleGRUCell gru(1);
                                   PReLU prelu;
                                   load_onnx(path, gru, head, prelu);
                                 }
                               }});

}  // namespace
