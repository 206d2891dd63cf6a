/// @file
/// libarchive's zip writer as a handle, errors as StorageError. Only zip_stream.cpp and zip_reader.cpp include
/// archive.h; zip_absent.cpp is in their place where a build does without it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct archive;  // libarchive's

namespace hullscan::zip {

struct FreeArchive {
  void operator()(archive* a) const noexcept;
};

/// "" where zips can be read and written; otherwise why not.
std::string why_no_zip();

/// Without them no time is set: the same content is the same bytes.
struct OfFile {
  std::optional<std::int64_t> modified_s = {};
  unsigned permissions = 0644;
};

/// @throws StorageError `file: cannot be written: the library's reason`.
std::unique_ptr<archive, FreeArchive> open(const std::filesystem::path& file);
void add(archive& to, const std::string& name, std::string_view text, const std::filesystem::path& file,
         const OfFile& of = {});
void close(archive& a, const std::filesystem::path& file);

}  // namespace hullscan::zip
