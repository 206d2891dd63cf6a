#include "enumerator/space/search_space.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <numeric>  // std::accumulate, std::iota
#include <set>

#include "enumerator/crystal/parent_builder.hpp"
#include "enumerator/crystal/site_selection.hpp"
#include "enumerator/crystal/supercells.hpp"
#include "enumerator/files/crystal_reader.hpp"

namespace hullscan {
namespace {

/// What of the supercell is more than the searches' tables can hold.
std::optional<std::string> why_too_large(const SupercellOperations& operations) {
  if (auto why = why_no_table(operations)) return why;
  std::map<int, std::size_t> sites;
  for (const int s : operations.sublattice_of_site()) ++sites[s];
  for (const auto& [sublattice, number] : sites) {
    if (number <= GroupAction::kMostSites) continue;
    return fmt::format("a sublattice has {} sites in the supercell; at most {} can be enumerated", number,
                       GroupAction::kMostSites);
  }
  return std::nullopt;
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
        const Species species = std::max_element(occupants.begin(), occupants.end(), [](const auto& a, const auto& b) {
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
          problems.add(marker.where,
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

SearchSpace SearchSpace::build(const SpaceSpec& spec, RepeatRule rule) {
  return build(spec, std::make_shared<const Crystal>(read_crystal(spec.structure, spec.block)), rule);
}

SearchSpace SearchSpace::build(const SpaceSpec& spec, std::shared_ptr<const Crystal> of_file, RepeatRule rule) {
  Problems problems;
  SearchSpace space;
  space.spec_ = spec;
  space.rule_ = rule;
  space.crystal_ = std::move(of_file);
  const Crystal& crystal = *space.crystal_;
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
    auto tables = std::make_shared<Tables>();
    std::shared_ptr<const SupercellOperations> operations;
    const auto needs_table = [&](const char* what, SourcePosition where) {
      operations = std::make_shared<const SupercellOperations>(*supercell);
      if (const auto why = why_too_large(*operations)) {
        throw InputError(fmt::format("{}: {} needs a smaller supercell: {}", to_string(where), what, *why));
      }
      tables->group = std::make_shared<const SupercellGroup>(group_of(*operations));
    };
    std::vector<MarkerOrbit> markers;
    std::vector<CompositionCounts> compositions;
    if (spec.markers.empty()) {
      compositions = allowed_compositions(spec, *supercell, complain);
    } else {
      needs_table("space.marker", spec.markers.front().where);
      markers = marker_orbits(*supercell, *tables->group, spec.markers, marked, complain);
      compositions = compositions_of(spec, *supercell, markers, complain);
    }
    if (compositions.empty()) return;

    EnumerationOptions options{.superperiodic = spec.superperiodic};
    if (!spec.minimum_distances.empty()) {
      if (tables->group == nullptr) needs_table("space.min_distance", spec.minimum_distances.front().where);
      options.forbidden = std::make_shared<const ForbiddenPairs>(
          forbidden_pairs(*supercell, tables->group->permutations, spec.minimum_distances));
    }
    if (operations == nullptr) operations = std::make_shared<const SupercellOperations>(*supercell);
    space.operations_.push_back(std::move(operations));
    space.tables_.push_back(std::move(tables));
    space.supercells_.push_back(std::move(supercell));
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

const SearchSpace::Tables& SearchSpace::tables(std::size_t supercell) const {
  Tables& tables = *tables_[supercell];
  std::call_once(tables.once, [&] {
    const SupercellOperations& operations = *operations_[supercell];
    if (const auto why = why_too_large(operations)) {
      throw InputError(fmt::format("{}: {}", name(), *why));
    }
    if (tables.group == nullptr) tables.group = std::make_shared<const SupercellGroup>(group_of(operations));
    tables.action = std::make_shared<const GroupAction>(
        tables.group->permutations, operations.sublattice_of_site(),
        rule_ == RepeatRule::kReferenceCell ? tables.group->reference_translations : tables.group->translations);
  });
  return tables;
}

std::optional<std::string> SearchSpace::why_not_enumerable(std::size_t supercell) const {
  return why_too_large(*operations_[supercell]);
}

std::vector<std::size_t> SearchSpace::repeating_cells(std::size_t supercell) const {
  const SupercellOperations& operations = *operations_[supercell];
  if (options_[supercell].superperiodic) return {0};
  if (rule_ == RepeatRule::kReferenceCell) {
    return {operations.reference_cells().begin(), operations.reference_cells().end()};
  }
  std::vector<std::size_t> all(operations.cell_count());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

bool SearchSpace::rules_differ() const {
  const auto primitive_cells = parent_->cell_in_primitive.cast<double>().determinant();
  return !spec_.superperiodic && spec_.markers.empty() && std::abs(primitive_cells) > 1.5;
}

OrbitEnumerator SearchSpace::enumerator(std::size_t supercell, std::size_t composition) const {
  return OrbitEnumerator(action(supercell), compositions_[supercell][composition], options_[supercell]);
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
    const int marked =
        supercells_[supercell]->sublattice_site_count(static_cast<int>(s)) - std::accumulate(row.begin(), row.end(), 0);
    if (marked > 0) atoms[marked_species_[s]] += marked;
  }
  return Composition(atoms);
}

std::string SearchSpace::formula(std::size_t supercell, const CompositionCounts& counts) const {
  return composition(supercell, counts).formula(parent_->formula_order());
}

}  // namespace hullscan
