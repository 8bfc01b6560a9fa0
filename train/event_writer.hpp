#pragma once
// Event files, which TensorBoard draws curves, histograms and texts from.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "unroll/core/tensor.hpp"

namespace unroll {

/// Writes a new file "events.out.tfevents.SECONDS.unroll.PID.N" in a folder; `tensorboard --logdir` on it or on a
/// folder above shows what is there, while training goes on. The format: TFRecord frames (length, data, a masked
/// CRC-32C of each) around protocol buffers of the type tensorflow.Event.
///
///     EventWriter events("run");
///     events.scalar("loss", loss, step);
class EventWriter {
 public:
  /// Creates the folder. All throw IOError if something cannot be written.
  explicit EventWriter(const std::filesystem::path& folder);

  void scalar(const std::string& tag, double value, std::int64_t step);
  /// How the elements are distributed, in buckets that grow by 10 %; those that are not finite are left out. Throws
  /// TypeError unless they are float32 or float64.
  void histogram(const std::string& tag, const Tensor& values, std::int64_t step);
  /// Markdown.
  void text(const std::string& tag, const std::string& text, std::int64_t step);

  const std::filesystem::path& path() const { return path_; }

 private:
  void write(const std::string& event);
  void write_summary(std::int64_t step, const std::string& value);

  std::filesystem::path path_;
  std::ofstream file_;
};

namespace detail {
/// The Castagnoli CRC of iSCSI (RFC 3720).
std::uint32_t crc32c(std::string_view bytes);
/// As TFRecord frames hold it.
std::uint32_t masked_crc32c(std::string_view bytes);
}  // namespace detail

}  // namespace unroll
