/// @file
/// `hullscan merge`: the parts of a job array become one campaign directory, the same as if one run had done all.

#include <fmt/format.h>

#include "campaign/merging.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/new_place.hpp"

namespace hullscan::cli {

ExitCode run_merge(const Arguments& arguments) {
  CommandLine line("merge --out DIR PART-DIR…",
                   "Joins the parts of a campaign (run --part I/N) into one campaign directory. The parts stay as they "
                   "are; archive files are linked, not copied, where the file system allows it.");
  line.option("out", "DIR", "the new campaign directory; must not exist");
  line.positionals("PART-DIR…, the directories of all parts", 1, -1);
  if (!line.parse(arguments)) return ExitCode::kDone;
  const auto out = line.value("out");
  if (!out) throw InputError("merge: expected --out DIR, the directory to make");
  const std::filesystem::path target = std::filesystem::absolute(*out).lexically_normal();
  require_new_place(target, Parents::kAreMade);

  const MergedCampaign merged = merge_parts({line.positional().begin(), line.positional().end()}, target);
  fmt::print("{}: {} part{} joined\n", *out, merged.parts, merged.parts == 1 ? "" : "s");
  if (merged.computes) fmt::print("hullscan run FILE --dir {} goes on with the calculations\n", *out);
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
