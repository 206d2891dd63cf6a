/// @file
/// INCAR: tags with values. Read from a user's template, written for a calculation.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hullscan::vasp {

using Incar = std::map<std::string, std::string>;  ///< TAG in capitals -> value, normalised

/// One spelling a value: "T", ".true." -> ".TRUE."; "1d-5", "0.00001" -> "1e-05"; lists word by word; other text as
/// it is, without surrounding quotes.
std::string normalised_value(std::string_view value);

/// Comments begin with # or !, several tags in a line are parted by ';', a line ends with '\' to go on.
/// @param problems what could not be understood, each with its line number, as "3: …".
Incar parse_incar(std::string_view text, std::vector<std::string>& problems);
std::string incar_text(const Incar& incar, const std::string& title);

/// Tags that VASP knows and a campaign may use; a tag that is not here is most likely misspelled.
const std::vector<std::string>& known_tags();

/// Tags that hullscan writes itself, from the structure, and where to say them instead; "" if the tag is free.
std::string where_to_say(const std::string& tag);

}  // namespace hullscan::vasp
