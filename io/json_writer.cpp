#include "unroll/io/json_writer.hpp"

#include <nlohmann/json.hpp>

#include "unroll/io/json_numbers.hpp"

namespace unroll {
namespace {

class Writer {
 public:
  Writer(std::string_view who, const std::function<void(std::string_view)>& sink) : who_(who), sink_(sink) {}

  void file(const std::vector<ModuleRecord>& records) {
    open('{');
    key("format");
    string("unroll");
    key("version");
    text_ += '1';
    modules(records);
    close('}');
    text_ += '\n';
    sink_(text_);
  }

 private:
  static constexpr std::size_t width = 100, piece = 1 << 16;

  void modules(const std::vector<ModuleRecord>& records) {
    key("modules");
    open('[');
    for (const ModuleRecord& record : records) {
      next();
      module(record);
    }
    close(']');
  }

  void module(const ModuleRecord& record) {
    open('{');
    key("class");
    string(record.class_name);
    key("name");
    string(record.name);
    key("scope");
    string(record.scope);
    key("config");
    open('{');
    for (const auto& [name, value] : record.config) {
      key(name);
      config(value);
    }
    close('}');
    key("inputs");
    inputs(record.inputs);
    key("variables");
    open('[');
    for (const VariableRecord& v : record.variables) {
      next();
      variable(v);
    }
    close(']');
    modules(record.modules);
    close('}');
  }

  void config(const ConfigValue& value) {
    if (const auto* word = std::get_if<std::string>(&value)) string(*word);
    if (std::holds_alternative<std::monostate>(value)) text_ += "null";
    if (const auto* flag = std::get_if<bool>(&value)) append_json(text_, *flag);
    if (const auto* number = std::get_if<Index>(&value)) append_json(text_, *number);
    if (const auto* number = std::get_if<double>(&value)) append_json(text_, *number);
  }

  void inputs(const SpecNest& nest) {
    if (nest.is_leaf()) {
      text_ += "{\"shape\": " + shape_in_json(nest.leaf().shape) + ", \"dtype\": ";
      string(std::string(name(nest.leaf().dtype)));
      text_ += '}';
      return;
    }
    if (nest.kind() == NestKind::named_tuple) {
      text_ += "{\"named_tuple\": ";
      string(nest.type_name());
      text_ += ", \"names\": ";
      list('[', ']', nest, [&](std::size_t k) { string(nest.keys()[k]); });
      text_ += ", \"items\": ";
    }
    bool dict = nest.kind() == NestKind::dict;
    if (dict) text_ += "{\"dict\": ";
    list(dict ? '{' : '[', dict ? '}' : ']', nest, [&](std::size_t k) {
      if (dict) {
        string(nest.keys()[k]);
        text_ += ": ";
      }
      inputs(nest[k]);
    });
    if (nest.kind() != NestKind::tuple) text_ += '}';
  }
  template <class F>
  void list(char opening, char closing, const SpecNest& nest, F&& item) {
    text_ += opening;
    for (std::size_t k = 0; k < nest.size(); ++k) {
      if (k) text_ += ", ";
      item(k);
    }
    text_ += closing;
  }

  void variable(const VariableRecord& v) {
    open('{');
    key("name");
    string(v.name);
    key("shape");
    text_ += shape_in_json(v.values.shape());
    key("dtype");
    string(std::string(name(v.values.dtype())));
    key("trainable");
    append_json(text_, v.trainable);
    key("data");
    open('[');
    dispatch(v.values.dtype(), [&](auto zero) { data<decltype(zero)>(v.values); });
    close(']');
    close('}');
  }

  // A row of the last dimension begins a line, and goes on in the next where it is too long.
  template <class T>
  void data(const Tensor& values) {
    const T* x = values.data<T>();
    Index row = values.rank() > 1 ? values.shape(-1) : values.size();
    std::string number;
    std::size_t column = 0;
    for (Index k = 0; k < values.size(); ++k) {
      number.clear();
      append_json(number, x[k]);
      if (k % row == 0 || column + number.size() + 3 > width) {  // ", " before it and a comma after
        next();
        column = indent_;
      } else {
        text_ += ", ";
        column += 2;
      }
      text_ += number;
      column += number.size();
      if (text_.size() > piece) flush();
    }
  }

  void string(const std::string& value) {
    try {
      text_ += nlohmann::json(value).dump();
    } catch (const nlohmann::json::exception&) {
      raise<ValueError>(who_, "a name is not valid UTF-8: \"", value, '"');
    }
  }
  void key(const std::string& name) {
    next();
    string(name);
    text_ += ": ";
  }
  void open(char bracket) {
    text_ += bracket;
    empty_ = true;
    indent_ += 2;
  }
  void next() {
    if (!empty_) text_ += ',';
    empty_ = false;
    line();
  }
  void close(char bracket) {
    indent_ -= 2;
    if (!empty_) line();
    text_ += bracket;
    empty_ = false;
  }
  void line() { text_.append(1, '\n').append(indent_, ' '); }
  void flush() {
    sink_(text_);
    text_.clear();
  }

  std::string_view who_;
  const std::function<void(std::string_view)>& sink_;
  std::string text_;
  std::size_t indent_ = 0;
  bool empty_ = true;  // nothing stands yet between the brackets
};

}  // namespace

void write_json(std::string_view who, const std::vector<ModuleRecord>& modules,
                const std::function<void(std::string_view)>& sink) {
  Writer(who, sink).file(modules);
}

}  // namespace unroll
