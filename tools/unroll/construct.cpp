#include "construct.hpp"

#include "unroll/cells/basic_lstm_cell.hpp"
#include "unroll/cells/basic_rnn_cell.hpp"
#include "unroll/cells/cudnn_compatible_gru_cell.hpp"
#include "unroll/cells/dense.hpp"
#include "unroll/cells/gru_cell.hpp"
#include "unroll/cells/lstm_cell.hpp"
#include "unroll/cells/multi_rnn_cell.hpp"
#include "unroll/cells/prelu.hpp"

namespace unroll::program {
namespace {

// The options of a record by name, with their types.
class Options {
 public:
  explicit Options(const ModuleRecord& record) : record_(record) {}

  Index integer(const std::string& key) const {
    const auto* number = std::get_if<Index>(&find(key));
    if (!number) raise<ValueError>(record_.class_name, "there is no option \"", key, "\"");
    constexpr Index largest = 1 << 24;  // whose gates can be counted
    if (*number > largest) raise<ValueError>(record_.class_name, key, " is ", *number, ", expected at most ", largest);
    return *number;
  }
  double number(const std::string& key, double otherwise) const {
    if (const auto* real = std::get_if<double>(&find(key))) return *real;
    const auto* whole = std::get_if<Index>(&find(key));
    return whole ? static_cast<double>(*whole) : otherwise;
  }
  bool flag(const std::string& key, bool otherwise) const {
    const auto* value = std::get_if<bool>(&find(key));
    return value ? *value : otherwise;
  }
  ActivationArgument activation() const {
    const auto* text = std::get_if<std::string>(&find("activation"));
    return text && !text->empty() ? ActivationArgument(*text) : ActivationArgument();
  }
  std::optional<double> optional_number(const std::string& key) const {
    return is_null(key) ? std::optional<double>() : number(key, 0);
  }
  std::optional<Index> optional_integer(const std::string& key) const {
    return is_null(key) ? std::optional<Index>() : integer(key);
  }

 private:
  bool is_null(const std::string& key) const { return std::holds_alternative<std::monostate>(find(key)); }
  const ConfigValue& find(const std::string& key) const {
    static const ConfigValue none;
    for (const auto& [name, value] : record_.config)
      if (name == key) return value;
    return none;
  }
  const ModuleRecord& record_;
};

std::shared_ptr<RNNCell> construct_cell(const ModuleRecord& record) {
  auto cell = std::dynamic_pointer_cast<RNNCell>(construct(record));
  if (!cell) raise<ValueError>(record.class_name, "it is no cell");
  return cell;
}

}  // namespace

std::shared_ptr<Module> construct(const ModuleRecord& record) {
  const Options o(record);
  if (record.class_name == "BasicRNNCell")
    return std::make_shared<BasicRNNCell>(o.integer("num_units"),
                                          BasicRNNCellOptions{.activation = o.activation(), .name = record.name});
  if (record.class_name == "BasicLSTMCell")
    return std::make_shared<BasicLSTMCell>(o.integer("num_units"),
                                           BasicLSTMCellOptions{.forget_bias = o.number("forget_bias", 1),
                                                                .state_is_tuple = o.flag("state_is_tuple", true),
                                                                .activation = o.activation(),
                                                                .name = record.name});
  if (record.class_name == "LSTMCell")
    return std::make_shared<LSTMCell>(o.integer("num_units"),
                                      LSTMCellOptions{.use_peepholes = o.flag("use_peepholes", false),
                                                      .cell_clip = o.optional_number("cell_clip"),
                                                      .num_proj = o.optional_integer("num_proj"),
                                                      .proj_clip = o.optional_number("proj_clip"),
                                                      .forget_bias = o.number("forget_bias", 1),
                                                      .state_is_tuple = o.flag("state_is_tuple", true),
                                                      .activation = o.activation(),
                                                      .name = record.name});
  const GRUCellOptions gru{.activation = o.activation(), .name = record.name};
  if (record.class_name == "GRUCell") return std::make_shared<GRUCell>(o.integer("num_units"), gru);
  if (record.class_name == "CudnnCompatibleGRUCell")
    return std::make_shared<CudnnCompatibleGRUCell>(o.integer("num_units"), gru);
  if (record.class_name == "Dense")
    return std::make_shared<Dense>(
        o.integer("units"),
        DenseOptions{.activation = o.activation(), .use_bias = o.flag("use_bias", true), .name = record.name});
  if (record.class_name == "PReLU") return std::make_shared<PReLU>(PReLUOptions{.name = record.name});
  if (record.class_name == "MultiRNNCell") {
    std::vector<std::shared_ptr<RNNCell>> cells;
    for (const ModuleRecord& inner : record.modules) cells.push_back(construct_cell(inner));
    return std::make_shared<MultiRNNCell>(
        cells, MultiRNNCellOptions{.state_is_tuple = o.flag("state_is_tuple", true), .name = record.name});
  }
  raise<ValueError>(record.class_name, "\"", record.name, "\" can be constructed by a program alone");
}

}  // namespace unroll::program
