#include <cerrno>
#include <charconv>
#include <fstream>
#include <string_view>
#include <system_error>
#include <vector>

#include "csv_numbers.hpp"
#include "rows.hpp"
#include "unroll/core/errors.hpp"
#include "unroll/io/atomic_file.hpp"

namespace unroll::program {
namespace {

class CsvReader : public RowReader {
 public:
  explicit CsvReader(const std::filesystem::path& path) : shown_(path.string()), line_(longest_line) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) raise<IOError>(shown_, "cannot open: it is a folder");
    file_.open(path, std::ios::binary);
    if (!file_) raise<IOError>(shown_, "cannot open: ", std::generic_category().message(errno));
    // A first line without numbers has the names of the columns.
    if (next_line() && !parse()) pending_ = next_line() && parse_or_fail();
    if (numbers_.empty()) raise<DataLossError>(shown_, "there is no row of numbers");
    width_ = numbers_.size();
  }

  std::size_t width() const override { return width_; }

  bool read(std::span<double> row) override {
    if (!pending_ && !(next_line() && parse_or_fail())) return false;
    pending_ = false;
    if (numbers_.size() != width_)
      raise<DataLossError>(shown_, "line ", number_, ": expected ", width_, " numbers, got ", numbers_.size());
    std::copy(numbers_.begin(), numbers_.end(), row.begin());
    return true;
  }

 private:
  static constexpr std::size_t longest_line = 1 << 20;

  // The next line that is not empty.
  bool next_line() {
    do {
      file_.getline(line_.data(), static_cast<std::streamsize>(line_.size()));
      if (file_.bad()) raise<IOError>(shown_, "cannot read: ", std::generic_category().message(errno));
      if (file_.gcount() == 0) return false;
      ++number_;
      if (file_.fail() && !file_.eof())
        raise<DataLossError>(shown_, "line ", number_, ": expected at most ", longest_line - 1, " characters");
      text_ = line_.data();
      if (text_.ends_with('\r')) text_.remove_suffix(1);
    } while (text_.find_first_not_of(blanks) == std::string_view::npos);
    return true;
  }

  bool parse() { return parse_numbers(text_, numbers_); }
  bool parse_or_fail() {
    if (!parse())
      raise<DataLossError>(shown_, "line ", number_, ": expected a number, got \"",
                           text_.substr(0, text_.find(',')).substr(0, 40), "\"");
    return true;
  }

  static constexpr const char* blanks = " \t";
  std::string shown_;
  std::ifstream file_;
  std::vector<char> line_;
  std::string_view text_;
  std::vector<double> numbers_;
  std::size_t number_ = 0, width_ = 0;
  bool pending_ = true;
};

class CsvRowWriter : public RowWriter {
 public:
  CsvRowWriter(const std::filesystem::path& path, bool single_precision)
      : file_("run", path), single_precision_(single_precision) {}

  void write(std::span<const double> row) override {
    for (double value : row) {
      char text[32];
      char* end = single_precision_ ? std::to_chars(text, text + sizeof text, static_cast<float>(value)).ptr
                                    : std::to_chars(text, text + sizeof text, value).ptr;
      buffer_.append(text, end).push_back(',');
    }
    buffer_.back() = '\n';
    if (buffer_.size() >= 1 << 16) flush();
  }
  void finish() override {
    flush();
    file_.commit();
  }

 private:
  void flush() {
    file_.write(buffer_);
    buffer_.clear();
  }
  AtomicFile file_;
  bool single_precision_;
  std::string buffer_;
};

}  // namespace

std::unique_ptr<RowReader> open_csv(const std::filesystem::path& path) { return std::make_unique<CsvReader>(path); }

std::unique_ptr<RowWriter> create_csv(const std::filesystem::path& path, const RowFormat& format) {
  return std::make_unique<CsvRowWriter>(path, format.single_precision);
}

}  // namespace unroll::program
