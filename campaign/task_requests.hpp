/// @file
/// What a person asks of a single calculation: another try, or none any more.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "storage/records.hpp"

namespace hullscan {

/// A failed or abandoned task is tried again by the next run.
/// @param id as in find_task. @returns the task as it was. @throws InputError if it has not failed; StorageError if the
/// campaign is in use.
TaskRecord retry_task(const std::filesystem::path& directory, const std::string& id);

struct AbandonedTask {
  TaskRecord task;                         ///< as it was
  std::vector<std::string> how_to_cancel;  ///< sentences about a job that may still wait or run
};
/// No further attempt is made, and the campaign ends without the task. A job that waits does not begin; one that runs
/// is the batch system's, and its results are not looked at.
/// @throws InputError if it has ended already; StorageError if the campaign is in use.
AbandonedTask abandon_task(const std::filesystem::path& directory, const std::string& id);

}  // namespace hullscan
