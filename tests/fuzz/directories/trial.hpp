/// @file
/// One damaged copy of a campaign directory and the commands that read it: what happens, and whether it may.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "dice.hpp"

namespace hullscan::test {

struct CommandEnd {
  int exit_code = -1;  ///< 128 + signal if one ended it
  std::string output, messages;
};

/// The program in a process of its own, forked from this one: nothing is loaded anew. Ends it after 20 s of computing
/// or 30 s.
CommandEnd run_forked(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                      const std::string& crash_at = "");

struct Finding {
  std::string what;  ///< signal, exit code 1, …
  std::string command;
  std::string messages;  ///< the end of stderr
};

struct TrialReport {
  std::string campaign, kind, damage;
  std::vector<Finding> findings;
  std::vector<std::string> commands;  ///< run, with exit codes
  bool must_notice = false;           ///< a result or archive file is not what was stored
  bool noticed = false;               ///< by verify
};

/// How many commands a trial runs.
enum class Thoroughness { kNone, kFew, kAll };

/// @param originals where make_campaigns put them. @param box an empty folder that is filled and left as it is.
TrialReport try_damage(const std::filesystem::path& originals, const std::vector<std::string>& campaigns,
                       const std::filesystem::path& box, const std::string& only_kind, Dice& dice,
                       Thoroughness thoroughness);

}  // namespace hullscan::test
