#include "enumerator/search_space.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "enumerator/crystal_reader.hpp"
#include "enumerator/parent_builder.hpp"
#include "enumerator/supercells.hpp"

namespace hullscan {
namespace {

std::vector<int> sublattice_of_varied_sites(const Supercell& supercell) {
  std::vector<int> result;
  for (int i = 0; i < static_cast<int>(supercell.varied_sites().size()); ++i)
    result.push_back(supercell.sublattice_of(i));
  return result;
}

}  // namespace

SearchSpace SearchSpace::build(const SpaceSpec& spec) {
  Problems problems;
  const Crystal crystal = read_crystal(spec.structure, spec.block);
  SearchSpace space;
  space.spec_ = spec;
  space.parent_ = build_parent(crystal, spec, problems);
  for (const MarkerSpec& marker : spec.markers) {
    problems.add(marker.where, "space.marker: marked sites and pairs are not supported by this version");
  }
  if (space.parent_ != nullptr) check_composition_rules(spec, *space.parent_, problems);
  problems.throw_if_any();

  const auto take = [&](const SupercellMatrix& matrix, Problems* complain) {
    auto supercell = std::make_shared<const Supercell>(space.parent_, matrix);
    auto compositions = allowed_compositions(spec, *supercell, complain);
    if (compositions.empty()) return;
    space.supercells_.push_back(std::move(supercell));
    space.compositions_.push_back(std::move(compositions));
  };
  if (const auto* matrix = std::get_if<SupercellMatrix>(&spec.supercell)) {
    take(*matrix, &problems);
  } else {
    const VolumeRange range = std::get<VolumeRange>(spec.supercell);
    for (int volume = range.low; volume <= range.high; ++volume) {
      for (const SupercellMatrix& m : distinct_supercells(*space.parent_, volume)) take(m, nullptr);
    }
    if (space.supercells_.empty()) {
      problems.add(spec.where, fmt::format("space: no supercell of volume {} to {} can hold the counts asked for",
                                           range.low, range.high));
    }
  }
  problems.throw_if_any();

  for (const auto& supercell : space.supercells_) {
    auto group = std::make_shared<const SupercellGroup>(group_of(*supercell));
    const auto sublattices = sublattice_of_varied_sites(*supercell);
    space.actions_.push_back(
        std::make_shared<const GroupAction>(group->permutations, sublattices, group->translations));
    EnumerationOptions options{.superperiodic = spec.superperiodic};
    if (!spec.minimum_distances.empty()) {
      options.forbidden = std::make_shared<const ForbiddenPairs>(
          forbidden_pairs(*supercell, group->permutations, spec.minimum_distances));
    }
    space.options_.push_back(std::move(options));
    space.groups_.push_back(std::move(group));
  }
  return space;
}

OrbitEnumerator SearchSpace::enumerator(std::size_t supercell, std::size_t composition) const {
  return OrbitEnumerator(actions_[supercell], compositions_[supercell][composition], options_[supercell]);
}

Composition SearchSpace::composition(std::size_t supercell, const CompositionCounts& counts) const {
  const int volume = supercells_[supercell]->volume_factor();
  std::map<Species, std::int64_t> atoms;
  for (const ParentSite& site : parent_->sites) {
    if (site.sublattice == kFixedSite) atoms[site.fixed_species] += volume;
  }
  for (std::size_t s = 0; s < parent_->sublattices.size(); ++s) {
    const Sublattice& sublattice = parent_->sublattices[s];
    for (std::size_t i = 0; i < sublattice.allowed.size(); ++i) {
      atoms[sublattice.allowed[i]] += counts.of_sublattice[s][i];
    }
  }
  return Composition(atoms);
}

std::string SearchSpace::formula(std::size_t supercell, const CompositionCounts& counts) const {
  return composition(supercell, counts).formula(parent_->formula_order());
}

}  // namespace hullscan
