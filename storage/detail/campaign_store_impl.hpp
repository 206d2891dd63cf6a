/// @file
/// What the sources of CampaignStore share.
#pragma once

#include "storage/campaign_store.hpp"
#include "storage/detail/sqlite.hpp"

namespace hullscan {

struct CampaignStore::Impl {
  Impl(const std::filesystem::path& file, sqlite::Access access) : database(file, access) {}
  sqlite::Database database;
};

}  // namespace hullscan
