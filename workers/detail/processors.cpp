#include "workers/detail/processors.hpp"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <tuple>

#include "core/processes/child_process.hpp"

namespace hullscan::detail {
namespace {

/// -1 where it is not known.
int number_of_topology(int processor, const char* what) {
  std::ifstream file("/sys/devices/system/cpu/cpu" + std::to_string(processor) + "/topology/" + what);
  int number = -1;
  file >> number;
  return number;
}

std::optional<int> whole_number(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  // "8(x2)" is 8 on each of two nodes; "8,4" is not the same everywhere.
  const std::string rest(end, text.data() + text.size());
  if (!rest.empty() && (!rest.starts_with("(x") || rest.find(',') != std::string::npos)) return std::nullopt;
  return number;
}

}  // namespace

std::optional<LocalRank> local_rank(const std::map<std::string, std::string>& environment) {
  constexpr std::pair<const char*, const char*> kNames[] = {
      {"OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE"},
      {"MPI_LOCALRANKID", "MPI_LOCALNRANKS"},
      {"PALS_LOCAL_RANKID", "PALS_LOCAL_SIZE"},
      {"SLURM_LOCALID", "SLURM_STEP_TASKS_PER_NODE"}};
  for (const auto& [rank_name, size_name] : kNames) {
    const auto rank = environment.find(rank_name), size = environment.find(size_name);
    if (rank == environment.end() || size == environment.end()) continue;
    const auto number = whole_number(rank->second), count = whole_number(size->second);
    if (number && count && *number < *count) return LocalRank{*number, *count};
    return std::nullopt;
  }
  return std::nullopt;
}

std::vector<int> share_of(const std::vector<int>& processors, const LocalRank& place, std::size_t threads) {
  const std::size_t all = processors.size(), ranks = static_cast<std::size_t>(place.size);
  if (ranks < 2 || all < ranks * threads) return {};
  const auto begin = [&](std::size_t rank) {
    return processors.begin() + static_cast<std::ptrdiff_t>(all * rank / ranks);
  };
  const auto own = static_cast<std::size_t>(place.rank);
  return {begin(own), begin(own + 1)};
}

std::vector<int> own_share(std::size_t threads) {
  const auto place = local_rank(own_environment());
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (!place || sched_getaffinity(0, sizeof allowed, &allowed) != 0) return {};
  std::vector<std::tuple<int, int, int>> places;
  for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (CPU_ISSET(static_cast<std::size_t>(processor), &allowed))
      places.emplace_back(number_of_topology(processor, "physical_package_id"),
                          number_of_topology(processor, "core_id"), processor);
  }
  std::sort(places.begin(), places.end());
  std::vector<int> processors;
  for (const auto& one : places) processors.push_back(std::get<2>(one));
  return share_of(processors, *place, threads);
}

void run_this_thread_on(const std::vector<int>& processors) {
  if (processors.empty()) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int processor : processors) CPU_SET(static_cast<std::size_t>(processor), &set);
  (void)pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

}  // namespace hullscan::detail
