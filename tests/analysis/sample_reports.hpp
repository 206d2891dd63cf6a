/// @file
/// Made-up campaigns whose reports the tests look at.
#pragma once

#include <string>

#include "analysis/report_content.hpp"

namespace hullscan::test {

ReportContent binary_campaign();         ///< Al–Ni, elemental end members, predictions, rounds, a failure
ReportContent pseudo_binary_campaign();  ///< LiNiO2–NiO2 with histograms
ReportContent ternary_campaign();        ///< Cu–Ag–Au
ReportContent hostile_campaign();        ///< every text tries to leave its element
ReportContent empty_campaign();

}  // namespace hullscan::test
