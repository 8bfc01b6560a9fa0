#include "target.hpp"
#include "unroll/cells/dense.hpp"
#include "unroll/io/json.hpp"

using namespace unroll;
using namespace testing;

namespace {

const FuzzTarget json("json",
                      {".json",
                       [] {
                         GRUCell cell = with_values(GRUCell(1), 1);
                         Dense head = with_values(Dense(1), 1);
                         return std::vector{written(".json", [&](const auto& path) { save_json(path, cell, head); })};
                       },
                       [](const auto& path) {
                         GRUCell cell(1);
                         Dense head(1);
                         load_json(path, cell, head);
                       }});

}  // namespace
