#include <toml++/toml.h>

#include <algorithm>
#include <string_view>

#include "core/campaign/settings.hpp"

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

Setting convert(const toml::node& node, const SourcePosition& key_where, const std::string& file, Problems& problems) {
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

// The library builds and destroys what is nested by recursion. It limits brackets itself, but not the parts of a key,
// and a campaign file needs four levels.
constexpr int kDeepestBrackets = 32;
constexpr int kLongestKey = 16;  ///< parts: a.b.c has three

/// What follows the text that begins with a quote at `at`; the end of the line, where a text of one line is not closed.
std::size_t after_text(const std::string& text, std::size_t at) {
  const char quote = text[at];
  const std::string three(3, quote);
  const bool lines = text.compare(at, 3, three) == 0;
  for (std::size_t i = at + (lines ? 3 : 1); i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (lines ? text.compare(i, 3, three) == 0 : text[i] == quote || text[i] == '\n') {
      return i + (lines ? 3 : 1);
    }
  }
  return text.size();
}

/// Before the library sees the text. @throws InputError at the place where it is nested too deep.
void refuse_deep_nesting(const std::string& text, const std::string& file) {
  int line = 1, brackets = 0, dots = 0;
  std::size_t line_begin = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      const std::size_t end = after_text(text, i);
      for (; i < end; ++i) {
        if (text[i] == '\n') ++line, line_begin = i + 1, dots = 0;
      }
      continue;
    }
    if (c == '#') {
      i = std::min(text.find('\n', i), text.size());
      continue;
    }
    if (c == '.') ++dots;
    if (std::string_view("=,[{]}\n").find(c) != std::string_view::npos) dots = 0;
    if (c == '[' || c == '{') ++brackets;
    if ((c == ']' || c == '}') && brackets > 0) --brackets;
    if (c == '\n') ++line, line_begin = i + 1;
    if (dots >= kLongestKey || brackets > kDeepestBrackets) {
      Problems problems;
      problems.add({file, line, static_cast<int>(i - line_begin) + 1},
                   dots >= kLongestKey ? "a key of more than 16 parts" : "lists and tables nested more than 32 deep");
      problems.throw_if_any();
    }
    ++i;
  }
}

}  // namespace

SettingsTable parse_settings_toml(const std::string& text, const std::string& file_name) {
  refuse_deep_nesting(text, file_name);
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
