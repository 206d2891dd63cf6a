/// @file
/// Site files: what a cluster asks of every job, written once for all campaigns. What a campaign file says in the table
/// of its executor stands over them, and a command line over both. docs/site-file.md.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/campaign/campaign.hpp"
#include "core/processes/child_environment.hpp"

namespace hullscan {

inline constexpr const char* kSiteOfMachine = "/etc/hullscan/site.toml";

struct Site {
  std::vector<std::filesystem::path> files;  ///< those that were read, the strongest first
  SettingsTable settings;                    ///< of every key the strongest one, with its place
  std::filesystem::path scratch;             ///< where campaign directories are begun; "": not said
};

/// Where site files are looked for, the strongest first: HULLSCAN_SITE alone if it is set (nowhere if it is empty);
/// else site.toml in the user's configuration folder and `of_machine`.
std::vector<std::filesystem::path> site_file_places(const Environment& environment,
                                                    const std::filesystem::path& of_machine = kSiteOfMachine);

/// A file that is not there says nothing, but for one that HULLSCAN_SITE names.
/// @throws InputError with every problem of all files as `file:line:column: what`.
Site read_site(const Environment& environment, const std::filesystem::path& of_machine = kSiteOfMachine);

/// The same run with what the site says and the table of its executor does not (ExecutorKind::site_keys).
RunSpec with_site(RunSpec run, const Site& site);

/// "account = "p1234"", each key of a table that a site file may hold as one would write it.
std::vector<std::pair<std::string, std::string>> site_texts(const SettingsTable& settings);

}  // namespace hullscan
