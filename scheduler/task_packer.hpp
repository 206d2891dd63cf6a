/// @file
/// Packs the files of calculations that have ended, some together, and unpacks those that are to go on.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "dft_adapters/dft_code.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {

class TaskPacker {
 public:
  /// @param jobs_outlive_us then an attempt without an exit code may still be written to, and stays as it is.
  TaskPacker(const DftCode& code, CampaignStore& store, std::filesystem::path directory, bool jobs_outlive_us)
      : code_(code), store_(store), directory_(std::move(directory)), jobs_outlive_us_(jobs_outlive_us) {}

  /// What earlier lives have not packed; a campaign that was begun by an older hullscan keeps what it has as it is.
  void begin();
  void ended(const std::string& key);
  /// What has ended so far. A directory that cannot be packed stays as it is, with a warning.
  void pack();
  /// Before a task goes on. A damaged archive is kept under another name; the task goes on without it.
  void open(const std::string& key) const;

 private:
  void pack(const std::string& key);

  const DftCode& code_;
  CampaignStore& store_;
  std::filesystem::path directory_;
  bool jobs_outlive_us_;
  bool begun_ = false, warned_ = false;
  std::vector<std::string> ended_;
};

}  // namespace hullscan
