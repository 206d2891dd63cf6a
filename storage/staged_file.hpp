/// @file
/// A file that appears under its name only when it is complete, and never in the place of another.
#pragma once

#include <filesystem>

namespace hullscan {

class StagedFile {
 public:
  /// Makes nothing yet; removes the temporaries that killed processes of this host left of the same file.
  /// @throws InputError if `file` exists.
  explicit StagedFile(std::filesystem::path file);
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;
  /// Removes the temporary unless it was published.
  ~StagedFile();

  /// Removes the temporaries of all files that are being written. For a signal handler that ends the process.
  static void unlink_unfinished() noexcept;

  /// Beside the file, with host and process id in its name: where to write.
  [[nodiscard]] const std::filesystem::path& temporary() const { return temporary_; }
  /// Syncs the closed temporary, then gives it its name. @throws StorageError, also if `file` exists by now.
  void publish();

 private:
  std::filesystem::path file_, temporary_;
  bool published_ = false;
};

}  // namespace hullscan
