#include "unroll/io/json_document.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <clocale>
#include <fstream>
#include <sstream>
#include <system_error>

#include "unroll/core/errors.hpp"

namespace unroll {
namespace {

using nlohmann::json;

class Builder : public nlohmann::json_sax<json> {
 public:
  Builder(const std::string& who, JsonDocument& document) : who_(who), document_(document) {}

  bool null() override { return in_data_ ? not_a_number("null") : add(nullptr); }
  bool boolean(bool value) override { return in_data_ ? number(value ? "true" : "false") : add(value); }
  bool number_integer(std::int64_t value) override { return in_data_ ? integer(value) : add(value); }
  bool number_unsigned(std::uint64_t value) override { return in_data_ ? integer(value) : add(value); }
  bool number_float(double value, const std::string& text) override {
    if (!in_data_) return add(value);
    number(text);
    // The parser writes the locale's decimal point into its text.
    if (point_ != '.') std::replace(data().text.end() - text.size() - 1, data().text.end(), point_, '.');
    return true;
  }
  bool string(std::string& value) override {
    if (!in_data_) return add(std::move(value));
    if (value == "nan" || value == "inf" || value == "-inf") return number(value);
    return not_a_number("a string");
  }
  bool binary(json::binary_t&) override { return false; }  // not in text

  bool start_object(std::size_t) override {
    if (in_data_) return not_a_number("an object");
    return open(json::object());
  }
  bool key(std::string& key) override {
    Frame& top = open_.back();
    top.key = std::move(key);
    if (top.node->contains(top.key)) fail(" occurs twice");
    return true;
  }
  bool end_object() override {
    open_.pop_back();
    return true;
  }
  bool start_array(std::size_t) override {
    if (in_data_) return not_a_number("an array");
    if (!begins_data()) return open(json::array());
    add(json::binary(json::binary_t::container_type(), document_.data.size()));
    document_.data.emplace_back();
    return in_data_ = true;
  }
  bool end_array() override {
    if (in_data_)
      in_data_ = false;
    else
      open_.pop_back();
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    std::string message = error.what();
    message.erase(0, message.find("] ") + 2);  // its name and number
    fail(path().empty() ? "" : ": ", message.substr(0, 300));
  }

 private:
  struct Frame {
    json* node;
    std::string key;  // of the present member of an object
  };
  static constexpr std::size_t most_levels = 200, most_values = 1'000'000;

  NumberText& data() { return document_.data.back(); }
  bool number(std::string_view text) {
    data().append(text);
    return true;
  }
  template <class T>
  bool integer(T value) {
    char digits[24];
    return number({digits, std::to_chars(digits, digits + sizeof digits, value).ptr});
  }
  bool not_a_number(const char* found) { fail(" is ", found, ", expected a number"); }

  bool begins_data() const {
    return open_.size() >= 2 && open_.back().node->is_object() && open_.back().key == "data" &&
           open_[open_.size() - 2].node->is_array();
  }
  bool add(json value) {
    if (++values_ > most_values) fail(": more than ", most_values, " values beside data: this is no file of weights");
    if (open_.empty())
      document_.root = std::move(value);
    else if (Frame& top = open_.back(); top.node->is_array())
      top.node->push_back(std::move(value));
    else
      (*top.node)[top.key] = std::move(value);
    return true;
  }
  bool open(json container) {
    if (open_.size() == most_levels) fail(" is nested deeper than ", most_levels, " levels");
    add(std::move(container));
    json* node = &document_.root;
    if (!open_.empty()) {
      auto& [outer, key] = open_.back();
      node = outer->is_array() ? &outer->back() : &(*outer)[key];
    }
    open_.push_back({node, {}});
    return true;
  }

  std::string path() const {
    std::ostringstream out;
    for (const Frame& frame : open_)
      if (frame.node->is_array())
        out << '[' << frame.node->size() - (&frame == &open_.back() ? 0 : 1) << ']';
      else
        out << (out.tellp() > 0 ? "." : "") << frame.key.substr(0, 100);
    if (in_data_) out << '[' << document_.data.back().count << ']';
    return out.str();
  }
  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    raise<DataLossError>(who_, path(), parts...);
  }

  const std::string& who_;
  JsonDocument& document_;
  std::vector<Frame> open_;
  std::size_t values_ = 0;
  bool in_data_ = false;
  char point_ = *std::localeconv()->decimal_point;
};

class Search : public nlohmann::json_sax<json> {
 public:
  using Ends = std::function<bool(const std::string& key)>;
  Search(std::string_view key, std::string_view text, const Ends& ends) : key_(key), text_(text), ends_(ends) {}
  bool found() const { return found_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(std::int64_t) override { return true; }
  bool number_unsigned(std::uint64_t) override { return true; }
  bool number_float(double, const std::string&) override { return true; }
  bool string(std::string& value) override {
    found_ = depth_ == 1 && at_key_ && value == text_;
    return !found_;
  }
  bool binary(json::binary_t&) override { return false; }  // not in text
  bool start_object(std::size_t) override { return enter(); }
  bool key(std::string& key) override {
    if (depth_ != 1) return true;
    at_key_ = key == key_;
    return !ends_(key);
  }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_array() override { return leave(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  bool enter() {
    ++depth_;
    return true;
  }
  bool leave() {
    --depth_;
    return true;
  }

  std::string_view key_, text_;
  const Ends& ends_;
  std::size_t depth_ = 0;
  bool at_key_ = false, found_ = false;
};

void parse(const std::string& who, const std::filesystem::path& path, nlohmann::json_sax<json>& events) {
  std::vector<char> buffer(1 << 16);
  std::ifstream file;
  file.rdbuf()->pubsetbuf(buffer.data(), static_cast<std::streamsize>(buffer.size()));
  file.open(path, std::ios::binary);
  if (!file) raise<IOError>(who, "cannot open: ", std::generic_category().message(errno));
  try {
    json::sax_parse(file, &events);
  } catch (const std::ios_base::failure& error) {
    raise<IOError>(who, "cannot read: ", error.code().message());
  } catch (const std::bad_alloc&) {
    raise<ResourceExhaustedError>(who, "no memory for its content");
  }
}

}  // namespace

JsonDocument read_json_document(const std::string& who, const std::filesystem::path& path) {
  JsonDocument document;
  Builder builder(who, document);
  parse(who, path, builder);
  return document;
}

bool json_file_says(const std::string& who, const std::filesystem::path& path, std::string_view key,
                    std::string_view text, const std::function<bool(const std::string& key)>& ends) {
  Search search(key, text, ends);
  parse(who, path, search);
  return search.found();
}

}  // namespace unroll
