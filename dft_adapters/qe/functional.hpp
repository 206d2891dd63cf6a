/// @file
/// Exchange-correlation functionals under one name each: pseudopotential files, inputs and outputs of pw.x spell the
/// same functional in several ways.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hullscan::qe {

/// @param spelling "SLA  PZ   NOGX NOGC", "PZ", "LDA", "pbesol", "sla+pw+psx+psc", …
/// @returns "LDA" (Perdew-Zunger), "PBE", "PBEsol", …; a spelling that is not known comes back in upper case with
/// single spaces, so that equal spellings stay equal.
std::string functional_name(std::string_view spelling);

/// Names a campaign file may use.
const std::vector<std::string>& known_functionals();

}  // namespace hullscan::qe
