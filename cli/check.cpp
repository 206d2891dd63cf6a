/// @file
/// `hullscan check`: validate a campaign file and everything it names, and print every problem.

#include <fmt/format.h>

#include "cli/campaign_files.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/resolved_campaign.hpp"

namespace hullscan::cli {

ExitCode run_check(const Arguments& arguments) {
  CommandLine line("check FILE", "Validates a campaign file with the structures, models and DFT settings it names. Writes nothing.");
  line.positionals("FILE, a campaign file", 1, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;

  const LoadedCampaign loaded = load_campaign(line.positional()[0]);
  const ResolvedCampaign resolved = resolve(loaded);
  std::size_t supercells = 0, compositions = 0;
  for (const SearchSpace& space : loaded.spaces) {
    supercells += space.supercells().size();
    for (std::size_t i = 0; i < space.supercells().size(); ++i) compositions += space.compositions(i).size();
  }
  fmt::print("{}: no problems. {} space{}, {} supercell{}, {} composition{}{}\n", line.positional()[0], loaded.spaces.size(),
             loaded.spaces.size() == 1 ? "" : "s", supercells, supercells == 1 ? "" : "s", compositions,
             compositions == 1 ? "" : "s", resolved.code == nullptr ? "" : ", computed by " + loaded.campaign.dft->code);
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
