/// @file
/// From the sites a file lists and the operations of its space group to all sites of the cell: images, special
/// positions, mixed and partly occupied sites.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/crystal.hpp"
#include "core/errors.hpp"
#include "core/parent_crystal.hpp"
#include "enumerator/files/reading_warnings.hpp"

namespace hullscan {

/// One line of a file's list of atoms.
struct ListedSite {
  std::string label;
  Species species;
  std::optional<double> oxidation_state;
  double occupancy = 1.0;
  Fractional position;
  SourcePosition where;
};

inline constexpr double kSameImageAngstrom = 0.1;  ///< images of one listed site nearer than this are one site
inline constexpr double kSamePartialImageAngstrom =
    0.02;  ///< the same for sites at most half full: others are split sites
inline constexpr double kSamePlaceAngstrom =
    0.01;  ///< occupants of different listed sites nearer than this share a site
inline constexpr double kTooNearAngstrom =
    0.5;  ///< nearer sites are alternatives: their occupancies may sum to 1 at most
inline constexpr double kOccupancyTolerance = 1e-3;
inline constexpr double kOccupancyRounding =
    0.02;  ///< sums above 1 by no more are rounded numbers, and are scaled to 1

struct SitesOfCell {
  std::vector<CrystalSite> sites;  ///< images of one listed site together, in the order of the list
  std::vector<int> image_counts;   ///< [listed site]
};

/// Why distances in this cell cannot be found in reasonable time, or "": a vector beyond 10,000 Å, or a cell so flat
/// or skewed that a sphere of its size meets more than 10^7 of its images. No crystal's cell is; a damaged file's may
/// be.
std::string unusable_cell(const Lattice& lattice);

/// A site near a special position is moved onto it: to the mean of its images within
/// kSameImageAngstrom, or kSamePartialImageAngstrom. A full site whose
/// places an earlier line lists already, with the same species and other coordinates, is the same atom listed again:
/// left out, with a warning. Occupancies that are rounded fractions of a sum of 1 (0.33, 0.33, 0.33) become those
/// fractions.
/// @param lattice one that unusable_cell() has nothing against.
/// @param operations a group modulo translations, identity included.
/// @throws FormatError at a listed site: occupancies above 1, two atoms on one place, sites that share only some
/// images.
SitesOfCell all_sites_of_cell(const Lattice& lattice, const std::vector<ListedSite>& listed,
                              const std::vector<SymmetryOperation>& operations, ReadingWarnings& warnings);

}  // namespace hullscan
