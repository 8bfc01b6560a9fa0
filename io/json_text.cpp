#include "unroll/io/json_text.hpp"

#include <set>

#include "unroll/core/errors.hpp"
#include "unroll/io/file_bytes.hpp"

namespace unroll {

using nlohmann::ordered_json;

ordered_json parse_json(const std::string& who, std::string_view text) {
  constexpr int most_levels = 200;
  std::vector<std::set<std::string>> keys;  // of the open objects
  auto check = [&](int depth, ordered_json::parse_event_t event, ordered_json& parsed) {
    using Event = ordered_json::parse_event_t;
    if (depth > most_levels) raise<DataLossError>(who, "nested deeper than ", most_levels, " levels");
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && !keys.back().insert(parsed.get<std::string>()).second)
      raise<DataLossError>(who, "the key \"", parsed.get<std::string>().substr(0, 100), "\" occurs twice");
    return true;
  };
  try {
    return ordered_json::parse(text.begin(), text.end(), check);
  } catch (const ordered_json::exception& error) {
    std::string message = error.what();
    message.erase(0, message.find("] ") + 2);  // its name and number
    raise<DataLossError>(who, message.substr(0, 300));
  }
}

ordered_json parse_json_file(const std::string& who, const std::filesystem::path& path) {
  return parse_json(who, read_file_bytes(who, path));
}

std::string dump_json(std::string_view who, const ordered_json& json) {
  try {
    return json.dump();
  } catch (const ordered_json::exception&) {
    raise<ValueError>(who, "a name is not UTF-8");
  }
}

}  // namespace unroll
