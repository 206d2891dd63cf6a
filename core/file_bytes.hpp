/// @file
/// A whole file of a user, read in one place: a directory, a device that fails or an absent file is words, no exception
/// of the standard library's streams.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace hullscan {

/// @param[out] problem "PATH: no such file", "PATH: is a directory, expected a file", …; left alone if there is none.
[[nodiscard]] std::optional<std::string> file_bytes(const std::filesystem::path& file, std::string& problem);
/// @throws InputError with that problem.
[[nodiscard]] std::string user_file(const std::filesystem::path& file);

}  // namespace hullscan
