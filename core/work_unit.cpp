#include "core/work_unit.hpp"

namespace hullscan {

bool better(const Candidate& a, const Candidate& b) {
  if (a.score != b.score) return a.score < b.score;
  return a.occupation < b.occupation;
}

std::string name_of(const ShardReceipt& shard) {
  return shard.begin == 0 ? shard.file_name : shard.file_name + "@" + std::to_string(shard.begin);
}

}  // namespace hullscan
