/// @file
/// A zip archive of small text files, written as a stream: only the list of names stays in memory.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace hullscan {

class ZipWriter {
 public:
  /// @throws InputError if `file` exists, StorageError if it cannot be written.
  explicit ZipWriter(const std::filesystem::path& file);
  ~ZipWriter();  ///< nothing stays without finish()
  /// @param name unique in the archive. @throws StorageError.
  void add(const std::string& name, std::string_view text);
  /// Makes the archive visible under its name, whole and durable. @throws StorageError.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hullscan
