/// @file
/// SHA-256 (FIPS 180-4): the hash by which people name a POTCAR. Not for speed; core/hash.hpp has the fast ones.
#pragma once

#include <string>
#include <string_view>

namespace hullscan::detail {

/// 64 hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace hullscan::detail
