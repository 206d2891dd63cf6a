#include "analysis/figures/hull_points.hpp"

#include <fmt/format.h>

#include <cctype>
#include <map>

#include "analysis/hull/end_members.hpp"

namespace hullscan {

std::vector<HullPoint> hull_points(const Report& report) {
  const EndMemberSpace space(report.hull->end_members);
  const std::size_t own = report.content.entries.size();
  std::vector<HullPoint> points;
  for (std::size_t i = 0; i < report.hull->entries.size(); ++i) {
    const HullEntryResult& result = report.hull->entries[i];
    const auto shares = space.shares(result.composition);
    if (!shares) continue;
    points.push_back({report.hull_axis.weighted(*shares), &result, i >= own,
                      i < own ? report.content.entries[i].space : std::string()});
  }
  return points;
}

std::vector<PredictedPoint> lowest_predictions(const Report& report) {
  const EndMemberSpace space(report.hull->end_members);
  std::map<Composition, PredictedPoint> lowest;
  for (const ReportSpace& one : report.content.spaces) {
    for (const ReportSupercell& supercell : one.supercells) {
      for (const ReportComposition& composition : supercell.compositions) {
        const auto& energy = composition.lowest_predicted_ev_per_atom;
        if (!energy || composition.composition.atom_count() == 0) continue;
        const Composition reduced = composition.composition.reduced();
        const auto shares = space.shares(reduced);
        if (!shares) continue;
        const auto [at, inserted] =
            lowest.emplace(reduced, PredictedPoint{report.hull_axis.weighted(*shares), reduced, *energy});
        if (!inserted) at->second.lowest_ev_per_atom = std::min(at->second.lowest_ev_per_atom, *energy);
      }
    }
  }
  std::vector<PredictedPoint> points;
  for (auto& [composition, point] : lowest) points.push_back(std::move(point));
  return points;
}

std::string capitalised(std::string words) {
  if (!words.empty()) words[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(words[0])));
  return words;
}

RichText axis_text(const CompositionAxis& axis) {
  if (!axis.formula.empty())
    return RichText{{"x", Script::kNormal, true}, {" in ", Script::kNormal, false}} + formula_text(axis.formula);
  constexpr const char* kFraction = "atomic fraction of ";
  if (axis.label.starts_with(kFraction)) return plain_text(capitalised(axis.label));
  return formula_text(capitalised(axis.label));
}

PlotAxis energy_axis(const std::string& what, double low_ev, double high_ev) {
  const bool small = high_ev - low_ev < 0.2;
  return {low_ev, high_ev, plain_text(what + (small ? " (meV/atom)" : " (eV/atom)")), small ? 1000.0 : 1.0, 0.05};
}

std::string no_hull_of(const Report& report, std::size_t end_members) {
  if (!report.hull)
    return report.hull_problem.empty() ? "there is no hull yet: no calculation has finished"
                                       : "there is no hull: " + report.hull_problem;
  const std::size_t there = report.hull->end_members.size();
  if (there == end_members) return "";
  return fmt::format("the hull has {} end member{}, and this figure is of {}", there, there == 1 ? "" : "s",
                     end_members);
}

}  // namespace hullscan
