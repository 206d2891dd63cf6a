/// @file
/// What the sources of CampaignStore share.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>

#include "storage/campaign_store.hpp"
#include "storage/detail/sqlite.hpp"

namespace hullscan {

namespace storage_detail {

struct CampaignStoreImpl {
  CampaignStoreImpl(const std::filesystem::path& file, sqlite::Access access)
      : database(file, access), writes(database.writes()) {}
  sqlite::Database database;
  /// By pass, stratum and how many are kept: the worst of them where there are so many. Most of what comes is worse.
  std::map<std::tuple<int, Stratum, std::uint32_t>, Candidate> worst_kept;
  /// Kept by whoever may write, who is alone: counted once, then kept up. Nothing while a change is under way or has
  /// failed.
  std::optional<std::map<TaskState, int>> task_counts;
  bool writes;
  /// Parsed texts: the tasks of a campaign have few different ones.
  std::unordered_map<std::string, DftSettings> settings;
  std::unordered_map<std::string, std::map<std::string, std::string>> text_maps;
};

}  // namespace storage_detail

struct CampaignStore::Impl : storage_detail::CampaignStoreImpl {
  using CampaignStoreImpl::CampaignStoreImpl;
};

}  // namespace hullscan
