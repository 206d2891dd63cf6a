/// @file
/// Facts of a campaign (table fact) that are JSON: a damaged one is named instead of believed.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "core/errors.hpp"
#include "core/json.hpp"

namespace hullscan {

/// What `read` makes of the JSON. @throws StorageError if it is none, or `read` does not find what it looks for.
template <class Read>
auto read_fact(const std::string& key, const std::string& text, const Read& read) {
  try {
    return read(Json::parse(text));
  } catch (const Json::exception& error) {
    throw StorageError(fmt::format("campaign.db: table fact, row \"{}\": is damaged: {}", key, error.what()));
  }
}

/// The temperatures of a pass, K.
inline std::vector<double> temperatures_in(const std::string& key, const std::string& text) {
  auto temperatures = read_fact(key, text, [](const Json& json) { return json.get<std::vector<double>>(); });
  for (const double kelvin : temperatures) {
    if (!(kelvin >= 1 && kelvin < 1e9))
      throw StorageError(fmt::format("campaign.db: table fact, row \"{}\": a temperature of {} K", key, kelvin));
  }
  return temperatures;
}

}  // namespace hullscan
