/// @file
/// Names and numbers of the shard format, shared by its writer and its reader; documented in docs/formats/shard.md.
#pragma once

#include <cstdint>

namespace hullscan::shard_layout {

inline constexpr const char* kFolder = "units";
inline constexpr const char* kArchiveSuffix = ".seg";
// Of older versions: a file for each unit.
inline constexpr const char* kSuffix = ".h5";
inline constexpr const char* kTemporarySuffix = ".h5.tmp";
inline constexpr std::uint64_t kChunkRows = 65536;

inline constexpr const char* kFormatName = "hullscan shard";
inline constexpr std::uint64_t kVersion = 2;

// Columns.
inline constexpr const char* kDegeneracy = "degeneracy";
inline constexpr const char* kEnergy = "energy";

// The unit's best configurations, best first; since version 2, absent if none were kept.
inline constexpr const char* kBestScore = "best_score";
inline constexpr const char* kBestDegeneracy = "best_degeneracy";
inline constexpr const char* kBestOccupation = "best_occupation";

// Attributes of the root group.
inline constexpr const char* kFormat = "format";
inline constexpr const char* kFormatVersion = "format_version";
inline constexpr const char* kCampaign = "campaign";
inline constexpr const char* kPass = "pass";
inline constexpr const char* kUnit = "unit";
inline constexpr const char* kSpace = "space";
inline constexpr const char* kSupercell = "supercell";
inline constexpr const char* kComposition = "composition";
inline constexpr const char* kBegin = "begin";
inline constexpr const char* kEnd = "end";
inline constexpr const char* kModelHash = "model_hash";
inline constexpr const char* kOrbits = "orbits";
inline constexpr const char* kLabelled = "labelled";

}  // namespace hullscan::shard_layout
