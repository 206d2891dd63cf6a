/// @file
/// Whether a calculation computed what was asked: the code drops a missing card or takes a default without an error.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "dft_adapters/qe/input.hpp"
#include "dft_adapters/qe/output_xml.hpp"

namespace hullscan::qe {

/// @returns "" if everything asked for is echoed, else the first difference: "ecutwfc: asked for 25 Ry, computed with
/// 30 Ry".
std::string first_difference(const Request& request, const OutputXml& xml);

/// Hashes of the pseudopotential files that were used, by species symbol: the code's own copies in the save directory
/// where they are, else the files of the pseudopotential directory. Files that are nowhere are left out.
std::map<std::string, std::string> pseudopotential_hashes(const Request& request,
                                                          const std::filesystem::path& save_directory,
                                                          const std::filesystem::path& pseudo_directory);

/// What the calculation has to agree in with others on a hull: as the input's notes say, else from the XML.
std::map<std::string, std::string> hull_keys_of(const Request& request, const OutputXml& xml,
                                                const std::map<std::string, std::string>& hashes);

}  // namespace hullscan::qe
