#include "unroll/train/random_draws.hpp"

#include <algorithm>
#include <sstream>

namespace unroll::detail {
namespace {

using Counts = std::deque<std::uint64_t>;

void collect(Module* module, std::vector<Counts*>& all) {
  if (Counts* counts = module->random_draws(); counts && std::find(all.begin(), all.end(), counts) == all.end())
    all.push_back(counts);
  for (Module* child : module->submodules()) collect(child, all);
}

std::vector<Counts*> counts_of(const std::vector<Module*>& modules) {
  std::vector<Counts*> all;
  for (Module* module : modules) collect(module, all);
  return all;
}

}  // namespace

std::string random_draws_text(const std::vector<Module*>& modules) {
  std::ostringstream text;
  const std::vector<Counts*> all = counts_of(modules);
  for (std::size_t k = 0; k < all.size(); ++k)
    for (std::size_t place = 0; place < all[k]->size(); ++place)
      if (const std::uint64_t count = (*all[k])[place]) text << k << '/' << place << ':' << count << ' ';
  return text.str();
}

RandomDraws::RandomDraws(const std::string& who, const std::vector<Module*>& modules, const std::string& text)
    : all_(counts_of(modules)) {
  constexpr std::size_t places = 1 << 16;
  std::istringstream in(text);
  Entry entry{};
  char slash = 0, colon = 0;
  while (in >> entry.module >> slash >> entry.place >> colon >> entry.count && slash == '/' && colon == ':' &&
         entry.module < all_.size() && entry.place < places)
    entries_.push_back(entry);
  if (!in.eof()) raise<ValueError>(who, "the random draws \"", text.substr(0, 40), "\" are of other modules");
}

void RandomDraws::assign() const {
  // In place: traced cells point to the counts.
  for (Counts* counts : all_) std::fill(counts->begin(), counts->end(), std::uint64_t{0});
  for (const auto& [module, place, count] : entries_) {
    if (all_[module]->size() <= place) all_[module]->resize(place + 1);
    (*all_[module])[place] = count;
  }
}

}  // namespace unroll::detail
