/// @file
/// A voltage profile as JSON: the same for `hullscan hull --voltage --json` and report.json.
#pragma once

#include "analysis/hull/voltage.hpp"
#include "core/json.hpp"

namespace hullscan {

/// {"host", "ion", "charge", "plateaus": [{"x_low", "x_high", "voltage", "capacity_mah_per_g", "volume_change", "from",
/// "to"}], "average_voltage", "highest_voltage", "lowest_voltage", "capacity_mah_per_g", "capacity_mah_per_cm3",
/// "energy_wh_per_kg"}; null where volumes are not known.
Json voltage_json(const VoltageProfile& profile);

}  // namespace hullscan
