#include "unroll/io/rtneural.hpp"

#include "unroll/io/atomic_file.hpp"
#include "unroll/io/json_text.hpp"
#include "unroll/io/rtneural_layers.hpp"

namespace unroll {

void save_rtneural(const std::filesystem::path& path, const std::vector<Module*>& modules) {
  constexpr std::string_view who = "save_rtneural";
  const std::string text = dump_json(who, rtneural_json(who, layer_weights(who, modules)));
  AtomicFile file(who, path);
  file.write(text);
  file.commit();
}

void load_rtneural(const std::filesystem::path& path, const std::vector<Module*>& modules) {
  const std::string who = "load_rtneural: " + path.string();
  assign_layer_weights(who, modules, rtneural_layers(who, parse_json_file(who, path)), float32);
}

}  // namespace unroll
