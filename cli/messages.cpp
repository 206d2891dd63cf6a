#include "cli/messages.hpp"

#include <cstdio>
#include <cstdlib>

#include "scheduler/executors/program_search.hpp"

namespace hullscan::cli {

void print_error(const std::string& message) {
  if (message.find_first_not_of('\n') == std::string::npos)  // an end without a word cannot be explained by anybody
    return print_error("it was ended by an error without a message");
  std::string::size_type begin = 0;
  while (begin <= message.size()) {
    auto end = message.find('\n', begin);
    if (end == std::string::npos) end = message.size();
    const std::string line = message.substr(begin, end - begin);
    // Not fmt::print, which throws where even stderr cannot be written: a full disk must end with its exit code.
    if (!line.empty()) std::fputs(((line.starts_with("usage:") ? "" : "hullscan: ") + line + "\n").c_str(), stderr);
    begin = end + 1;
  }
}

ExitCode exit_code_of(const Error& error) {
  return dynamic_cast<const TransportError*>(&error) != nullptr ? kSurroundings : error.exit_code();
}

std::string find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  try {
    return hullscan::find_program(name, path == nullptr ? "" : path).string();
  } catch (const TransportError&) {
    return "";
  }
}

}  // namespace hullscan::cli
