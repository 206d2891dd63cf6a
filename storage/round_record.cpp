#include "storage/round_record.hpp"

#include <fmt/format.h>

#include "core/errors.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"

namespace hullscan {
namespace {

Json number_or_null(const std::optional<double>& number) { return number ? finite_or_null(*number) : Json(); }

std::optional<double> number_in(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return std::nullopt;
  return found->get<double>();
}

FitRecord fit_in(const Json& one) {
  FitRecord fit;
  fit.space = one.at("space").get<std::string>();
  fit.kind = one.at("kind").get<std::string>();
  fit.labels = one.at("labels").get<std::int64_t>();
  fit.features = one.at("features").get<std::int64_t>();
  fit.rank = one.value("rank", std::int64_t{0});
  fit.rmse_mev_per_atom = number_in(one, "rmse_mev_per_atom");
  fit.loo_rmse_mev_per_atom = number_in(one, "loo_rmse_mev_per_atom");
  fit.regularisation = number_in(one, "regularisation");
  const Json coefficients = one.value("coefficients", Json::array());
  for (const Json& each : coefficients) {
    fit.coefficients.push_back({each.at("cluster").get<std::string>(), each.at("sites").get<int>(),
                                each.at("multiplicity").get<int>(), number_in(each, "energy_ev")});
  }
  fit.warnings = one.value("warnings", std::vector<std::string>{});
  return fit;
}

/// @param part what the text is of, for the message.
Json value_in(const Round& round, const std::string& text, Json::value_t type, const char* part) {
  Json json = Json::parse(text, nullptr, false);
  if (json.type() != type)
    throw StorageError(fmt::format("round {}: what is stored of its {} is damaged", round.number, part));
  return json;
}

}  // namespace

std::string to_json_text(const std::vector<FitRecord>& fits) {
  Json json = Json::array();
  for (const FitRecord& fit : fits) {
    Json coefficients = Json::array();
    for (const ClusterRecord& one : fit.coefficients) {
      coefficients.push_back({{"cluster", one.cluster},
                              {"sites", one.sites},
                              {"multiplicity", one.multiplicity},
                              {"energy_ev", number_or_null(one.energy_ev)}});
    }
    json.push_back({{"space", fit.space},
                    {"kind", fit.kind},
                    {"labels", fit.labels},
                    {"features", fit.features},
                    {"rank", fit.rank},
                    {"rmse_mev_per_atom", number_or_null(fit.rmse_mev_per_atom)},
                    {"loo_rmse_mev_per_atom", number_or_null(fit.loo_rmse_mev_per_atom)},
                    {"regularisation", number_or_null(fit.regularisation)},
                    {"coefficients", std::move(coefficients)},
                    {"warnings", fit.warnings}});
  }
  return json_text(json);
}

std::string to_json_text(const HullRecord& hull) {
  Json json = {{"entries", hull.entries}, {"vertices", hull.vertices}};
  if (hull.set_aside) json["set_aside"] = *hull.set_aside;
  return json_text(json);
}

std::vector<FitRecord> fit_records(const Round& round) {
  const Json json = value_in(round, round.fit, Json::value_t::array, "fit");
  try {
    std::vector<FitRecord> fits;
    for (const Json& one : json) fits.push_back(fit_in(one));
    return fits;
  } catch (const Json::exception& error) {
    throw StorageError(fmt::format("round {}: what is stored of its fit is damaged: {}", round.number, error.what()));
  }
}

HullRecord hull_record(const Round& round) {
  const Json json = value_in(round, round.hull, Json::value_t::object, "hull");
  try {
    HullRecord hull;
    hull.entries = json.value("entries", std::uint64_t{0});
    hull.vertices = json.value("vertices", std::vector<std::string>{});
    if (json.contains("set_aside")) hull.set_aside = json.at("set_aside").get<std::string>();
    return hull;
  } catch (const Json::exception& error) {
    throw StorageError(fmt::format("round {}: what is stored of its hull is damaged: {}", round.number, error.what()));
  }
}

}  // namespace hullscan
