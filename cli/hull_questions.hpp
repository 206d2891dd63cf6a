/// @file
/// What `hullscan hull` can be asked beyond the hull: chemical-potential windows, open systems, voltage.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "analysis/hull/chemical_potentials.hpp"
#include "analysis/hull/voltage.hpp"
#include "core/json.hpp"

namespace hullscan::cli {

std::string windows_table(const std::vector<PotentialWindow>& windows);
/// {"id": {"Al": [lowest | null, highest], …}, …}, eV/atom against the elements.
Json windows_json(const std::vector<PotentialWindow>& windows);

/// "O=-1.2": against the element's lowest entry, eV/atom. @returns absolute potentials.
/// @throws InputError for another form, an unknown element, or one without an entry of its own.
std::map<Species, double> open_potentials(const std::vector<std::string>& words, std::span<const HullEntry> entries);

/// "Li" or "Cu=2", the charge behind it (default: usual_ion_charge). The entries that hold only the ion are its metal.
/// @throws InputError as voltage_profile, or for another form.
VoltageProfile voltage_of(const std::string& word, std::span<const HullEntry> entries);
std::string voltage_table(const VoltageProfile& profile);

}  // namespace hullscan::cli
