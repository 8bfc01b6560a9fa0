#pragma once
// Sequences in files, one row of numbers a time step, read and written in constant memory.
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace unroll::program {

/// Reads row after row. Errors are IOError and DataLossError with the place in the file.
class RowReader {
 public:
  virtual ~RowReader() = default;
  virtual std::size_t width() const = 0;
  /// In Hz; 0 if the file has none.
  virtual double sample_rate() const { return 0; }
  /// `row` has width() numbers. False at the end.
  virtual bool read(std::span<double> row) = 0;
};

/// Writes a file that appears complete, at finish(), or not at all.
class RowWriter {
 public:
  virtual ~RowWriter() = default;
  virtual void write(std::span<const double> row) = 0;
  virtual void finish() = 0;
};

struct RowFormat {
  std::size_t width = 1;
  /// Digits, or the elements of .npy.
  bool single_precision = true;
  /// Of WAV.
  double sample_rate = 0;
};

/// By extension: .csv (numbers between commas; a first line of names is passed over), .npy ((time,) or (time, width)),
/// .wav (what libsndfile reads; one that ends before the size in its header is refused: see wav_sizes.hpp in examples).
/// Throw ValueError for another.
std::unique_ptr<RowReader> open_rows(const std::filesystem::path& path);
std::unique_ptr<RowWriter> create_rows(const std::filesystem::path& path, const RowFormat& format);

std::unique_ptr<RowReader> open_csv(const std::filesystem::path& path);
std::unique_ptr<RowWriter> create_csv(const std::filesystem::path& path, const RowFormat& format);
std::unique_ptr<RowReader> open_npy(const std::filesystem::path& path);
std::unique_ptr<RowWriter> create_npy(const std::filesystem::path& path, const RowFormat& format);
std::unique_ptr<RowReader> open_wav(const std::filesystem::path& path);
std::unique_ptr<RowWriter> create_wav(const std::filesystem::path& path, const RowFormat& format);

}  // namespace unroll::program
