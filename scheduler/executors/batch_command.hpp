/// @file
/// One command of a batch system, run to its end, and what it printed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/processes/child_environment.hpp"

namespace hullscan {

struct CommandAnswer {
  int exit_code = 0;  ///< 128 + signal
  std::string output, errors;
};

/// Waits two minutes at most, then ends it: a server that is down blocks a command for seconds, one that is overloaded
/// for longer.
/// @param directory where it runs; exists. Its answer is written to `.answer` there.
/// @throws TransportError if there is no such program.
CommandAnswer ask_command(const std::vector<std::string>& command, const std::filesystem::path& directory,
                          const Environment& environment);

/// All of a file, "" if it cannot be read.
std::string text_of(const std::filesystem::path& file);

}  // namespace hullscan
