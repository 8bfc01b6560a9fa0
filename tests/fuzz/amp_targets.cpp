#include <nlohmann/json.hpp>

#include "target.hpp"
#include "unroll/cells/cudnn_compatible_gru_cell.hpp"
#include "unroll/cells/dense.hpp"
#include "unroll/io/aidax.hpp"
#include "unroll/io/guitarml.hpp"
#include "unroll/io/nam.hpp"
#include "unroll/io/rtneural.hpp"

using namespace unroll;
using namespace testing;

namespace {

constexpr Index units = 2;

template <class Save>
std::vector<std::string> seeds_of(const std::string& extension, Index count, const Save& save) {
  LSTMCell lstm = with_values(LSTMCell(count), 1);
  CudnnCompatibleGRUCell gru = with_values(CudnnCompatibleGRUCell(count), 1);
  Dense head = with_values(Dense(1), count);
  return {written(extension, [&](const auto& path) { save(path, lstm, head); }),
          written(extension, [&](const auto& path) { save(path, gru, head); })};
}

// Keeps the first samples alone, so that damage often falls on what is before them.
void shorten_self_test(const std::filesystem::path& path) {
  constexpr std::size_t samples = 4;
  auto json = nlohmann::ordered_json::parse(read_file(path));
  for (const char* key : {"input_batch", "output_batch"})
    json[key] = nlohmann::ordered_json(json[key].begin(), json[key].begin() + samples);
  write_file(path, json.dump());
}

// Into new modules: an LSTM's if the file is not a GRU's.
template <class Load>
void load(const std::filesystem::path& path, Index count, const Load& load) {
  try {
    LSTMCell cell(count);
    Dense head(1);
    load(path, cell, head);
  } catch (const ValueError&) {
    CudnnCompatibleGRUCell cell(count);
    Dense head(1);
    load(path, cell, head);
  }
}

const FuzzTarget rtneural("rtneural", {".json",
                                       [] {
                                         auto seeds =
                                             seeds_of(".json", units, [](const auto& path, Module& cell, Module& head) {
                                               save_rtneural(path, std::vector<Module*>{&cell, &head});
                                             });
                                         seeds.push_back(replaced(seeds[0], "\"dense\"", "\"time-distributed-dense\""));
                                         return seeds;
                                       },
                                       [](const auto& path) {
                                         load(path, units, [](const auto& file, Module& cell, Module& head) {
                                           load_rtneural(file, std::vector<Module*>{&cell, &head});
                                         });
                                       }});
const FuzzTarget aidax("aidax",
                       {".aidax",
                        [] {
                          return seeds_of(".aidax", 8, [](const auto& path, Module& cell, Module& head) {
                            save_aidax(path, cell, head, {.in_gain = 3, .metadata = {{"samplerate", "48000"}}});
                            shorten_self_test(path);
                          });
                        },
                        [](const auto& path) { load(path, 8, load_aidax); }});
const FuzzTarget guitarml("guitarml", {".json",
                                       [] {
                                         return seeds_of(".json", units,
                                                         [](const auto& path, Module& cell, Module& head) {
                                                           save_guitarml(path, cell, head);
                                                         });
                                       },
                                       [](const auto& path) { load(path, units, load_guitarml); }});
const FuzzTarget nam("nam", {".nam",
                             [] {
                               LSTMCell cell = with_values(LSTMCell(units), 1);
                               Dense head = with_values(Dense(1), units);
                               return std::vector{written(".nam", [&](const auto& path) {
                                 save_nam(path, cell, head, {.metadata = {{"name", "seed"}}});
                               })};
                             },
                             [](const auto& path) {
                               LSTMCell cell(units);
                               Dense head(1);
                               load_nam(path, cell, head);
                             }});

}  // namespace
