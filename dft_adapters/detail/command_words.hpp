/// @file
/// The key `command` of a [dft] table: the program and its arguments, written as a text or as a list.
#pragma once

#include <string>
#include <vector>

#include "core/campaign/settings.hpp"

namespace hullscan::detail {

/// Takes the key. A text is cut into words, a list is taken as it is.
/// @returns empty if the key is absent, or if it is a text or a list without words.
std::vector<std::string> read_command(SettingsReader& reader);
/// The same with a default; a command without a program is a problem.
std::vector<std::string> read_command(SettingsReader& reader, const std::string& default_program);

/// How a command is kept in DftSettings, as one value.
std::string command_text(const std::vector<std::string>& words);
/// @returns empty for what is no command.
std::vector<std::string> command_words(const std::string& text);

}  // namespace hullscan::detail
