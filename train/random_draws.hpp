#pragma once
// The random streams that seeded modules have drawn, as a text.
#include <string>
#include <vector>

#include "unroll/autograd/module.hpp"

namespace unroll::detail {

/// "MODULE/PLACE:COUNT ..." of all modules inside the given ones that count (Module::random_draws), by their order.
std::string random_draws_text(const std::vector<Module*>& modules);
/// Sets the counts when `assign` is called; throws ValueError, in the name of `who`, if the text is not of such
/// modules.
class RandomDraws {
 public:
  RandomDraws(const std::string& who, const std::vector<Module*>& modules, const std::string& text);
  void assign() const;

 private:
  struct Entry {
    std::size_t module, place;
    std::uint64_t count;
  };
  std::vector<std::deque<std::uint64_t>*> all_;
  std::vector<Entry> entries_;
};

}  // namespace unroll::detail
