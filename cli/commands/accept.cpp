/// @file
/// `hullscan accept`: a result counts, whatever hullscan thinks of it.

#include "cli/decisions.hpp"

namespace hullscan::cli {

ExitCode run_accept(const Arguments& arguments) {
  return decide(arguments, {.usage = "accept DIR ID [--because WORDS] [--json]",
                            .summary = "Lets a result count that was set aside; hullscan does not set it aside again.",
                            .kind = JudgementKind::kAccepted,
                            .needs_reason = false,
                            .reason_help = "why it is right",
                            .done = "counts from now on",
                            .refusal = [](const TaskRecord& task) -> std::string {
                              return is_decided(task.judgements) && task.standing() == Standing::kCounts
                                         ? "is accepted already"
                                         : "";
                            }});
}

}  // namespace hullscan::cli
