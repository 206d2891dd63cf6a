/// @file
/// What a campaign learnt, as its report shows it: the fits of its rounds, the coefficients of the last ones, and what
/// the first of two stages judged.
#pragma once

#include <optional>
#include <vector>

#include "analysis/report/report_content.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {

/// Every fit of every finished round.
std::vector<ReportRound> report_rounds(const CampaignStore& store);
/// What the hull may still lack after the last round that says so; nothing where no model knows its error.
std::optional<ReportOutlook> report_outlook(const CampaignStore& store);
/// Coefficients of the last fit of every space, where it kept them.
std::vector<ReportCoefficient> report_coefficients(const CampaignStore& store);
/// Empty unless the campaign has stages and has decided.
std::vector<ReportJudgement> report_judgements(const CampaignStore& store);

}  // namespace hullscan
