/// @file
/// Made-up campaigns whose reports the tests look at.
#pragma once

#include <string>
#include <vector>

#include "analysis/report/report_content.hpp"

namespace hullscan::test {

ReportContent binary_campaign();         ///< Al–Ni, elemental end members, predictions, rounds, a failure
ReportContent pseudo_binary_campaign();  ///< LiNiO2–NiO2 with histograms
ReportContent ternary_campaign();        ///< Cu–Ag–Au
ReportContent hostile_campaign();        ///< every text tries to leave its element
ReportContent empty_campaign();
ReportContent half_finished_campaign();  ///< counted, nothing calculated but one element
ReportContent two_phases_campaign();     ///< γ and δ: measured points, finite temperature, importance, other hulls
/// @param elements 1 … 5; entries over all their compositions of a cell, with predictions.
ReportContent campaign_of(int elements, int entries);

struct Sample {
  std::string name;
  ReportContent content;
  std::vector<std::string> panels;  ///< titles that the page must show
};
/// @param everything also those of 1e3 and 1e5 points, of one to five elements.
std::vector<Sample> samples(bool everything);

}  // namespace hullscan::test
