/// @file
/// How errors reach a person, and where programs are found.
#pragma once

#include <string>

namespace hullscan::cli {

/// On standard error, one problem a line, each with the prefix "hullscan: ".
void print_error(const std::string& message);

/// Full path of a program in PATH (or of a path given as such); empty if there is none that can be executed.
std::string find_program(const std::string& name);

}  // namespace hullscan::cli
