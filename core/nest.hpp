#pragma once
// Nest: a tensor, or a (nested) tuple, named tuple or dict of them: inputs, outputs and states of cells.
#include <algorithm>
#include <initializer_list>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "unroll/core/cached_vector.hpp"
#include "unroll/core/errors.hpp"
#include "unroll/core/tensor.hpp"

namespace unroll {

enum class NestKind : std::uint8_t { leaf, tuple, named_tuple, dict };

namespace detail {
struct NestHeader {
  NestKind kind = NestKind::leaf;
  std::string type = {};
  std::vector<std::string> keys = {};
};
}  // namespace detail

/// A structure with `Leaf`s at its ends, TensorFlow's "nest". Three uses have names: `Nest` (tensors), `SizeNest`
/// (`state_size`, `output_size`: an integer n or a shape stands for everything after the batch dimension) and
/// `SpecNest`.
///
///     Nest pair = Nest::tuple({x, y});                                    // pair[0]
///     Nest state = Nest::named_tuple("LSTMStateTuple", {{"c", c}, {"h", h}});   // state["h"] or state[1]
///     Nest dict = Nest::dict({{"b", y}, {"a", x}});                       // leaves in the order of sorted keys: a, b
template <class Leaf>
class NestOf {
 public:
  using Field = std::pair<std::string, NestOf>;

  NestOf() = default;
  /// A leaf; whatever converts to Leaf does.
  template <class T>
  requires std::convertible_to<T&&, Leaf> &&(!std::same_as<std::remove_cvref_t<T>, NestOf>)NestOf(T&& leaf)
      : leaf_(std::forward<T>(leaf)) {}  // NOLINT(google-explicit-constructor)

  static NestOf tuple(CachedVector<NestOf> items) {
    static const auto header = std::make_shared<const detail::NestHeader>(detail::NestHeader{NestKind::tuple, {}, {}});
    NestOf nest(header);
    nest.items_ = std::move(items);
    return nest;
  }
  static NestOf tuple(std::initializer_list<NestOf> items) { return tuple(CachedVector<NestOf>(items)); }
  template <class Allocator>
  static NestOf tuple(std::vector<NestOf, Allocator> items) {
    return tuple(CachedVector<NestOf>(std::move_iterator(items.begin()), std::move_iterator(items.end())));
  }
  /// Throws ValueError for a field name that occurs twice (also `dict`).
  static NestOf named_tuple(std::string type, std::vector<Field> fields) {
    return from_fields({NestKind::named_tuple, std::move(type), {}}, std::move(fields));
  }
  static NestOf dict(std::vector<Field> fields) {
    std::stable_sort(fields.begin(), fields.end(), [](auto& a, auto& b) { return a.first < b.first; });
    return from_fields({NestKind::dict, {}, {}}, std::move(fields));
  }

  NestKind kind() const { return header_ ? header_->kind : NestKind::leaf; }
  bool is_leaf() const { return !header_; }
  /// "LSTMStateTuple" of a named tuple, else empty.
  const std::string& type_name() const { return header().type; }
  /// Field names of a named tuple, keys of a dict, else empty.
  const std::vector<std::string>& keys() const { return header().keys; }
  /// Members, not leaves; 0 for a leaf.
  std::size_t size() const { return items_.size(); }

  /// The leaf. Throws TypeError if this is a structure.
  const Leaf& leaf() const {
    if (!is_leaf()) raise<TypeError>("Nest", "expected a single tensor or size, got a structure: ", structure());
    return leaf_;
  }
  Leaf& leaf() { return const_cast<Leaf&>(std::as_const(*this).leaf()); }
  operator const Leaf&() const { return leaf(); }  // NOLINT(google-explicit-constructor)

