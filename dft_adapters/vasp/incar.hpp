/// @file
/// INCAR: tags with values, read as VASP reads them. Read from a user's template and from a calculation that is
/// judged, written for a calculation.
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

/// The part of a value that VASP reads behind this tag, normalised.
/// @param rest the words that it does not read: "number of steps" of "4  number of steps" behind NSW.
std::string value_of_tag(std::string_view tag, std::string_view value, std::string& rest);

/// Whether VASP can read it: a number behind a tag that wants one (or .TRUE., as old LORBIT has it).
bool fits_tag(std::string_view tag, const std::string& value);

/// What a reader has to say of an INCAR, each with its line number, as "3: …".
struct IncarRemarks {
  std::vector<std::string> problems;  ///< VASP would stop, or most likely not do what was meant
  std::vector<std::string> warnings;  ///< VASP passes it over
};

/// Comments begin with # or !, several tags in a line are parted by ';', a line ends with '\' to go on, a value in
/// double quotes may hold all of these and line ends, `TAG { SUB = value }` is TAG/SUB. If a tag is given twice, the
/// first counts, as VASP has it.
Incar parse_incar(std::string_view text, IncarRemarks& remarks);
std::string incar_text(const Incar& incar, const std::string& title);

}  // namespace hullscan::vasp
