#include "unroll/autograd/scope.hpp"

#include <cctype>
#include <utility>

namespace unroll {
namespace {

std::string& current_path() {
  thread_local std::string path;
  return path;
}

Reuse& present_reuse() {
  thread_local Reuse reuse = Reuse::no;
  return reuse;
}

bool upper(char c) { return std::isupper(static_cast<unsigned char>(c)); }
bool lower(char c) { return std::islower(static_cast<unsigned char>(c)); }
bool digit(char c) { return std::isdigit(static_cast<unsigned char>(c)); }

}  // namespace

// The thread's path grows and shrinks in its place: calls of dynamic_rnn open scopes at every training step.
VariableScope::VariableScope(const std::string& name)
    : outer_size_(current_path().size()), outer_reuse_(present_reuse()) {
  std::string& path = current_path();
  path.reserve(path.size() + 1 + name.size());
  if (!path.empty() && !name.empty()) path += '/';
  path += name;
}

VariableScope::VariableScope(const std::string& name, Reuse reuse) : VariableScope(name) { present_reuse() = reuse; }

VariableScope::VariableScope(const std::string& path, Absolute)
    : outer_(std::exchange(current_path(), path)), outer_reuse_(present_reuse()) {}

VariableScope::~VariableScope() {
  if (outer_)
    current_path() = std::move(*outer_);
  else
    current_path().resize(outer_size_);
  present_reuse() = outer_reuse_;
}

const std::string& VariableScope::current() { return current_path(); }

Reuse VariableScope::current_reuse() { return present_reuse(); }

std::string to_snake_case(const std::string& s) {
  // An underscore before a capital that begins a word ("MultiRNNCell": before R and C), and between a small letter or
  // digit and a capital.
  std::string out;
  for (std::size_t k = 0; k < s.size(); ++k) {
    bool begins_word =
        k > 0 && upper(s[k]) && k + 1 < s.size() && (lower(s[k + 1]) || digit(s[k + 1])) && s[k - 1] != '_';
    bool follows_small = k > 0 && upper(s[k]) && lower(s[k - 1]);
    if (begins_word || follows_small) out += '_';
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(s[k])));
  }
  return out;
}

}  // namespace unroll
