#include "campaign/import/settings_check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "analysis/entries/csv_lines.hpp"
#include "core/errors.hpp"
#include "core/foreign_text.hpp"

namespace hullscan {
namespace {

std::string in_lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::string without_blanks(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Other programs' names of keys.
std::string translated(const std::string& key) {
  if (key.starts_with("U.")) return "hubbard_u." + key.substr(2);
  return key;
}

std::optional<Species> element_at_end(const std::string& key) {
  const auto dot = key.rfind('.');
  return dot == std::string::npos ? std::nullopt : Species::parse(key.substr(dot + 1));
}

}  // namespace

StatedSettings parse_stated_settings(const std::vector<std::string>& texts) {
  StatedSettings stated;
  for (const std::string& text : texts) {
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find(',', begin), text.size());
      const std::string one = without_blanks(text.substr(begin, end - begin));
      begin = end + 1;
      if (in_lower_case(one) == "same") {
        stated.given = true;
        continue;
      }
      const std::size_t equals = one.find('=');
      const std::string key = without_blanks(one.substr(0, equals));
      const std::string value = equals == std::string::npos ? "" : without_blanks(one.substr(equals + 1));
      if (key.empty() || value.empty()) {
        throw InputError(
            fmt::format("--settings: expected \"same\" or KEY=VALUE,… like functional=PBE,ecutwfc=60, found \"{}\"",
                        readable_line(one, 60)));
      }
      if (!stated.values.emplace(translated(key), value).second)
        throw InputError(fmt::format("--settings: {} is said twice", readable_line(key, 60)));
      stated.given = true;
    }
  }
  return stated;
}

SettingsCheck::SettingsCheck(std::map<std::string, std::string> hull_keys, const DftSettings& settings,
                             StatedSettings stated)
    : keys_(std::move(hull_keys)), stated_(std::move(stated)) {
  const std::string prefix = "potcar_titel.";
  for (const auto& [key, value] : settings.values) {
    if (key.starts_with(prefix)) titles_[key.substr(prefix.size())] = value;
  }
  std::map<std::string, std::string> by_our_names;
  for (const auto& [key, value] : stated_.values) by_our_names[our_name(key)] = value;
  stated_.values = std::move(by_our_names);
}

std::string SettingsCheck::our_name(const std::string& key) const {
  const std::string name = translated(key);
  for (const auto& [ours, value] : keys_) {
    if (in_lower_case(ours) == in_lower_case(name)) return ours;
  }
  // "pseudopotential.Fe" = "PBE Fe_pv" of pymatgen; ours is the file's hash.
  if (const auto element = element_at_end(name);
      element && name.starts_with("pseudopotential.") && titles_.contains(std::string(element->symbol())))
    return "potcar." + std::string(element->symbol());
  return name;
}

bool SettingsCheck::same(const std::string& key, const std::string& value) const {
  const auto ours = keys_.find(key);
  if (ours == keys_.end()) return false;
  if (in_lower_case(ours->second) == in_lower_case(value)) return true;
  const auto a = parse_number(ours->second), b = parse_number(value);
  if (a && b) return std::abs(*a - *b) <= 1e-9 * std::max(std::abs(*a), std::abs(*b));
  if (key.starts_with("potcar.")) {  // "PAW_PBE Fe_pv 02Aug2007" is "PBE Fe_pv"
    const auto title = titles_.find(key.substr(7));
    return title != titles_.end() && value.size() < 64 && title->second.find(value) != std::string::npos;
  }
  return false;
}

std::vector<SettingsCheck::Difference> SettingsCheck::differences(const ForeignResult& result) const {
  std::set<Difference> found;
  std::set<std::string> said;
  const auto concerns = [&](const std::string& key) {
    const auto element = element_at_end(key);
    return !element || result.composition.count(*element) > 0;
  };
  const auto look_at_keys = [&](const std::map<std::string, std::string>& keys) {
    for (const auto& [theirs, value] : keys) {
      const std::string key = our_name(theirs);
      said.insert(key);
      if (!concerns(key) || same(key, value)) continue;
      const auto ours = keys_.find(key);
      found.insert({key, ours == keys_.end() ? kKeyNotStated : ours->second, readable_line(value, 100)});
    }
  };
  look_at_keys(result.keys);
  look_at_keys(stated_.values);
  if (!stated_.given) {
    for (const auto& [key, value] : keys_) {
      if (!said.contains(key) && concerns(key) && !value.empty()) found.insert({key, value, kKeyNotStated});
    }
  }
  return {found.begin(), found.end()};
}

std::string SettingsCheck::campaign_text() const {
  std::vector<std::string> parts;
  for (const auto& [key, value] : keys_) parts.push_back(fmt::format("{}={}", key, value));
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace hullscan
