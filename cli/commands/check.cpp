/// @file
/// `hullscan check`: validate a campaign file and everything it names, and print every problem.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "campaign/calculation_program.hpp"
#include "campaign/looser_symmetry_text.hpp"
#include "campaign/monte_carlo/campaign_walks.hpp"
#include "campaign/resolved_campaign.hpp"
#include "campaign/searchable.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "core/log.hpp"
#include "enumerator/space/strata.hpp"
#include "scheduler/decisions/search_limits.hpp"

namespace hullscan::cli {

ExitCode run_check(const Arguments& arguments) {
  CommandLine line("check FILE",
                   "Validates a campaign file with the structures, models and DFT settings it names. Writes nothing.");
  line.positionals("FILE, a campaign file", 1, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;

  const ResolvedCampaign resolved = resolve_campaign_on_site(line.positional()[0]);
  // Nothing but energies needs end members, which a space with a composition of no atoms does not have.
  if (resolved.code != nullptr || resolved.surrogates.space_count() > 0) {
    CampaignView view = view_of(resolved.campaign, resolved.spaces);
    mark_branch_and_bound(view, asked_search_limits(resolved.campaign.run));
    if (const auto problems = not_searchable(resolved, view); !problems.empty())
      throw InputError(fmt::format("{}", fmt::join(problems, "\n")));
    for (const std::string& warning : end_member_warnings(resolved, view)) log_warning(warning);
  }
  Problems of_walks;
  (void)plans_of(resolved, of_walks);
  of_walks.throw_if_any();
  const std::size_t compositions = Strata(resolved.spaces).by_composition().size();
  std::size_t supercells = 0;
  for (const SearchSpace& space : resolved.spaces) supercells += space.supercells().size();
  const auto counted = [](std::size_t n, const char* what) {
    return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
  };
  fmt::print("{}: no problems; {}, {}, {}{}\n", line.positional()[0], counted(resolved.spaces.size(), "space"),
             counted(supercells, "supercell"), counted(compositions, "composition"),
             resolved.code == nullptr ? "" : ", computed by " + resolved.code->info().name);
  if (const std::string note = program_note(resolved); !note.empty()) fmt::print("{}\n", note);
  for (const std::string& remark : resolved.campaign.list_remarks) fmt::print("{}\n", remark);
  for (const SearchSpace& space : resolved.spaces) {
    const auto looser = looser_symmetry(space);
    if (!looser) continue;
    fmt::print("{}: {} ({}), found at symprec {} Å; {}\n", space.name(), space.parent()->space_group_symbol,
               space.parent()->space_group_number, space.parent()->symprec_angstrom, looser_symmetry_text(*looser));
  }
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
