#include "storage/campaign_facts.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "core/errors.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {
namespace {

constexpr const char* kSearchLimitsKey = "search limits";
constexpr const char* kPartKey = "part";
constexpr const char* kStageKey = "stage";
constexpr const char* kJudgedKey = "results judged";
constexpr const char* kAvoidedNodesKey = "avoided nodes";
constexpr const char* kFitAgainKey = "fit again";
constexpr const char* kPackedKey = "packed up to event";
constexpr const char* kJobPrefixKey = "job prefix";

std::string key_of_search(int pass, const Stratum& stratum) {
  return fmt::format("pass {} search {}.{}.{}", pass, stratum.space, stratum.supercell, stratum.index_in_supercell);
}

std::string key_of_temperatures(int pass) { return fmt::format("pass {} temperatures", pass); }

std::string key_of_deviations(int round) { return fmt::format("round {} deviations", round); }
std::string key_of_prior_ranks(int round) { return fmt::format("round {} prior ranks", round); }
std::string key_of_refined(int pass) { return fmt::format("pass {} refined", pass); }
std::string key_of_outlook(int round) { return fmt::format("round {} outlook", round); }

[[noreturn]] void refuse(const std::string& key, const std::string& why, const std::string& database = "campaign.db") {
  throw StorageError(fmt::format("{}: table fact, row \"{}\": {}", database, key, why));
}

double number_or_infinity(const Json& value) {
  return value.is_number() ? value.get<double>() : std::numeric_limits<double>::infinity();
}

/// @param read makes the value from the JSON.
template <class Value, class Read>
std::optional<Value> recall_json(const CampaignStore& store, const std::string& key, const Read& read) {
  const auto text = store.recall(key);
  if (!text) return std::nullopt;
  try {
    return read(Json::parse(*text));
  } catch (const Json::exception& error) {
    refuse(key, fmt::format("is damaged: {}", error.what()));
  }
}

}  // namespace

bool recall_fit_again(const CampaignStore& store) { return !store.recall(kFitAgainKey).value_or("").empty(); }

void forget_fit_again(CampaignStore& store) { store.remember(kFitAgainKey, ""); }

FactChange fact_fit_again() { return {kFitAgainKey, "yes"}; }

FactChange fact_no_stage_decision() { return {kStageKey, ""}; }

FactChange fact_no_pass_temperatures(int pass) { return {key_of_temperatures(pass), ""}; }

FactChange fact_search_limits(const SearchLimits& limits) { return {kSearchLimitsKey, to_json_text(limits)}; }

std::string to_json_text(const SearchLimits& limits) {
  return json_text(
      Json({{"scan_at_most", finite_or_null(limits.scan_at_most)}, {"search_nodes", limits.search_nodes}}));
}

std::optional<SearchLimits> recall_search_limits(const CampaignStore& store) {
  return recall_json<SearchLimits>(store, kSearchLimitsKey, [](const Json& json) {
    return SearchLimits{number_or_infinity(json.at("scan_at_most")), json.at("search_nodes").get<std::uint64_t>()};
  });
}

void remember_search_limits(CampaignStore& store, const SearchLimits& limits) {
  store.remember(kSearchLimitsKey, to_json_text(limits));
}

std::optional<SearchBound> recall_search_bound(const CampaignStore& store, int pass, const Stratum& stratum) {
  return recall_json<SearchBound>(store, key_of_search(pass, stratum), [](const Json& json) {
    return SearchBound{json.at("proven").get<bool>(), number_or_infinity(json.at("bound_ev_per_atom"))};
  });
}

void remember_search_bound(CampaignStore& store, int pass, const Stratum& stratum, const SearchBound& bound) {
  store.remember(
      key_of_search(pass, stratum),
      json_text(Json({{"proven", bound.proven}, {"bound_ev_per_atom", finite_or_null(bound.bound_ev_per_atom)}})));
}

std::optional<std::vector<double>> recall_pass_temperatures(const CampaignStore& store, int pass) {
  const std::string key = key_of_temperatures(pass);
  auto temperatures =
      recall_json<std::vector<double>>(store, key, [](const Json& json) { return json.get<std::vector<double>>(); });
  if (!temperatures) return std::nullopt;
  for (const double kelvin : *temperatures) {
    if (!(kelvin >= 1 && kelvin < 1e9)) refuse(key, fmt::format("a temperature of {} K", kelvin));
  }
  return temperatures;
}

void remember_pass_temperatures(CampaignStore& store, int pass, const std::vector<double>& kelvin) {
  store.remember(key_of_temperatures(pass), json_text(Json(kelvin)));
}

