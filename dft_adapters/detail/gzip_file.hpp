/// @file
/// A file's bytes, unpacked if the file is compressed by gzip: the one place that names zlib.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace hullscan::detail {

/// @returns nothing if the file cannot be read, is damaged, or holds more than `limit` bytes.
std::optional<std::string> unpacked_text(const std::filesystem::path& file, std::size_t limit = std::size_t{1} << 26);

/// A file read piece by piece, unpacked if it is compressed by gzip.
class UnpackedFile {
 public:
  explicit UnpackedFile(const std::filesystem::path& file);
  ~UnpackedFile();
  UnpackedFile(const UnpackedFile&) = delete;
  UnpackedFile& operator=(const UnpackedFile&) = delete;
  [[nodiscard]] bool is_open() const;
  /// @returns bytes put into `buffer`, less than `length` only at the end; nothing if the file is damaged there.
  std::optional<int> read(void* buffer, int length);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace hullscan::detail
