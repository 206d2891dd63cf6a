/// @file
/// What the report wants to know of all tasks beside its entries; gathered while they pass by, since all of them at
/// once are gigabytes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/task.hpp"
#include "core/work_unit.hpp"
#include "scheduler/campaign_view.hpp"
#include "storage/records.hpp"

namespace hullscan {

struct TasksSeen {
  std::set<std::uint32_t> judges;  ///< spaces whose judge has a label
  std::map<std::pair<Stratum, std::vector<std::uint8_t>>, TaskState> asked;
  std::optional<Instant> last;  ///< when a task last began, ended or was judged
};

/// Spaces whose candidates were scored by a model, not at random.
std::set<std::uint32_t> scored_spaces(const CampaignView& view, const TasksSeen& seen);

}  // namespace hullscan
