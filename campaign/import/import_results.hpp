/// @file
/// Results from elsewhere enter a campaign: what lies in its spaces becomes a label like any other, what does not and
/// has its elements a competing phase, and the rest is listed with the reason. docs/import.md.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "campaign/import/foreign_result.hpp"
#include "campaign/import/settings_check.hpp"

namespace hullscan {

struct ImportRequest {
  std::filesystem::path directory;
  std::vector<std::filesystem::path> sources;
  StatedSettings settings;
  bool trust = false;                          ///< take energies of calculations that are not accepted
  std::optional<std::string> space = {};       ///< look in this space only
  std::optional<std::filesystem::path> begin;  ///< the campaign file, where the directory is to be begun
  std::string who;                             ///< "user@host"
};

struct ImportOutcome {
  struct Label {
    std::string id, space, formula;  ///< as in the report
    std::string source;
    double energy_ev_per_atom = 0;
    std::string beside;  ///< another result of the same configuration and its distance; "" if it is the only one
  };
  struct Competing {
    std::string id, formula, source, why;
    double energy_ev_per_atom = 0;
  };
  struct Known {
    std::string source, id;  ///< what it is the same as
    std::string standing;    ///< "excluded" where that does not count; else ""
  };
  std::vector<Label> labels;
  std::vector<Competing> competing;
  std::vector<Known> known;  ///< not stored again
  std::vector<LeftOut> left_out;
  std::vector<std::string> answered;  ///< tasks that need not be calculated any more
  std::string folder;                 ///< "imports/<hash>"; "" if no label was stored
};

/// One transaction: killed at any moment, the directory has all of it or nothing. Twice the same changes nothing.
/// @throws InputError for sources that cannot be read, and where a result's settings are not the campaign's: both are
/// named and nothing is stored; FormatError, StorageError.
ImportOutcome import_results(const ImportRequest& request);

/// Takes an imported competing phase off the hull, for good. @returns its formula. @throws InputError if there is none
/// of this id.
std::string withdraw_competing_phase(const std::filesystem::path& directory, const std::string& id);

}  // namespace hullscan
