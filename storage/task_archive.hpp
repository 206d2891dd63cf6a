/// @file
/// The files of a calculation that has ended, in one archive: tasks/KEY/attempts.zip, under the names they had below
/// tasks/KEY, so that `unzip attempts.zip` there puts everything back. docs/formats/task-directory.md.
///
/// A plain file wins over one of the same name in the archive. An archive appears whole and durable before what it
/// holds is removed, and goes only when all that it holds is plain and durable again: nothing is lost whenever the
/// process ends.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hullscan {

inline constexpr const char* kTaskArchive = "attempts.zip";
/// Larger files (wave functions, charge densities) stay as they are: to copy them gains nothing.
inline constexpr std::uint64_t kLargestPackedBytes = std::uint64_t{64} << 20;

[[nodiscard]] bool is_packed(const std::filesystem::path& task);

/// Packs the files of a task's directory and removes folders that are empty then. Links, special files and what cannot
/// be read or changes meanwhile stay. Ends what a killed one has begun; nothing happens if all is packed.
/// @param stays of paths below `task`. @throws StorageError if the archive cannot be written; then nothing is removed.
void pack_task(const std::filesystem::path& task, const std::function<bool(const std::filesystem::path&)>& stays);

/// Puts everything back and removes the archive. Nothing happens without one.
/// @throws StorageError if the archive is damaged or names files outside of the directory; then it stays.
void unpack_task(const std::filesystem::path& task);

/// Names and sizes, in the order of the archive; empty without one. @throws StorageError if it is damaged.
[[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> packed_files(const std::filesystem::path& task);

/// A file of a task, plain or packed. @param name below the task's directory: "1/pw.out". Nothing if there is none.
[[nodiscard]] std::optional<std::string> file_of_task(const std::filesystem::path& task, const std::string& name);

/// All files of one attempt in one directory, for reading: its own, or a copy elsewhere that goes with this object.
class AttemptFiles {
 public:
  /// @throws StorageError if the archive is damaged.
  AttemptFiles(const std::filesystem::path& task, int attempt);
  AttemptFiles(const AttemptFiles&) = delete;
  AttemptFiles& operator=(const AttemptFiles&) = delete;
  ~AttemptFiles();
  [[nodiscard]] bool found() const { return found_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

 private:
  std::filesystem::path directory_;
  bool found_ = false, copied_ = false;
};

}  // namespace hullscan
