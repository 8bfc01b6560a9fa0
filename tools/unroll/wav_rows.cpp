#include <algorithm>
#include <cmath>
#include <sndfile.hh>
#include <vector>

#include "rows.hpp"
#include "unroll/core/errors.hpp"
#include "unroll/io/atomic_file.hpp"
#include "wav_sizes.hpp"

namespace unroll::program {
namespace {

constexpr sf_count_t frames_per_block = 4096;

class WavReader : public RowReader {
 public:
  explicit WavReader(const std::filesystem::path& path) : shown_(path.string()), file_(path.c_str()) {
    if (!file_ || file_.error() != SF_ERR_NO_ERROR) raise<IOError>(shown_, "cannot read: ", file_.strError());
    if (file_.channels() < 1) raise<DataLossError>(shown_, "there is no channel");
    check_wav_sizes(path);
    block_.resize(static_cast<std::size_t>(frames_per_block) * width());
  }

  std::size_t width() const override { return static_cast<std::size_t>(file_.channels()); }
  double sample_rate() const override { return file_.samplerate(); }

  bool read(std::span<double> row) override {
    if (next_ == end_) {
      end_ = static_cast<std::size_t>(file_.readf(block_.data(), frames_per_block)) * width();
      if (file_.error() != SF_ERR_NO_ERROR) raise<DataLossError>(shown_, "cannot read: ", file_.strError());
      next_ = 0;
      if (end_ == 0) return false;
    }
    std::copy_n(block_.begin() + static_cast<std::ptrdiff_t>(next_), width(), row.begin());
    next_ += width();
    return true;
  }

 private:
  std::string shown_;
  mutable SndfileHandle file_;
  std::vector<double> block_;
  std::size_t next_ = 0, end_ = 0;
};

// What libsndfile writes to. No exception may cross it: the first one waits in `error`.
struct Target {
  AtomicFile file;
  sf_count_t position = 0, size = 0;
  std::exception_ptr error = {};
};

SF_VIRTUAL_IO target_functions() {
  return {.get_filelen = [](void* data) { return static_cast<Target*>(data)->size; },
          .seek =
              [](sf_count_t offset, int whence, void* data) {
                auto& target = *static_cast<Target*>(data);
                const sf_count_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? target.position : target.size;
                return target.position = from + offset;
              },
          .read = [](void*, sf_count_t, void*) -> sf_count_t { return 0; },
          .write = [](const void* bytes, sf_count_t count, void* data) -> sf_count_t {
            auto& target = *static_cast<Target*>(data);
            try {
              target.file.write_at(static_cast<std::uint64_t>(target.position),
                                   {static_cast<const char*>(bytes), static_cast<std::size_t>(count)});
            } catch (...) {
              if (!target.error) target.error = std::current_exception();
              return 0;
            }
            target.position += count;
            target.size = std::max(target.size, target.position);
            return count;
          },
          .tell = [](void* data) { return static_cast<Target*>(data)->position; }};
}

// 32-bit floats, which do not clip; RF64 if they are more than WAV holds.
class WavWriter : public RowWriter {
 public:
  WavWriter(const std::filesystem::path& path, const RowFormat& format)
      : target_{AtomicFile("run", path)}, functions_(target_functions()) {
    file_ = SndfileHandle(functions_, &target_, SFM_WRITE, SF_FORMAT_RF64 | SF_FORMAT_FLOAT,
                          static_cast<int>(format.width), static_cast<int>(std::lround(format.sample_rate)));
    check();
    file_.command(SFC_RF64_AUTO_DOWNGRADE, nullptr, SF_TRUE);
    width_ = format.width;
  }

  void write(std::span<const double> row) override {
    for (double value : row) block_.push_back(static_cast<float>(value));
    if (block_.size() >= static_cast<std::size_t>(frames_per_block) * width_) flush();
  }
  void finish() override {
    flush();
    file_ = SndfileHandle();
    if (target_.error) std::rethrow_exception(target_.error);
    target_.file.commit();
  }

 private:
  void check() {
    if (target_.error) std::rethrow_exception(target_.error);
    if (!file_ || file_.error() != SF_ERR_NO_ERROR) raise<IOError>("run", "cannot write WAV: ", file_.strError());
  }
  void flush() {
    file_.writef(block_.data(), static_cast<sf_count_t>(block_.size() / width_));
    block_.clear();
    check();
  }
  Target target_;
  SF_VIRTUAL_IO functions_;
  SndfileHandle file_;
  std::size_t width_ = 1;
  std::vector<float> block_;
};

}  // namespace

std::unique_ptr<RowReader> open_wav(const std::filesystem::path& path) { return std::make_unique<WavReader>(path); }

std::unique_ptr<RowWriter> create_wav(const std::filesystem::path& path, const RowFormat& format) {
  return std::make_unique<WavWriter>(path, format);
}

}  // namespace unroll::program
