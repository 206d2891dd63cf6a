/// @file
/// A long text written piece by piece that takes the place of a file only when it is whole: as write_durably, without
/// the text in memory.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

namespace hullscan {

class DurableStream {
 public:
  /// @param file its directory must exist. @throws StorageError if it cannot be written.
  explicit DurableStream(const std::filesystem::path& file);
  ~DurableStream();  ///< nothing stays without finish()
  void write(std::string_view piece);
  /// Makes the text durable under its name. A file that holds the same stays as it is. @returns whether it was
  /// replaced.
  bool finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hullscan
