/// @file
/// The rows of table fact, for the sources of CampaignStore that change several tables at once. Inside a transaction.
#pragma once

#include <span>
#include <string>
#include <utility>

#include "storage/detail/sqlite.hpp"

namespace hullscan::storage_detail {

/// A later text replaces an earlier one.
void set_fact(sqlite::Database& database, const std::string& key, const std::string& text);
void forget_fact(sqlite::Database& database, const std::string& key);
/// Each remembered; an empty text: forgotten.
void change_facts(sqlite::Database& database, std::span<const std::pair<std::string, std::string>> facts);

}  // namespace hullscan::storage_detail
