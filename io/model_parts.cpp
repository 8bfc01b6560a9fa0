#include "unroll/io/model_parts.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "unroll/core/listed.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "layers";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "lstm_1" and "lstm_12" without their numbers are both "lstm", as is "lstm".
std::string without_numbers(const std::string& name) {
  std::string result;
  for (char c : name)
    if (!is_digit(c)) result += c;
  while (result.ends_with('_')) result.pop_back();
  return result;
}

std::vector<long> numbers_of(const std::string& name) {
  constexpr long most = 1'000'000'000;
  std::vector<long> numbers;
  bool within = false;
  for (char c : name) {
    if (is_digit(c) && !within) numbers.push_back(0);
    within = is_digit(c);
    if (within) numbers.back() = std::min(most, 10 * numbers.back() + (c - '0'));
  }
  return numbers;
}

class Search {
 public:
  explicit Search(const std::vector<ChainLink>& links) : links_(links), used_(links.size()), candidates_(links.size()) {
    std::iota(candidates_.begin(), candidates_.end(), std::size_t{0});
    auto key = [&](std::size_t k) {
      return std::tuple(links[k].last, without_numbers(links[k].name), numbers_of(links[k].name));
    };
    std::stable_sort(candidates_.begin(), candidates_.end(),
                     [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  }

  std::vector<std::size_t> order() {
    extend();
    if (found_.empty() || steps_ == 0)
      raise<ValueError>(who, "the layers do not follow one another by their sizes",
                        steps_ == 0 ? ", or in too many ways" : "", ": name them in order with --layers");
    if (several_) check_numbers();
    return found_;
  }

 private:
  void extend() {
    if (steps_ == 0 || --steps_ == 0) return;
    if (path_.size() == links_.size()) {
      if (found_.empty()) found_ = path_;
      for (std::size_t k = 0; k < path_.size(); ++k)
        if (without_numbers(links_[found_[k]].name) != without_numbers(links_[path_[k]].name))
          fail(found_[k], path_[k]);
      several_ = several_ || path_ != found_;
      return;
    }
    bool last = true;
    for (std::size_t k = 0; k < links_.size(); ++k) last = last && (used_[k] || links_[k].last);
    std::vector<std::string> tried;
    for (std::size_t k : candidates_) {
      if (used_[k] || links_[k].last != last) continue;
      if (!path_.empty() && links_[path_.back()].outputs != links_[k].inputs) continue;
      // Links that differ in number alone, and not in size, keep the order of their numbers.
      const std::string same = without_numbers(links_[k].name) + ' ' + std::to_string(links_[k].inputs) + ' ' +
                               std::to_string(links_[k].outputs);
      if (std::find(tried.begin(), tried.end(), same) != tried.end()) {
        several_ = true;
        continue;
      }
      tried.push_back(same);
      used_[k] = true;
      path_.push_back(k);
      extend();
      path_.pop_back();
      used_[k] = false;
    }
  }

  // Of several orders the one in which numbers rise is meant, if it is among them.
  void check_numbers() const {
    std::map<std::string, std::size_t> last;
    for (std::size_t k : found_) {
      auto [before, is_first] = last.emplace(without_numbers(links_[k].name), k);
      if (!is_first && numbers_of(links_[k].name) <= numbers_of(links_[before->second].name)) fail(before->second, k);
      before->second = k;
    }
  }
  [[noreturn]] void fail(std::size_t a, std::size_t b) const {
    raise<ValueError>(who, "\"", links_[a].name, "\" and \"", links_[b].name,
                      "\" can change places: name the layers in order with --layers");
  }

  const std::vector<ChainLink>& links_;
  std::vector<bool> used_;
  std::vector<std::size_t> candidates_, path_, found_;
  bool several_ = false;
  int steps_ = 100'000;
};

}  // namespace

std::vector<std::size_t> chain_order(const std::vector<ChainLink>& links) { return Search(links).order(); }

std::vector<DirectedLayers> layers_in_order(const std::vector<ModelPart>& parts, const PartOptions& options) {
  auto check_known = [&](const std::string& name) {
    auto found = std::find_if(parts.begin(), parts.end(), [&](const ModelPart& part) {
      return part.name == name || std::find(part.cells.begin(), part.cells.end(), name) != part.cells.end();
    });
    if (found != parts.end()) return static_cast<std::size_t>(found - parts.begin());
    raise<ValueError>(who, "there is no \"", name, "\" among ",
                      listed(parts, [](const ModelPart& part) { return '"' + part.name + '"'; }));
  };
  for (const auto& [name, activation] : options.activations) check_known(name);
  std::vector<std::size_t> order;
  for (const std::string& name : options.order) {
    const std::size_t k = check_known(name);
    // The cells of a stack, in whose order it is already, are one part.
    if (parts[k].name != name && !order.empty() && order.back() == k) continue;
    order.push_back(k);
  }
  if (order.empty()) {
    std::vector<ChainLink> links;
    for (const ModelPart& part : parts)
      links.push_back({part.name, part.inputs(), part.outputs(), !part.layers.front().is_cell()});
    order = chain_order(links);
  }
  std::vector<DirectedLayers> layers;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const ModelPart& part = parts[order[k]];
    if (std::count(order.begin(), order.end(), order[k]) > 1 || order.size() != parts.size())
      raise<ValueError>(who, "each of the ", parts.size(), " has to be named once");
    if (k > 0 && part.inputs() != layers.back().outputs())
      raise<ValueError>(who, "\"", part.name, "\" has ", part.inputs(), " inputs, what comes before it ",
                        layers.back().outputs(), " outputs");
    layers.insert(layers.end(), part.layers.begin(), part.layers.end());
  }
  return layers;
}

}  // namespace unroll
