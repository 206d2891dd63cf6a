/// @file
/// Which file a command starts.
#pragma once

#include <filesystem>
#include <string>

namespace hullscan {

/// The file that `name` starts: by `path` (a PATH variable) if it has no slash, else relative to the current
/// directory.
/// @throws TransportError saying where was looked, or that the file is not executable.
std::filesystem::path find_program(const std::string& name, const std::string& path);

}  // namespace hullscan
