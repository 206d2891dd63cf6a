#include "campaign/campaign_directory.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>

#include "core/dft_identity.hpp"
#include "core/hash.hpp"
#include "core/log.hpp"
#include "core/overloaded.hpp"
#include "enumerator/files/structure_list.hpp"
#include "storage/durable_file.hpp"
#include "storage/plain_files.hpp"
#include "storage/stored_identity.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

void append(std::string& text, const SettingsTable& table, const std::vector<std::string>& left_out);

void append(std::string& text, const Setting& setting) {
  std::visit(Overloaded{
                 [&](bool value) { text += value ? "true" : "false"; },
                 [&](std::int64_t value) { text += std::to_string(value); },
                 [&](double value) { text += fmt::format("{}", value); },
                 [&](const std::string& value) { text += fmt::format("{}:{}", value.size(), value); },
                 [&](const std::vector<Setting>& list) {
                   text += "[";
                   for (const Setting& element : list) {
                     append(text, element);
                     text += ",";
                   }
                   text += "]";
                 },
                 [&](const SettingsTable& table) { append(text, table, {}); },
             },
             setting.value);
}

/// In the file's order: the order of species decides how occupations are numbered.
void append(std::string& text, const SettingsTable& table, const std::vector<std::string>& left_out) {
  text += "{";
  for (const auto& [key, setting] : table.entries) {
    if (std::find(left_out.begin(), left_out.end(), key) != left_out.end()) continue;
    text += key + "=";
    if (key == "select" && std::holds_alternative<SettingsTable>(setting.value)) {
      append(text, std::get<SettingsTable>(setting.value), {"rounds", "stop"});
    } else {
      append(text, setting);
    }
    text += ";";
  }
  text += "}";
}

constexpr const char* kRulesFile = "rules.json";
constexpr const char* kCurrentFile = "current";  ///< name of the folder of the present revision

/// What a [[space]] names, a file or a folder. @param inputs the folder of the revision.
fs::path stored_structure(const fs::path& inputs, const SpaceSpec& space) {
  return inputs / fmt::format("space{}-{}", space.table, space.structure.filename().string());
}

/// As they stand in the campaign file: lists as lists.
std::vector<SpaceSpec> written_spaces(const Campaign& campaign) {
  std::vector<SpaceSpec> written = campaign.lists;
  for (const SpaceSpec& space : campaign.spaces) {
    if (space.list.empty()) written.push_back(space);
  }
  return written;
}

fs::path stored_references(const fs::path& inputs, const fs::path& file) {
  return inputs / ("references-" + file.filename().string());
}

fs::path stored_experiment(const fs::path& inputs, const fs::path& file) {
  return inputs / ("experiment-" + file.filename().string());
}

fs::path stored_labels(const fs::path& inputs, const fs::path& file) {
  return inputs / ("labels-" + file.filename().string());
}

fs::path stored_columns(const fs::path& inputs, const ColumnTable& table) {
  return inputs / fmt::format("columns{}-{}", table.surrogate, table.file.filename().string());
}

std::string read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw StorageError(fmt::format("{}: cannot be read", file.string()));
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

}  // namespace

std::string inputs_folder_name(const fs::path& directory) {
  try {
    if (const auto stored = stored_inputs_folder(directory)) return *stored;
  } catch (const StorageError&) {
    // A damaged database does not say; the file beside the folders does.
  }
  const fs::path file = directory / "inputs" / kCurrentFile;
  if (!fs::exists(file)) return "";
  const std::string name = read_file(file);
  const bool plain =
      name.starts_with("revision-") && name.size() < 30 && name.find_first_not_of("0123456789", 9) == std::string::npos;
  return plain ? name : "";
}

void keep_inputs_folder_name(const fs::path& directory, const std::string& folder) {
  const fs::path file = directory / "inputs" / kCurrentFile;
  if (folder.empty() ? fs::exists(file) : !fs::exists(file) || read_file(file) != folder) write_durably(file, folder);
}

