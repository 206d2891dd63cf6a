/// @file
/// What a user may ask of any batch system for one calculation: the keys that mean the same in every table [run.NAME],
/// checked so that nothing of them can be taken for anything but a value. How they are asked for is each client's.
#pragma once

#include <string>
#include <vector>

#include "core/campaign/settings.hpp"

namespace hullscan {

struct BatchOptions {
  std::string memory;          ///< of a node, "4G"; "": the system's default
  std::string memory_per_cpu;  ///< the same a core; at most one of the two
  int nodes = 1;               ///< of one calculation
  int ntasks = 1;              ///< MPI ranks of one calculation
  int cpus_per_task = 1;
  std::vector<std::string> launcher;  ///< words before the code's command; empty: mpirun if there are several ranks
  std::vector<std::string> setup;     ///< lines of shell before the calculation ("module load …"), as written
  int max_queued = 100;               ///< jobs of the campaign in the queue, running ones included
  double poll_s = 30;                 ///< between questions to the batch system
  double grace_s = 120;               ///< how long a job that nobody knows of is waited for
  int node_failures = 3;              ///< in a row, on one node; then the node is avoided
  bool arrays = false;                ///< one job array for all calculations that are ready together
  std::vector<std::string> mpi_launcher = {"mpirun"};  ///< starts N ranks of a job with "-n N" behind it

  [[nodiscard]] int cores() const { return ntasks * cpus_per_task; }  ///< of one calculation
};

/// Longer texts are not an option of any batch system, and std::regex takes stack for every character: look at the
/// length first.
inline constexpr std::size_t kLongestOption = 1000;

/// Takes the keys of BatchOptions, but for `mode`, which is each system's own.
void read_batch_options(SettingsReader& reader, BatchOptions& options);

/// `modules` become lines of shell before those of `setup`.
void read_modules_and_setup(SettingsReader& reader, BatchOptions& options);

/// The words of a command: a list of them, or one text that is parted at its blanks. Empty if the key is absent.
std::vector<std::string> launcher_words(SettingsReader& reader, const std::string& key);

/// A text that must match `allowed`, a regular expression, as a whole; "" if it does not, with a problem that says what
/// was `expected`.
std::string checked_text(SettingsReader& reader, const std::string& key, const std::string& allowed,
                         const std::string& expected);

/// "3G" twice doubled is "12G".
std::string doubled_memory(const std::string& memory, int times);

}  // namespace hullscan
