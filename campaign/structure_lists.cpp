#include "campaign/structure_lists.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>

#include "campaign/relaxed_orbits.hpp"
#include "core/names.hpp"
#include "enumerator/crystal/parent_builder.hpp"
#include "enumerator/files/structure_list.hpp"
#include "enumerator/mapping/lattice_mapping.hpp"

namespace hullscan {
namespace {

/// Closer than what two calculations of one structure differ by.
constexpr double kSameShear = 0.01, kSameAngstrom = 0.05, kSameVolume = 0.02;

/// The space of one structure: nothing varies, so it has one configuration.
SpaceSpec spec_of(const SpaceSpec& list, const ListedCrystal& one) {
  SpaceSpec spec;
  spec.name = list.name + "-" + one.name;
  if (!fault_of_space_name(spec.name).empty()) spec.name = fmt::format("{}-{}", list.name, one.number);
  spec.structure = one.file;
  spec.block = one.block;
  spec.symprec_angstrom = list.symprec_angstrom;
  spec.where = list.where;
  spec.structure_where = list.structure_where;
  spec.table = list.table;
  spec.list = list.name;
  spec.crystal = one.crystal;
  const Species first = one.structure.species.front();
  SublatticeSpec sites;
  sites.name = std::string(first.symbol());
  sites.sites = {sites.name};
  sites.where = list.where;
  CountRule rest;
  rest.species = first;
  rest.rest = true;
  rest.text = "rest";
  rest.where = list.where;
  sites.species = {rest};
  spec.sublattices = {sites};
  return spec;
}

/// Finds structures that are listed twice, in whatever cell and setting.
class StructuresSeen {
 public:
  /// @returns the name of the earlier one; nothing where there is none, and then `structure` is kept for the later.
  std::optional<std::string> again(const SpaceSpec& spec, const Structure& structure) {
    SpaceSpec primitive = spec;
    primitive.primitive = true;
    Problems problems;
    auto parent = build_parent(*spec.crystal, primitive, problems);
    if (parent == nullptr) return std::nullopt;  // the space itself says why
    const double volume =
        std::abs(structure.lattice.rows().determinant()) / static_cast<double>(structure.atom_count());
    auto& alike = seen_[{structure.composition().reduced(), parent->space_group_number, parent->sites.size()}];
    for (Seen& one : alike) {
      if (std::abs(volume / one.volume - 1) > kSameVolume) continue;
      const auto mapped = one.mapper.map(structure);
      const auto* mapping = std::get_if<LatticeMapping>(&mapped);
      if (mapping != nullptr && mapping->shear_strain < kSameShear &&
          mapping->rms_displacement_angstrom < kSameAngstrom)
        return one.name;
    }
    alike.push_back({spec.name, volume, LatticeMapper(std::move(parent))});
    return std::nullopt;
  }

 private:
  struct Seen {
    std::string name;
    double volume = 0;  ///< Å^3 an atom
    LatticeMapper mapper;
  };
  std::map<std::tuple<Composition, int, std::size_t>, std::vector<Seen>> seen_;
};

/// Builds the spaces of a campaign one after the other, those of lists at the end.
class SpaceBuilder {
 public:
  SpaceBuilder(Campaign& campaign, RepeatRule rule, Complaints& complaints)
      : campaign_(campaign), rule_(rule), complaints_(complaints) {}

