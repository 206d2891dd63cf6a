/// @file
/// The parts of a campaign (Part) become one campaign directory, the same as if one run had done all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

namespace hullscan {

struct MergedCampaign {
  std::size_t parts = 0;
  bool computes = false;  ///< it has a [dft]: its calculations come next
};

/// Joins the parts into `target`, which must not exist and appears when it is whole. The parts stay as they are; their
/// shards get a second name where the file system allows it, else they are copied.
/// @param target absolute.
/// @throws InputError naming every directory that is not a complete part of this campaign, or what none of the parts
/// holds; StorageError if a shard is damaged or the disk does not let us.
MergedCampaign merge_parts(const std::vector<std::filesystem::path>& directories, const std::filesystem::path& target);

}  // namespace hullscan
