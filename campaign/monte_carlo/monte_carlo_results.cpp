#include "campaign/monte_carlo/monte_carlo_results.hpp"

#include <fmt/format.h>

#include "core/log.hpp"

namespace hullscan {

std::string points_csv(const Json& points, const std::vector<CountedSpecies>& counted) {
  std::string text = "chain,temperature_kelvin";
  const auto axes = points.empty() ? Json::object() : points.front()["chemical_potentials_ev"];
  for (const auto& [name, value] : axes.items()) text += ",potential_ev:" + name;
  text +=
      ",energy_ev_per_atom,energy_error_ev_per_atom,precision_reached,heat_capacity_ev_per_kelvin_per_atom,"
      "heat_capacity_error_ev_per_kelvin_per_atom";
  for (const CountedSpecies& one : counted) text += fmt::format(",fraction:{0},fraction_error:{0}", one.name);
  const bool has_susceptibilities = !points.empty() && points.front().contains("susceptibilities_per_ev");
  if (has_susceptibilities) {
    for (const CountedSpecies& one : counted)
      text += fmt::format(",susceptibility_per_ev:{0},susceptibility_error_per_ev:{0}", one.name);
  }
  text += ",sweeps,equilibration_sweeps,autocorrelation_sweeps,acceptance\n";
  const auto number = [](const Json& value) {
    return value.is_number() ? fmt::format("{:.9g}", value.get<double>()) : "";
  };
  for (const Json& point : points) {
    text += fmt::format("{},{}", point["chain"].get<std::size_t>(), number(point["temperature_kelvin"]));
    for (const auto& [name, value] : point["chemical_potentials_ev"].items()) text += "," + number(value);
    text += fmt::format(
        ",{},{},{},{},{}", number(point["energy_ev_per_atom"]), number(point["energy_error_ev_per_atom"]),
        point["precision_reached"].get<bool>() ? "yes" : "no", number(point["heat_capacity_ev_per_kelvin_per_atom"]),
        number(point["heat_capacity_error_ev_per_kelvin_per_atom"]));
    for (const CountedSpecies& one : counted) {
      const Json& fraction = point["fractions"][one.name];
      text += fmt::format(",{},{}", number(fraction["mean"]), number(fraction["error"]));
    }
    for (std::size_t c = 0; has_susceptibilities && c < counted.size(); ++c) {
      const Json& susceptibility = point["susceptibilities_per_ev"][counted[c].name];
      text += fmt::format(",{},{}", number(susceptibility["value"]), number(susceptibility["error"]));
    }
    text += fmt::format(",{},{},{},{}\n", point["sweeps"].get<std::int64_t>(),
                        point["equilibration_sweeps"].get<std::int64_t>(), number(point["autocorrelation_sweeps"]),
                        number(point["acceptance"]));
  }
  return text;
}

void warn_of_extrapolation(const std::string& name, const Json& points) {
  constexpr double kMuch = 0.05;
  const Json* worst = nullptr;
  double most = kMuch;
  for (const Json& point : points) {
    if (!point.contains("unknown_neighbourhoods")) continue;
    const double share = point["unknown_neighbourhoods"]["share"].get<double>();
    if (share <= most) continue;
    most = share;
    worst = &point;
  }
  if (worst == nullptr) return;
  log_warning(
      fmt::format("monte_carlo \"{}\": at {} K in chain {}, {:.0f} % of the sites have nearest neighbours that no "
                  "label has, most often {}: the model is extrapolated there. Labels with such neighbours "
                  "(lower temperatures or higher ones, other compositions) would show whether it holds",
                  name, (*worst)["temperature_kelvin"].get<double>(), (*worst)["chain"].get<std::size_t>(), 100 * most,
                  (*worst)["unknown_neighbourhoods"]["most_common"].get<std::string>()));
}

}  // namespace hullscan
