#include "campaign/report/tasks_seen.hpp"

#include "scheduler/decisions/results.hpp"

namespace hullscan {

std::set<std::uint32_t> scored_spaces(const CampaignView& view, const TasksSeen& seen) {
  if (view.campaign->dft) return modelled_spaces(view, seen.judges);
  std::set<std::uint32_t> all;  // a model that needed no labels
  for (std::uint32_t space = 0; space < view.spaces.size(); ++space) {
    if (view.campaign->spaces[space].markers.empty()) all.insert(space);
  }
  return all;
}

}  // namespace hullscan
