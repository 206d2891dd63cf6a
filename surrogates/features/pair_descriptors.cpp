#include "surrogates/features/pair_descriptors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/errors.hpp"
#include "surrogates/features/primitive_sites.hpp"

namespace hullscan {

SiteClasses site_classes(const Supercell& supercell) {
  const ParentCrystal& parent = supercell.parent();
  const PrimitiveSites sites(parent);
  std::vector<int> smallest(static_cast<std::size_t>(sites.count()));
  for (int site = 0; site < sites.count(); ++site) {
    int least = site;
    for (int operation = 0; operation < sites.operation_count(); ++operation)
      least = std::min(least, sites.image(operation, {{}, site}).site);
    smallest[static_cast<std::size_t>(site)] = least;
  }
  SiteClasses classes;
  std::map<int, std::size_t> number;
  std::map<int, int> in_sublattice;
  for (const int site : supercell.varied_sites()) {
    const int parent_site = supercell.sites()[static_cast<std::size_t>(site)].parent_site;
    const int least = smallest[static_cast<std::size_t>(sites.of_parent_site(parent_site).site)];
    const auto [found, inserted] = number.try_emplace(least, classes.names.size());
    if (inserted) {
      const int sublattice = parent.sites[static_cast<std::size_t>(parent_site)].sublattice;
      classes.names.push_back(fmt::format("{} {}", parent.sublattices[static_cast<std::size_t>(sublattice)].name,
                                          ++in_sublattice[sublattice]));
    }
    classes.of_site.push_back(found->second);
  }
  return classes;
}

std::set<Species> usual_dopants(const ParentCrystal& parent) {
  std::set<Species> dopants;
  for (const Sublattice& sublattice : parent.sublattices) {
    for (std::size_t i = 1; i < sublattice.allowed.size(); ++i) {
      if (!sublattice.allowed[i].is_vacancy()) dopants.insert(sublattice.allowed[i]);
    }
  }
  return dopants;
}

PairDescriptors::PairDescriptors(const Supercell& supercell, std::size_t path_types, std::set<Species> dopants,
                                 double longest_angstrom)
    : supercell_(supercell) {
  const ParentCrystal& parent = supercell.parent();
  if (dopants.empty()) dopants = usual_dopants(parent);
  // Only classes of sites that a dopant may take.
  const SiteClasses all = site_classes(supercell);
  PolarSettings settings;
  settings.longest_angstrom = longest_angstrom;
  settings.path_types = path_types;
  std::map<std::size_t, std::size_t> number;
  std::vector<std::string> class_names;
  for (std::size_t site = 0; site < all.of_site.size(); ++site) {
    const auto sublattice = static_cast<std::size_t>(supercell.sublattice_of(static_cast<int>(site)));
    std::vector<bool>& here = is_dopant_.emplace_back();
    for (const Species species : parent.sublattices[sublattice].allowed) here.push_back(dopants.contains(species));
    const bool may = std::find(here.begin(), here.end(), true) != here.end();
    if (may && number.try_emplace(all.of_site[site], class_names.size()).second)
      class_names.push_back(all.names[all.of_site[site]]);
    settings.class_of_site.push_back(may ? number.at(all.of_site[site]) : 0);
  }
  if (class_names.empty()) throw InputError("no sublattice holds a dopant");
  settings.site_classes = class_names.size();
  polar_.emplace(std::move(settings));
  columns_.names = polar_->names(class_names);
  columns_.groups = polar_->groups();
}

void PairDescriptors::dopants(std::span<const std::uint8_t> occupation, std::vector<std::size_t>& found) const {
  found.clear();
  for (std::size_t i = 0; i < occupation.size(); ++i) {
    if (is_dopant(i, occupation[i])) found.push_back(i);
  }
}

void PairDescriptors::fill(const MarkedPair& pair, std::span<const std::uint8_t> occupation,
                           std::span<double> row) const {
  std::vector<std::size_t> taken;
  dopants(occupation, taken);
  polar_->fill(supercell_, pair, taken, row);
}

}  // namespace hullscan
