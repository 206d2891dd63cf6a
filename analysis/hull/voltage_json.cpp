#include "analysis/hull/voltage_json.hpp"

#include "analysis/report/report_parts.hpp"

namespace hullscan {
Json voltage_json(const VoltageProfile& profile) {
  Json plateaus = Json::array();
  for (const VoltagePlateau& plateau : profile.plateaus) {
    plateaus.push_back({{"x_low", plateau.charged.ions_per_host},
                        {"x_high", plateau.discharged.ions_per_host},
                        {"voltage", plateau.voltage},
                        {"capacity_mah_per_g", plateau.capacity_mah_per_g},
                        {"volume_change", or_null(plateau.volume_change)},
                        {"from", plateau.charged.id},
                        {"to", plateau.discharged.id}});
  }
  return {{"host", profile.host.formula()},
          {"ion", std::string(profile.ion.symbol())},
          {"charge", profile.charge},
          {"plateaus", std::move(plateaus)},
          {"average_voltage", profile.average_voltage},
          {"highest_voltage", profile.highest_voltage},
          {"lowest_voltage", profile.lowest_voltage},
          {"capacity_mah_per_g", profile.capacity_mah_per_g},
          {"capacity_mah_per_cm3", or_null(profile.capacity_mah_per_cm3)},
          {"energy_wh_per_kg", profile.energy_wh_per_kg}};
}

}  // namespace hullscan
