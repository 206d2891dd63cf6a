/// @file
/// How a program ended, as a shell reports it.
#pragma once

#include <optional>
#include <string>

namespace hullscan::detail {

inline constexpr int kNotFound = 127, kNotExecutable = 126, kFirstSignal = 128;

/// What the file of an exit code says: 0 to 255, else nothing.
std::optional<int> exit_code_in(const std::string& text);
/// "exit code 1", "killed by signal 9", "exit code not known". A code above 128 that is not a signal that ends programs
/// is a number like any other: Intel Fortran ends with its run-time error's, 174 for a segmentation fault.
std::string exit_text(const std::optional<int>& exit_code);

}  // namespace hullscan::detail
