#include "campaign/import/competing_phases.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/entries/entries_file.hpp"
#include "core/errors.hpp"
#include "core/foreign_json.hpp"
#include "core/foreign_text.hpp"
#include "core/json_text.hpp"
#include "storage/durable_file.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCompetingKey = "imported competing phases";

Json json_of(const CompetingPhase& phase) {
  Json composition = Json::object(), keys = Json::object();
  for (const auto& [species, count] : phase.entry.composition.counts())
    composition[std::string(species.symbol())] = count;
  for (const auto& [key, value] : phase.entry.keys) keys[key] = value;
  return {{"entry_id", phase.entry.id}, {"composition", composition}, {"energy", phase.entry.energy_ev}, {"keys", keys},
          {"source", phase.source},     {"why", phase.why},           {"provenance", phase.provenance}};
}

}  // namespace

std::vector<CompetingPhase> competing_phases(const CampaignStore& store) {
  const auto text = store.recall(kCompetingKey);
  if (!text || text->empty()) return {};
  std::vector<CompetingPhase> phases;
  try {
    std::vector<HullEntry> entries = parse_entries_json(*text, kCompetingKey);
    const Json json = foreign_json_or_null(*text);
    const auto list = json.find("entries");
    for (std::size_t i = 0; i < entries.size(); ++i) {
      CompetingPhase phase{std::move(entries[i]), "", "", Json::object()};
      const Json& written = list->at(i);
      phase.source = readable_line(written.value("source", ""));
      phase.why = readable_line(written.value("why", ""));
      if (const auto found = written.find("provenance"); found != written.end()) phase.provenance = *found;
      phases.push_back(std::move(phase));
    }
  } catch (const InputError& error) {
    throw StorageError(fmt::format("campaign.db: fact \"{}\": {}", kCompetingKey, error.what()));
  } catch (const Json::exception&) {
    throw StorageError(fmt::format("campaign.db: fact \"{}\" is damaged", kCompetingKey));
  }
  return phases;
}

std::vector<HullEntry> competing_entries(const CampaignStore& store) {
  std::vector<HullEntry> entries;
  for (CompetingPhase& phase : competing_phases(store)) entries.push_back(std::move(phase.entry));
  return entries;
}

std::pair<std::string, std::string> fact_competing_phases(const std::vector<CompetingPhase>& phases) {
  Json list = Json::array();
  for (const CompetingPhase& phase : phases) list.push_back(json_of(phase));
  return {kCompetingKey, json_text(Json({{"entries", std::move(list)}}), 1)};
}

void write_competing_copy(const fs::path& directory, const CampaignStore& store) {
  const auto text = store.recall(kCompetingKey);
  if (!text || text->empty()) return;
  fs::create_directories(directory / kImportsFolder);
  write_durably(directory / kImportsFolder / kCompetingFile, *text + "\n");
}

}  // namespace hullscan
