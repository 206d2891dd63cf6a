#include <toml++/toml.h>

#include <algorithm>

#include "core/settings.hpp"

namespace hullscan {
namespace {

SourcePosition position_of(const toml::source_region& region, const std::string& file) {
  return {file, static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
}

Setting convert(const toml::node& node, const SourcePosition& key_where, const std::string& file, Problems& problems);

SettingsTable convert_table(const toml::table& table, const std::string& file, Problems& problems) {
  SettingsTable result;
  result.where = position_of(table.source(), file);
  for (const auto& [key, node] : table) {
    const SourcePosition key_where = position_of(key.source(), file);
    result.entries.emplace_back(std::string(key.str()), convert(node, key_where, file, problems));
  }
  // toml++ sorts by name; a campaign file means its own order.
  std::stable_sort(result.entries.begin(), result.entries.end(), [](const auto& a, const auto& b) {
    const SourcePosition &x = a.second.key_where, &y = b.second.key_where;
    return std::pair(x.line, x.column) < std::pair(y.line, y.column);
  });
  return result;
}

Setting convert(const toml::node& node, const SourcePosition& key_where, const std::string& file,
                Problems& problems) {
  Setting setting;
  setting.where = position_of(node.source(), file);
  setting.key_where = key_where;
  if (const auto* boolean = node.as_boolean()) {
    setting.value = boolean->get();
  } else if (const auto* integer = node.as_integer()) {
    setting.value = integer->get();
  } else if (const auto* real = node.as_floating_point()) {
    setting.value = real->get();
  } else if (const auto* text = node.as_string()) {
    setting.value = text->get();
  } else if (const auto* table = node.as_table()) {
    setting.value = convert_table(*table, file, problems);
  } else if (const auto* array = node.as_array()) {
    std::vector<Setting> elements;
    for (const toml::node& element : *array) {
      elements.push_back(convert(element, position_of(element.source(), file), file, problems));
    }
    setting.value = std::move(elements);
  } else {
    problems.add(setting.where, "dates and times have no meaning here; write text in quotes");
    setting.value = std::string();
  }
  return setting;
}

}  // namespace

SettingsTable parse_settings_toml(const std::string& text, const std::string& file_name) {
  try {
    const toml::table root = toml::parse(text, file_name);
    Problems problems;
    SettingsTable table = convert_table(root, file_name, problems);
    problems.throw_if_any();
    if (table.where.line == 0) table.where = {file_name, 1, 1};
    return table;
  } catch (const toml::parse_error& error) {
    Problems problems;
    problems.add(position_of(error.source(), file_name), "syntax error: " + std::string(error.description()));
    problems.throw_if_any();
    throw;
  }
}

}  // namespace hullscan
