#include "scheduler/decisions/search_limits.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "core/json.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "scheduler/decisions/stored_fact.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {
namespace {

std::string key_of(int pass, const Stratum& stratum) {
  return fmt::format("pass {} search {}.{}.{}", pass, stratum.space, stratum.supercell, stratum.composition);
}

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json as_json(const SearchLimits& limits) {
  return {{"scan_at_most", number_or_null(limits.scan_at_most)}, {"search_nodes", limits.search_nodes}};
}

}  // namespace

SearchLimits asked_search_limits(const RunSpec& run) {
  return {run.keep == "best" ? run.scan_at_most : std::numeric_limits<double>::infinity(),
          static_cast<std::uint64_t>(run.search_nodes)};
}

void change_search_limits(const SearchLimits& limits, CampaignStore& store) {
  store.remember(kSearchLimitsFact, json_text(as_json(limits)));
}

SearchLimits settle_search_limits(const RunSpec& run, CampaignStore& store) {
  const Json asked = as_json(asked_search_limits(run));
  const auto held = store.recall(kSearchLimitsFact);
  if (!held && !store.current_pass()) store.remember(kSearchLimitsFact, json_text(asked));
  const SearchLimits settled = search_limits(store);
  if (held && read_fact(kSearchLimitsFact, *held, [](const Json& json) { return json; }) != asked) {
    log_warning(fmt::format(
        "run.scan_at_most and run.search_nodes keep the values with which the campaign was begun: {}", *held));
  }
  return settled;
}

SearchLimits search_limits(const CampaignStore& store) {
  SearchLimits limits{std::numeric_limits<double>::infinity(), 0};
  if (const auto held = store.recall(kSearchLimitsFact)) {
    read_fact(kSearchLimitsFact, *held, [&](const Json& json) {
      if (json.at("scan_at_most").is_number()) limits.scan_at_most = json["scan_at_most"].get<double>();
      limits.search_nodes = json.at("search_nodes").get<std::uint64_t>();
    });
  }
  return limits;
}

void mark_branch_and_bound(CampaignView& view, const SearchLimits& limits) {
  for (StratumView& stratum : view.strata) {
    const bool marked = !view.campaign->spaces[stratum.stratum.space].markers.empty();
    stratum.by_branch_and_bound =
        !marked && stratum.inequivalent.value_or(stratum.total).convert_to<double>() > limits.scan_at_most;
  }
}

void keep_search(int pass, const CampaignView& view, const UnitScored& result, CampaignStore& store) {
  const SearchBound& search = *result.search;
  store.remember(
      key_of(pass, result.unit.stratum),
      json_text(Json({{"proven", search.proven}, {"bound_ev_per_atom", number_or_null(search.bound_ev_per_atom)}})));
  if (result.kept.empty()) return;
  const std::string& formula = view.view(result.unit.stratum).formula;
  const double lowest = 1e-9 * static_cast<double>(result.kept.front().score);
  log_info(search.proven
               ? fmt::format("{}: the lowest {} are proven, {:.6f} eV/atom and up", formula, result.kept.size(), lowest)
               : fmt::format("{}: lowest found {:.6f} eV/atom, nothing is below {:.6f}: a gap of {:.2f} meV/atom",
                             formula, lowest, search.bound_ev_per_atom,
                             1e3 * std::max(0.0, lowest - search.bound_ev_per_atom)));
}

std::optional<SearchBound> kept_search(int pass, const Stratum& stratum, const CampaignStore& store) {
  const std::string key = key_of(pass, stratum);
  const auto held = store.recall(key);
  if (!held) return std::nullopt;
  return read_fact(key, *held, [](const Json& json) {
    const Json& bound = json.at("bound_ev_per_atom");
    return SearchBound{json.at("proven").get<bool>(),
                       bound.is_number() ? bound.get<double>() : std::numeric_limits<double>::infinity()};
  });
}

}  // namespace hullscan
