#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "analysis/figures/figures.hpp"
#include "analysis/figures/hull_points.hpp"
#include "analysis/hull/end_members.hpp"
#include "analysis/hull/plane_of_two.hpp"

namespace hullscan {
namespace {

/// By place between the end members.
struct FreeEnergyRow {
  double place = 0;
  std::string space;
  std::optional<double> at_zero_kelvin;
  struct Value {
    double free_energy_ev_per_atom = 0;
    bool on_hull = false;
  };
  std::map<double, Value> at;  ///< [K]
};

constexpr double kOnHullEv = 1e-9;
constexpr std::size_t kMostTemperatures = 3;

/// Of predictions where they were summed, else of complete compositions that were calculated; one a space and formula.
std::vector<FreeEnergyRow> free_energy_rows(const Report& report, bool& predicted) {
  const EndMemberSpace space(report.hull->end_members);
  std::map<std::pair<std::string, Composition>, FreeEnergyRow> rows;
  const auto row_of = [&](const std::string& name, const Composition& composition) -> FreeEnergyRow* {
    const Composition reduced = composition.reduced();
    const auto shares = space.shares(reduced);
    if (!shares) return nullptr;
    FreeEnergyRow& row = rows[{name, reduced}];
    row.space = name;
    row.place = report.hull_axis.weighted(*shares)[1];
    return &row;
  };
  const auto on_hull = [](const std::optional<double>& above) { return above && *above < kOnHullEv; };
  for (const ReportSpace& one : report.content.spaces) {
    for (const ReportSupercell& supercell : one.supercells) {
      for (const ReportComposition& composition : supercell.compositions) {
        if (composition.free_energies.empty() || composition.composition.atom_count() == 0) continue;
        FreeEnergyRow* row = row_of(one.name, composition.composition);
        if (row == nullptr) continue;
        const auto& lowest = composition.lowest_predicted_ev_per_atom;
        if (lowest) row->at_zero_kelvin = std::min(row->at_zero_kelvin.value_or(*lowest), *lowest);
        for (const auto& free : composition.free_energies)
          row->at[free.temperature_kelvin] = {free.of_formula_ev_per_atom.value_or(free.free_energy_ev_per_atom),
                                              on_hull(free.e_above_hull_ev_per_atom)};
      }
    }
  }
  predicted = !rows.empty();
  if (!predicted) {
    for (const ReportEnsemble& ensemble : report.ensembles) {
      if (ensemble.states.empty()) continue;
      FreeEnergyRow* row = row_of(ensemble.space, ensemble.composition);
      if (row == nullptr) continue;
      for (std::size_t i = 0; i < report.content.entries.size(); ++i) {
        if (report.content.entries[i].id == ensemble.lowest_id)
          row->at_zero_kelvin = report.of_entry(i).formation_energy_ev_per_atom;
      }
      for (const auto& state : ensemble.states)
        row->at[state.temperature_kelvin] = {state.free_energy_ev_per_atom, on_hull(state.e_above_hull_ev_per_atom)};
    }
  }
  std::vector<FreeEnergyRow> list;
  for (auto& [key, row] : rows) list.push_back(std::move(row));
  std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.place < b.place; });
  return list;
}

std::string no_free_energies(const Report& report) {
  const std::string no_hull = no_hull_of(report, 2);
  if (!no_hull.empty()) return no_hull;
  bool predicted = false;
  if (!free_energy_rows(report, predicted).empty()) return "";
  for (const ReportSpace& space : report.content.spaces) {
    if (!space.free_energy_problem.empty()) return space.name + ": " + space.free_energy_problem;
  }
  return "no composition was summed: the campaign keeps no sums, and no composition is calculated completely";
}

/// Those asked for, else a few over the range.
std::vector<double> shown_temperatures(const std::vector<FreeEnergyRow>& rows, const Report& report) {
  std::set<double> all;
  for (const FreeEnergyRow& row : rows) {
    for (const auto& [temperature, value] : row.at) all.insert(temperature);
  }
  const std::vector<double> there(all.begin(), all.end());
  const auto& asked = report.content.temperatures_kelvin;
  if (there.size() <= kMostTemperatures || (!asked.empty() && asked.size() <= 5)) return there;
  std::vector<double> shown;
  for (const double wanted : {300.0, 600.0, 1000.0}) {
    const double nearest = *std::min_element(
        there.begin(), there.end(), [&](double a, double b) { return std::abs(a - wanted) < std::abs(b - wanted); });
    if (std::find(shown.begin(), shown.end(), nearest) == shown.end()) shown.push_back(nearest);
  }
  return shown;
}

