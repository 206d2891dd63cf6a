#include "scheduler/executors/site_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "core/campaign/toml_text.hpp"
#include "core/errors.hpp"
#include "scheduler/executors/batch_options.hpp"
#include "scheduler/executors/executor_kind.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

std::string value_of(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

/// "/scratch/$USER/x" with what the environment says. A name that it does not know becomes a problem.
std::string with_variables(const std::string& text, const Environment& environment, SettingsReader& reader,
                           const std::string& key) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '$') {
      result += text[at];
      continue;
    }
    const bool braces = at + 1 < text.size() && text[at + 1] == '{';
    const std::size_t begin = at + (braces ? 2 : 1);
    std::size_t end = begin;
    while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_')) ++end;
    const std::string name = text.substr(begin, end - begin);
    const std::string value = value_of(environment, name);
    if (name.empty() || (braces && (end == text.size() || text[end] != '}'))) {
      reader.problem(key, fmt::format("expected a name after \"$\" as in \"/scratch/$USER\", found \"{}\"", text));
      return "";
    }
    if (value.empty()) {
      reader.problem(key, fmt::format("the environment has no {}, which \"{}\" names", name, text));
      return "";
    }
    result += value;
    at = braces ? end : end - 1;
  }
  return result;
}

/// The keys of one file, checked. @returns what its `scratch` means here.
fs::path check_site(const SettingsTable& table, const Environment& environment, Problems& problems) {
  SettingsReader reader(table, "", problems);
  const std::string name = "[A-Za-z0-9_][A-Za-z0-9_.,:@+-]*", name_text = "letters, digits and _ . , : @ + -";
  (void)checked_text(reader, "account", name, name_text);
  (void)checked_text(reader, "partition", name, name_text);
  (void)checked_text(reader, "constraint", R"([A-Za-z0-9_(\[][A-Za-z0-9_.,:&|*()\[\]-]*)",
                     "features joined by & | , * ( ) [ ]");
  BatchOptions options;
  read_modules_and_setup(reader, options);
  (void)launcher_words(reader, "launcher");
  const std::string written = reader.text("scratch", "");
  const fs::path scratch = written.empty() ? "" : with_variables(written, environment, reader, "scratch");
  if (!scratch.empty() && !scratch.is_absolute())
    reader.problem("scratch", fmt::format("expected a folder that begins with /, found \"{}\"", written));
  reader.finish();
  return scratch;
}

/// Nothing if there is no such file.
std::optional<std::string> text_of_site(const fs::path& file, bool required) {
  std::error_code error;
  const bool there = fs::exists(file, error);
  if (!there && !required) return std::nullopt;
  std::ifstream stream(file, std::ios::binary);
  if (!there || fs::is_directory(file, error) || !stream) {
    throw InputError(fmt::format("{}: a site file{} that cannot be read ({})", file.string(),
                                 required ? ", named by HULLSCAN_SITE," : "",
                                 there ? "a folder, or no permission" : "no such file"));
  }
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::string toml_value(const Setting& setting) {
  if (const auto* text = std::get_if<std::string>(&setting.value)) return toml_quoted(*text);
  const auto* list = std::get_if<std::vector<Setting>>(&setting.value);
  if (list == nullptr) return setting.type_name();
  std::vector<std::string> parts;
  for (const Setting& part : *list) parts.push_back(toml_value(part));
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

}  // namespace

std::vector<fs::path> site_file_places(const Environment& environment, const fs::path& of_machine) {
  if (const auto named = environment.find("HULLSCAN_SITE"); named != environment.end())
    return named->second.empty() ? std::vector<fs::path>{} : std::vector<fs::path>{named->second};
  std::vector<fs::path> places;
  const std::string folder = value_of(environment, "XDG_CONFIG_HOME"), home = value_of(environment, "HOME");
  if (!folder.empty()) {
    places.push_back(fs::path(folder) / "hullscan" / "site.toml");
  } else if (!home.empty()) {
    places.push_back(fs::path(home) / ".config" / "hullscan" / "site.toml");
  }
  places.push_back(of_machine);
  return places;
}

Site read_site(const Environment& environment, const fs::path& of_machine) {
  Site site;
  std::string complaints;
  for (const fs::path& place : site_file_places(environment, of_machine)) {
    try {
      const auto text = text_of_site(place, environment.contains("HULLSCAN_SITE"));
      if (!text) continue;
      const SettingsTable table = parse_settings_toml(*text, place.string());
      Problems problems;
      const fs::path scratch = check_site(table, environment, problems);
      problems.throw_if_any();
      if (site.scratch.empty()) site.scratch = scratch;
      for (const SettingsEntry& entry : table.entries) {
        if (site.settings.find(entry.first) == nullptr) site.settings.entries.push_back(entry);
      }
      site.files.push_back(place);
    } catch (const InputError& error) {
      complaints += (complaints.empty() ? "" : "\n") + std::string(error.what());
    }
  }
  if (!complaints.empty()) throw InputError(complaints);
  return site;
}

RunSpec with_site(RunSpec run, const Site& site) {
  const auto kinds = executor_kinds();
  const auto kind =
      std::find_if(kinds.begin(), kinds.end(), [&](const ExecutorKind* one) { return one->name == run.executor; });
  if (kind == kinds.end()) return run;
  for (const auto& [of_site, own] : (*kind)->site_keys) {
    const Setting* said = site.settings.find(of_site);
    if (said != nullptr && run.settings.find(own) == nullptr) run.settings.entries.emplace_back(own, *said);
  }
  return run;
}

std::vector<std::pair<std::string, std::string>> site_texts(const SettingsTable& settings) {
  std::vector<std::pair<std::string, std::string>> texts;
  for (const SettingsEntry& entry : settings.entries) texts.emplace_back(entry.first, toml_value(entry.second));
  return texts;
}

}  // namespace hullscan
