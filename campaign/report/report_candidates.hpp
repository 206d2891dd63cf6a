/// @file
/// The configurations that a model ranks high and nobody has calculated.
#pragma once

#include <vector>

#include "analysis/report/report_content.hpp"
#include "campaign/report/tasks_seen.hpp"
#include "enumerator/space/search_space.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {

/// The best candidates of the last finished pass that have no result, over all compositions; by prediction alone, since
/// the hull is not known here.
std::vector<ReportCandidate> report_candidates(const CampaignView& view, const std::vector<SearchSpace>& spaces,
                                               const CampaignStore& store, const TasksSeen& seen);

/// Whether energies of the campaign's model at different compositions have one zero: those of potentials and of fits
/// do; those of point charges only where every composition of the spaces is neutral.
bool model_compares_compositions(const CampaignView& view);

}  // namespace hullscan
