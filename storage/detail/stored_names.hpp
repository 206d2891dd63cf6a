/// @file
/// Names in the database that become parts of paths: a database of somebody else may not lead out of the directory.
#pragma once

#include <algorithm>
#include <string_view>

#include "storage/detail/shard_layout.hpp"

namespace hullscan::storage_detail {

/// The name of one file or folder: ASCII letters, digits and any of `- _ .`, not beginning with a dot; at most 200
/// bytes.
inline bool is_plain_name(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
           c == '.';
  };
  return !name.empty() && name.size() <= 200 && name.front() != '.' && std::all_of(name.begin(), name.end(), plain);
}

/// "units/NAME.seg", "units/NAME.h5".
inline bool is_shard_name(std::string_view file) {
  const std::string_view folder = shard_layout::kFolder;
  if (!file.starts_with(folder) || file.substr(folder.size(), 1) != "/") return false;
  const std::string_view name = file.substr(folder.size() + 1);
  return (name.ends_with(shard_layout::kArchiveSuffix) || name.ends_with(shard_layout::kSuffix)) && is_plain_name(name);
}

}  // namespace hullscan::storage_detail
