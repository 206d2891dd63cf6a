#include "cli/top_table.hpp"

#include <fmt/format.h>

#include <string>

#include "cli/text_table.hpp"
#include "core/errors.hpp"
#include "enumerator/files/space_group_symbols.hpp"

namespace hullscan::cli {

void print_top(const TopList& list) {
  TextTable table({"rank", "formula", "space group", list.above_hull ? "meV above hull" : "meV above lowest",
                   list.above_hull ? "formation eV/atom" : "score eV/atom", "from"},
                  {'r', 'l', 'l', 'r', 'r', 'l'});
  for (const TopStructure& one : list.structures) {
    table.row(
        {std::to_string(one.rank), one.composition.reduced().formula(),
         one.space_group_number ? symbol_of_number(*one.space_group_number) : "?",
         fmt::format("{:.1f}", 1e3 * one.above_ev_per_atom + 0.0), fmt::format("{:.4f}", one.energy_ev_per_atom),
         one.calculated() ? one.id + (one.left_lattice ? " (left its lattice)" : "") : "predicted, " + one.space});
  }
  fmt::print("{}", table.str());
  if (!list.above_hull) fmt::print("Energies are per atom and above the lowest of the same composition and space.\n");
  for (const std::string& remark : list.remarks) fmt::print("{}\n", remark);
}

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
  fmt::print(
      "Nothing was calculated, so hull.csv and structures.extxyz have no entries: hullscan top {} 10 --out FOLDER "
      "writes "
      "these structures.\n",
      directory.string());
}

}  // namespace hullscan::cli
