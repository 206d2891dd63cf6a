/// @file
/// Damage inside an archive file that HDF5 finds in order: data sets and attributes of another type, shape or value.
#pragma once

#include <filesystem>
#include <string>

#include "dice.hpp"

namespace hullscan::test {

/// @returns what was done, in words; "" if nothing could be.
std::string damage_shard(const std::filesystem::path& file, Dice& dice);

}  // namespace hullscan::test
