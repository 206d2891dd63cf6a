/// @file
/// Named places where a test can kill the process: HULLSCAN_CRASH_AT=name or name:n raises SIGKILL at the n-th passing.
/// Costs one load of a variable where nothing is armed. The names are listed in docs/formats/campaign-db.md.
#pragma once

#include <string_view>

namespace hullscan {

/// True if HULLSCAN_CRASH_AT was set when the process began, or at the last rearm.
extern bool crash_points_armed;
/// Reads HULLSCAN_CRASH_AT again and counts passings from the start: for a test's child process.
void rearm_crash_points();
/// Does not return if `name` is the armed point and this is the armed passing.
void pass_crash_point(std::string_view name);

}  // namespace hullscan

#define HULLSCAN_CRASH_POINT(name)                                          \
  do {                                                                      \
    if (::hullscan::crash_points_armed) ::hullscan::pass_crash_point(name); \
  } while (false)
