#include "enumerator/crystal/parent_builder.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <map>
#include <set>

#include "core/log.hpp"
#include "enumerator/crystal/detail/primitive_cell.hpp"
#include "enumerator/crystal/site_selection.hpp"

namespace hullscan {
namespace {

/// "0.8 Ni + 0.2 Co"
std::string occupants_text(const CrystalSite& site) {
  std::string text;
  for (const Occupant& occupant : site.occupants) {
    std::string number = std::to_string(occupant.occupancy);
    while (number.back() == '0') number.pop_back();
    if (number.back() == '.') number.pop_back();
    text += (text.empty() ? "" : " + ") + number + " " + std::string(occupant.species.symbol());
  }
  return text;
}

bool is_vacant(const CrystalSite& site) {
  return std::all_of(site.occupants.begin(), site.occupants.end(),
                     [](const Occupant& occupant) { return occupant.species.is_vacancy(); });
}

/// [site] the sublattice that varies it, or kFixedSite.
std::vector<int> assign_sublattices(const Crystal& crystal, const SpaceSpec& spec, Problems& problems) {
  std::vector<int> sublattice(crystal.sites.size(), kFixedSite);
  const SiteSelection selection(crystal, spec.symprec_angstrom);
  for (std::size_t s = 0; s < spec.sublattices.size(); ++s) {
    const SublatticeSpec& wanted = spec.sublattices[s];
    std::set<int> claimed_before;
    for (const std::string& selector : wanted.sites) {
      for (const std::size_t site : selection.sites(selector, wanted.where, problems)) {
        if (sublattice[site] != kFixedSite && sublattice[site] != static_cast<int>(s)) {
          if (claimed_before.insert(sublattice[site]).second) {
            problems.add(wanted.where, "site " + crystal.sites[site].label + " belongs to sublattice " +
                                           spec.sublattices[static_cast<std::size_t>(sublattice[site])].name +
                                           " already");
          }
          continue;
        }
        sublattice[site] = static_cast<int>(s);
      }
    }
  }
  return sublattice;
}

/// Names that mean nothing are reported where the markers are looked up (SearchSpace).
std::set<std::size_t> marked_sites(const Crystal& crystal, const SpaceSpec& spec) {
  std::set<std::size_t> marked;
  Problems told_elsewhere;
  const SiteSelection selection(crystal, spec.symprec_angstrom);
  for (const MarkerSpec& marker : spec.markers) {
    for (const std::string& selector : marker.sites) {
      const auto sites = selection.sites(selector, marker.where, told_elsewhere);
      marked.insert(sites.begin(), sites.end());
    }
  }
  return marked;
}

void check_fixed_sites(const Crystal& crystal, const std::vector<int>& sublattice, const SpaceSpec& spec,
                       Problems& problems) {
  std::set<std::string> reported;
  for (std::size_t i = 0; i < crystal.sites.size(); ++i) {
    const CrystalSite& site = crystal.sites[i];
    if (sublattice[i] != kFixedSite || site.occupants.size() == 1 || !reported.insert(site.label).second) continue;
    problems.add(spec.structure_where,
                 "site " + site.label + " is " + occupants_text(site) + " and no sublattice varies it");
  }
}

}  // namespace

std::shared_ptr<const ParentCrystal> build_parent(const Crystal& crystal, const SpaceSpec& spec, Problems& problems,
                                                  std::vector<std::size_t>* made_of) {
  const std::size_t problems_before = problems.lines().size();
  const std::vector<int> sublattice = assign_sublattices(crystal, spec, problems);
  check_fixed_sites(crystal, sublattice, spec, problems);
  const std::set<std::size_t> marked = marked_sites(crystal, spec);
  if (problems.lines().size() != problems_before) return nullptr;

  std::vector<std::size_t> given;  // crystal sites that are kept
  std::vector<Fractional> positions;
  std::vector<int> types;
  for (std::size_t i = 0; i < crystal.sites.size(); ++i) {
    if (sublattice[i] == kFixedSite && is_vacant(crystal.sites[i]) && marked.count(i) == 0) continue;
    given.push_back(i);
    positions.push_back(crystal.sites[i].position);
    // Sublattices count from 1, fixed species down from -1.
    types.push_back(sublattice[i] != kFixedSite ? sublattice[i] + 1
                                                : -1 - crystal.sites[i].occupants.front().species.code());
  }
  if (given.size() != crystal.sites.size()) {
    log_info(crystal.source + ": vacant sites that no sublattice varies and no marker names are left out");
  }

  detail::PrimitiveCell primitive;
  try {
    primitive = detail::primitive_cell(crystal.lattice, positions, types, spec.symprec_angstrom);
  } catch (const InputError& error) {
    problems.add(spec.where, crystal.source + ": " + error.what());
    return nullptr;
  }

  auto parent = std::make_shared<ParentCrystal>(ParentCrystal{
      .lattice = spec.primitive ? Lattice(primitive.rows) : crystal.lattice,
      .sites = {},
      .sublattices = {},
      .space_group_number = primitive.number,
      .space_group_symbol = primitive.symbol,
      .symprec_angstrom = spec.symprec_angstrom,
      .cell_in_primitive = spec.primitive ? Eigen::Matrix3i(Eigen::Matrix3i::Identity()) : primitive.cell_in_primitive,
      .operations = primitive.operations,
      .source = crystal.source});
  for (const SublatticeSpec& wanted : spec.sublattices) {
    Sublattice made{wanted.name, {}, {}};
    for (const CountRule& rule : wanted.species) made.allowed.push_back(rule.species);
    parent->sublattices.push_back(std::move(made));
  }
  const auto add_site = [&](std::size_t given_index, std::size_t primitive_index, const Fractional& position) {
    const CrystalSite& site = crystal.sites[given[given_index]];
    const int owner = sublattice[given[given_index]];
    if (made_of != nullptr) made_of->push_back(given[given_index]);
    if (owner != kFixedSite) {
      parent->sublattices[static_cast<std::size_t>(owner)].sites.push_back(static_cast<int>(parent->sites.size()));
    }
    parent->sites.push_back({site.label, primitive.wyckoff_letters[primitive_index], wrapped(position), owner,
                             owner == kFixedSite ? site.occupants.front().species : Species::vacancy()});
  };
  if (spec.primitive) {
    for (std::size_t p = 0; p < primitive.positions.size(); ++p) {
      add_site(primitive.first_given[p], p, primitive.positions[p]);
    }
  } else {
    const Eigen::Matrix3d to_given = primitive.cell_in_primitive.cast<double>().transpose().inverse();
    for (std::size_t g = 0; g < given.size(); ++g) {
      const std::size_t p = primitive.site_of[g];
      add_site(g, p, {to_given * (primitive.positions[p].x + primitive.cell_of[g].cast<double>())});
    }
  }
  return parent;
}

}  // namespace hullscan
