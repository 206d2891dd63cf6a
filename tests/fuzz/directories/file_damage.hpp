/// @file
/// What is done to a copy of a campaign directory, by kind.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "dice.hpp"

namespace hullscan::test {

const std::vector<std::string>& kinds_of_damage();

/// @param directory the copy. @param others directories of other campaigns, to exchange files with.
/// @returns what was done, in words.
std::string damage_directory(const std::filesystem::path& directory, const std::vector<std::filesystem::path>& others,
                             const std::string& kind, Dice& dice);

}  // namespace hullscan::test
