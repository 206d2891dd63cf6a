/// @file
/// Which file system a directory lies on, as far as it matters to a database: local, or shared between machines.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace hullscan {

struct FileSystem {
  std::string name;      ///< "NFS", "Lustre", …; "local" for every other
  bool network = false;  ///< shared memory between processes is not to be had: no write-ahead log
  friend bool operator==(const FileSystem&, const FileSystem&) = default;
};

/// @param magic `f_type` of statfs(2).
FileSystem file_system_of_magic(std::uint64_t magic);
/// @throws StorageError if the directory cannot be asked.
FileSystem file_system_of(const std::filesystem::path& directory);

}  // namespace hullscan
