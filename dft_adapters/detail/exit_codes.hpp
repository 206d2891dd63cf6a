/// @file
/// How a program ended, as a shell reports it.
#pragma once

#include <optional>
#include <string>

namespace hullscan::detail {

inline constexpr int kNotFound = 127, kNotExecutable = 126, kFirstSignal = 128;

/// "exit code 1", "killed by signal 9", "exit code not known".
std::string exit_text(const std::optional<int>& exit_code);

}  // namespace hullscan::detail
