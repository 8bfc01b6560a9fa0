#pragma once
// What `unroll` does. Each gives the exit status, and throws unroll::Error for what main prints on one line.
#include <filesystem>
#include <iosfwd>
#include <string>

namespace unroll::program {

/// A table of names, shapes, dtypes, counts, ranges and numbers of elements that are not finite.
int inspect(const std::filesystem::path& file, std::ostream& out);
/// `format`: as convert's --to; empty: by the extension.
int convert(const std::filesystem::path& in, const std::filesystem::path& out, const std::string& format);
/// Compares by name; 1 if something differs by more than the tolerance.
int diff(const std::filesystem::path& a, const std::filesystem::path& b, double tolerance, std::ostream& out);

}  // namespace unroll::program
