#include "scheduler/decisions/stored_outlook.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/errors.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "storage/campaign_facts.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {

std::string outlook_text(const StoredOutlook& outlook) {
  if (!outlook.possible_error_mev_per_atom)
    return "it is not known what the hull may lack, since no model knows how far its predictions may be off";
  const double missing = outlook.expected_missing;
  std::string text = outlook.probability_complete < 0.005
                         ? fmt::format("the hull of {} results is not complete", outlook.calculated)
                         : fmt::format("the hull of {} results is complete with a probability of {:.0f} %",
                                       outlook.calculated, 100 * outlook.probability_complete);
  text += fmt::format(": of {:.0f} predictions {} are expected to lie below it", outlook.looked_at,
                      missing < 10 ? fmt::format("{:.2g}", missing) : fmt::format("{:.0f}", missing));
  const double possible = *outlook.possible_error_mev_per_atom;
  text += possible > 0 ? fmt::format("; something may lie as much as {:.1f} meV/atom below it", possible)
                       : std::string("; nothing lies below it");
  text += fmt::format(", if predictions are too high by {:g} deviations", outlook.sigmas);
  if (!outlook.likeliest.empty()) {
    const OutlookCandidate& first = outlook.likeliest.front();
    text += fmt::format("; the likeliest is {} of {}, predicted {:.1f} ± {:.1f} meV/atom {} it", first.formula,
                        first.space, std::abs(first.above_mev_per_atom), first.deviation_mev_per_atom,
                        first.above_mev_per_atom < 0 ? "below" : "above");
  }
  return text;
}

std::string to_json_text(const StoredOutlook& outlook) {
  Json likeliest = Json::array();
  for (const OutlookCandidate& one : outlook.likeliest) {
    likeliest.push_back({{"space", one.space},
                         {"formula", one.formula},
                         {"above_mev_per_atom", one.above_mev_per_atom},
                         {"deviation_mev_per_atom", one.deviation_mev_per_atom}});
  }
  const auto& possible = outlook.possible_error_mev_per_atom;
  return json_text(Json({{"round", outlook.round},
                         {"calculated", outlook.calculated},
                         {"sigmas", outlook.sigmas},
                         {"looked_at", outlook.looked_at},
                         {"bounded", outlook.bounded},
                         {"possible_error_mev_per_atom", possible ? Json(*possible) : Json()},
                         {"expected_missing", outlook.expected_missing},
                         {"probability_complete", outlook.probability_complete},
                         {"deviation_factor", outlook.deviation_factor},
                         {"likeliest", std::move(likeliest)}}));
}

StoredOutlook parse_outlook(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    StoredOutlook outlook;
    outlook.round = json.at("round").get<int>();
    outlook.calculated = json.at("calculated").get<std::size_t>();
    outlook.sigmas = json.at("sigmas").get<double>();
    outlook.looked_at = json.at("looked_at").get<double>();
    outlook.bounded = json.at("bounded").get<double>();
    if (const Json& possible = json.at("possible_error_mev_per_atom"); !possible.is_null())
      outlook.possible_error_mev_per_atom = possible.get<double>();
    outlook.expected_missing = json.at("expected_missing").get<double>();
    outlook.probability_complete = json.at("probability_complete").get<double>();
    outlook.deviation_factor = json.at("deviation_factor").get<double>();
    for (const Json& one : json.at("likeliest")) {
      outlook.likeliest.push_back({one.at("space").get<std::string>(), one.at("formula").get<std::string>(),
                                   one.at("above_mev_per_atom").get<double>(),
                                   one.at("deviation_mev_per_atom").get<double>()});
    }
    return outlook;
  } catch (const Json::exception& error) {
    throw StorageError(fmt::format("what the hull may lack is damaged in campaign.db: {}", error.what()));
  }
}

std::optional<StoredOutlook> latest_outlook(const CampaignStore& store) {
  const auto latest = latest_of_rounds(store, recall_hull_outlook);
  return latest ? std::optional(parse_outlook(*latest)) : std::nullopt;
}

}  // namespace hullscan
