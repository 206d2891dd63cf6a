#include "analysis/report/report_predictions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "core/errors.hpp"

namespace hullscan {
namespace {

using PlaceOfComposition = std::pair<std::string, Composition>;  ///< space, reduced composition

/// One hull over the lowest of every composition, of all spaces: its references are the end members that they span.
void add_predicted_hull(std::vector<ReportCandidate>& candidates) {
  std::map<Composition, const ReportCandidate*> lowest;
  for (const ReportCandidate& one : candidates) {
    const auto [at, fresh] = lowest.try_emplace(one.composition.reduced(), &one);
    if (!fresh && one.predicted_ev_per_atom < at->second->predicted_ev_per_atom) at->second = &one;
  }
  std::vector<HullEntry> entries;
  for (const auto& [composition, one] : lowest)
    entries.push_back(
        {one->id, composition, one->predicted_ev_per_atom * static_cast<double>(composition.atom_count()), {}});
  if (entries.size() < 2) return;
  try {
    const HullReport hull = compute_hull(entries, unbounded_hull_options_for(entries));
    std::map<Composition, const HullEntryResult*> result_of;
    for (const HullEntryResult& result : hull.entries) result_of[result.composition.reduced()] = &result;
    for (ReportCandidate& one : candidates) {
      const Composition reduced = one.composition.reduced();
      const HullEntryResult& result = *result_of.at(reduced);
      const double above = one.predicted_ev_per_atom - lowest.at(reduced)->predicted_ev_per_atom;
      one.mixing_ev_per_atom = result.formation_energy_ev_per_atom + above;
      one.e_above_predicted_hull_ev_per_atom = result.e_above_hull_ev_per_atom + above;
    }
  } catch (const InputError&) {
    // Compositions that no hull spans have none.
  }
}

}  // namespace

bool holds_predictions(const Report& report) {
  return report.content.entries.empty() && !report.content.candidates.empty();
}

void rank_predictions(Report& report) {
  if (!holds_predictions(report)) return;
  std::vector<ReportCandidate>& candidates = report.content.candidates;
  std::vector<ReportCandidate*> order;
  for (ReportCandidate& one : candidates) order.push_back(&one);
  std::stable_sort(order.begin(), order.end(), [](const ReportCandidate* a, const ReportCandidate* b) {
    return a->predicted_ev_per_atom < b->predicted_ev_per_atom;
  });
  std::map<PlaceOfComposition, std::pair<double, std::size_t>> lowest;  // energy, how many so far
  for (ReportCandidate* one : order) {
    const Composition reduced = one->composition.reduced();
    auto& [energy, count] = lowest.try_emplace({one->space, reduced}, one->predicted_ev_per_atom, 0).first->second;
    one->above_lowest_ev_per_atom = one->predicted_ev_per_atom - energy;
    one->id = fmt::format("{}-{}-predicted-{}", one->space, reduced.formula(), ++count);
  }
  if (report.content.model_compares_compositions) add_predicted_hull(candidates);
}

bool has_predicted_hull(const Report& report) {
  return !report.hull && holds_predictions(report) &&
         report.content.candidates.front().e_above_predicted_hull_ev_per_atom.has_value();
}

Report report_of_predictions(const Report& report) {
  ReportContent content;
  content.campaign = report.content.campaign;
  content.model = report.content.model;
  content.revisions = report.content.revisions;
  content.near_hull_ev_per_atom = report.content.near_hull_ev_per_atom;
  content.entries_are_predicted = true;
  for (const ReportCandidate& one : report.content.candidates) {
    ReportEntry entry;
    entry.id = one.id;
    entry.space = one.space;
    entry.composition = one.composition;
    entry.degeneracy = one.degeneracy;
    entry.energy_ev = one.predicted_ev_per_atom * static_cast<double>(one.composition.atom_count());
    content.entries.push_back(std::move(entry));
  }
  return finish_report(std::move(content));
}

}  // namespace hullscan