  /// Member by position; throws IndexError outside, TypeError for a leaf.
  const NestOf& operator[](std::size_t k) const {
    if (is_leaf()) raise<TypeError>("Nest", "a single leaf has no members");
    if (k >= items_.size()) raise<IndexError>("Nest", "member ", k, " of ", structure(), " does not exist");
    return items_[k];
  }
  /// Member by name; throws LookupError if there is none.
  const NestOf& operator[](std::string_view key) const {
    for (std::size_t k = 0; k < keys().size(); ++k)
      if (keys()[k] == key) return items_[k];
    raise<LookupError>("Nest", "there is no member \"", key, "\" in ", structure());
  }
  const NestOf& operator[](int k) const { return (*this)[static_cast<std::size_t>(k)]; }
  const NestOf& operator[](const char* key) const { return (*this)[std::string_view(key)]; }

  /// Leaves in order.
  CachedVector<Leaf> leaves() const {
    CachedVector<Leaf> all;
    for_each([&](const Leaf& leaf) { all.push_back(leaf); });
    return all;
  }
  /// The same as a std::vector.
  std::vector<Leaf> flatten() const {
    std::vector<Leaf> leaves;
    for_each([&](const Leaf& leaf) { leaves.push_back(leaf); });
    return leaves;
  }
  std::size_t leaf_count() const {
    std::size_t n = 0;
    for_each([&](const Leaf&) { ++n; });
    return n;
  }
  template <class F>
  void for_each(F&& f) const {
    if (is_leaf())
      f(leaf_);
    else
      for (const NestOf& item : items_) item.for_each(f);
  }
  /// The same structure with f(leaf) at each end. The type of f's result decides the kind of nest.
  template <class F>
  auto map(F&& f) const {
    using Other = std::remove_cvref_t<decltype(f(leaf_))>;
    if (is_leaf()) return NestOf<Other>(f(leaf_));
    CachedVector<NestOf<Other>> items;
    items.reserve(items_.size());
    for (const NestOf& item : items_) items.push_back(item.map(f));
    return NestOf<Other>::like(*this, std::move(items));
  }
  /// The same structure with other leaves. Throws ValueError unless there are leaf_count() of them.
  template <class Other, class Allocator>
  NestOf<Other> pack(const std::vector<Other, Allocator>& leaves) const {
    if (leaves.size() != leaf_count())
      raise<ValueError>("Nest", leaves.size(), " leaves given for ", structure(), ", expected ", leaf_count());
    std::size_t k = 0;
    return map([&](const Leaf&) { return leaves[k++]; });
  }
  /// Paths of the leaves, in order: "[0]['c']"; "" for a single leaf.
  std::vector<std::string> paths() const {
    std::vector<std::string> out;
    add_paths("", out);
    return out;
  }
  /// "LSTMStateTuple(c=*, h=*)", "(*, *)", "{a: *}", "*".
  std::string structure() const {
    if (is_leaf()) return "*";
    std::string out = kind() == NestKind::dict ? "{" : type_name() + "(";
    for (std::size_t k = 0; k < items_.size(); ++k) {
      if (k) out += ", ";
      if (kind() == NestKind::named_tuple) out += keys()[k] + "=";
      if (kind() == NestKind::dict) out += keys()[k] + ": ";
      out += items_[k].structure();
    }
    if (kind() == NestKind::tuple && items_.size() == 1) out += ",";
    return out + (kind() == NestKind::dict ? "}" : ")");
  }

  /// Whether kinds, names and sizes agree everywhere.
  template <class Other>
  bool same_structure(const NestOf<Other>& other) const {
    if (kind() != other.kind() || size() != other.size() || type_name() != other.type_name() || keys() != other.keys())
      return false;
    for (std::size_t k = 0; k < items_.size(); ++k)
      if (!items_[k].same_structure(other[k])) return false;
    return true;
  }
  /// TensorFlow's assert_same_structure: throws ValueError where the number of members differs, or where a tuple is
  /// expected and this is a single leaf; TypeError where the kind of container or its names differ. Names the path.
  /// `what` and `expected` say what is compared with what.
  template <class Other>
  void assert_same_structure(std::string_view who, std::string_view what, const NestOf<Other>& expected) const {
    if (same_structure(expected)) return;
    std::string where = difference(expected, "");
    bool lengths = where[0] == '#';
    std::ostringstream message;
    message << who << ": " << what << " has the structure " << structure() << ", expected " << expected.structure()
            << "; they differ " << where.substr(1);
    if (lengths) throw ValueError(message.str());
    throw TypeError(message.str());
  }

