/// @file
/// libarchive's zip writer as a handle, errors as StorageError. The only place that includes archive.h.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace hullscan::zip {

struct FreeArchive {
  void operator()(archive* a) const noexcept { archive_write_free(a); }
};
struct FreeEntry {
  void operator()(archive_entry* e) const noexcept { archive_entry_free(e); }
};

/// @throws StorageError `file: cannot be written: the library's reason`.
std::unique_ptr<archive, FreeArchive> open(const std::filesystem::path& file);
void add(archive& to, const std::string& name, std::string_view text, const std::filesystem::path& file);
void close(archive& a, const std::filesystem::path& file);

}  // namespace hullscan::zip
