/// @file
/// How many decimals of a number mean something. Sums of doubles differ in their last digits between compilers and
/// processors; what is published is rounded, so that the same campaign makes the same files everywhere. What is stored
/// keeps every digit.
#pragma once

namespace hullscan {

inline constexpr int kEnergyDecimals = 9;  ///< eV, and Å: a billionth
inline constexpr int kShareDecimals = 12;  ///< of a whole; entropies in eV/K

/// The nearest number of so many decimals, never -0.0. @param decimals 0 to 15. Numbers so large that a double has no
/// such decimal, and what is not finite, stay as they are.
[[nodiscard]] double at_decimals(double value, int decimals);
/// Of an energy, as files give it: within 5e-10 eV.
[[nodiscard]] inline double published_ev(double energy_ev) { return at_decimals(energy_ev, kEnergyDecimals); }

}  // namespace hullscan
