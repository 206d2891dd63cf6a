#include "scheduler/decisions/search_limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/log.hpp"
#include "core/scaled_energy.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {
SearchLimits asked_search_limits(const RunSpec& run) {
  return {run.keep == "best" ? run.scan_at_most : std::numeric_limits<double>::infinity(),
          static_cast<std::uint64_t>(run.search_nodes)};
}

void change_search_limits(const SearchLimits& limits, CampaignStore& store) { remember_search_limits(store, limits); }

SearchLimits settle_search_limits(const RunSpec& run, CampaignStore& store) {
  const SearchLimits asked = asked_search_limits(run);
  const auto held = recall_search_limits(store);
  if (!held && !store.current_pass()) remember_search_limits(store, asked);
  if (held && *held != asked) {
    log_warning(
        fmt::format("run.scan_at_most and run.search_nodes keep the values with which the campaign was begun: {}",
                    to_json_text(*held)));
  }
  return search_limits(store);
}

SearchLimits search_limits(const CampaignStore& store) {
  return recall_search_limits(store).value_or(SearchLimits{std::numeric_limits<double>::infinity(), 0});
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
  remember_search_bound(store, pass, result.unit.stratum, search);
  if (result.kept.empty()) return;
  const std::string& formula = view.view(result.unit.stratum).formula;
  const double lowest = score_to_ev_per_atom(result.kept.front().score);
  log_info(search.proven
               ? fmt::format("{}: the lowest {} are proven, {:.6f} eV/atom and up", formula, result.kept.size(), lowest)
               : fmt::format("{}: lowest found {:.6f} eV/atom, nothing is below {:.6f}: a gap of {:.2f} meV/atom",
                             formula, lowest, search.bound_ev_per_atom,
                             1e3 * std::max(0.0, lowest - search.bound_ev_per_atom)));
}

std::optional<SearchBound> kept_search(int pass, const Stratum& stratum, const CampaignStore& store) {
  return recall_search_bound(store, pass, stratum);
}

}  // namespace hullscan
