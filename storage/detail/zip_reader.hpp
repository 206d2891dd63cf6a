/// @file
/// A zip read from its begin to its end, errors as StorageError; every byte is compared with its checksum.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace hullscan::zip {

struct Member {
  std::string name;
  std::uint64_t bytes = 0;
  std::int64_t modified_s = 0;
  unsigned permissions = 0644;
};

/// @param wanted false: passed over without being read. @param visit gets the member and what it holds.
/// @throws StorageError if the archive is damaged, or a member wanted is not a file or larger than `largest`.
void read(const std::filesystem::path& file, std::uint64_t largest, const std::function<bool(const Member&)>& wanted,
          const std::function<void(const Member&, std::string&&)>& visit);

}  // namespace hullscan::zip
