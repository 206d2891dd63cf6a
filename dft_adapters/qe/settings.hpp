/// @file
/// The settings of a pw.x calculation: read from the campaign file's [dft] table, checked against each other and
/// against the pseudopotential files, and kept as text under the code's own names.
///
/// Keys beside the code's own: kpoint_spacing (1/Å, 2π included) or kpoints; pseudopotential.X,
/// pseudopotential_hash.X, valence_electrons.X, starting_magnetization.X and hubbard_u.X (eV) of species X;
/// hubbard_projectors; functional; command; version; min_distance_angstrom; spin_polarised_above (share of the atoms,
/// see is_spin_polarised); restart ("true": on from the files of the attempt before, set by a correction only).
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/campaign/settings.hpp"
#include "core/dft.hpp"
#include "core/errors.hpp"
#include "core/species.hpp"

namespace hullscan::qe {

inline constexpr const char* kCodeName = "quantum-espresso";
inline constexpr double kDefaultMinimumDistanceAngstrom =
    0.6;  ///< below every bond of atoms at any pressure of interest

DftSettings resolve_settings(const SettingsTable& table, std::span<const Species> campaign_species, Problems& problems);

std::map<std::string, std::string> hull_keys_of(const DftSettings& settings);
DftSettings identity_of(const DftSettings& settings);

/// "" if absent.
std::string text_value(const DftSettings& settings, const std::string& key);
std::optional<double> number_value(const DftSettings& settings, const std::string& key);

/// The code's several names of one smearing under the name its XML uses; "" if unknown.
std::string smearing_name(const std::string& spelling);

}  // namespace hullscan::qe
