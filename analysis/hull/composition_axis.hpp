/// @file
/// The horizontal axis of a hull: the substituted fraction of the sublattice that changes between the end members
/// (CsPb1-xZnxI3), so that one of 32 lead atoms is 1/32 whatever the largest end member's formula is. Compositions
/// only.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/composition.hpp"
#include "core/json.hpp"

namespace hullscan {

/// What a campaign knows of its crystals beyond their compositions; empty where nothing is known.
struct CrystalSites {
  std::set<Species> varied;                      ///< species of the varied sublattices
  std::map<Composition, double> sites_per_atom;  ///< by reduced composition: sites per atom, vacant ones included
};

/// Coordinates of a hull in units of one and the same crystal. Between end members of formulas of unequal size (CsPbI3
/// and Cs16Pb15ZnI48), shares of formula units are not fractions of anything; weighted with `units` they are.
struct CompositionAxis {
  std::vector<double> units;  ///< [end member]: formula units of the crystal in one of its reduced formula
  double low = 0, high = 1;   ///< x at the first and the second of two end members
  std::string formula;        ///< "CsPb(1-x)Zn(x)I3"; empty: elements, or no crystal that holds both was recognised
  std::string label;          ///< what x is, in words; empty unless there are two end members

  /// Shares of formula units (EndMemberSpace::shares) as shares of the crystal; they sum to 1.
  [[nodiscard]] std::vector<double> weighted(std::span<const double> shares) const;
  /// x of a point between two end members. @param shares of formula units.
  [[nodiscard]] double x(std::span<const double> shares) const;
};

/// The rule: the species that no varied sublattice holds, in the same ratios in every end member, say how large a
/// crystal is; where nothing is known of the sites, the largest set of species in the same ratios does. If a varied
/// sublattice holds every species, its sites do. The fraction is that of what comes in on the sites of what goes out,
/// or of what goes out if nothing comes in. Where no such crystal is recognised, x is the share of formula units of the
/// second.
/// @param members reduced; independent.
CompositionAxis composition_axis(std::span<const Composition> members, bool elemental, const CrystalSites& sites = {});

/// {"label", "formula", "low", "high", "units"}; null where there is no text.
Json axis_json(const CompositionAxis& axis);

}  // namespace hullscan
