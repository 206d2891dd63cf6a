/// @file
/// Is everything in a campaign directory what was stored there, and does computing it again give the same?
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace hullscan {

struct Verification {
  struct Fault {
    std::string what;  ///< "campaign.db", "inputs", a shard's file name, "work unit 3", a task
    std::string why;
  };
  std::size_t shards = 0;      ///< of the ledger
  std::size_t recomputed = 0;  ///< work units
  std::size_t results = 0;     ///< of tasks
  std::size_t compared = 0;    ///< of them with the files of their attempts
  std::vector<Fault> faults;   ///< empty: everything is as it was stored
};

/// Reads the database and every shard whole, and the files of every result. Changes nothing.
/// @param recomputed_share of the work units, 0 to 1: enumerated and scored again and compared; the same ones each
/// time.
/// @throws StorageError if there is no database that can be opened.
Verification verify_campaign(const std::filesystem::path& directory, double recomputed_share);

}  // namespace hullscan
