/// @file
/// A histogram whose bins follow the spread of what they count.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hullscan {

/// Orbits with energies in [energy, energy + resolution).
struct EnergyCount {
  double energy_ev_per_atom = 0;
  std::uint64_t orbits = 0;
  std::uint64_t configurations = 0;  ///< sum of degeneracies
};

struct EnergyHistogram {
  double low_ev_per_atom = 0, bin_ev_per_atom = 0;
  std::vector<std::uint64_t> orbits, configurations;  ///< [bin]; first and last are not zero; empty for no counts
};

/// 1, 2 or 5 times a power of ten: the width of Freedman & Diaconis (Z.
/// Wahrscheinlichkeitstheorie 57, 453 (1981)), 2 IQR / n^(1/3) over orbits, held between 1/25 and 1/8 of the whole
/// range, rounded down, and not below what the counts resolve.
/// @param counts in any order. @param resolution_ev > 0, of the counts: a power of ten.
double bin_width(std::span<const EnergyCount> counts, double resolution_ev);
/// One width for several sets that are laid over each other: the narrowest of their own, but no set has more than 60
/// bins.
double common_bin_width(std::span<const std::vector<EnergyCount>> sets, double resolution_ev);
/// Edges lie at multiples of the width.
EnergyHistogram binned(std::span<const EnergyCount> counts, double width_ev);

}  // namespace hullscan
