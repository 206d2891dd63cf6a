/// @file
/// `hullscan exclude`: a result does not count, however long ago it was accepted.

#include "cli/decisions.hpp"

namespace hullscan::cli {

ExitCode run_exclude(const Arguments& arguments) {
  return decide(arguments,
                {.usage = "exclude DIR ID --because WORDS [--json]",
                 .summary = "Takes a result out of fits, hull and start volumes. It stays in the campaign, and include "
                            "brings it back.",
                 .kind = JudgementKind::kExcluded,
                 .needs_reason = true,
                 .reason_help = "why it is wrong",
                 .done = "does not count any more",
                 .refusal = [](const TaskRecord& task) -> std::string {
                   return task.standing() == Standing::kExcluded ? "is excluded already" : "";
                 }});
}

}  // namespace hullscan::cli
