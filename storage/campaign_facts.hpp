/// @file
/// The facts of a campaign as a whole (table fact), each with its type. This file pair alone knows under which keys and
/// in which texts the store holds them (CampaignStore::remember and recall; docs/formats/campaign-db.md). What a fact
/// means is said by who uses it.
///
/// What was never remembered is recalled as nothing. @throws StorageError if it is damaged.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/protocol.hpp"
#include "core/work_unit.hpp"

namespace hullscan {

class CampaignStore;

/// Which strata are too large to be generated (run.keep = "best").
struct SearchLimits {
  double scan_at_most = 0;         ///< inequivalent configurations; infinite: everything is generated
  std::uint64_t search_nodes = 0;  ///< of one stratum
  friend bool operator==(const SearchLimits&, const SearchLimits&) = default;
};
/// As it is stored, in one line.
[[nodiscard]] std::string to_json_text(const SearchLimits& limits);

/// Those the campaign was begun with.
[[nodiscard]] std::optional<SearchLimits> recall_search_limits(const CampaignStore& store);
void remember_search_limits(CampaignStore& store, const SearchLimits& limits);

/// What the search of one stratum has proven. A bound that is not finite is recalled as infinite.
[[nodiscard]] std::optional<SearchBound> recall_search_bound(const CampaignStore& store, int pass,
                                                             const Stratum& stratum);
void remember_search_bound(CampaignStore& store, int pass, const Stratum& stratum, const SearchBound& bound);

/// Temperatures of the thermodynamic sums of one pass, K; each >= 1 and < 1e9.
[[nodiscard]] std::optional<std::vector<double>> recall_pass_temperatures(const CampaignStore& store, int pass);
void remember_pass_temperatures(CampaignStore& store, int pass, const std::vector<double>& kelvin);

/// Deviations of the predictions by which the calculations of one round were chosen, eV/atom, as the model gave them,
/// by the tasks' keys.
[[nodiscard]] std::optional<std::map<std::string, double>> recall_round_deviations(const CampaignStore& store,
                                                                                   int round);
void remember_round_deviations(CampaignStore& store, int round, const std::map<std::string, double>& ev_per_atom);

/// Where a model's prior ranks configurations by itself: by energy above the hull of its own energies.
struct PriorRanks {
  std::uint64_t looked_at = 0;                 ///< configurations, calculated and not
  std::map<std::string, std::uint64_t> ranks;  ///< of what is calculated, by the tasks' keys; 1: the lowest
};
[[nodiscard]] std::optional<PriorRanks> recall_prior_ranks(const CampaignStore& store, int round);
void remember_prior_ranks(CampaignStore& store, int round, const PriorRanks& ranks);

/// Scores that a second model gave to candidates of one pass.
struct RefinedScores {
  std::uint64_t of = 0;                                        ///< hash of the candidates (hash_of_candidates)
  std::uint64_t model_hash = 0;                                ///< of the second model
  std::vector<std::pair<std::uint64_t, std::int64_t>> scores;  ///< index in CampaignStore::candidates, score
};
[[nodiscard]] std::optional<RefinedScores> recall_refined_scores(const CampaignStore& store, int pass);
void remember_refined_scores(CampaignStore& store, int pass, const RefinedScores& scores);

/// What the hull may still lack after one round, as JSON; its type is in scheduler/decisions/hull_outlook.hpp.
[[nodiscard]] std::optional<std::string> recall_hull_outlook(const CampaignStore& store, int round);
void remember_hull_outlook(CampaignStore& store, int round, const std::string& json);

/// What the last round has that has any. @param recall (store, round) -> optional.
template <class Store, class Recall>
auto latest_of_rounds(const Store& store, const Recall& recall) -> decltype(recall(store, 0)) {
  const auto rounds = store.rounds();
  for (auto round = rounds.rbegin(); round != rounds.rend(); ++round) {
    if (auto found = recall(store, round->number)) return found;
  }
  return std::nullopt;
}

/// Which share of the campaign the directory holds, "3/8"; nothing: the whole.
[[nodiscard]] std::optional<std::string> recall_part(const CampaignStore& store);
void remember_part(CampaignStore& store, const std::string& part);

/// What the first of two stages decided, as JSON; its type is in scheduler/decisions/stages.hpp.
[[nodiscard]] std::optional<std::string> recall_stage_decision(const CampaignStore& store);
void remember_stage_decision(CampaignStore& store, const std::string& json);

/// Whether models are to be fitted again before anything else, because the campaign file has changed.
[[nodiscard]] bool recall_fit_again(const CampaignStore& store);
void forget_fit_again(CampaignStore& store);

/// What a change of the campaign file remembers and forgets, as RevisionChange::facts takes it.
using FactChange = std::pair<std::string, std::string>;
[[nodiscard]] FactChange fact_fit_again();
[[nodiscard]] FactChange fact_no_stage_decision();
[[nodiscard]] FactChange fact_no_pass_temperatures(int pass);
[[nodiscard]] FactChange fact_search_limits(const SearchLimits& limits);

/// Version of the tests that results were judged by.
[[nodiscard]] std::optional<std::string> recall_judging_rules(const CampaignStore& store);
void remember_judging_rules(CampaignStore& store, const std::string& rules);

/// Machines on which nothing is started any more.
[[nodiscard]] std::optional<std::vector<std::string>> recall_avoided_nodes(const CampaignStore& store);
void remember_avoided_nodes(CampaignStore& store, const std::vector<std::string>& hosts);

/// Tasks whose last event has at most this number are packed, or stay as they are. What is no number counts as 0: then
/// all are looked at again.
[[nodiscard]] std::optional<std::int64_t> recall_packed_event(const CampaignStore& store);
void remember_packed_event(CampaignStore& store, std::int64_t event);

/// The word that the names of this directory's jobs begin with: 1 to 32 of a-z, 0-9 and "-", since it stands on command
/// lines.
/// @param database how a message calls the database.
[[nodiscard]] std::optional<std::string> recall_job_prefix(const CampaignStore& store, const std::string& database);
void remember_job_prefix(CampaignStore& store, const std::string& word);

}  // namespace hullscan
