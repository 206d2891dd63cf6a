/// @file
/// What of a campaign is kept outside its database, so that a lost database can be made again: a copy of the database
/// at the last round, the models of the passes, and how sure they were. The shards say the rest about themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hullscan {

inline constexpr const char* kBackupFile = "campaign.backup.db";

/// DIR/models/p<pass>-<hash>.model, durable; not written again if it is there. @throws StorageError.
void keep_model(const std::filesystem::path& directory, int pass, std::uint64_t model_hash,
                std::span<const std::byte> serialised);
/// Nothing if it is not there or its bytes do not have that hash.
std::optional<std::vector<std::byte>> kept_model(const std::filesystem::path& directory, int pass,
                                                 std::uint64_t model_hash);

/// DIR/models/r<round>.deviations.json, durable: what remember_round_deviations holds of that round. @throws
/// StorageError.
void keep_deviations(const std::filesystem::path& directory, int round,
                     const std::map<std::string, double>& ev_per_atom);
/// By round. What is damaged is left out, and the log says so.
std::map<int, std::map<std::string, double>> kept_deviations(const std::filesystem::path& directory);

}  // namespace hullscan
