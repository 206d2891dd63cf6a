#include "analysis/report/report_content.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <span>
#include <tuple>

#include "analysis/entries/entries_file.hpp"
#include "analysis/report/report_curves.hpp"
#include "analysis/report/report_predictions.hpp"
#include "core/errors.hpp"

namespace hullscan {

namespace {

/// Each entry is moved once: they are large, and sorting would move them about.
void sort_by_id(std::vector<ReportEntry>& entries) {
  std::vector<std::size_t> order(entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return entries[a].id < entries[b].id; });
  for (std::size_t begin = 0; begin < order.size(); ++begin) {
    if (order[begin] == begin) continue;
    ReportEntry first = std::move(entries[begin]);
    std::size_t at = begin;
    for (std::size_t next = order[at]; next != begin; next = order[at]) {
      entries[at] = std::move(entries[next]);
      order[at] = at;
      at = next;
    }
    entries[at] = std::move(first);
    order[at] = at;
  }
}

}  // namespace

Report finish_report(ReportContent content) {
  Report report;
  sort_by_id(content.entries);
  std::sort(content.references.begin(), content.references.end(),
            [](const auto& a, const auto& b) { return a.entry.id < b.entry.id; });
  std::sort(content.failures.begin(), content.failures.end(),
            [](const auto& a, const auto& b) { return std::tie(a.id, a.reason) < std::tie(b.id, b.reason); });
  std::sort(content.set_aside.begin(), content.set_aside.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  std::sort(content.rounds.begin(), content.rounds.end(), [](const auto& a, const auto& b) {
    return std::tie(a.round, a.surrogate) < std::tie(b.round, b.surrogate);
  });
  std::vector<HullEntry> all;
  all.reserve(content.entries.size() + content.references.size());
  // The keys are lent to the hull: of a hundred thousand entries they are not to be there twice.
  for (ReportEntry& entry : content.entries)
    all.push_back({entry.id, entry.composition, entry.energy_ev, std::move(entry.keys)});
  report.content = std::move(content);
  rank_predictions(report);
  split_references(report, all);
  set_ion_metal_aside(report, all);
  const std::size_t own = all.size();
  for (const ReportReference& reference : report.content.references) all.push_back(reference.entry);
  if (all.empty()) return report;
  try {
    HullOptions options = hull_options_for(all);
    if (all_formation_energies(all)) options.references = HullOptions::References::kZero;
    report.hull = compute_hull(all, options);
  } catch (const InputError& error) {
    report.hull_problem = error.what();
  }
  move_predictions(report, std::span(all).first(own));
  for (std::size_t i = 0; i < own; ++i) report.content.entries[i].keys = std::move(all[i].keys);
  all = {};
  judge_free_energies(report);
  add_ensembles(report);
  add_voltages(report);
  add_cuts(report);
  add_free_energy_hulls(report);
  add_hull_of_predictions(report);
  return report;
}

std::string IndistinguishableConfigurations::text() const {
  return fmt::format(
      "{}: the model cannot tell {}{} configurations apart (at {} of {} compositions, the lowest are equal within "
      "0.001 meV/atom): "
      "their ranking is by canonical order only",
      space, at_least ? "at least " : "", configurations, compositions, of_compositions);
}

std::vector<IndistinguishableConfigurations> indistinguishable(const ReportContent& content) {
  constexpr std::uint64_t kMany = 10;
  std::vector<IndistinguishableConfigurations> all;
  for (const ReportSpace& space : content.spaces) {
    IndistinguishableConfigurations found{.space = space.name};
    for (const ReportSupercell& supercell : space.supercells) {
      for (const ReportComposition& composition : supercell.compositions) {
        found.of_compositions += composition.lowest_predicted_ev_per_atom ? 1 : 0;
        if (composition.tied_lowest < 2 || (!composition.all_tied && composition.tied_lowest < kMany)) continue;
        ++found.compositions;
        found.configurations += composition.tied_lowest;
        found.at_least =
            found.at_least || (composition.all_tied && composition.inequivalent != BigInteger(composition.tied_lowest));
      }
    }
    if (found.compositions > 0) all.push_back(std::move(found));
  }
  return all;
}

std::string decimal_text(const std::optional<BigInteger>& count) { return count ? count->str() : ""; }

Books books_of(const ReportSpace& space, const ReportComposition& composition) {
  if (!composition.enumerated_orbits || space.sampled) return Books::kOpen;
  const bool orbits = !composition.inequivalent || composition.enumerated_orbits == composition.inequivalent;
  const bool total = !composition.total || composition.degeneracy_sum == composition.total;
  return orbits && total ? Books::kClosed : Books::kWrong;
}

}  // namespace hullscan
