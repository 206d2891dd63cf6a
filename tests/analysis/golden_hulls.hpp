/// @file
/// The golden hulls of the shared data, computed apart from this program (data/PROVENANCE.md).
#pragma once

#include <cmath>
#include <fstream>

#include "../shared_data.hpp"
#include "analysis/hull/hull.hpp"
#include "core/json.hpp"

namespace hullscan::test {

/// A file of the golden set, by name.
inline Json golden(const std::string& name) {
  std::ifstream file(shared_data() / "hull" / name);
  return Json::parse(file);
}

/// Fractional amounts of the quinary set are multiples of 1/1000.
inline HullEntry entry_of(const Json& json) {
  for (std::int64_t scale = 1; scale <= 1000; ++scale) {
    std::map<Species, std::int64_t> counts;
    bool integer = true;
    for (const auto& [symbol, amount] : json["composition"].items()) {
      const double scaled = amount.get<double>() * static_cast<double>(scale);
      integer = integer && std::abs(scaled - std::round(scaled)) < 1e-6;
      counts[Species::from_symbol(symbol)] = std::llround(scaled);
    }
    if (integer)
      return {json["id"], Composition(counts), json["energy"].get<double>() * static_cast<double>(scale), {}};
  }
  throw std::runtime_error("composition is not rational");
}

inline std::vector<HullEntry> entries_of(const Json& file) {
  std::vector<HullEntry> entries;
  for (const Json& entry : file["entries"]) entries.push_back(entry_of(entry));
  return entries;
}

}  // namespace hullscan::test
