#include "core/campaign/settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace hullscan {

SettingsTable::SettingsTable() = default;
SettingsTable::SettingsTable(SourcePosition at, std::vector<SettingsEntry> some)
    : where(std::move(at)), entries(std::move(some)) {}
SettingsTable::SettingsTable(const SettingsTable&) = default;
SettingsTable::SettingsTable(SettingsTable&&) noexcept = default;
SettingsTable& SettingsTable::operator=(const SettingsTable&) = default;
SettingsTable& SettingsTable::operator=(SettingsTable&&) noexcept = default;
SettingsTable::~SettingsTable() = default;

const Setting* SettingsTable::find(const std::string& key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.first == key; });
  return found == entries.end() ? nullptr : &found->second;
}

const char* Setting::type_name() const {
  constexpr const char* kNames[] = {"true/false", "integer", "number", "text", "list", "table"};
  return kNames[value.index()];
}

SettingsReader::SettingsReader(const SettingsTable& table, std::string name, Problems& problems)
    : table_(table), name_(std::move(name)), problems_(problems) {}

const Setting* SettingsReader::take(const std::string& key) {
  known_.push_back(key);
  return table_.find(key);
}

std::string SettingsReader::full(const std::string& key) const { return name_.empty() ? key : name_ + "." + key; }

SourcePosition SettingsReader::where(const std::string& key) const {
  const Setting* setting = table_.find(key);
  return setting == nullptr ? table_.where : setting->where;
}

void SettingsReader::problem(const std::string& key, const std::string& what) {
  problems_.add(where(key), full(key) + ": " + what);
}

void SettingsReader::wrong_type(const std::string& key, const Setting& found, const std::string& expected) {
  problems_.add(found.where, fmt::format("{}: expected {}, found {}", full(key), expected, found.type_name()));
}

std::optional<std::string> SettingsReader::text(const std::string& key) {
  const Setting* setting = take(key);
  if (setting == nullptr) return std::nullopt;
  if (const auto* value = std::get_if<std::string>(&setting->value)) return *value;
  wrong_type(key, *setting, "text");
  return std::nullopt;
}

std::string SettingsReader::text(const std::string& key, const std::string& fallback) {
  return text(key).value_or(fallback);
}

std::string SettingsReader::choice(const std::string& key, const std::vector<std::string>& choices,
                                   const std::string& fallback) {
  const auto value = text(key);
  if (!value) return fallback;
  if (std::find(choices.begin(), choices.end(), *value) != choices.end()) return *value;
  problem(key, fmt::format("expected one of \"{}\", found \"{}\"{}", fmt::join(choices, "\", \""), *value,
                           did_you_mean(*value, choices)));
  return fallback;
}

bool SettingsReader::boolean(const std::string& key, bool fallback) {
  const Setting* setting = take(key);
  if (setting == nullptr) return fallback;
  if (const auto* value = std::get_if<bool>(&setting->value)) return *value;
  wrong_type(key, *setting, "true or false");
  return fallback;
}

std::optional<std::int64_t> SettingsReader::integer(const std::string& key, std::int64_t lowest, std::int64_t highest) {
  const Setting* setting = take(key);
  if (setting == nullptr) return std::nullopt;
  const auto* value = std::get_if<std::int64_t>(&setting->value);
  if (value == nullptr) {
    wrong_type(key, *setting, "an integer");
    return std::nullopt;
  }
  if (*value < lowest || *value > highest) {
    problem(key, *value < lowest ? fmt::format("{}, must be >= {}", *value, lowest)
                                 : fmt::format("{}, must be <= {}", *value, highest));
    return std::nullopt;
  }
  return *value;
}

std::int64_t SettingsReader::integer(const std::string& key, std::int64_t fallback, std::int64_t lowest,
                                     std::int64_t highest) {
  return integer(key, lowest, highest).value_or(fallback);
}

