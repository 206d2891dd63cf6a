/// @file
/// What a model predicts of a composition of the report: its lowest energy, free energies, and a histogram over all
/// orbits.
#pragma once

#include <span>
#include <vector>

#include "analysis/report/report_content.hpp"
#include "analysis/statistics/energy_bins.hpp"
#include "core/big_integer.hpp"
#include "core/energy_spectrum.hpp"
#include "core/work_unit.hpp"

namespace hullscan {

/// Energies of all orbits of a composition.
struct CountedEnergies {
  std::vector<EnergyCount> counts;  ///< empty: not all are known
  double resolution_ev = 0;
};

/// Fills in the lowest energy, what ties with it, and the free energies.
/// @param candidates of the stratum, best first.
/// @param orbits of the stratum: a spectrum that does not count them all is left out.
/// @param temperature_kelvin of the Boltzmann average.
CountedEnergies add_predictions(ReportComposition& composition, std::span<const Candidate> candidates,
                                const EnergySpectrum& spectrum, const BigInteger& orbits, double temperature_kelvin);

/// Histograms of one formula have bins of one width, so that spaces and supercells can be laid over each other; the
/// supercells of a space are one set.
/// @param energies [space][supercell][composition], as in `spaces`.
void add_histograms(std::vector<ReportSpace>& spaces,
                    const std::vector<std::vector<std::vector<CountedEnergies>>>& energies);

}  // namespace hullscan
