#include "campaign/monte_carlo/monte_carlo_results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "analysis/figures/monte_carlo_figures.hpp"
#include "analysis/figures/rendering.hpp"
#include "core/energy_spectrum.hpp"
#include "core/log.hpp"
#include "storage/durable_file.hpp"

namespace hullscan {
namespace {

std::string chain_name(const Json& point) {
  std::string name;
  for (const auto& [species, value] : point["chemical_potentials_ev"].items())
    name += fmt::format("{}{} {:.4g} eV", name.empty() ? "" : ", ", species, value.get<double>());
  return name.empty() ? fmt::format("chain {}", point["chain"].get<std::size_t>()) : name;
}

/// Curves of points by what is drawn of them; points whose value is not known are left out.
class TemperatureCurves {
 public:
  void add(const std::string& curve, const Json& point, const Json& value, const Json& error, double unit) {
    if (!value.is_number()) return;
    const auto [at, is_new] = place_.try_emplace(curve, curves_.size());
    if (is_new) curves_.push_back({curve, {}});
    const double none = std::numeric_limits<double>::infinity();
    curves_[at->second].points.push_back(
        {point["temperature_kelvin"].get<double>(),
         {value.get<double>() / unit, error.is_number() ? error.get<double>() / unit : none}});
  }
  void write(const std::filesystem::path& file, AverageKind kind, const std::string& title) {
    if (curves_.empty()) return;
    for (TemperatureCurve& curve : curves_)
      std::stable_sort(curve.points.begin(), curve.points.end(),
                       [](const auto& a, const auto& b) { return a.temperature_kelvin < b.temperature_kelvin; });
    write_durably(file, rendered(temperature_picture(kind, title, curves_, FigureStyle{}), PictureFormat::kSvg));
  }

 private:
  std::map<std::string, std::size_t> place_;
  std::vector<TemperatureCurve> curves_;
};

/// An unknown number is empty.
std::string cell(const Json& value) { return value.is_number() ? fmt::format("{:.9g}", value.get<double>()) : ""; }

/// The columns that say which point a line is of.
std::string point_columns(const Json& points) {
  std::string text = "chain,temperature_kelvin";
  const auto axes = points.empty() ? Json::object() : points.front()["chemical_potentials_ev"];
  for (const auto& [name, value] : axes.items()) text += ",potential_ev:" + name;
  return text;
}
std::string point_cells(const Json& point) {
  std::string text = fmt::format("{},{}", point["chain"].get<std::size_t>(), cell(point["temperature_kelvin"]));
  for (const auto& [name, value] : point["chemical_potentials_ev"].items()) text += "," + cell(value);
  return text;
}

}  // namespace

void write_temperature_figures(const std::filesystem::path& folder, const std::string& name, const Json& points) {
  if (!why_no_pictures().empty()) return;
  TemperatureCurves energy, capacity, order;
  for (const Json& point : points) {
    const std::string chain = chain_name(point);
    energy.add(chain, point, point["energy_ev_per_atom"], point["energy_error_ev_per_atom"], 1);
    capacity.add(chain, point, point["heat_capacity_ev_per_kelvin_per_atom"],
                 point["heat_capacity_error_ev_per_kelvin_per_atom"], EnergySpectrum::kBoltzmannEvPerKelvin);
    for (const Json& one : point.value("short_range_order", Json::array())) {
      if (one["shell"].get<int>() != 1) continue;
      order.add(fmt::format("{}, {} {}-{}", chain, one["sublattice"].get<std::string>(),
                            one["species"][0].get<std::string>(), one["species"][1].get<std::string>()),
                point, one["alpha"], one["error"], 1);
    }
  }
  energy.write(folder / "energy.svg", AverageKind::kEnergy, name);
  capacity.write(folder / "heat_capacity.svg", AverageKind::kHeatCapacity, name);
  order.write(folder / "short_range_order.svg", AverageKind::kShortRangeOrder, name);
}

std::string points_csv(const Json& points, const std::vector<CountedSpecies>& counted) {
  std::string text = point_columns(points);
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
  for (const Json& point : points) {
    text += point_cells(point);
    text += fmt::format(",{},{},{},{},{}", cell(point["energy_ev_per_atom"]), cell(point["energy_error_ev_per_atom"]),
                        point["precision_reached"].get<bool>() ? "yes" : "no",
                        cell(point["heat_capacity_ev_per_kelvin_per_atom"]),
                        cell(point["heat_capacity_error_ev_per_kelvin_per_atom"]));
    for (const CountedSpecies& one : counted) {
      const Json& fraction = point["fractions"][one.name];
      text += fmt::format(",{},{}", cell(fraction["mean"]), cell(fraction["error"]));
    }
    for (std::size_t c = 0; has_susceptibilities && c < counted.size(); ++c) {
      const Json& susceptibility = point["susceptibilities_per_ev"][counted[c].name];
      text += fmt::format(",{},{}", cell(susceptibility["value"]), cell(susceptibility["error"]));
    }
    text += fmt::format(",{},{},{},{}\n", point["sweeps"].get<std::int64_t>(),
                        point["equilibration_sweeps"].get<std::int64_t>(), cell(point["autocorrelation_sweeps"]),
                        cell(point["acceptance"]));
  }
  return text;
}

std::string short_range_order_csv(const Json& points) {
  std::string text =
      point_columns(points) + ",sublattice,shell,distance_angstrom,species_a,species_b,alpha,alpha_error\n";
  for (const Json& point : points) {
    const std::string where = point_cells(point);
    for (const Json& one : point["short_range_order"])
      text += fmt::format("{},{},{},{},{},{},{},{}\n", where, one["sublattice"].get<std::string>(),
                          one["shell"].get<int>(), cell(one["distance_angstrom"]), one["species"][0].get<std::string>(),
                          one["species"][1].get<std::string>(), cell(one["alpha"]), cell(one["error"]));
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
