#include "enumerator/search_space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>  // std::accumulate
#include <set>

#include "enumerator/crystal_reader.hpp"
#include "enumerator/parent_builder.hpp"
#include "enumerator/site_selection.hpp"
#include "enumerator/supercells.hpp"

namespace hullscan {
namespace {

std::vector<int> sublattice_of_varied_sites(const Supercell& supercell) {
  std::vector<int> result;
  for (int i = 0; i < static_cast<int>(supercell.varied_sites().size()); ++i)
    result.push_back(supercell.sublattice_of(i));
  return result;
}

/// The sites that markers name, and what they hold: the most abundant occupant of the file.
MarkerSites marker_sites(const Crystal& crystal, const ParentCrystal& parent, const std::vector<std::size_t>& made_of,
                         const SpaceSpec& spec, Problems& problems) {
  MarkerSites marked;
  marked.native.assign(parent.sites.size(), 0);
  std::vector<std::optional<std::uint8_t>> of_sublattice(parent.sublattices.size());
  const SiteSelection selection(crystal, spec.symprec_angstrom);
  for (const MarkerSpec& marker : spec.markers) {
    std::vector<std::vector<int>> ends;
    for (const std::string& selector : marker.sites) {
      const auto named = selection.sites(selector, marker.where, problems);
      std::vector<int> sites;
      for (std::size_t p = 0; p < made_of.size(); ++p) {
        if (!std::binary_search(named.begin(), named.end(), made_of[p])) continue;
        sites.push_back(static_cast<int>(p));
        const ParentSite& site = parent.sites[p];
        if (site.sublattice == kFixedSite) continue;
        const auto s = static_cast<std::size_t>(site.sublattice);
        const auto& occupants = crystal.sites[made_of[p]].occupants;
        const Species species =
            std::max_element(occupants.begin(), occupants.end(), [](const auto& a, const auto& b) {
              return a.occupancy < b.occupancy;
            })->species;
        const auto& allowed = parent.sublattices[s].allowed;
        const auto at = std::find(allowed.begin(), allowed.end(), species);
        const auto index = static_cast<std::uint8_t>(at - allowed.begin());
        if (at == allowed.end()) {
          problems.add(marker.where,
                       fmt::format("space.marker: a marked site keeps its atom, but site {} holds {}, which is not "
                                   "among the species of sublattice \"{}\"",
                                   site.label, species.symbol(), parent.sublattices[s].name));
          break;
        }
        if (of_sublattice[s].value_or(index) != index) {
          problems.add(
              marker.where,
              fmt::format("space.marker: the marked sites of sublattice \"{}\" hold {} and {}: "
                          "one species is possible",
                          parent.sublattices[s].name, allowed[*of_sublattice[s]].symbol(), species.symbol()));
          break;
        }
        of_sublattice[s] = index;
        marked.native[p] = index;
      }
      ends.push_back(std::move(sites));
    }
    marked.of_marker.push_back(std::move(ends));
  }
  return marked;
}

std::vector<Species> marked_species(const ParentCrystal& parent, const MarkerSites& marked) {
  std::vector<Species> species(parent.sublattices.size());
  for (const auto& ends : marked.of_marker) {
    for (const auto& sites : ends) {
      for (const int p : sites) {
        const int s = parent.sites[static_cast<std::size_t>(p)].sublattice;
        if (s == kFixedSite) continue;
        species[static_cast<std::size_t>(s)] =
            parent.sublattices[static_cast<std::size_t>(s)].allowed[marked.native[static_cast<std::size_t>(p)]];
      }
    }
  }
  return species;
}

/// Those of every marker orbit together; orbits that leave equally many sites have the same.
std::vector<CompositionCounts> compositions_of(const SpaceSpec& spec, const Supercell& supercell,
                                               const std::vector<MarkerOrbit>& markers, Problems* problems) {
  std::vector<CompositionCounts> all;
  std::set<std::vector<int>> done;
  for (const MarkerOrbit& orbit : markers) {
    if (!done.insert(orbit.coloured_sites).second) continue;
    const auto found = allowed_compositions(spec, supercell, nullptr, &orbit);
    all.insert(all.end(), found.begin(), found.end());
  }
  if (all.empty() && problems != nullptr && !markers.empty()) {
    (void)allowed_compositions(spec, supercell, problems, &markers.front());
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

}  // namespace

SearchSpace SearchSpace::build(const SpaceSpec& spec) {
  Problems problems;
  const Crystal crystal = read_crystal(spec.structure, spec.block);
  SearchSpace space;
  space.spec_ = spec;
  std::vector<std::size_t> made_of;
  space.parent_ = build_parent(crystal, spec, problems, &made_of);
  MarkerSites marked;
  if (space.parent_ != nullptr) {
    check_composition_rules(spec, *space.parent_, problems);
    marked = marker_sites(crystal, *space.parent_, made_of, spec, problems);
    space.marked_species_ = marked_species(*space.parent_, marked);
  }
  problems.throw_if_any();

  const auto take = [&](const SupercellMatrix& matrix, Problems* complain) {
    auto supercell = std::make_shared<const Supercell>(space.parent_, matrix);
    std::shared_ptr<const SupercellGroup> group;
    std::vector<MarkerOrbit> markers;
    std::vector<CompositionCounts> compositions;
    if (spec.markers.empty()) {
      compositions = allowed_compositions(spec, *supercell, complain);
    } else {
      group = std::make_shared<const SupercellGroup>(group_of(*supercell));
      markers = marker_orbits(*supercell, *group, spec.markers, marked, complain);
      compositions = compositions_of(spec, *supercell, markers, complain);
    }
    if (compositions.empty()) return;
    if (group == nullptr) group = std::make_shared<const SupercellGroup>(group_of(*supercell));

    EnumerationOptions options{.superperiodic = spec.superperiodic};
    if (!spec.minimum_distances.empty()) {
      options.forbidden = std::make_shared<const ForbiddenPairs>(
          forbidden_pairs(*supercell, group->permutations, spec.minimum_distances));
    }
    space.actions_.push_back(std::make_shared<const GroupAction>(
        group->permutations, sublattice_of_varied_sites(*supercell), group->translations));
    space.supercells_.push_back(std::move(supercell));
    space.groups_.push_back(std::move(group));
    space.compositions_.push_back(std::move(compositions));
    space.options_.push_back(std::move(options));
    space.markers_.push_back(std::move(markers));
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
  return space;
}

OrbitEnumerator SearchSpace::enumerator(std::size_t supercell, std::size_t composition) const {
  return OrbitEnumerator(actions_[supercell], compositions_[supercell][composition], options_[supercell]);
}

OrbitEnumerator SearchSpace::enumerator(std::size_t supercell, std::size_t composition, std::size_t marker) const {
  const MarkerOrbit& orbit = markers_[supercell][marker];
  EnumerationOptions options = options_[supercell];
  options.superperiodic = true;  // no translation but those of the supercell maps an object onto itself
  options.multiplicity = orbit.size;
  return OrbitEnumerator(orbit.action, orbit.with_marked(compositions_[supercell][composition]), options);
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
    const auto& row = counts.of_sublattice[s];
    const int marked = supercells_[supercell]->sublattice_site_count(static_cast<int>(s)) -
                       std::accumulate(row.begin(), row.end(), 0);
    if (marked > 0) atoms[marked_species_[s]] += marked;
  }
  return Composition(atoms);
}

std::string SearchSpace::formula(std::size_t supercell, const CompositionCounts& counts) const {
  return composition(supercell, counts).formula(parent_->formula_order());
}

}  // namespace hullscan
