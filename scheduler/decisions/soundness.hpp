/// @file
/// Whether what a database holds can be of this campaign at all: it may come from anywhere, and be damaged. Whoever
/// uses stored indices asks here first.
#pragma once

#include <string>
#include <vector>

#include "scheduler/campaign_view.hpp"

namespace hullscan {

class CampaignStore;
struct TaskRecord;

/// "" if the campaign has such a stratum.
std::string fault_of_stratum(const CampaignView& view, const Stratum& stratum);
/// "" if the campaign has such a configuration.
std::string fault_of_configuration(const CampaignView& view, const Stratum& stratum,
                                   const std::vector<std::uint8_t>& occupation);

/// Tasks, candidates, units and sums whose stratum, occupation or structure the campaign does not have, and stored
/// texts that are not what is written there; empty: all can be used. @throws StorageError where a row cannot be read at
/// all.
std::vector<std::string> unsound_records(const CampaignView& view, const CampaignStore& store);

/// The same of one task, added to `faults`; and of all that is not a task.
void add_faults(const CampaignView& view, const TaskRecord& task, std::vector<std::string>& faults);
void add_faults_beside_tasks(const CampaignView& view, const CampaignStore& store, std::vector<std::string>& faults);
/// @throws StorageError as require_sound does, if there are any.
void require_none(const std::vector<std::string>& faults);

/// @throws StorageError naming the first of them and what to do.
void require_sound(const CampaignView& view, const CampaignStore& store);

}  // namespace hullscan
