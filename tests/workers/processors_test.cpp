#include "workers/detail/processors.hpp"

#include <catch2/catch.hpp>
#include <numeric>  // std::iota

namespace hullscan::detail {

TEST_CASE("ranks of a node part its processors between them, all of them and none twice", "[workers][processors]") {
  std::vector<int> node(128);
  std::iota(node.begin(), node.end(), 0);

  std::vector<int> together;
  for (int rank = 0; rank < 8; ++rank) {
    const auto share = share_of(node, {rank, 8}, 16);
    CHECK(share.size() == 16);
    together.insert(together.end(), share.begin(), share.end());
  }

  CHECK(together == node);
  CHECK(share_of(node, {2, 3}, 16).back() == 127);
  CHECK(share_of(node, {0, 1}, 16).empty());
  const std::vector<int> bound_by_launcher = {16, 17, 18, 19};
  CHECK(share_of(bound_by_launcher, {1, 8}, 4).empty());
}

TEST_CASE("every launcher's word for the place on a node is understood", "[workers][processors]") {
  const auto place = [](const std::map<std::string, std::string>& environment) {
    const auto found = local_rank(environment);
    return found ? std::pair(found->rank, found->size) : std::pair(-1, -1);
  };

  CHECK(place({{"OMPI_COMM_WORLD_LOCAL_RANK", "3"}, {"OMPI_COMM_WORLD_LOCAL_SIZE", "8"}}) == std::pair(3, 8));
  CHECK(place({{"MPI_LOCALRANKID", "1"}, {"MPI_LOCALNRANKS", "2"}}) == std::pair(1, 2));
  CHECK(place({{"SLURM_LOCALID", "7"}, {"SLURM_STEP_TASKS_PER_NODE", "8(x4)"}}) == std::pair(7, 8));
  CHECK(place({{"SLURM_LOCALID", "3"}, {"SLURM_STEP_TASKS_PER_NODE", "8(x2),4"}}) == std::pair(-1, -1));
  CHECK(place({{"SLURM_LOCALID", "9"}, {"SLURM_STEP_TASKS_PER_NODE", "8"}}) == std::pair(-1, -1));
  CHECK(place({{"OMPI_COMM_WORLD_LOCAL_RANK", "x"}, {"OMPI_COMM_WORLD_LOCAL_SIZE", "8"}}) == std::pair(-1, -1));
  CHECK(place({}) == std::pair(-1, -1));
}

}  // namespace hullscan::detail
