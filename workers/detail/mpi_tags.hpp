/// @file
/// The tags of messages between ranks: what a message is, and which thread of its rank it is for or from. Internal to
/// workers.
#pragma once

#include <cstddef>

namespace hullscan::detail {

inline constexpr int kMaster = 0;
inline constexpr int kMessageTag = 1;
inline constexpr int kStopTag = 2;   ///< a tag of its own lets Stop overtake
inline constexpr int kLeaveTag = 3;  ///< the rank has received everything and sends nothing more
inline constexpr int kTagsOfThread = 4;

/// At most 4096 threads: MPI grants tags up to 32767.
constexpr int tag_of(int kind, std::size_t thread) { return kind + kTagsOfThread * static_cast<int>(thread); }
constexpr int kind_of(int tag) { return tag % kTagsOfThread; }
constexpr std::size_t thread_of(int tag) { return static_cast<std::size_t>(tag / kTagsOfThread); }

}  // namespace hullscan::detail
