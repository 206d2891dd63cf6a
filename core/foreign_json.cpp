#include "core/foreign_json.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/foreign_text.hpp"

namespace hullscan {
namespace {

std::string at_byte(std::string_view text, std::size_t at, const std::string& what) {
  const std::string_view before = text.substr(0, at);
  const std::size_t line_begin = before.rfind('\n') + 1;  // 0 where there is none
  return fmt::format("{}:{}: {}", std::count(before.begin(), before.end(), '\n') + 1, before.size() - line_begin + 1,
                     what);
}

/// Where the brackets go deeper than allowed; npos if nowhere.
std::size_t too_deep_at(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && (text[i] == '[' || text[i] == '{')) {
      if (++depth > kDeepestJson) return i;
    } else if (!quoted && (text[i] == ']' || text[i] == '}')) {
      --depth;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::optional<Json> parse_foreign_json(std::string_view text, std::string& problem) {
  if (const std::size_t at = too_deep_at(text); at != std::string_view::npos) {
    problem = at_byte(text, at, fmt::format("not valid JSON here: nested more than {} deep", kDeepestJson));
    return std::nullopt;
  }
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    problem = at_byte(text, std::min(error.byte == 0 ? 0 : error.byte - 1, text.size()), "not valid JSON");
  } catch (const Json::out_of_range& error) {  // "… number overflow parsing '1e309'", without its place
    const std::string what = error.what();
    const std::size_t begin = what.find('\''), end = what.rfind('\'');
    const std::string number = begin < end ? what.substr(begin + 1, end - begin - 1) : "";
    const std::size_t at = text.find(number);
    problem = at_byte(text, at == std::string_view::npos ? 0 : at,
                      fmt::format("the number {} is too large", readable_line(number, 60)));
  }
  return std::nullopt;
}

Json foreign_json_or_null(std::string_view text) {
  std::string ignored;
  return parse_foreign_json(text, ignored).value_or(Json());
}

}  // namespace hullscan