namespace {

Campaign read_stored_campaign(const fs::path& directory) {
  require_plain_files(directory);
  const fs::path inputs = directory / "inputs" / inputs_folder_name(directory);
  const fs::path stored = inputs / "campaign.toml";
  Campaign campaign = parse_campaign(read_file(stored), stored);
  for (SpaceSpec& space : campaign.spaces) {
    const fs::path file = stored_structure(inputs, space);
    if (!fs::exists(file))
      throw StorageError(fmt::format("{}: missing; it was put there when the campaign began", file.string()));
    space.structure = file;
  }
  if (campaign.report.references) campaign.report.references = stored_references(inputs, *campaign.report.references);
  if (campaign.report.experiment) campaign.report.experiment = stored_experiment(inputs, *campaign.report.experiment);
  if (const auto labels = label_table(campaign)) {
    for (auto& [key, setting] : campaign.surrogates.front().settings.entries) {
      if (key == "labels") setting.value = fs::absolute(stored_labels(inputs, *labels)).string();
    }
  }
  for (const ColumnTable& table : column_tables(campaign))
    read_columns_from(campaign, table, fs::absolute(stored_columns(inputs, table)));
  return campaign;
}

}  // namespace

RepeatRule stored_repeat_rule(const fs::path& directory) {
  // The campaign file is the last that is put there; only versions that knew one rule left out to say which.
  const fs::path inputs = directory / "inputs";
  return fs::exists(inputs / "campaign.toml") && !fs::exists(inputs / kRulesFile) ? RepeatRule::kPrimitiveCell
                                                                                  : RepeatRule::kReferenceCell;
}

namespace {

std::string identity_with(const ResolvedCampaign& resolved, const DftSettings& settings) {
  const SettingsTable root = parse_settings_toml(resolved.campaign.text, resolved.campaign.file.string());
  SettingsTable deciding = root;
  std::erase_if(deciding.entries, [](const auto& entry) {
    return entry.first == "run" || entry.first == "report" || entry.first == "dft";
  });
  std::string text;
  append(text, deciding, {});
  for (const SpaceSpec& space : resolved.campaign.spaces) text += "\n" + structure_hash(space);
  for (const ListedOrbit& orbit : resolved.campaign.listed_orbits) text += "\nlisted orbit " + orbit.name;
  if (const auto labels = label_table(resolved.campaign)) text += "\n" + file_hash128_hex(*labels);
  for (const ColumnTable& table : column_tables(resolved.campaign)) text += "\n" + file_hash128_hex(table.file);
  for (const SearchSpace& space : resolved.spaces) {
    if (space.rules_differ() && space.repeat_rule() == RepeatRule::kReferenceCell)
      text += "\nsuperperiodic by the reference cell: " + space.name();
  }
  if (resolved.code != nullptr) {
    const DftSettings identity = resolved.code->identity(settings);
    text += identity_lines(identity);
  }
  return hash128_hex(text);
}

}  // namespace

std::string identity_text(const SettingsTable& table) {
  std::string text;
  append(text, table, {});
  return text;
}

std::string default_directory(const std::string& campaign_name) {
  std::string name;
  for (const char c : campaign_name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' || c == '+';
    name += plain ? c : '_';
  }
  return name + ".hullscan";
}

std::string structure_hash(const SpaceSpec& space) {
  if (space.list.empty()) return file_hash128_hex(space.structure);
  std::string text;
  for (const double number : space.crystal->lattice.rows().reshaped()) text += fmt::format("{} ", number);
  for (const CrystalSite& site : space.crystal->sites)
    text += fmt::format("{} {} {} {} ", site.occupants.front().species.symbol(), site.position.x[0], site.position.x[1],
                        site.position.x[2]);
  return hash128_hex(text);
}

std::string identity_of(const ResolvedCampaign& resolved) { return identity_with(resolved, resolved.settings); }

int earlier_defaults_of(const ResolvedCampaign& resolved, const std::string& identity) {
  if (resolved.code == nullptr || !resolved.campaign.dft || identity_of(resolved) == identity) return 0;
  int number = 0;
  for (const DftSettings& settings :
       resolved.code->earlier_defaults(resolved.campaign.dft->settings, resolved.settings)) {
    ++number;
    if (identity_with(resolved, settings) == identity) return number;
  }
  return 0;
}

