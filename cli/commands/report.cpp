/// @file
/// `hullscan report`: writes the report of a campaign directory, finished or not, and prints its hull.

#include <fmt/format.h>

#include "campaign/campaign_directory.hpp"
#include "campaign/report/make_report.hpp"
#include "campaign/report/report_folder.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/report_levels.hpp"
#include "cli/report_text.hpp"
#include "cli/top_table.hpp"

namespace hullscan::cli {

ExitCode run_report(const Arguments& arguments) {
  CommandLine line(
      "report DIR [--levels]",
      "Writes DIR/report/{report.html,report.json,hull.csv,entries.json,structures.extxyz} and prints the hull.");
  line.flag(
      "levels",
      "also prints counts and predicted energies of every composition, spaces against each other, and the models' "
      "errors by group");
  line.positionals("DIR, a campaign directory", 1, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;

  const std::filesystem::path directory = line.positional()[0];
  const CampaignStore store = CampaignStore::open_read_only(directory);
  const LoadedCampaign loaded = load_stored_campaign(directory);
  const CampaignView view = view_of(loaded.campaign, loaded.spaces);
  Report report = make_report(view, loaded.spaces, store);
  complete_report(directory, report);
  write_report(directory, report);
  print_summary(report);
  print_hull(report);
  print_curves(report);
  print_ranking_without_results(view, loaded.spaces, store, report, directory);
  if (line.has("levels")) {
    print_levels(report);
    print_phase_differences(report);
    print_validations(report);
  }
  fmt::print("\n{}\n", (directory / "report" / "report.html").string());
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
