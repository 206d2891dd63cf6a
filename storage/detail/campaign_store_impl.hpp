/// @file
/// What the sources of CampaignStore share.
#pragma once

#include <map>
#include <tuple>

#include "storage/campaign_store.hpp"
#include "storage/detail/sqlite.hpp"

namespace hullscan {

struct CampaignStore::Impl {
  Impl(const std::filesystem::path& file, sqlite::Access access) : database(file, access) {}
  sqlite::Database database;
  /// By pass, stratum and how many are kept: the worst of them where there are so many. Most of what comes is worse.
  std::map<std::tuple<int, Stratum, std::uint32_t>, Candidate> worst_kept;
};

}  // namespace hullscan
