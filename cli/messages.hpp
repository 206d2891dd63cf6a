/// @file
/// How errors reach a person, and where programs are found.
#pragma once

#include <string>

#include "core/errors.hpp"

namespace hullscan::cli {

/// On standard error, one problem a line, each with the prefix "hullscan: ".
void print_error(const std::string& message);

/// A program, the batch system or MPI does not do its part; an addition of the command line to the codes of the rooms.
inline constexpr auto kSurroundings = static_cast<ExitCode>(6);
/// What the command line ends with for an error of ours: 1 is kept for our own mistakes.
ExitCode exit_code_of(const Error& error);

/// Full path of a program in PATH (or of a path given as such); empty if there is none that can be executed.
std::string find_program(const std::string& name);

}  // namespace hullscan::cli
