#include "storage/records.hpp"

namespace hullscan {

std::string_view name_of(JudgementKind kind) {
  switch (kind) {
    case JudgementKind::kSuspected:
      return "suspected";
    case JudgementKind::kReleased:
      return "released";
    case JudgementKind::kAccepted:
      return "accepted";
    case JudgementKind::kExcluded:
      return "excluded";
    case JudgementKind::kIncluded:
      return "included";
  }
  return "unknown";
}

Standing standing_of(const std::vector<Judgement>& judgements) {
  if (judgements.empty()) return Standing::kCounts;
  switch (judgements.back().kind) {
    case JudgementKind::kSuspected:
      return Standing::kSuspect;
    case JudgementKind::kExcluded:
      return Standing::kExcluded;
    default:
      return Standing::kCounts;
  }
}

bool is_decided(const std::vector<Judgement>& judgements) {
  if (judgements.empty()) return false;
  const JudgementKind last = judgements.back().kind;
  return last == JudgementKind::kAccepted || last == JudgementKind::kExcluded;
}

}  // namespace hullscan