/// The hull of free energies at a temperature, through what the report found on it.
PlotSeries hull_at(const std::vector<FreeEnergyRow>& rows, double temperature_kelvin, const PlaneOfTwo& plane,
                   Colour colour) {
  std::map<double, double> vertices = {{0.0, 0.0}, {1.0, 0.0}};
  for (const FreeEnergyRow& row : rows) {
    const auto found = row.at.find(temperature_kelvin);
    if (found == row.at.end() || !found->second.on_hull) continue;
    const auto [at, inserted] = vertices.emplace(row.place, found->second.free_energy_ev_per_atom);
    at->second = std::min(at->second, found->second.free_energy_ev_per_atom);
  }
  std::vector<std::pair<double, double>> chain;
  for (auto left = vertices.begin(), right = std::next(left); right != vertices.end(); ++left, ++right)
    plane.add_line(left->first, left->second, right->first, right->second, chain, 16);
  PlotSeries line;
  line.line = LineStyle{0.25, colour};
  for (const auto& [place, energy] : chain) line.points.push_back({plane.number(place), energy});
  return line;
}

/// Marks of each space, in its shape. @param temperature_kelvin nothing: the lowest configurations.
std::vector<PlotSeries> marks_at(const std::vector<FreeEnergyRow>& rows, std::optional<double> temperature_kelvin,
                                 const std::vector<std::string>& spaces, const PlaneOfTwo& plane, Colour colour) {
  std::vector<PlotSeries> all(spaces.size());
  for (std::size_t k = 0; k < spaces.size(); ++k)
    all[k].mark = MarkStyle{shape_of_group(k), 1.3, temperature_kelvin ? colour : palette::kWhite, colour};
  for (const FreeEnergyRow& row : rows) {
    std::optional<double> energy = row.at_zero_kelvin;
    if (temperature_kelvin) {
      const auto found = row.at.find(*temperature_kelvin);
      energy = found == row.at.end() ? std::nullopt : std::optional(found->second.free_energy_ev_per_atom);
    }
    const auto k = std::find(spaces.begin(), spaces.end(), row.space) - spaces.begin();
    if (energy) all[static_cast<std::size_t>(k)].points.push_back({plane.number(row.place), *energy});
  }
  return all;
}

Picture draw_free_energies(const Report& report, const FigureStyle& style) {
  const auto& members = report.hull->end_members;
  const PlaneOfTwo plane(report.hull_axis, members[0], members[1]);
  bool predicted = false;
  const std::vector<FreeEnergyRow> rows = free_energy_rows(report, predicted);
  const std::vector<double> temperatures = shown_temperatures(rows, report);
  std::vector<std::string> spaces;
  for (const FreeEnergyRow& row : rows) {
    if (std::find(spaces.begin(), spaces.end(), row.space) == spaces.end()) spaces.push_back(row.space);
  }
  std::sort(spaces.begin(), spaces.end());
  Plot plot;
  plot.title = "Free energy of formation: " + report.content.campaign;
  double low = 0, high = 1e-3;
  // Where there are several spaces, one of marks without a temperature says which shape is whose.
  const auto add = [&](std::optional<double> temperature, Colour colour, const std::string& words) {
    std::vector<PlotSeries> marks = marks_at(rows, temperature, spaces, plane, colour);
    for (std::size_t k = marks.size(); k-- > 0;) {
      for (const DataPoint& point : marks[k].points) {
        low = std::min(low, point.y);
        high = std::max(high, point.y);
      }
      const bool shapes = spaces.size() > 1 && !temperature;
      if (shapes) marks[k].legend = plain_text(words + ", " + spaces[k]);
      if (!shapes && k == 0) marks[k].legend = plain_text(words);
      plot.series.push_back(std::move(marks[k]));
    }
  };
  // A hull of free energies whose end members are not its own (references below) has no line.
  const bool lines = report.free_energy_hull_problem.empty() && report.content.references.empty();
  for (std::size_t k = temperatures.size(); k-- > 0;) {
    if (lines) plot.series.push_back(hull_at(rows, temperatures[k], plane, palette::category(k)));
    add(temperatures[k], palette::category(k), fmt::format("{:g} K", temperatures[k]));
  }
  add(std::nullopt, palette::kBlack, "Lowest configuration");
  const auto [first, last] = std::minmax(report.hull_axis.low, report.hull_axis.high);
  plot.x = {first, last, axis_text(report.hull_axis)};
  plot.y = energy_axis("Free energy of formation", low, high);
  plot.zero_line = true;
  Picture picture = picture_of(plot, style);
  picture.remarks.push_back(predicted
                                ? "configurational free energies of all configurations, from predicted energies"
                                : "configurational free energies of all configurations, from calculated energies");
  return picture;
}

}  // namespace

Figure free_energy_figure() {
  return {"free-energy", "free energy of formation against composition at some temperatures", no_free_energies,
          draw_free_energies};
}

}  // namespace hullscan
