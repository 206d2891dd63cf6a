/// @file
/// What people and rules decided about a result, as values for files and tables.
#pragma once

#include <string>

#include "core/json.hpp"
#include "storage/records.hpp"

namespace hullscan {

/// "user@host".
std::string this_person();
/// {"at", "what", "who", "why"} of every judgement, oldest first.
Json judgements_json(const TaskRecord& task);
/// "counts", "suspect", "excluded"; null without a result.
Json standing_json(const TaskRecord& task);
std::string moment_text(Instant at);  ///< UTC, ISO 8601 to the second

}  // namespace hullscan
