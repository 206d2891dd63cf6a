/// @file
/// Reading a database on a file system without locks: a copy of it, taken while nobody writes it.
#pragma once

#include <filesystem>

namespace hullscan::storage_detail {

/// A folder of its own for temporary files, removed with what is in it.
class PassingFolder {
 public:
  PassingFolder();  ///< in TMPDIR, or /tmp. @throws StorageError
  PassingFolder(const PassingFolder&) = delete;
  PassingFolder& operator=(const PassingFolder&) = delete;
  ~PassingFolder();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Copies a database with its journal or write-ahead log, whichever there are, into a folder. What is written meanwhile
/// shows in sizes, times and SQLite's file change counter (bytes 24 to 27, www.sqlite.org/fileformat.html), before and
/// after; then it is copied again. A journal that is there but does not change was left by a writer that was killed, or
/// belongs to a change that takes long: its pages undo what a copy has of that change.
/// @returns whether the copy has a journal or log to be worked in. @throws StorageError if it is written all the time,
/// or if there is no room.
bool copy_while_quiet(const std::filesystem::path& database, const std::filesystem::path& folder);

}  // namespace hullscan::storage_detail