std::optional<std::map<std::string, double>> recall_round_deviations(const CampaignStore& store, int round) {
  const std::string key = key_of_deviations(round);
  auto deviations = recall_json<std::map<std::string, double>>(
      store, key, [](const Json& json) { return json.get<std::map<std::string, double>>(); });
  if (!deviations) return std::nullopt;
  for (const auto& [task, deviation] : *deviations) {
    if (!(deviation > 0 && std::isfinite(deviation))) refuse(key, fmt::format("a deviation of {} eV/atom", deviation));
  }
  return deviations;
}

void remember_round_deviations(CampaignStore& store, int round, const std::map<std::string, double>& ev_per_atom) {
  store.remember(key_of_deviations(round), json_text(Json(ev_per_atom)));
}

std::optional<PriorRanks> recall_prior_ranks(const CampaignStore& store, int round) {
  return recall_json<PriorRanks>(store, key_of_prior_ranks(round), [](const Json& json) {
    return PriorRanks{json.at("looked_at").get<std::uint64_t>(),
                      json.at("ranks").get<std::map<std::string, std::uint64_t>>()};
  });
}

void remember_prior_ranks(CampaignStore& store, int round, const PriorRanks& ranks) {
  store.remember(key_of_prior_ranks(round),
                 json_text(Json({{"looked_at", ranks.looked_at}, {"ranks", Json(ranks.ranks)}})));
}

std::optional<RefinedScores> recall_refined_scores(const CampaignStore& store, int pass) {
  return recall_json<RefinedScores>(store, key_of_refined(pass), [](const Json& json) {
    return RefinedScores{json.at("of").get<std::uint64_t>(), json.at("model").get<std::uint64_t>(),
                         json.at("scores").get<std::vector<std::pair<std::uint64_t, std::int64_t>>>()};
  });
}

void remember_refined_scores(CampaignStore& store, int pass, const RefinedScores& scores) {
  store.remember(key_of_refined(pass),
                 json_text(Json({{"of", scores.of}, {"model", scores.model_hash}, {"scores", scores.scores}})));
}

std::optional<std::string> recall_hull_outlook(const CampaignStore& store, int round) {
  auto text = store.recall(key_of_outlook(round));
  return text && !text->empty() ? text : std::nullopt;
}

void remember_hull_outlook(CampaignStore& store, int round, const std::string& json) {
  store.remember(key_of_outlook(round), json);
}

std::optional<std::string> recall_part(const CampaignStore& store) { return store.recall(kPartKey); }
void remember_part(CampaignStore& store, const std::string& part) { store.remember(kPartKey, part); }

std::optional<std::string> recall_stage_decision(const CampaignStore& store) { return store.recall(kStageKey); }
void remember_stage_decision(CampaignStore& store, const std::string& json) { store.remember(kStageKey, json); }

std::optional<std::string> recall_judging_rules(const CampaignStore& store) { return store.recall(kJudgedKey); }
void remember_judging_rules(CampaignStore& store, const std::string& rules) { store.remember(kJudgedKey, rules); }

std::optional<std::vector<std::string>> recall_avoided_nodes(const CampaignStore& store) {
  return recall_json<std::vector<std::string>>(store, kAvoidedNodesKey,
                                               [](const Json& json) { return json.get<std::vector<std::string>>(); });
}

void remember_avoided_nodes(CampaignStore& store, const std::vector<std::string>& hosts) {
  store.remember(kAvoidedNodesKey, json_text(Json(hosts)));
}

std::optional<std::int64_t> recall_packed_event(const CampaignStore& store) {
  const auto text = store.recall(kPackedKey);
  if (!text) return std::nullopt;
  std::int64_t event = 0;
  std::from_chars(text->data(), text->data() + text->size(), event);
  return event;
}

void remember_packed_event(CampaignStore& store, std::int64_t event) {
  store.remember(kPackedKey, std::to_string(event));
}

std::optional<std::string> recall_job_prefix(const CampaignStore& store, const std::string& database) {
  const auto word = store.recall(kJobPrefixKey);
  if (!word) return std::nullopt;
  const bool plain = !word->empty() && word->size() <= 32 &&
                     word->find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz-") == std::string::npos;
  if (!plain) refuse(kJobPrefixKey, "is damaged: expected a word", database);
  return word;
}

void remember_job_prefix(CampaignStore& store, const std::string& word) { store.remember(kJobPrefixKey, word); }

}  // namespace hullscan
