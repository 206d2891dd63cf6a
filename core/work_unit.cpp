#include "core/work_unit.hpp"

namespace hullscan {

bool better(const Candidate& a, const Candidate& b) {
  if (a.score != b.score) return a.score < b.score;
  return a.occupation < b.occupation;
}

}  // namespace hullscan
