/// @file
/// The database of a campaign is lost or damaged; it is made again from what lies beside it: the campaign file in
/// inputs/, the shards with what they say of themselves, the models, and the last backup, which alone knows the
/// calculations.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace hullscan {

struct RebuiltLedger {
  bool was_sound = false;    ///< nothing was done
  bool from_backup = false;  ///< false: the calculations are not known
  std::size_t units = 0;     ///< taken from shards, with their orbits
  std::uint64_t orbits = 0;
  std::vector<int> given_up;  ///< passes that the next run computes again, ascending
  /// Files of the damaged database: what each was called, and what it is kept as.
  std::vector<std::pair<std::string, std::string>> set_aside;
};

/// Makes DIR/campaign.db again, unless it is sound. It is put in place when it is complete; a damaged one is kept under
/// another name. Shards that cannot be used are named in the log, and their work is left to the next run.
/// @throws StorageError if this is not a campaign directory, it is in use, or the disk does not let us; InputError or
/// FormatError if its campaign file cannot be read.
RebuiltLedger rebuild_ledger(const std::filesystem::path& directory);

}  // namespace hullscan
