/// @file
/// What the models of migration paths learnt from their table of labels.
#pragma once

#include <vector>

#include "analysis/report/report_content.hpp"
#include "campaign/resolved_campaign.hpp"

namespace hullscan {

/// Of every space that marks pairs and is scored by a "marked-pair" model: fitted again to the campaign's own copy of
/// the table, since what is stored of a model are its coefficients alone. Empty without one, or, with a warning, where
/// the table cannot be read.
std::vector<ReportPathModel> report_path_models(const Campaign& campaign, const std::vector<SearchSpace>& spaces);

}  // namespace hullscan
