#include "cli/top_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "analysis/report/report_predictions.hpp"
#include "cli/report_text.hpp"
#include "cli/terminal.hpp"
#include "core/errors.hpp"
#include "core/text_table.hpp"
#include "enumerator/files/space_group_symbols.hpp"

namespace hullscan::cli {

void print_top(const TopList& list) {
  const bool mixing = std::any_of(list.structures.begin(), list.structures.end(),
                                  [](const TopStructure& one) { return one.mixing_ev_per_atom.has_value(); });
  std::vector<std::string> heads = {"rank", "formula", "space group",
                                    list.above_hull ? "meV above hull" : "meV above lowest",
                                    list.above_hull ? "formation eV/atom" : "score eV/atom"};
  std::vector<char> sides = {'r', 'l', 'l', 'r', 'r'};
  if (mixing) {
    heads.emplace_back("mixing eV/atom");
    sides.push_back('r');
  }
  heads.emplace_back("from");
  sides.push_back('l');
  TextTable table(heads, sides);
  for (const TopStructure& one : list.structures) {
    std::vector<std::string> row = {std::to_string(one.rank), one.composition.reduced().formula(),
                                    one.space_group_number ? symbol_of_number(*one.space_group_number) : "?",
                                    fmt::format("{:.1f}", 1e3 * one.above_ev_per_atom + 0.0),
                                    fmt::format("{:.4f}", one.energy_ev_per_atom)};
    if (mixing) row.push_back(one.mixing_ev_per_atom ? fmt::format("{:.4f}", *one.mixing_ev_per_atom + 0.0) : "");
    row.push_back(one.calculated() ? one.id + (one.left_lattice ? " (left its lattice)" : "")
                                   : "predicted, " + one.space);
    table.row(std::move(row));
  }
  fmt::print("{}", table.str(output_columns()));
  if (!list.above_hull)
    print_words("Energies are per atom and above the lowest of the same composition and space.", "");
  if (mixing) print_words("Mixing energies are by the same model, against the end members of the space.", "");
  for (const std::string& remark : list.remarks) print_words(remark, "");
}

namespace {

/// What of the predictions the report's files hold, and what they do not, and why.
void print_predicted_files(const Report& report, const std::filesystem::path& directory) {
  const auto& candidates = report.content.candidates;
  const bool structures =
      std::any_of(candidates.begin(), candidates.end(), [](const auto& one) { return one.structure.has_value(); });
  print_words(fmt::format("Nothing was calculated, so hull.csv{} hold{} these predictions, named so (source = "
                          "predicted). {}{}",
                          structures ? " and structures.extxyz" : "", structures ? "" : "s", kNoPredictedEntries,
                          structures ? "" : " structures.extxyz is empty: there are too many compositions."),
              "");
  print_words(fmt::format("hullscan top {} 10 --out FOLDER writes the best structures.", directory.string()), "");
}

}  // namespace

void print_ranking_without_results(const CampaignView& view, const std::vector<SearchSpace>& spaces,
                                   const CampaignStore& store, const Report& report,
                                   const std::filesystem::path& directory) {
  if (!report.content.entries.empty() || view.campaign->surrogates.empty()) return;
  TopList list;
  try {
    list = find_top(view, spaces, store, report, {.by = TopBy::kPredicted});
  } catch (const InputError&) {
    return;  // no model ranks, as for marked paths
  }
  fmt::print("\nthe best by the model\n");
  print_top(list);
  if (has_predicted_hull(report)) {
    fmt::print("\nthe hull of these predictions, by {}, not calculated\n", report.content.model);
    print_hull(report_of_predictions(report));
    fmt::print("\n");
  }
  print_predicted_files(report, directory);
}

}  // namespace hullscan::cli
