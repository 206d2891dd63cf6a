/// @file
/// A shard inside an archive file (docs/formats/shard.md): a header of 64 bytes, then the bytes of the shard.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hullscan::shard_record {

inline constexpr std::size_t kHeaderBytes = 64;
/// Where records are looked for after one that is damaged.
inline constexpr std::string_view kMark = "hsshard1";

struct Header {
  std::uint64_t bytes = 0;
  std::string checksum;  ///< hash128_hex of the bytes that follow
};

/// Mark, length (little-endian), checksum (32 digits), hash64 of these, zeros.
std::array<std::byte, kHeaderBytes> encode(const Header& header);
/// Nothing if these bytes are no header, or a damaged one. @param bytes at least kHeaderBytes.
std::optional<Header> decode(std::span<const std::byte> bytes);

}  // namespace hullscan::shard_record
