/// @file
/// `--deadline`: a length of time from now, or a moment, as people and batch systems write them.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli/command_line.hpp"

namespace hullscan::cli {

/// Lengths: seconds ("3600"), "90m", "1h30m", "2d", and Slurm's "30:00" (minutes and seconds), "1:30:00",
/// "1-12:00:00". Moments, by the local clock: "2026-03-01T08:30" with or without seconds, as `squeue -o %e` prints
/// them.
/// @throws InputError for anything else, and for a moment that has passed.
std::chrono::system_clock::time_point parse_deadline(const std::string& text,
                                                     std::chrono::system_clock::time_point now);

/// `--deadline` of a command by the clock that nobody sets. @returns nothing where it was not given. @throws as above.
std::optional<std::chrono::steady_clock::time_point> deadline_of(const CommandLine& line);

}  // namespace hullscan::cli
