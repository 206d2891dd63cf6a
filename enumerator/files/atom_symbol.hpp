/// @file
/// The species that a type symbol ("Fe3+", "0.8Nb + 0.2Zr") or an atom-site label ("Pb1", "OW2", "CA1") means, in all
/// the spellings that programs use. Where the spelling leaves a choice, the reading says so.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/species.hpp"

namespace hullscan {

struct AtomShare {
  Species species;
  std::optional<double> oxidation_state;
  double share = 1.0;  ///< of the site's occupancy
};

struct AtomReading {
  std::vector<AtomShare> atoms;  ///< several for a mixture in one symbol; none for a place holder that is not an atom
  std::string remark;            ///< what had to be guessed, or empty
};

/// "Fe", "Fe3+", "Fe+3", "O2-", "Na+", "FE", "D", "57Fe", "Va", "OH", "Wat", "0.75Si + 0.25Al", "Nb0.8Zr0.2".
/// @param expected elements of the file's formula, which decide between "C" and "Co" for "CO"; may be empty.
/// @returns nothing if it names no element. @throws FormatError, without place, for several elements without their
/// shares.
std::optional<AtomReading> read_type_symbol(const std::string& text, const std::set<Species>& expected);

/// "Pb1", "Li_a", "Fe2A", "O3'", "LiA", "OW1", "Wat", "IN1": the element at the start.
/// @returns nothing if it begins with no element.
std::optional<AtomReading> read_site_label(const std::string& text, const std::set<Species>& expected);

}  // namespace hullscan
