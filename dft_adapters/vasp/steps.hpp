/// @file
/// The steps of a VASP task whose cell relaxes. VASP keeps the plane waves and the k-points of the first cell while the
/// cell changes, so the energy of a relaxation is not that of its final cell: by up to 42 meV per atom in relaxations
/// that people publish. A single point in the final cell, or a second relaxation from it, has a basis of its own.
///
/// Keys: closing ("single-point", absent: none), relaxations ("2", absent: 1), closing_incar.TAG.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/campaign/settings.hpp"
#include "core/dft.hpp"
#include "dft_adapters/dft_code.hpp"

namespace hullscan::vasp {

inline constexpr const char* kClosing = "closing";
inline constexpr const char* kClosingIncarPrefix = "closing_incar.";

/// Reads closing and relaxations; the INCAR of the relaxation must be in `settings` already. closing_incar is read by
/// whoever knows the tags, into kClosingIncarPrefix.
void read_steps(SettingsReader& reader, DftSettings& settings);

/// See DftCode::next_step.
std::optional<DftStep> next_step(const DftSettings& asked, const DftSettings& done);

/// Which relaxation of several an attempt makes, from 1.
std::int64_t relaxation_of(const DftSettings& settings);

/// Settings of the first attempt of the last step, whose energy counts.
DftSettings last_step(const DftSettings& asked);

/// Adds to the hull keys of a calculation what belongs there if it is the last of several steps.
void add_step_keys(const DftSettings& settings, std::map<std::string, std::string>& hull_keys);

/// What an older hullscan made of a table that does not set `closing`; nothing if it would have been the same.
std::optional<DftSettings> without_closing_default(const SettingsTable& table, const DftSettings& settings);

}  // namespace hullscan::vasp
