#include "rows.hpp"

#include "unroll/core/errors.hpp"

namespace unroll::program {
namespace {

struct Format {
  const char* extension;
  std::unique_ptr<RowReader> (*open)(const std::filesystem::path&);
  std::unique_ptr<RowWriter> (*create)(const std::filesystem::path&, const RowFormat&);
};
constexpr Format formats[] = {
    {".csv", open_csv, create_csv}, {".npy", open_npy, create_npy}, {".wav", open_wav, create_wav}};

const Format& format_of(const std::filesystem::path& path) {
  for (const Format& format : formats)
    if (path.extension() == format.extension) return format;
  raise<ValueError>(path.string(), "expected .csv, .npy or .wav");
}

}  // namespace

std::unique_ptr<RowReader> open_rows(const std::filesystem::path& path) { return format_of(path).open(path); }

std::unique_ptr<RowWriter> create_rows(const std::filesystem::path& path, const RowFormat& format) {
  return format_of(path).create(path, format);
}

}  // namespace unroll::program
