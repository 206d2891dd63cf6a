#include "enumerator/orbits/canonical_form.hpp"

#include <algorithm>
#include <numeric>  // std::accumulate, std::iota

#include "core/errors.hpp"

namespace hullscan {

CompositionCounts counts_of(const GroupAction& action, std::span<const std::uint8_t> occupation) {
  CompositionCounts counts;
  counts.of_sublattice.resize(action.sublattice_count());
  for (std::size_t site = 0; site < occupation.size(); ++site) {
    auto& row = counts.of_sublattice[static_cast<std::size_t>(action.sublattice_of_site()[site])];
    if (row.size() <= occupation[site]) row.resize(occupation[site] + std::size_t{1}, 0);
    ++row[occupation[site]];
  }
  return counts;
}

void require_counts_fit(const GroupAction& action, const CompositionCounts& counts) {
  if (counts.of_sublattice.size() != action.sublattice_count()) {
    throw Error("the counts are of another number of sublattices than the group acts on");
  }
  for (std::size_t s = 0; s < counts.of_sublattice.size(); ++s) {
    const auto& row = counts.of_sublattice[s];
    if (std::accumulate(row.begin(), row.end(), std::size_t{0}) != action.sites(s).size()) {
      throw Error("the counts of a sublattice do not sum to its sites");
    }
  }
}

std::vector<std::uint32_t> search_tuple(const GroupAction& action, const SearchOrder& order,
                                        std::span<const std::uint8_t> occupation) {
  std::vector<std::uint32_t> tuple;
  tuple.reserve(order.tuple_length);
  for (const Stage& stage : order.stages) {
    const auto sites = action.sites(stage.sublattice);
    for (std::size_t x = 0; x < sites.size(); ++x) {
      if (occupation[sites[x]] == stage.species) tuple.push_back(static_cast<std::uint32_t>(x));
    }
  }
  return tuple;
}

CanonicalForm canonical_form(const GroupAction& action, const SearchOrder& order,
                             std::span<const std::uint8_t> occupation) {
  const PermutationGroup& group = action.group();
  std::vector<std::uint32_t> best_elements(action.order());
  std::iota(best_elements.begin(), best_elements.end(), 0U);

  // Stage by stage, keep the elements whose image of the stage's set is the first. They form a coset g*Stab, so the
  // next stage sees exactly the images under the stabiliser of what was placed.
  std::vector<std::uint32_t> kept;
  std::vector<std::uint16_t> best, image;
  for (const Stage& stage : order.stages) {
    std::vector<std::uint16_t> set;
    for (const std::uint16_t site : action.sites(stage.sublattice)) {
      if (occupation[site] == stage.species) set.push_back(site);
    }
    best.clear();
    kept.clear();
    image.resize(set.size());
    for (const std::uint32_t g : best_elements) {
      const auto element = group.element(g);
      for (std::size_t i = 0; i < set.size(); ++i) image[i] = element[set[i]];
      std::sort(image.begin(), image.end());
      if (kept.empty() || image < best) {
        best = image;
        kept.assign(1, g);
      } else if (image == best) {
        kept.push_back(g);
      }
    }
    best_elements = kept;
  }

  CanonicalForm form;
  form.degeneracy = action.order() / best_elements.size();
  form.occupation.resize(occupation.size());
  if (occupation.empty()) return form;
  const auto to_canonical = group.element(best_elements.front());
  for (std::size_t i = 0; i < occupation.size(); ++i) form.occupation[to_canonical[i]] = occupation[i];
  return form;
}

std::vector<std::uint32_t> stabiliser_of(const GroupAction& action, std::span<const std::uint8_t> occupation) {
  std::vector<std::uint32_t> stabiliser;
  if (occupation.empty()) return {0};
  for (std::uint32_t g = 0; g < action.order(); ++g) {
    const auto element = action.group().element(g);
    bool fixes = true;
    for (std::size_t i = 0; i < occupation.size() && fixes; ++i) fixes = occupation[element[i]] == occupation[i];
    if (fixes) stabiliser.push_back(g);
  }
  return stabiliser;
}

CanonicalForm canonical_form(const GroupAction& action, std::span<const std::uint8_t> occupation) {
  return canonical_form(action, SearchOrder::of(counts_of(action, occupation)), occupation);
}

}  // namespace hullscan
