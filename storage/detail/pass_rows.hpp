/// @file
/// The rows of a pass, for the sources of CampaignStore that change several tables at once.
#pragma once

#include "storage/detail/sqlite.hpp"

namespace hullscan::storage_detail {

/// Inside a transaction: units, candidates, spectra and the shards' rows of a pass are gone, and it is open again.
void forget_all_of(sqlite::Database& database, int pass);

}  // namespace hullscan::storage_detail
