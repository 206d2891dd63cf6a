/// @file
/// What a person decides about a result, recorded: the common part of accept, exclude and include.
#pragma once

#include <string>

#include "cli/command.hpp"
#include "storage/records.hpp"

namespace hullscan::cli {

struct DecisionCommand {
  const char* usage;
  const char* summary;
  JudgementKind kind;
  bool needs_reason;
  const char* reason_help;
  const char* done;  ///< "counts from now on": what is printed afterwards
  /// Why it cannot be decided so; "" if it can.
  std::string (*refusal)(const TaskRecord& task);
};

/// Stores the decision under the campaign's lock. @throws InputError if it cannot be taken, StorageError while a run
/// holds the campaign.
ExitCode decide(const Arguments& arguments, const DecisionCommand& command);

}  // namespace hullscan::cli
