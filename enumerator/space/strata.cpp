#include "enumerator/space/strata.hpp"

#include <fmt/format.h>

#include "core/errors.hpp"

namespace hullscan {
namespace {

using Together = std::vector<std::span<const SpaceStratum>>;

Together cut_by_composition(std::span<const SpaceStratum> strata) {
  Together cut;
  for (std::size_t begin = 0, end = 0; begin < strata.size(); begin = end) {
    const SpaceStratum& first = strata[begin];
    while (end < strata.size() && strata[end].key.space == first.key.space &&
           strata[end].key.supercell == first.key.supercell && strata[end].composition == first.composition)
      ++end;
    cut.push_back(strata.subspan(begin, end - begin));
  }
  return cut;
}

}  // namespace

std::map<std::string, std::int64_t> SpaceStratum::named_counts() const {
  std::map<std::string, std::int64_t> named;
  const auto& sublattices = space->parent()->sublattices;
  for (std::size_t k = 0; k < sublattices.size(); ++k) {
    for (std::size_t a = 0; a < sublattices[k].allowed.size(); ++a) {
      named[fmt::format("{}.{}", sublattices[k].name, sublattices[k].allowed[a].symbol())] =
          counts().of_sublattice[k][a];
    }
  }
  return named;
}

OrbitEnumerator SpaceStratum::enumerator() const {
  return marker ? space->enumerator(supercell(), composition, *marker) : space->enumerator(supercell(), composition);
}

Strata::Strata(std::span<const SearchSpace> spaces) : spaces_(spaces) {
  for (std::size_t s = 0; s < spaces.size(); ++s) {
    const SearchSpace& space = spaces[s];
    auto& begins = begins_.emplace_back(1, all_.size());
    for (std::size_t i = 0; i < space.supercells().size(); ++i) {
      Stratum key{static_cast<std::uint32_t>(s), static_cast<std::uint32_t>(i), 0};
      const auto add = [&](std::size_t composition, std::optional<std::size_t> marker) {
        all_.push_back({&space, key, composition, marker});
        ++key.index_in_supercell;
      };
      const auto& markers = space.markers(i);
      for (std::size_t c = 0; c < space.compositions(i).size(); ++c) {
        if (markers.empty()) add(c, std::nullopt);
        for (std::size_t m = 0; m < markers.size(); ++m) {
          if (markers[m].holds(space.compositions(i)[c])) add(c, m);
        }
      }
      begins.push_back(all_.size());
    }
  }
}

const SpaceStratum* Strata::find(const Stratum& key) const {
  if (key.space >= spaces_.size() || key.supercell >= spaces_[key.space].supercells().size()) return nullptr;
  const auto strata = of(key.space, key.supercell);
  return key.index_in_supercell < strata.size() ? &strata[key.index_in_supercell] : nullptr;
}

const SpaceStratum& Strata::at(const Stratum& key) const {
  if (const SpaceStratum* found = find(key)) return *found;
  throw Error(fmt::format("there is no stratum {} in supercell {} of space {}", key.index_in_supercell, key.supercell,
                          key.space));
}

std::span<const SpaceStratum> Strata::of(std::size_t space, std::size_t supercell) const {
  const std::size_t begin = begins_[space][supercell];
  return std::span(all_).subspan(begin, begins_[space][supercell + 1] - begin);
}

Together Strata::by_composition(std::size_t space, std::size_t supercell) const {
  return cut_by_composition(of(space, supercell));
}

Together Strata::by_composition() const { return cut_by_composition(all_); }

StratumCounter& StratumCounts::counter(const SpaceStratum& stratum) {
  if (stratum.space != space_ || stratum.supercell() != supercell_) {
    counter_.emplace(*stratum.space, stratum.supercell());
    space_ = stratum.space;
    supercell_ = stratum.supercell();
  }
  return *counter_;
}

std::optional<OrbitCount> StratumCounts::of(const SpaceStratum& stratum) {
  return stratum.marker ? counter(stratum).count(stratum.counts(), *stratum.marker)
                        : counter(stratum).count(stratum.counts());
}

std::optional<OrbitCount> StratumCounts::of_composition(const SpaceStratum& stratum) {
  return counter(stratum).count(stratum.counts());
}

std::optional<OrbitCount> exact_count(const Strata& strata) {
  StratumCounts counts;
  OrbitCount sum{0, 0};
  for (const SpaceStratum& stratum : strata) {
    const auto count = counts.of(stratum);
    if (!count) return std::nullopt;
    sum.total += count->total;
    sum.inequivalent += count->inequivalent;
  }
  return sum;
}

}  // namespace hullscan
