/// @file
/// Energies as whole numbers, so that two ranks order and store them alike to the last digit: scores of candidates in
/// 1e-9 eV per atom (Candidate::score), energies of shards and spectra in 1e-6 eV per atom.
#pragma once

#include <cstdint>

namespace hullscan {

inline constexpr double kScoreUnitEvPerAtom = 1e-9;
inline constexpr double kMicroEv = 1e-6;  ///< eV

constexpr double score_to_ev_per_atom(std::int64_t score) { return static_cast<double>(score) * kScoreUnitEvPerAtom; }
constexpr double micro_ev_to_ev(std::int32_t micro_ev) { return static_cast<double>(micro_ev) * kMicroEv; }

/// Rounded to the nearest, halves away from zero. What does not fit is the largest or the least number, of equal size
/// (a cell without atoms has no energy: infinity). @throws Error if the energy is not a number.
std::int64_t score_from_ev_per_atom(double energy_ev_per_atom);
/// The same in 1e-6 eV.
std::int32_t micro_ev_from_ev(double energy_ev);

}  // namespace hullscan
