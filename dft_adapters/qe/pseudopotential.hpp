/// @file
/// What the header of a pseudopotential file in UPF (version 1 or 2) says. The rest of the file is the code's.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/species.hpp"

namespace hullscan::qe {

struct Pseudopotential {
  std::string element;     ///< as the file says, e.g. "Al"
  std::string functional;  ///< normalised: functional_name()
  double valence_electrons = 0;
  bool norm_conserving = false;                 ///< false: ultrasoft or PAW, which need a higher density cutoff
  double suggested_wavefunction_cutoff_ry = 0;  ///< 0 if the file suggests none
  double suggested_density_cutoff_ry = 0;       ///< 0 if the file suggests none
};

/// @param problem set when nothing is returned: why the text is not a UPF header.
std::optional<Pseudopotential> parse_upf_header(std::string_view text, std::string& problem);
std::optional<Pseudopotential> read_upf_header(const std::filesystem::path& file, std::string& problem);

/// Deuterium takes hydrogen's.
bool is_pseudopotential_of(const Pseudopotential& pseudopotential, Species species);

/// Names of the files in `folder` whose header says this element, sorted; `functional` empty: any.
std::vector<std::string> pseudopotential_files(const std::filesystem::path& folder, Species species,
                                               const std::string& functional);

}  // namespace hullscan::qe