  std::vector<SearchSpace> build() {
    for (const SpaceSpec& spec : campaign_.spaces) {
      if (!spec.is_list) complaints_.collect([&] { ordinary_.push_back(SearchSpace::build(spec, rule_)); });
    }
    const auto lists =
        std::count_if(campaign_.spaces.begin(), campaign_.spaces.end(), [](const auto& spec) { return spec.is_list; });
    if (lists == 0 || ordinary_.size() + static_cast<std::size_t>(lists) != campaign_.spaces.size())
      return std::move(ordinary_);
    find_other_spaces();
    std::vector<SpaceSpec> specs, of_lists;
    std::vector<SearchSpace> spaces;
    std::size_t next = 0;
    bool read = true;
    for (const SpaceSpec& spec : campaign_.spaces) {
      if (spec.is_list) {
        read &= complaints_.collect([&] { add_list(spec, specs, spaces); });
        of_lists.push_back(spec);
      } else {
        number_of_.push_back(static_cast<std::uint32_t>(specs.size()));
        specs.push_back(spec);
        spaces.push_back(std::move(ordinary_[next++]));
      }
    }
    read &= complaints_.collect([&] { require_distinct_names(specs); });
    if (!read) return spaces;
    for (ListedOrbit& orbit : listed_orbits_)
      orbit.candidate.stratum.space = number_of_[other_[orbit.candidate.stratum.space]];
    campaign_.spaces = std::move(specs);
    campaign_.lists = std::move(of_lists);
    campaign_.listed_orbits = std::move(listed_orbits_);
    campaign_.list_remarks = std::move(remarks_);
    return spaces;
  }

 private:
  /// Where a listed structure may lie: not where a later stage decides what is enumerated.
  void find_other_spaces() {
    for (std::size_t s = 0; s < ordinary_.size(); ++s) {
      if (ordinary_[s].spec().restricted) continue;
      other_.push_back(s);
      copies_.push_back(ordinary_[s]);
    }
    orbits_ = relaxed_orbits(copies_);
  }

  void add_list(const SpaceSpec& list, std::vector<SpaceSpec>& specs, std::vector<SearchSpace>& spaces) {
    Complaints faults;
    for (const ListedCrystal& one : read_structure_list(list.structure)) {
      SpaceSpec spec = spec_of(list, one);
      if (auto orbit = orbits_->orbit_of(spec.name, one.structure)) {
        add_orbit(spec, std::move(*orbit));
      } else if (const auto earlier = seen_.again(spec, one.structure)) {
        remarks_.push_back(fmt::format("{} is the structure of {} again; it is calculated once", spec.name, *earlier));
      } else {
        faults.collect([&] {
          spaces.push_back(SearchSpace::build(spec, spec.crystal, rule_));
          specs.push_back(std::move(spec));
        });
      }
    }
    faults.throw_if_any();
  }

  void add_orbit(const SpaceSpec& spec, OrbitReached orbit) {
    const SearchSpace& space = copies_[orbit.stratum.space];
    remarks_.push_back(fmt::format("{} is a configuration of space \"{}\" (degeneracy {}) and is calculated as that",
                                   spec.name, space.name(), orbit.degeneracy));
    listed_orbits_.push_back({spec.name, spec.list, {orbit.stratum, std::move(orbit.occupation), orbit.degeneracy, 0}});
  }

  static void require_distinct_names(const std::vector<SpaceSpec>& specs) {
    Problems problems;
    std::set<std::string> names;
    for (const SpaceSpec& spec : specs) {
      if (!names.insert(spec.name).second)
        problems.add(spec.where, fmt::format("space.name: \"{}\" is the name of a listed structure and of another "
                                             "space; call one of the two spaces otherwise",
                                             spec.name));
    }
    problems.throw_if_any();
  }

  Campaign& campaign_;
  RepeatRule rule_;
  Complaints& complaints_;
  std::vector<SearchSpace> ordinary_, copies_;
  std::vector<std::size_t> other_;        ///< [copies_] number among ordinary_
  std::vector<std::uint32_t> number_of_;  ///< [ordinary_] in the campaign
  std::shared_ptr<RelaxedOrbits> orbits_;
  StructuresSeen seen_;
  std::vector<ListedOrbit> listed_orbits_;
  std::vector<std::string> remarks_;
};

}  // namespace

std::vector<SearchSpace> build_spaces(Campaign& campaign, RepeatRule rule, Complaints& complaints) {
  return SpaceBuilder(campaign, rule, complaints).build();
}

}  // namespace hullscan
