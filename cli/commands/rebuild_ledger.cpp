/// @file
/// `hullscan rebuild-ledger`: the database of a campaign is made again from its archive files, models and last backup.

#include <fmt/format.h>

#include "campaign/rebuilding.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"

namespace hullscan::cli {

ExitCode run_rebuild_ledger(const Arguments& arguments) {
  CommandLine line("rebuild-ledger DIR",
                   "Makes the database of a campaign again from its archive files, models and last backup. The old one "
                   "is kept under another name. Work that left no file is done again by the next run.");
  line.positionals("DIR, a campaign directory", 1, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;

  const std::filesystem::path directory = std::filesystem::absolute(line.positional()[0]);
  const RebuiltLedger ledger = rebuild_ledger(directory);
  if (ledger.was_sound) {
    fmt::print("{}: the database is sound; nothing is changed\n", directory.string());
    return ExitCode::kDone;
  }
  for (const auto& [file, kept_as] : ledger.set_aside) fmt::print("{} is kept as {}\n", file, kept_as);
  fmt::print("{}{} work units with {} orbits from archive files\n",
             ledger.from_backup ? "rounds and calculations from the last backup; "
                                : "no backup was found, so calculations are not known; ",
             ledger.units, ledger.orbits);
  for (const int number : ledger.given_up) {
    fmt::print("pass {} could not be restored ({}); the next run computes it again\n", number,
               number > 0 ? "an earlier pass or its model is missing" : "it was stored with another model");
  }
  fmt::print("hullscan run goes on from here\n");
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
