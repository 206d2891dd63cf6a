#include "cli/terminal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "core/terminal_width.hpp"

namespace hullscan::cli {

bool unicode_allowed() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string text = value;
    return text.find("UTF-8") != std::string::npos || text.find("utf8") != std::string::npos ||
           text.find("utf-8") != std::string::npos;
  }
  return false;
}

std::size_t output_columns() { return ::isatty(STDOUT_FILENO) != 0 ? terminal_columns(STDOUT_FILENO) : 0; }

void print_words(const std::string& line, const std::string& indent) {
  const std::size_t columns = output_columns();
  fmt::print("{}\n", columns > 0 ? wrapped_line(line, columns, indent) : line);
}

}  // namespace hullscan::cli
