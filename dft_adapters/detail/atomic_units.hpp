/// @file
/// Rydberg and Hartree atomic units of the codes' files in eV, Å and kbar (CODATA 2018: Tiesinga et al.,
/// Rev. Mod. Phys. 93, 025010 (2021)).
#pragma once

namespace hullscan {

inline constexpr double kRydbergEv = 13.605693122994;
inline constexpr double kHartreeEv = 2 * kRydbergEv;
inline constexpr double kBohrAngstrom = 0.529177210903;
inline constexpr double kElectronVoltPerCubicAngstromKbar =
    1602.176634;  ///< 1 eV/Å^3, from the exact elementary charge
inline constexpr double kForceHartreePerBohr = kHartreeEv / kBohrAngstrom;  ///< in eV/Å
inline constexpr double kStressHartreePerCubicBohr =
    kHartreeEv / (kBohrAngstrom * kBohrAngstrom * kBohrAngstrom) * kElectronVoltPerCubicAngstromKbar;  ///< in kbar

}  // namespace hullscan
