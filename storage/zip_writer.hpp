/// @file
/// A zip archive of small text files, written as a stream: only the list of names stays in memory.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace hullscan {

/// "" where this program can write and read zips; otherwise why not.
[[nodiscard]] std::string why_no_zip_files();

class ZipWriter {
 public:
  /// @throws InputError if `file` exists or zips cannot be had, StorageError if it cannot be written.
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
