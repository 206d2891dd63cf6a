/// @file
/// An archive file of shards that is read at places.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "storage/detail/file_descriptor.hpp"

namespace hullscan::storage_detail {

class ArchiveFile {
 public:
  static constexpr std::size_t kBytesAtATime = std::size_t{1} << 20U;

  explicit ArchiveFile(const std::filesystem::path& file);

  /// "" if it can be read.
  [[nodiscard]] const std::string& fault() const { return fault_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }

  /// @returns the bytes that there are, perhaps fewer. @throws StorageError with the reason of the system alone.
  std::size_t read(std::uint64_t at, std::span<std::byte> into) const;

  /// @param take gets the bytes in turn. @returns whether all were there.
  template <class Take>
  bool each(std::uint64_t begin, std::uint64_t bytes, std::vector<std::byte>& buffer, const Take& take) const {
    for (std::uint64_t done = 0; done < bytes;) {
      buffer.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kBytesAtATime, bytes - done)));
      if (read(begin + done, buffer) != buffer.size()) return false;
      take(std::span<const std::byte>(buffer));
      done += buffer.size();
    }
    return true;
  }

 private:
  FileDescriptor descriptor_;
  std::string fault_;
  std::uint64_t size_ = 0;
};

}  // namespace hullscan::storage_detail
