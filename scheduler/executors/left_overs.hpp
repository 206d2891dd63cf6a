/// @file
/// Processes that a hullscan which was killed has left running on this machine.
#pragma once

#include <filesystem>
#include <string>

namespace hullscan {

/// Ends, with all their descendants, the processes of calculations below this directory: known by the mark in their
/// environment, also where the directory has another name now. To be called with the campaign's lock held, before
/// anything is started. @returns their names, for a person; "" if there were none.
std::string end_left_overs(const std::filesystem::path& campaign_directory);

}  // namespace hullscan
