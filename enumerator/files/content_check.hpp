/// @file
/// Does a cell hold what its file says it holds? A symmetry taken in the wrong setting, a lost operation or a merged
/// split site shows here and nowhere else.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/crystal.hpp"

namespace hullscan {

using Amounts = std::map<Species, double>;  ///< atoms, vacancies left out; may be fractional

/// "C12 H22 O11", "Li0.97 Ni1.03 O2", "(Fe6.1 Mg.9) Si8 O23.5". Nothing if it is not such a formula.
std::optional<Amounts> parse_fractional_formula(const std::string& text);

/// Atoms in the cell.
Amounts contents_of(const std::vector<CrystalSite>& sites);

std::string formula_text(const Amounts& amounts);

/// @param formula_units per cell, if known; otherwise any common factor will do.
/// @returns what is wrong, both contents printed; "" if they agree within 0.01 + 0.2 % of an element per formula.
std::string content_mismatch(const Amounts& contents, const Amounts& formula, std::optional<double> formula_units);

/// True if some hydrogen of the formula is all that the contents lack.
bool lacks_only_hydrogen(const Amounts& contents, const Amounts& formula);

}  // namespace hullscan
