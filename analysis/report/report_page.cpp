#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "analysis/hull/end_members.hpp"
#include "analysis/report/parity.hpp"
#include "analysis/report/report_parts.hpp"
#include "core/json_text.hpp"

namespace hullscan {
namespace {

// The page stays below 1.5 MB with 1e5 entries: about 0.4 MB of entries in full, 0.5 MB of points (4 bytes each, in
// base64), what is left for structures and compositions.
constexpr std::size_t kEntriesInFull = 600;
constexpr std::size_t kFewestInFull = 75;
constexpr std::size_t kCompositionsInFull = 1200;
constexpr std::size_t kEnsemblesInFull = 600;
constexpr std::size_t kRowsOfLists = 200;  ///< of failures and the like
constexpr std::size_t kRoundsInFull = 500;
constexpr std::size_t kLabelsOfValidation = 800;
constexpr std::size_t kPoints = 100'000;
constexpr std::size_t kBytes = 1'250'000;
constexpr std::size_t kBytesOfStructures = 60'000;  ///< at least, whatever else there is
constexpr std::size_t kParityBins = 96;

std::string base64(const std::vector<std::uint8_t>& bytes) {
  static const char* const kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t word = static_cast<std::uint32_t>(bytes[i]) << 16U;
    if (left > 1) word |= static_cast<std::uint32_t>(bytes[i + 1]) << 8U;
    if (left > 2) word |= bytes[i + 2];
    for (std::size_t k = 0; k < 4; ++k) text += k <= left ? kLetters[word >> (18U - 6U * k) & 63U] : '=';
  }
  return text;
}

/// Numbers of [low, high] as 16-bit little-endian steps.
Json packed(const std::vector<double>& values) {
  double low = values.empty() ? 0 : *std::min_element(values.begin(), values.end());
  double high = values.empty() ? 1 : *std::max_element(values.begin(), values.end());
  if (!(high > low)) high = low + 1e-6;
  std::vector<std::uint8_t> bytes;
  bytes.reserve(values.size() * 2);
  for (const double value : values) {
    const auto step = static_cast<std::uint32_t>(std::lround((value - low) / (high - low) * 65535));
    bytes.push_back(static_cast<std::uint8_t>(step & 255U));
    bytes.push_back(static_cast<std::uint8_t>(step >> 8U));
  }
  return {{"low", low}, {"high", high}, {"count", values.size()}, {"base64", base64(bytes)}};
}

/// Vertices and the lowest first; of equal ones, in the report's order.
std::vector<std::size_t> best_entries(const Report& report, std::size_t most) {
  std::vector<std::size_t> order(report.content.entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (report.hull) {
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      const HullEntryResult &left = report.of_entry(a), &right = report.of_entry(b);
      return std::pair(!left.vertex, left.e_above_hull_ev_per_atom) <
             std::pair(!right.vertex, right.e_above_hull_ev_per_atom);
    });
  }
  if (order.size() > most) order.resize(most);
  std::sort(order.begin(), order.end());
  return order;
}

/// Every entry as (place, formation energy), or those nearest to the hull; places as shares of the end members.
Json points_of(const Report& report) {
  const EndMemberSpace space(report.hull->end_members);
  std::map<Composition, std::uint32_t> place_of;
  std::vector<std::vector<double>> shares;
  std::vector<double> places, energies, hull;
  for (const std::size_t i : best_entries(report, kPoints)) {
    const Composition reduced = report.content.entries[i].composition.reduced();
    const auto [at, inserted] = place_of.emplace(reduced, static_cast<std::uint32_t>(shares.size()));
    if (inserted) {
      const auto here = space.shares(reduced);
      if (!here) {
        place_of.erase(at);
        continue;
      }
      shares.push_back(*here);
      hull.push_back(report.of_entry(i).formation_energy_ev_per_atom - report.of_entry(i).e_above_hull_ev_per_atom);
    }
    places.push_back(at->second);
    energies.push_back(report.of_entry(i).formation_energy_ev_per_atom);
  }
  if (shares.size() > 65535) return nullptr;
  Json columns = Json::array();
  for (std::size_t j = 1; j < space.members().size(); ++j) {
    std::vector<double> column;
    for (const auto& one : shares) column.push_back(one[j]);
    columns.push_back(packed(column));
  }
  // Place numbers are whole: scaled so that a step is one place.
  Json place = packed(places);
  return {{"shares", std::move(columns)},
          {"place", std::move(place)},
          {"hull", packed(hull)},
          {"formation_energy", packed(energies)}};
}

/// Predicted against calculated, as counts in squares.
Json parity_json(const Report& report) {
  const auto parity = parity_of(report);
  if (!parity) return nullptr;
  double low = parity->pairs.front().calculated_ev_per_atom, high = low;
  for (const auto& [x, y] : parity->pairs) {
    low = std::min({low, x, y});
    high = std::max({high, x, y});
  }
  if (!(high > low)) high = low + 1e-6;
  std::map<std::size_t, std::uint64_t> counts;
  const auto bin = [&](double v) {
    return std::min(kParityBins - 1, static_cast<std::size_t>((v - low) / (high - low) * kParityBins));
  };
  for (const auto& [x, y] : parity->pairs) ++counts[bin(y) * kParityBins + bin(x)];
  Json cells = Json::array();
  for (const auto& [cell, count] : counts) cells.push_back({cell, count});
  return {{"low", low},
          {"high", high},
          {"bins", kParityBins},
          {"cells", std::move(cells)},
          {"count", parity->pairs.size()},
          {"mae", parity->mae_ev_per_atom},
          {"rmse", parity->rmse_ev_per_atom}};
}

