#include "core/campaign/toml_text.hpp"

#include <fmt/format.h>

#include "core/foreign_text.hpp"
#include "core/json_text.hpp"

namespace hullscan {

// JSON's strings are TOML's basic strings but for DEL, which TOML wants escaped too.
std::string toml_quoted(std::string_view text) {
  std::string quoted;
  for (const char c : json_text(Json(std::string(text)))) {
    if (c == '\x7F')
      quoted += "\\u007F";
    else
      quoted += c;
  }
  return quoted;
}

std::string toml_comment(std::string_view text) { return readable_line(text); }

}  // namespace hullscan
