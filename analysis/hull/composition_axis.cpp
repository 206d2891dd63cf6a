#include "analysis/hull/composition_axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hullscan {
namespace {

constexpr double kNoDifference = 1e-9;

bool same(double a, double b) { return std::abs(a - b) <= kNoDifference * std::max(1.0, std::abs(b)); }

std::vector<Species> species_in(std::span<const Composition> members) {
  std::set<Species> all;
  for (const Composition& member : members) {
    for (const auto& [species, count] : member.counts()) all.insert(species);
  }
  return {all.begin(), all.end()};
}

/// Counts of a species against the first end member's: one scale per end member, if all hold it.
std::optional<std::vector<double>> scales(std::span<const Composition> members, Species species) {
  std::vector<double> result;
  for (const Composition& member : members) {
    if (member.count(species) == 0) return std::nullopt;
    result.push_back(static_cast<double>(member.count(species)) / static_cast<double>(members[0].count(species)));
  }
  return result;
}

bool same(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), [](double x, double y) { return same(x, y); });
}

struct Crystal {
  std::vector<double> units;
  std::vector<Species> fixed;  ///< that say so
  bool certain = false;        ///< from what is known of the sites
};

/// By the species that no varied sublattice holds.
std::optional<Crystal> by_fixed_species(std::span<const Composition> members, const CrystalSites& sites) {
  Crystal crystal{{}, {}, true};
  for (const Species species : species_in(members)) {
    if (sites.varied.empty() || sites.varied.contains(species)) continue;
    const auto scale = scales(members, species);
    if (!scale || (!crystal.units.empty() && !same(*scale, crystal.units))) return std::nullopt;
    crystal.units = *scale;
    crystal.fixed.push_back(species);
  }
  return crystal.fixed.empty() ? std::nullopt : std::optional(crystal);
}

std::optional<Crystal> by_sites(std::span<const Composition> members, const CrystalSites& sites) {
  Crystal crystal{{}, {}, true};
  for (const Composition& member : members) {
    const auto found = sites.sites_per_atom.find(member);
    if (found == sites.sites_per_atom.end()) return std::nullopt;
    crystal.units.push_back(found->second * static_cast<double>(member.atom_count()));
  }
  const double first = crystal.units.front();
  for (double& unit : crystal.units) unit /= first;
  return crystal;
}

/// Sets of species in the same ratios everywhere, the largest first.
std::vector<Crystal> by_ratios(std::span<const Composition> members) {
  std::vector<Crystal> sets;
  for (const Species species : species_in(members)) {
    const auto scale = scales(members, species);
    if (!scale) continue;
    const auto found =
        std::find_if(sets.begin(), sets.end(), [&](const Crystal& set) { return same(set.units, *scale); });
    if (found == sets.end()) {
      sets.push_back({*scale, {species}, false});
    } else {
      found->fixed.push_back(species);
    }
  }
  std::stable_sort(sets.begin(), sets.end(),
                   [](const Crystal& a, const Crystal& b) { return a.fixed.size() > b.fixed.size(); });
  return sets;
}

/// Atoms are the units: an end member is an element that others hold, as in Al and AlNi.
std::optional<Crystal> by_atoms(std::span<const Composition> members) {
  const bool element = std::any_of(members.begin(), members.end(), [&](const Composition& one) {
    return one.counts().size() == 1 && std::any_of(members.begin(), members.end(), [&](const Composition& other) {
             return other.counts().size() > 1 && other.count(one.counts().begin()->first) > 0;
           });
  });
  if (!element) return std::nullopt;
  Crystal crystal;
  const auto first = static_cast<double>(members[0].atom_count());
  for (const Composition& member : members) crystal.units.push_back(static_cast<double>(member.atom_count()) / first);
  return crystal;
}

struct Change {
  Species species;
  double from, to;  ///< of one unit of the crystal
  [[nodiscard]] double gain() const { return to - from; }
};

/// "(1-x)", "0.875", "2(1-x)", "(x)": a count that is straight in x.
std::string linear_text(double at_zero, double slope) {
  const auto number = [](double value) { return fmt::format("{:.6g}", value); };
  const auto times = [&](double value) { return same(value, 1) ? std::string() : number(value); };
  if (same(slope, 0)) return times(at_zero);
  if (same(at_zero, 0)) return "(" + times(slope) + "x)";
  if (same(at_zero, -slope)) return times(at_zero) + "(1-x)";
  return "(" + number(at_zero) + (slope < 0 ? "-" : "+") + times(std::abs(slope)) + "x)";
}

/// What a change between two end members is, of one unit of the crystal.
struct Fraction {
  double low = 0, high = 0;
  double size = 1;        ///< sites of the sublattice that changes
  bool balanced = false;  ///< as much goes in as goes out of one species, or of all
};

std::optional<Fraction> fraction_of(const std::vector<Change>& changes) {
  double gained = 0, lost = 0, partly = 0, all_lost = 0;
  const Change* most_lost = nullptr;
  for (const Change& change : changes) {
    if (same(change.from, change.to)) continue;
    if (change.gain() > 0) {
      gained += change.gain();
      partly += change.from;
      continue;
    }
    lost -= change.gain();
    all_lost += change.from;
    if (most_lost == nullptr || change.gain() < most_lost->gain() - kNoDifference) most_lost = &change;
  }
  if (gained == 0 && lost == 0) return std::nullopt;
  if (most_lost == nullptr) return Fraction{partly, partly + gained, 1, false};  // counted a formula unit
  if (gained == 0) return Fraction{0, -most_lost->gain() / most_lost->from, most_lost->from, false};
  const auto partner =
      std::find_if(changes.begin(), changes.end(), [&](const Change& change) { return same(-change.gain(), gained); });
  Fraction fraction;
  fraction.balanced = partner != changes.end() || same(lost, gained);
  fraction.size = partly + (partner != changes.end() ? partner->from : fraction.balanced ? all_lost : most_lost->from);
  fraction.low = partly / fraction.size;
  fraction.high = (partly + gained) / fraction.size;
  return fraction;
}

