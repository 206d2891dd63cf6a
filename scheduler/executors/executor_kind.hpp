/// @file
/// The executors that a campaign file can ask for: what each is called, how its settings are checked, how it is made.
/// Their list is in scheduler/CMakeLists.txt; each is described in NAME_kind.cpp. Adding one: docs/adding/executor.md.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/campaign/campaign.hpp"
#include "scheduler/executors/executor.hpp"

namespace hullscan {

/// A program that the executor runs itself.
struct ExecutorProgram {
  std::string name;            ///< looked up in PATH
  std::string purpose;         ///< "Slurm": for `hullscan doctor`
  std::string debian_package;  ///< "" = none has it
};

/// Where the program of a calculation is looked for.
struct ProgramSearch {
  bool here = true;                ///< on this machine; else by every job, on its own node
  std::vector<std::string> setup;  ///< lines of shell that a job runs before
};

/// For whom an executor is made.
struct ExecutorPlace {
  std::filesystem::path directory;  ///< of the campaign
  std::function<std::string()>
      word;  ///< eight letters or digits that no other campaign directory has; the same in every process
};

struct MadeExecutor {
  std::unique_ptr<Executor> executor;
  int node_failures = 3;                 ///< quick ones in a row on one machine; then it is avoided
  std::optional<double> seconds_left{};  ///< of the job that hullscan itself runs in
  std::string own_job{};                 ///< then: which job that is, "job 17 of Slurm"
};

struct ExecutorKind {
  std::string name;  ///< what users write as run.executor; its settings are the table [run.NAME]
  std::vector<ExecutorProgram> programs{};
  /// Checks the executor's own table. Every problem is added with its place.
  void (*check)(const RunSpec& run, Problems& problems) = nullptr;
  /// @param run has been checked. @throws InputError if it cannot be had here.
  MadeExecutor (*make)(const RunSpec& run, const ExecutorPlace& place) = nullptr;
  /// Where programs are looked for, for a run that has been checked. Empty: here, at once.
  ProgramSearch (*program_search)(const RunSpec& run) = nullptr;
  /// How a person ends a job of this name that may still be there: "job X may still be in the queue: COMMAND". "" for a
  /// name that this executor has not given. Empty: its jobs end with hullscan.
  std::string (*how_to_cancel)(const std::string& job) = nullptr;
  /// What a site file may say for it: the key there, and the key of the executor's own table.
  std::vector<std::pair<std::string, std::string>> site_keys{};
};

/// In the order in which they are listed to users.
std::span<const ExecutorKind* const> executor_kinds();
std::vector<std::string> executor_names();

/// Checks run.executor and its table. Every problem is added with its place.
void check_executor(const RunSpec& run, Problems& problems);
/// @throws InputError if there is none of this name.
const ExecutorKind& executor_kind(const std::string& name);

/// The executor's own table as its reader wants it: without one, problems stand at run.executor.
SettingsTable executor_table(const RunSpec& run);

}  // namespace hullscan