int earlier_defaults_of(const ResolvedCampaign& resolved, const fs::path& directory) {
  try {
    const auto stored = stored_identity(directory);
    return stored ? earlier_defaults_of(resolved, stored->identity) : 0;
  } catch (const Error&) {
    return 0;  // whoever opens it for writing says why
  }
}

void take_earlier_defaults(ResolvedCampaign& resolved, int number, bool aloud) {
  if (number == 0) return;
  const auto earlier = resolved.code->earlier_defaults(resolved.campaign.dft->settings, resolved.settings);
  const DftSettings& begun = earlier.at(static_cast<std::size_t>(number) - 1);
  std::vector<std::string> differences;
  for (const auto& [key, value] : resolved.settings.values) {
    const auto found = begun.values.find(key);
    if (found == begun.values.end())
      differences.push_back(fmt::format("without {} = {}", key, value));
    else if (found->second != value)
      differences.push_back(fmt::format("{} = {} and not {}", key, found->second, value));
  }
  if (aloud)
    log_warning(
        fmt::format("an older hullscan began this campaign: it goes on with the settings of that time ({}); a "
                    "new directory has the current ones",
                    fmt::join(differences, ", ")));
  resolved.settings = begun;
}

void keep_inputs(const fs::path& directory, const Campaign& campaign, const std::string& folder) {
  const fs::path inputs = directory / "inputs" / folder;
  std::error_code error;
  fs::create_directories(inputs, error);
  if (error) throw StorageError(fmt::format("{}: cannot be made: {}", inputs.string(), error.message()));
  const auto keep = [](const fs::path& file, const std::string& text) {
    if (!fs::exists(file) || read_file(file) != text) write_durably(file, text);
  };
  for (const SpaceSpec& space : written_spaces(campaign)) {
    const fs::path stored = stored_structure(inputs, space);
    if (fs::is_directory(space.structure)) {
      fs::create_directories(stored, error);
      if (error) throw StorageError(fmt::format("{}: cannot be made: {}", stored.string(), error.message()));
      for (const fs::path& earlier : files_of_structure_list(stored)) {
        if (!fs::exists(space.structure / earlier.filename())) fs::remove(earlier);
      }
      for (const fs::path& file : files_of_structure_list(space.structure))
        keep(stored / file.filename(), read_file(file));
    } else {
      keep(stored, read_file(space.structure));
    }
  }
  if (campaign.report.references)
    keep(stored_references(inputs, *campaign.report.references), read_file(*campaign.report.references));
  if (campaign.report.experiment)
    keep(stored_experiment(inputs, *campaign.report.experiment), read_file(*campaign.report.experiment));
  if (const auto labels = label_table(campaign)) keep(stored_labels(inputs, *labels), read_file(*labels));
  for (const ColumnTable& table : column_tables(campaign)) keep(stored_columns(inputs, table), read_file(table.file));
  if (folder.empty() && stored_repeat_rule(directory) == RepeatRule::kReferenceCell)
    keep(inputs / kRulesFile, "{\"superperiodic\": \"reference cell\"}\n");
  keep(inputs / "campaign.toml", campaign.text);
}

std::string original_name(const fs::path& file) {
  const std::string name = file.filename().string();
  static const std::regex stored("(?:space[0-9]+|references|experiment|labels|columns[0-9]+)-(.+)");
  std::smatch found;
  const std::string folder = file.parent_path().filename().string();
  return (folder == "inputs" || folder.starts_with("revision-")) && std::regex_match(name, found, stored)
             ? found[1].str()
             : name;
}

LoadedCampaign load_stored_campaign(const fs::path& directory) {
  return load_spaces(read_stored_campaign(directory), stored_repeat_rule(directory));
}

ResolvedCampaign resolve_stored_campaign(const fs::path& directory) {
  return resolve_campaign(read_stored_campaign(directory), stored_repeat_rule(directory));
}

}  // namespace hullscan