/// From the first end member to another. @param unit of the first one's reduced formula.
std::vector<Change> changes_to(std::span<const Composition> members, std::size_t j, const Crystal& crystal,
                               double unit) {
  std::vector<Change> changes;
  for (const Species species : species_in(members)) {
    changes.push_back({species, static_cast<double>(members[0].count(species)) / unit,
                       static_cast<double>(members[j].count(species)) / crystal.units[j] / unit});
  }
  return changes;
}

/// Whether every other end member is the first with something put in the place of something else.
bool substitutes(std::span<const Composition> members, const Crystal& crystal) {
  for (std::size_t j = 1; j < members.size(); ++j) {
    const auto fraction = fraction_of(changes_to(members, j, crystal, 1));
    if (!fraction || !fraction->balanced) return false;
  }
  return true;
}

/// Whether every other end member is the first with ions put in, or taken out.
bool fills(std::span<const Composition> members, const Crystal& crystal) {
  for (std::size_t j = 1; j < members.size(); ++j) {
    int in = 0, out = 0;
    for (const Change& change : changes_to(members, j, crystal, 1)) {
      if (!same(change.from, change.to)) ++(change.gain() > 0 ? in : out);
    }
    if ((in > 0) == (out > 0)) return false;
  }
  return true;
}

std::optional<Crystal> crystal_of(std::span<const Composition> members, const CrystalSites& sites) {
  if (auto crystal = by_fixed_species(members, sites)) return crystal;
  if (auto crystal = by_sites(members, sites)) return crystal;
  if (auto crystal = by_atoms(members)) return crystal;
  const std::vector<Crystal> sets = by_ratios(members);
  for (const Crystal& set : sets) {
    if (substitutes(members, set)) return set;
  }
  const bool one_is_largest = !sets.empty() && (sets.size() < 2 || sets[1].fixed.size() < sets[0].fixed.size());
  return one_is_largest && fills(members, sets.front()) ? std::optional(sets.front()) : std::nullopt;
}

/// The formula unit of the crystal in the first end member's reduced formula: the largest common factor of what stays
/// by which the sublattice that changes has whole sites.
double formula_unit(std::span<const Composition> members, const Crystal& crystal, const CrystalSites& sites) {
  if (crystal.fixed.empty()) {
    const auto atoms = static_cast<double>(members[0].atom_count());
    const auto known = sites.sites_per_atom.find(members[0]);
    return crystal.certain && known != sites.sites_per_atom.end() ? atoms * known->second : atoms;
  }
  std::int64_t factor = 0;
  for (const Species species : crystal.fixed) factor = std::gcd(factor, members[0].count(species));
  for (std::int64_t unit = factor; unit > 1; --unit) {
    if (factor % unit != 0) continue;
    const auto fraction = fraction_of(changes_to(members, 1, crystal, static_cast<double>(unit)));
    if (fraction && std::round(fraction->size) > 0 && same(fraction->size, std::round(fraction->size)))
      return static_cast<double>(unit);
  }
  return 1;
}

}  // namespace

std::vector<double> CompositionAxis::weighted(std::span<const double> shares) const {
  std::vector<double> result(shares.begin(), shares.end());
  double sum = 0;
  for (std::size_t j = 0; j < result.size(); ++j) sum += result[j] *= units[j];
  for (double& value : result) value /= sum;
  return result;
}

double CompositionAxis::x(std::span<const double> shares) const { return low + (high - low) * weighted(shares)[1]; }

CompositionAxis composition_axis(std::span<const Composition> members, bool elemental, const CrystalSites& sites) {
  CompositionAxis axis;
  axis.units.assign(members.size(), 1.0);
  const bool two = members.size() == 2;
  if (two) {
    const std::string left = members[0].formula(), right = members[1].formula();
    axis.label = elemental ? fmt::format("atomic fraction of {}", right)
                           : fmt::format("share of formula units of {} (the rest is {})", right, left);
  }
  if (elemental || members.size() < 2) return axis;
  const auto crystal = crystal_of(members, sites);
  if (!crystal) return axis;
  axis.units = crystal->units;
  if (!two) return axis;
  std::vector<Change> changes = changes_to(members, 1, *crystal, formula_unit(members, *crystal, sites));
  const auto fraction = fraction_of(changes);
  if (!fraction) return axis;
  axis.low = fraction->low;
  axis.high = fraction->high;
  std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
    return std::pair(electronegativity(a.species), a.species) < std::pair(electronegativity(b.species), b.species);
  });
  for (const Change& change : changes) {
    const double slope = change.gain() / (axis.high - axis.low);
    axis.formula += std::string(change.species.symbol()) + linear_text(change.from - slope * axis.low, slope);
  }
  axis.label = "x in " + axis.formula;
  return axis;
}

Json axis_json(const CompositionAxis& axis) {
  const auto text = [](const std::string& one) { return one.empty() ? Json(nullptr) : Json(one); };
  return {{"label", text(axis.label)},
          {"formula", text(axis.formula)},
          {"low", axis.low},
          {"high", axis.high},
          {"units", axis.units}};
}

}  // namespace hullscan
