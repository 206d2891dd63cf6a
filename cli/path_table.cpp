#include "cli/path_table.hpp"

#include <fmt/format.h>

#include "cli/terminal.hpp"
#include "core/log.hpp"
#include "core/text_table.hpp"

namespace hullscan::cli {

std::string path_table(const PathStatistics& statistics) {
  TextTable table({"dopants", "path type", "paths", "configurations", "mean", "deviation", "min", "max", "favourable",
                   "neutral", "unfavourable"},
                  {'r', 'l', 'r', 'r', 'r', 'r', 'r', 'r', 'r', 'r', 'r'});
  const auto percent = [](double share) { return fmt::format("{:.1f} %", 100 * share); };
  for (const PathGroup& group : statistics.groups) {
    table.row({std::to_string(group.dopants), group.type.empty() ? "all" : group.type,
               grouped(std::to_string(group.paths)), grouped(fmt::format("{:.0f}", group.weight)),
               fmt::format("{:.4f}", group.mean), fmt::format("{:.4f}", group.deviation),
               fmt::format("{:.4f}", group.minimum), fmt::format("{:.4f}", group.maximum), percent(group.favourable),
               percent(group.neutral), percent(group.unfavourable)});
  }
  return fmt::format(
      "{}: {} of paths, by degeneracy\n{}thirds of the reference set, {} ({} paths): favourable up to {:.4f}, "
      "neutral up "
      "to {:.4f}\n",
      statistics.space, statistics.quantity, table.str(output_columns()), statistics.reference,
      grouped(std::to_string(statistics.reference_paths)), statistics.favourable_to, statistics.neutral_to);
}

}  // namespace hullscan::cli