std::optional<double> SettingsReader::number(const std::string& key, double lowest, double highest) {
  const Setting* setting = take(key);
  if (setting == nullptr) return std::nullopt;
  double value = 0;
  if (const auto* real = std::get_if<double>(&setting->value)) {
    value = *real;
  } else if (const auto* integer = std::get_if<std::int64_t>(&setting->value)) {
    value = static_cast<double>(*integer);
  } else {
    wrong_type(key, *setting, "a number");
    return std::nullopt;
  }
  if (!std::isfinite(value)) {
    problem(key, "expected a finite number");
    return std::nullopt;
  }
  if (value < lowest || value > highest) {
    problem(key, value < lowest ? fmt::format("{}, must be >= {}", value, lowest)
                                : fmt::format("{}, must be <= {}", value, highest));
    return std::nullopt;
  }
  return value;
}

double SettingsReader::number(const std::string& key, double fallback, double lowest, double highest) {
  return number(key, lowest, highest).value_or(fallback);
}

std::vector<double> SettingsReader::numbers(const std::string& key, const std::vector<double>& fallback) {
  const Setting* setting = take(key);
  if (setting == nullptr) return fallback;
  const auto* list = std::get_if<std::vector<Setting>>(&setting->value);
  if (list == nullptr) {
    wrong_type(key, *setting, "a list of numbers");
    return fallback;
  }
  std::vector<double> values;
  for (const Setting& element : *list) {
    if (const auto* real = std::get_if<double>(&element.value)) {
      values.push_back(*real);
    } else if (const auto* integer = std::get_if<std::int64_t>(&element.value)) {
      values.push_back(static_cast<double>(*integer));
    } else {
      wrong_type(key, element, "a number");
    }
  }
  return values;
}

std::vector<std::string> SettingsReader::texts(const std::string& key) {
  const Setting* setting = take(key);
  if (setting == nullptr) return {};
  if (const auto* value = std::get_if<std::string>(&setting->value)) return {*value};
  const auto* list = std::get_if<std::vector<Setting>>(&setting->value);
  if (list == nullptr) {
    wrong_type(key, *setting, "text or a list of texts");
    return {};
  }
  std::vector<std::string> values;
  for (const Setting& element : *list) {
    if (const auto* value = std::get_if<std::string>(&element.value)) {
      values.push_back(*value);
    } else {
      wrong_type(key, element, "text");
    }
  }
  return values;
}

const SettingsTable* SettingsReader::table(const std::string& key) {
  const Setting* setting = take(key);
  if (setting == nullptr) return nullptr;
  const auto* found = std::get_if<SettingsTable>(&setting->value);
  if (found == nullptr) wrong_type(key, *setting, "a table");
  return found;
}

std::vector<const SettingsTable*> SettingsReader::tables(const std::string& key) {
  const Setting* setting = take(key);
  if (setting == nullptr) return {};
  const auto* list = std::get_if<std::vector<Setting>>(&setting->value);
  if (list == nullptr) {
    wrong_type(key, *setting, fmt::format("an array of tables, written [[{}]]", full(key)));
    return {};
  }
  std::vector<const SettingsTable*> found;
  for (const Setting& element : *list) {
    if (const auto* one = std::get_if<SettingsTable>(&element.value)) {
      found.push_back(one);
    } else {
      wrong_type(key, element, "a table");
    }
  }
  return found;
}

std::map<std::string, double> SettingsReader::number_by_name(const std::string& key) {
  std::map<std::string, double> values;
  if (const SettingsTable* found = table(key)) {
    SettingsReader inner(*found, full(key), problems_);
    for (const auto& [name, setting] : found->entries) {
      if (const auto value = inner.number(name, -1e300, 1e300)) values[name] = *value;
    }
  }
  return values;
}

std::map<std::string, std::string> SettingsReader::text_by_name(const std::string& key) {
  std::map<std::string, std::string> values;
  if (const SettingsTable* found = table(key)) {
    SettingsReader inner(*found, full(key), problems_);
    for (const auto& [name, setting] : found->entries) {
      if (const auto value = inner.text(name)) values[name] = *value;
    }
  }
  return values;
}

const Setting* SettingsReader::raw(const std::string& key) { return take(key); }

void SettingsReader::require(const std::string& key, const std::string& what_it_is) {
  if (!has(key)) problems_.add(table_.where, fmt::format("{}: missing: {}", full(key), what_it_is));
}

void SettingsReader::finish() {
  for (const auto& [key, setting] : table_.entries) {
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
      problems_.add(setting.key_where, fmt::format("{}: unknown key{}", full(key), did_you_mean(key, known_)));
    }
  }
}

}  // namespace hullscan