/// Lowest predicted formation energy of every composition that has one, on the composition's shares.
Json predictions_of(const Report& report) {
  const EndMemberSpace space(report.hull->end_members);
  std::map<std::vector<double>, double> lowest;
  for (const ReportSpace& one : report.content.spaces) {
    for (const ReportSupercell& supercell : one.supercells) {
      for (const ReportComposition& composition : supercell.compositions) {
        if (!composition.lowest_predicted_ev_per_atom || composition.composition.atom_count() == 0) continue;
        const auto shares = space.shares(composition.composition);
        if (!shares) continue;
        const auto [at, inserted] = lowest.emplace(*shares, *composition.lowest_predicted_ev_per_atom);
        if (!inserted) at->second = std::min(at->second, *composition.lowest_predicted_ev_per_atom);
      }
    }
  }
  Json columns = Json::array();
  std::vector<double> energies;
  for (std::size_t j = 1; j < space.members().size(); ++j) {
    std::vector<double> column;
    for (const auto& [shares, energy] : lowest) column.push_back(shares[j]);
    columns.push_back(packed(column));
  }
  for (const auto& [shares, energy] : lowest) energies.push_back(energy);
  return {{"shares", std::move(columns)}, {"lowest_predicted", packed(energies)}};
}

std::size_t composition_count(const Report& report) {
  std::size_t count = 0;
  for (const ReportSpace& space : report.content.spaces) {
    for (const ReportSupercell& supercell : space.supercells) count += supercell.compositions.size();
  }
  return count;
}

/// Rounds are a curve: every n-th, and the last.
void thin(Json& list, std::size_t most) {
  if (list.size() <= most) return;
  const std::size_t step = (list.size() + most - 1) / most;
  Json some = Json::array();
  for (std::size_t i = (list.size() - 1) % step; i < list.size(); i += step) some.push_back(std::move(list[i]));
  list = std::move(some);
}

void cut_off(Json& list, std::size_t most) {
  if (list.size() > most) list.erase(list.begin() + static_cast<std::ptrdiff_t>(most), list.end());
}

/// What a page holds of all entries and compositions where it holds few in full.
struct Packed {
  Json points = nullptr, parity = nullptr, predictions = nullptr;
};

/// The report without what a page of so many entries leaves out; `page` says how much there is of each.
Json page_within(const Report& report, const Packed& packed, ReportJsonOptions options, std::size_t entries_in_full) {
  const std::size_t entries = report.content.entries.size(), compositions = composition_count(report);
  options.all_entries = entries <= entries_in_full;
  if (!options.all_entries) options.entries = best_entries(report, entries_in_full);
  options.compositions = compositions <= kCompositionsInFull && entries_in_full == kEntriesInFull;
  Json json = report_json(report, options);
  Json page = {{"entries", entries},
               {"compositions", compositions},
               {"points", nullptr},
               {"parity", nullptr},
               {"predictions", nullptr}};
  if (json["ensembles"].size() > kEnsemblesInFull || entries_in_full < kEntriesInFull) {
    page["ensembles"] = json["ensembles"].size();
    json["ensembles"] = Json::array();
  }
  if (!report.content.changed.empty()) page["changed"] = report.content.changed;
  for (Json& validation : json["validations"]) cut_off(validation["labels"], kLabelsOfValidation);
  for (Json& model : json["path_models"]) thin(model["parity"], kLabelsOfValidation);
  page["failures"] = json["failures"].size();
  page["set_aside"] = json["set_aside"].size();
  page["rounds"] = json["rounds"].size();
  cut_off(json["failures"], kRowsOfLists);
  cut_off(json["set_aside"], kRowsOfLists);
  thin(json["rounds"], kRoundsInFull);
  if (entries_in_full < kEntriesInFull) {
    for (Json& candidate : json["candidates"]) candidate["structure"] = nullptr;
  }
  if (report.hull && !options.all_entries) {
    page["points"] = packed.points;
    page["parity"] = packed.parity;
  }
  if (report.hull && !options.compositions) page["predictions"] = packed.predictions;
  // A settings table that most entries share is written once.
  Json tables = Json::array();
  for (const char* list : {"entries", "references"}) {
    for (Json& entry : json[list]) {
      const auto found = std::find(tables.begin(), tables.end(), entry["keys"]);
      const auto number = found - tables.begin();
      if (found == tables.end()) tables.push_back(entry["keys"]);
      entry["keys"] = number;
    }
  }
  page["keys"] = std::move(tables);
  json["page"] = std::move(page);
  return json;
}

}  // namespace

Json page_json(const Report& report) {
  ReportJsonOptions options;
  Packed packed;
  if (report.hull) packed = {points_of(report), parity_json(report), predictions_of(report)};
  for (std::size_t in_full = kEntriesInFull;; in_full /= 2) {
    options.structure_bytes = 0;
    const std::size_t used = json_text(page_within(report, packed, options, in_full)).size();
    // Structures take what is left.
    if (used + kBytesOfStructures > kBytes && in_full / 2 >= kFewestInFull) continue;
    options.structure_bytes = used + kBytesOfStructures < kBytes ? kBytes - used : kBytesOfStructures;
    return page_within(report, packed, options, in_full);
  }
}

}  // namespace hullscan
