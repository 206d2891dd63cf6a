#include "analysis/report_content.hpp"

#include <algorithm>
#include <tuple>

#include "core/errors.hpp"

namespace hullscan {

Report finish_report(ReportContent content) {
  Report report;
  std::sort(content.entries.begin(), content.entries.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  std::sort(content.references.begin(), content.references.end(), [](const auto& a, const auto& b) { return a.entry.id < b.entry.id; });
  std::sort(content.failures.begin(), content.failures.end(), [](const auto& a, const auto& b) { return std::tie(a.id, a.reason) < std::tie(b.id, b.reason); });
  std::sort(content.rounds.begin(), content.rounds.end(), [](const auto& a, const auto& b) { return std::tie(a.round, a.surrogate) < std::tie(b.round, b.surrogate); });
  std::vector<HullEntry> all;
  for (const ReportEntry& entry : content.entries) all.push_back({entry.id, entry.composition, entry.energy_ev, entry.keys});
  for (const ReportReference& reference : content.references) all.push_back(reference.entry);
  report.content = std::move(content);
  if (all.empty()) return report;
  try {
    report.hull = compute_hull(all, hull_options_for(all));
  } catch (const InputError& error) {
    report.hull_problem = error.what();
  }
  return report;
}

Books books_of(const ReportSpace& space, const ReportComposition& composition) {
  if (composition.enumerated_orbits.empty() || space.sampled) return Books::kOpen;
  const bool orbits = composition.inequivalent.empty() || composition.enumerated_orbits == composition.inequivalent;
  const bool total = composition.total.empty() || composition.degeneracy_sum == composition.total;
  return orbits && total ? Books::kClosed : Books::kWrong;
}

}  // namespace hullscan
