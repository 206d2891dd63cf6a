#include "enumerator/orbits/group_action.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/errors.hpp"

namespace hullscan {
namespace {

int words_for(std::size_t sites) {
  for (const int words : {1, 2, 4, 8}) {
    if (sites <= static_cast<std::size_t>(words) * 64) return words;
  }
  return 32;
}

template <class Index>
void fill_images(const PermutationGroup& group, std::span<const std::uint16_t> sites, std::span<const int> local_number,
                 std::vector<Index>& images, std::vector<Index>& preimages) {
  const std::size_t size = sites.size();
  images.resize(group.order() * size);
  preimages.resize(group.order() * size);
  for (std::size_t g = 0; g < group.order(); ++g) {
    const auto element = group.element(g);
    for (std::size_t x = 0; x < size; ++x) {
      const auto image = static_cast<std::size_t>(local_number[element[sites[x]]]);
      images[g * size + x] = static_cast<Index>(image);
      preimages[g * size + image] = static_cast<Index>(x);
    }
  }
}

}  // namespace

GroupAction::GroupAction(PermutationGroup group, std::span<const int> sublattice_of_site,
                         std::vector<std::size_t> translations)
    : group_(std::move(group)),
      sublattice_of_site_(sublattice_of_site.begin(), sublattice_of_site.end()),
      translations_(std::move(translations)) {
  if (group_.degree != sublattice_of_site_.size()) {
    throw Error(fmt::format("a group on {} sites cannot act on {} sites", group_.degree, sublattice_of_site_.size()));
  }
  is_translation_.resize(group_.order(), 0);
  std::set<int> reached;
  for (const std::size_t t : translations_) {
    is_translation_[t] = 1;
    if (group_.degree > 0 && !reached.insert(group_.element(t)[0]).second) {
      throw Error("two translations move the first varied site alike");
    }
  }

  for (std::size_t site = 0; site < sublattice_of_site_.size(); ++site) {
    const auto s = static_cast<std::size_t>(sublattice_of_site_[site]);
    if (s >= sublattices_.size()) sublattices_.resize(s + 1);
    local_number_.push_back(static_cast<int>(sublattices_[s].sites.size()));
    sublattices_[s].sites.push_back(static_cast<std::uint16_t>(site));
  }
  for (std::size_t g = 0; g < group_.order() && group_.degree > 0; ++g) {
    const auto element = group_.element(g);
    for (std::size_t i = 0; i < element.size(); ++i) {
      if (sublattice_of_site_[element[i]] != sublattice_of_site_[i]) {
        throw Error(fmt::format("element {} of the group mixes sublattices at site {}", g, i));
      }
    }
  }

  std::size_t largest = 0;
  for (const Tables& s : sublattices_) largest = std::max(largest, s.sites.size());
  if (largest > kMostSites) {
    throw Error(
        fmt::format("a sublattice has {} sites in the supercell; at most {} can be enumerated", largest, kMostSites));
  }
  words_ = words_for(largest);
  const auto words = static_cast<std::size_t>(words_);
  for (Tables& s : sublattices_) {
    if (words_ <= 4) {
      fill_images(group_, s.sites, local_number_, s.images8, s.preimages8);
    } else {
      fill_images(group_, s.sites, local_number_, s.images16, s.preimages16);
    }
    s.lowered.resize(group_.order() * words, 0);
    s.fixed.resize(group_.order() * words, 0);
    for (std::size_t g = 0; g < group_.order() && group_.degree > 0; ++g) {
      const auto element = group_.element(g);
      for (std::size_t x = 0; x < s.sites.size(); ++x) {
        const std::uint64_t bit = std::uint64_t{1} << (x % 64);
        if (element[s.sites[x]] < s.sites[x]) s.lowered[g * words + x / 64] |= bit;
        if (element[s.sites[x]] == s.sites[x]) s.fixed[g * words + x / 64] |= bit;
      }
    }
  }
}

}  // namespace hullscan
