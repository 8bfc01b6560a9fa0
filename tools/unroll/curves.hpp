#pragma once
// The curves of a training run.
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace unroll::program {

struct Curve {
  std::string name;
  std::vector<std::pair<double, double>> points = {};  // step and value
};

/// Of a .csv file (a line of names; the first column is the step), of an event file, or of all of them in a folder and
/// below; where there are several files, names begin with the file's or folder's. Points that are not finite are left
/// out. Throws IOError and DataLossError, ValueError if there is no curve.
std::vector<Curve> read_curves(const std::filesystem::path& run);

}  // namespace unroll::program