  /// An empty structure of the kind, type and keys of `other`, with these members.
  template <class Other>
  static NestOf like(const NestOf<Other>& other, CachedVector<NestOf> items) {
    NestOf nest(other.header_);
    nest.items_ = std::move(items);
    return nest;
  }

 private:
  template <class Other>
  friend class NestOf;
  using Header = std::shared_ptr<const detail::NestHeader>;

  explicit NestOf(Header header) : header_(std::move(header)) {}
  static NestOf from_fields(detail::NestHeader header, std::vector<Field> fields) {
    CachedVector<NestOf> items;
    for (auto& [key, item] : fields) {
      if (std::find(header.keys.begin(), header.keys.end(), key) != header.keys.end())
        raise<ValueError>("Nest", "the name \"", key, "\" is given twice");
      header.keys.push_back(std::move(key));
      items.push_back(std::move(item));
    }
    NestOf nest(std::make_shared<const detail::NestHeader>(std::move(header)));
    nest.items_ = std::move(items);
    return nest;
  }
  const detail::NestHeader& header() const {
    static const detail::NestHeader of_leaf{};
    return header_ ? *header_ : of_leaf;
  }
  std::string member(std::size_t k) const {
    std::ostringstream out;
    if (kind() == NestKind::tuple)
      out << '[' << k << ']';
    else
      out << "['" << keys()[k] << "']";
    return out.str();
  }
  void add_paths(const std::string& prefix, std::vector<std::string>& out) const {
    if (is_leaf()) out.push_back(prefix);
    for (std::size_t k = 0; k < items_.size(); ++k) items_[k].add_paths(prefix + member(k), out);
  }
  // Empty if equal; otherwise the first difference, after '#' for lengths and '!' for kinds.
  template <class Other>
  std::string difference(const NestOf<Other>& other, const std::string& path) const {
    std::string where = path.empty() ? "at the top" : "at " + path;
    bool missing_tuple = is_leaf() && other.kind() == NestKind::tuple;
    if (missing_tuple || (!is_leaf() && !other.is_leaf() && size() != other.size())) return where.insert(0, 1, '#');
    if (kind() != other.kind() || type_name() != other.type_name() || keys() != other.keys())
      return where.insert(0, 1, '!');
    for (std::size_t k = 0; k < items_.size(); ++k)
      if (std::string d = items_[k].difference(other[k], path + member(k)); !d.empty()) return d;
    return {};
  }

  Leaf leaf_{};
  Header header_;  // shared by all nests of one structure; null for a leaf
  CachedVector<NestOf> items_;
};

template <class Leaf>
std::ostream& operator<<(std::ostream& out, const NestOf<Leaf>& nest) {
  if (nest.is_leaf()) return out << nest.leaf();
  bool dict = nest.kind() == NestKind::dict, tuple = nest.kind() == NestKind::tuple;
  out << (dict ? "{" : nest.type_name() + "(");
  for (std::size_t k = 0; k < nest.size(); ++k) {
    if (k) out << ", ";
    if (!tuple) out << nest.keys()[k] << (dict ? ": " : "=");
    out << nest[k];
  }
  if (tuple && nest.size() == 1) out << ',';
  return out << (dict ? "}" : ")");
}

using Nest = NestOf<Tensor>;
using SizeNest = NestOf<Shape>;
using SpecNest = NestOf<TensorSpec>;

/// Shapes and dtypes of a nest of tensors.
inline SpecNest specs(const Nest& nest) {
  return nest.map([](const Tensor& t) { return t.spec(); });
}

}  // namespace unroll
