/// @file
/// A file's bytes, unpacked if the file is compressed by gzip: the one place that names zlib.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace hullscan::detail {

/// @returns nothing if the file cannot be read, is damaged, or holds more than `limit` bytes.
std::optional<std::string> unpacked_text(const std::filesystem::path& file, std::size_t limit = std::size_t{1} << 26);

}  // namespace hullscan::detail
