#include "curves.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <fstream>
#include <system_error>

#include "unroll/core/errors.hpp"
#include "unroll/train/event_reader.hpp"

namespace unroll::program {
namespace {
namespace fs = std::filesystem;

std::vector<std::string> fields(const std::string& line) {
  std::vector<std::string> result(1);
  for (char c : line) {
    if (c == ',')
      result.emplace_back();
    else if (c != '\r')
      result.back() += c;
  }
  return result;
}

void add(Curve& curve, double step, double value) {
  if (std::isfinite(step) && std::isfinite(value)) curve.points.emplace_back(step, value);
}

std::vector<Curve> csv_curves(const fs::path& path) {
  std::ifstream file(path);
  if (!file) raise<IOError>(path.string(), "cannot open: ", std::generic_category().message(errno));
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> names = fields(line);
  std::vector<Curve> curves;
  for (std::size_t k = 1; k < names.size(); ++k) curves.push_back({names[k]});
  for (int number = 2; std::getline(file, line); ++number) {
    const std::vector<std::string> texts = fields(line);
    if (file.eof() && texts.size() < names.size()) break;  // a line that is being written
    if (texts.size() != names.size())
      raise<DataLossError>(path.string(), "line ", number, ": expected ", names.size(), " numbers, got ", texts.size());
    std::vector<double> values;
    for (const std::string& text : texts) {
      double value = NAN;
      auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (!text.empty() && (error != std::errc() || end != text.data() + text.size()))
        raise<DataLossError>(path.string(), "line ", number, ": expected a number, got \"", text.substr(0, 40), "\"");
      values.push_back(value);
    }
    for (std::size_t k = 1; k < values.size(); ++k) add(curves[k - 1], values[0], values[k]);
  }
  return curves;
}

std::vector<Curve> event_curves(const fs::path& path) {
  std::vector<Curve> curves;
  for (const auto& [tag, points] : read_scalars(path)) {
    curves.push_back({tag});
    for (const auto& [step, value] : points) add(curves.back(), static_cast<double>(step), value);
  }
  return curves;
}

bool is_event_file(const fs::path& path) { return path.filename().string().starts_with("events.out.tfevents."); }

// Curves of the same name, from event files of one folder, are one: the run went on in the second file.
void join(std::vector<Curve>& curves, std::vector<Curve> more, const std::string& prefix) {
  for (Curve& curve : more) {
    curve.name = prefix + curve.name;
    auto same = std::find_if(curves.begin(), curves.end(), [&](const Curve& c) { return c.name == curve.name; });
    if (same == curves.end())
      curves.push_back(std::move(curve));
    else
      same->points.insert(same->points.end(), curve.points.begin(), curve.points.end());
  }
}

}  // namespace

std::vector<Curve> read_curves(const fs::path& run) {
  std::error_code error;
  std::vector<fs::path> files;
  if (fs::is_directory(run, error)) {
    for (const auto& entry : fs::recursive_directory_iterator(run, fs::directory_options::skip_permission_denied))
      if (entry.is_regular_file() && (entry.path().extension() == ".csv" || is_event_file(entry.path())))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    if (files.empty()) raise<ValueError>(run.string(), "expected .csv or event files in it, found none");
  } else {
    files.push_back(run);
  }
  std::vector<Curve> curves;
  for (const fs::path& path : files) {
    std::string prefix;
    if (files.size() > 1) {
      const fs::path below = path.lexically_relative(run);
      prefix = (is_event_file(path) ? below.parent_path() : below.parent_path() / below.stem()).string();
      if (!prefix.empty()) prefix += "/";
    }
    join(curves, is_event_file(path) ? event_curves(path) : csv_curves(path), prefix);
  }
  std::erase_if(curves, [](const Curve& curve) { return curve.points.empty(); });
  if (curves.empty()) raise<ValueError>(run.string(), "there are no points to draw");
  for (Curve& curve : curves)
    std::stable_sort(curve.points.begin(), curve.points.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
  return curves;
}

}  // namespace unroll::program
