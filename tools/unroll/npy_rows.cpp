#include <cerrno>
#include <fstream>
#include <system_error>
#include <vector>

#include "rows.hpp"
#include "unroll/io/atomic_file.hpp"
#include "unroll/io/npy_header.hpp"

namespace unroll::program {
namespace {

class NpyReader : public RowReader {
 public:
  explicit NpyReader(const std::filesystem::path& path) : shown_(path.string()) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) raise<IOError>(shown_, "cannot open: it is a folder");
    file_.open(path, std::ios::binary);
    if (!file_) raise<IOError>(shown_, "cannot open: ", std::generic_category().message(errno));
    std::string start(longest_npy_header, '\0');
    file_.read(start.data(), longest_npy_header);
    start.resize(static_cast<std::size_t>(file_.gcount()));
    header_ = decode_npy_header(shown_, start);
    const std::size_t rank = header_.dims.size();
    if (rank < 1 || rank > 2)
      raise<DataLossError>(shown_, "expected an array (time,) or (time, width), got ", rank, " axes");
    if (rank == 2) width_ = static_cast<std::size_t>(header_.dims[1]);
    if (width_ == 0) raise<DataLossError>(shown_, "expected rows of numbers, got rows of none");
    if (header_.fortran_order && width_ > 1)
      raise<DataLossError>(shown_, "the array is in Fortran's order: save numpy.ascontiguousarray of it");
    left_ = header_.dims[0];
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(header_.size));
  }

  std::size_t width() const override { return width_; }

  bool read(std::span<double> row) override {
    if (next_ == block_.size() && !next_block()) return false;
    std::copy_n(block_.values<double>().begin() + next_, width_, row.begin());
    next_ += static_cast<Index>(width_);
    return true;
  }

 private:
  bool next_block() {
    constexpr Index most = 4096;
    const Index rows = std::min(left_, std::max<Index>(1, most / static_cast<Index>(width_)));
    if (rows == 0) return false;
    const Shape shape{rows, static_cast<Index>(width_)};
    std::string bytes(static_cast<std::size_t>(shape.size()) * bytes_per_element(header_.type), '\0');
    file_.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (static_cast<std::size_t>(file_.gcount()) != bytes.size())
      raise<DataLossError>(shown_, "the file ends ", left_, " rows early");
    block_ = Tensor(decode_elements(shown_, header_.type, shape, bytes, header_.swapped), float64);
    left_ -= rows;
    next_ = 0;
    return true;
  }

  std::string shown_;
  std::ifstream file_;
  NpyHeader header_;
  std::size_t width_ = 1;
  Index left_ = 0, next_ = 0;
  Tensor block_ = Tensor(TensorSpec{{0}, float64});
};

class NpyWriter : public RowWriter {
 public:
  NpyWriter(const std::filesystem::path& path, const RowFormat& format)
      : file_("run", path),
        dtype_(format.single_precision ? float32 : float64),
        width_(static_cast<Index>(format.width)) {
    file_.write(std::string(header_bytes, ' '));
  }

  void write(std::span<const double> row) override {
    buffer_.insert(buffer_.end(), row.begin(), row.end());
    ++rows_;
    if (buffer_.size() >= 1 << 13) flush();
  }
  void finish() override {
    flush();
    file_.write_at(0, encode_npy_header({{rows_, width_}, dtype_}, header_bytes));
    file_.commit();
  }

 private:
  // Room for any number of rows: it is written when that is known.
  static constexpr std::size_t header_bytes = 128;

  void flush() {
    Tensor block(TensorSpec{{static_cast<Index>(buffer_.size())}, float64});
    std::copy(buffer_.begin(), buffer_.end(), block.mutable_data<double>());
    file_.write(encode_elements(Tensor(block, dtype_)));
    buffer_.clear();
  }
  AtomicFile file_;
  DType dtype_;
  Index width_, rows_ = 0;
  std::vector<double> buffer_;
};

}  // namespace

std::unique_ptr<RowReader> open_npy(const std::filesystem::path& path) { return std::make_unique<NpyReader>(path); }

std::unique_ptr<RowWriter> create_npy(const std::filesystem::path& path, const RowFormat& format) {
  return std::make_unique<NpyWriter>(path, format);
}

}  // namespace unroll::program
