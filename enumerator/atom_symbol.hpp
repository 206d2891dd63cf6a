/// @file
/// The species that a type symbol ("Fe3+", "O2-") or an atom-site label ("Pb1") means.
#pragma once

#include <optional>
#include <string>

#include "core/species.hpp"

namespace hullscan {

struct AtomSymbol {
  Species species;
  std::optional<double> oxidation_state;
};

/// "Fe", "Fe3+", "Fe+3", "O2-", "Ni2.5+", "Na+", "D", "Pb1", "Va". @throws FormatError that says why not, without place.
AtomSymbol parse_type_symbol(const std::string& text);

/// "Pb1", "Li_a", "Fe2A", "O3'": the letters at the start. "CA1" or "OW1" could be two things and is refused.
/// @throws FormatError without place.
AtomSymbol parse_site_label(const std::string& text);

}  // namespace hullscan
