/// @file
/// Which processors of a node are whose, where several ranks share it. Only worker threads are bound: what the master
/// starts beside them may run everywhere. Internal to workers.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hullscan::detail {

/// Which of the ranks of this node we are.
struct LocalRank {
  int rank = 0;
  int size = 1;
};
/// As mpirun, Hydra, PALS and srun say it in the environment; nothing if none does.
std::optional<LocalRank> local_rank(const std::map<std::string, std::string>& environment);

/// @param processors that this process may use, neighbours beside each other. @returns our share of them; empty where
/// there is nothing to part: too few for every rank's threads, because the launcher has bound each rank to its own.
std::vector<int> share_of(const std::vector<int>& processors, const LocalRank& place, std::size_t threads);

/// The same for this process, of what it may use now; processors of one core beside each other.
std::vector<int> own_share(std::size_t threads);

/// Binds the calling thread. Does nothing without processors, or where the system refuses.
void run_this_thread_on(const std::vector<int>& processors);

}  // namespace hullscan::detail
