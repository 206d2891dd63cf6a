/// @file
/// `hullscan include`: takes back what a person decided about a result.

#include "cli/decisions.hpp"

namespace hullscan::cli {

ExitCode run_include(const Arguments& arguments) {
  return decide(arguments,
                {.usage = "include DIR ID [--because WORDS] [--json]",
                 .summary = "Takes exclude or accept back: the result counts, unless hullscan's own tests set it aside "
                            "at the next run.",
                 .kind = JudgementKind::kIncluded,
                 .needs_reason = false,
                 .reason_help = "why it was taken back",
                 .done = "nobody's decision stands any more, it counts unless it is found suspect again",
                 .refusal = [](const TaskRecord& task) -> std::string {
                   if (is_decided(task.judgements)) return "";
                   return task.standing() == Standing::kSuspect
                              ? "is suspect, and nobody has excluded it: hullscan accept lets it count"
                              : "counts already, and nobody has decided about it";
                 }});
}

}  // namespace hullscan::cli
