#include "campaign/report/report_learning.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "scheduler/decisions/stages.hpp"
#include "scheduler/decisions/stored_outlook.hpp"
#include "storage/round_record.hpp"

namespace hullscan {
namespace {

std::optional<double> ev_of_mev(const std::optional<double>& mev) {
  return mev ? std::optional(*mev * 1e-3) : std::nullopt;
}

}  // namespace

std::vector<ReportRound> report_rounds(const CampaignStore& store) {
  std::vector<ReportRound> rounds;
  for (const Round& round : store.rounds()) {
    if (!round.finished) continue;
    for (const FitRecord& fit : fit_records(round)) {
      ReportRound report;
      report.round = round.number;
      report.surrogate = fmt::format("{} ({})", fit.kind, fit.space);
      report.labels = fit.labels;
      report.features = fit.features;
      report.loo_rmse_ev_per_atom = ev_of_mev(fit.loo_rmse_mev_per_atom);
      report.rmse_ev_per_atom = ev_of_mev(fit.rmse_mev_per_atom);
      rounds.push_back(std::move(report));
    }
  }
  return rounds;
}

std::vector<ReportCoefficient> report_coefficients(const CampaignStore& store) {
  std::map<std::string, std::vector<ReportCoefficient>> of_space;
  for (const Round& round : store.rounds()) {
    if (!round.finished) continue;
    for (const FitRecord& fit : fit_records(round)) {
      std::vector<ReportCoefficient> coefficients;
      for (const ClusterRecord& one : fit.coefficients) {
        if (one.energy_ev)
          coefficients.push_back({fit.space, one.cluster, one.sites, one.multiplicity, *one.energy_ev});
      }
      if (!coefficients.empty()) of_space[fit.space] = std::move(coefficients);
    }
  }
  std::vector<ReportCoefficient> all;
  for (const auto& [space, coefficients] : of_space) all.insert(all.end(), coefficients.begin(), coefficients.end());
  return all;
}

std::optional<ReportOutlook> report_outlook(const CampaignStore& store) {
  const std::optional<StoredOutlook> stored = latest_outlook(store);
  if (!stored || !stored->possible_error_mev_per_atom) return std::nullopt;
  ReportOutlook outlook;
  outlook.round = stored->round;
  outlook.calculated = stored->calculated;
  outlook.looked_at = stored->looked_at;
  outlook.bounded = stored->bounded;
  outlook.sigmas = stored->sigmas;
  outlook.possible_error_ev_per_atom = 1e-3 * *stored->possible_error_mev_per_atom;
  outlook.expected_missing = stored->expected_missing;
  outlook.probability_complete = stored->probability_complete;
  outlook.deviation_factor = stored->deviation_factor;
  for (const OutlookCandidate& one : stored->likeliest) {
    outlook.likeliest.push_back(
        {one.space, one.formula, 1e-3 * one.above_mev_per_atom, 1e-3 * one.deviation_mev_per_atom});
  }
  return outlook;
}

std::vector<ReportJudgement> report_judgements(const CampaignStore& store) {
  std::vector<ReportJudgement> all;
  const auto decision = stored_decision(store);
  if (!decision) return all;
  for (const SpaceDecision& space : decision->spaces) {
    for (const JudgedSpecies& judged : space.types) {
      all.push_back({space.name, space.by, space.rule, judged.type, judged.cost_ev_per_site, judged.formula,
                     judged.calculated, judged.unopposed, judged.kept});
    }
  }
  return all;
}

}  // namespace hullscan
