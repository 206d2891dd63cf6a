#include "campaign/file_changes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/overloaded.hpp"

namespace hullscan {
namespace {

using Tables = std::vector<const SettingsTable*>;

/// The elements of a list of tables; nothing for any other value.
std::optional<Tables> tables_of(const Setting* setting) {
  if (setting == nullptr) return Tables{};
  const auto* list = std::get_if<std::vector<Setting>>(&setting->value);
  if (list == nullptr || list->empty()) return std::nullopt;
  Tables tables;
  for (const Setting& element : *list) {
    const auto* table = std::get_if<SettingsTable>(&element.value);
    if (table == nullptr) return std::nullopt;
    tables.push_back(table);
  }
  return tables;
}

/// `"bcc"`, or the number of an element without a name.
std::string label_of(const SettingsTable& table, std::size_t index) {
  for (const char* key : {"name", "sites", "kind"}) {
    const Setting* found = table.find(key);
    if (found == nullptr) continue;
    if (const auto* text = std::get_if<std::string>(&found->value)) return fmt::format("\"{}\"", *text);
  }
  return std::to_string(index + 1);
}

class Comparison {
 public:
  explicit Comparison(std::vector<std::string>& lines) : lines_(lines) {}

  /// @param element what the lines begin with: `space "bcc": `. @param table dotted name inside it: `species.`
  void tables(const std::string& element, const std::string& table, const SettingsTable& before,
              const SettingsTable& now) {
    for (const auto& [key, setting] : now.entries) values(element, table + key, before.find(key), &setting);
    for (const auto& [key, setting] : before.entries) {
      if (now.find(key) == nullptr) values(element, table + key, &setting, nullptr);
    }
  }

 private:
  void values(const std::string& element, const std::string& key, const Setting* before, const Setting* now) {
    const auto old_tables = tables_of(before), new_tables = tables_of(now);
    if (old_tables && new_tables) return lists(element, key, *old_tables, *new_tables);
    const auto* old_table = before != nullptr ? std::get_if<SettingsTable>(&before->value) : nullptr;
    const auto* new_table = now != nullptr ? std::get_if<SettingsTable>(&now->value) : nullptr;
    if (old_table != nullptr && new_table != nullptr) return tables(element, key + ".", *old_table, *new_table);
    const bool whole = old_table != nullptr || new_table != nullptr;
    const auto named = [&](const Setting& one) {
      return whole ? fmt::format("{}[{}]", element, key) : fmt::format("{}{} = {}", element, key, value_text(one));
    };
    if (before == nullptr) {
      lines_.push_back(named(*now) + " is new");
    } else if (now == nullptr) {
      lines_.push_back(named(*before) + " is gone");
    } else if (const std::string from = value_text(*before), to = value_text(*now); from != to) {
      lines_.push_back(fmt::format("{}{}: {} → {}", element, key, from, to));
    }
  }

  void lists(const std::string& element, const std::string& key, const Tables& before, const Tables& now) {
    const auto find = [](const Tables& tables, const std::string& label) -> const SettingsTable* {
      for (std::size_t i = 0; i < tables.size(); ++i) {
        if (label_of(*tables[i], i) == label) return tables[i];
      }
      return nullptr;
    };
    const std::string outer = element.empty() ? "" : element.substr(0, element.size() - 2) + ", ";
    for (std::size_t i = 0; i < now.size(); ++i) {
      const std::string label = label_of(*now[i], i), name = fmt::format("{}{} {}", outer, key, label);
      if (const SettingsTable* old = find(before, label)) {
        tables(name + ": ", "", *old, *now[i]);
      } else {
        lines_.push_back(name + " is new");
      }
    }
    for (std::size_t i = 0; i < before.size(); ++i) {
      const std::string label = label_of(*before[i], i);
      if (find(now, label) == nullptr) lines_.push_back(fmt::format("{}{} {} is gone", outer, key, label));
    }
  }

  std::vector<std::string>& lines_;
};

}  // namespace

std::string value_text(const Setting& setting) {
  return std::visit(Overloaded{
                        [](bool value) { return std::string(value ? "true" : "false"); },
                        [](std::int64_t value) { return std::to_string(value); },
                        [](double value) { return fmt::format("{}", value); },
                        [](const std::string& value) { return fmt::format("\"{}\"", value); },
                        [](const std::vector<Setting>& list) {
                          std::string text = "[";
                          for (const Setting& one : list) text += (text.size() > 1 ? ", " : "") + value_text(one);
                          return text + "]";
                        },
                        [](const SettingsTable& table) {
                          std::string text = "{ ";
                          for (const auto& [key, one] : table.entries)
                            text += fmt::format("{}{} = {}", text.size() > 2 ? ", " : "", key, value_text(one));
                          return text + " }";
                        },
                    },
                    setting.value);
}

std::vector<std::string> differences(const SettingsTable& before, const SettingsTable& now) {
  std::vector<std::string> lines;
  Comparison(lines).tables("", "", before, now);
  return lines;
}

}  // namespace hullscan
