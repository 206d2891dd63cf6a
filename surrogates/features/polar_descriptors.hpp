/// @file
/// What surrounds a marked pair of sites, in bins: the type of the pair (a migration path), and for every dopant
/// which sublattice it is on, which end of the pair it is nearer to, how far it is from the middle and at which angle
/// to the line. Counts, so that one model serves any number of dopants.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/supercell.hpp"

namespace hullscan {

/// A pair of sites and the line that joins them.
struct MarkedPair {
  std::size_t type = 0;  ///< 0 .. types - 1
  Cartesian begin, end;  ///< Å; the end is the image that the line leads to
};

/// Where a site stands, seen from a pair: its image nearest to the middle. The angle is 0-90 degrees between the line
/// and the site: the line has no direction.
struct PolarPlace {
  double distance_angstrom = 0;  ///< from the middle
  double angle_degrees = 0;
  double to_begin_angstrom = 0, to_end_angstrom = 0;
};
/// @param site varied site.
PolarPlace polar_place(const Supercell& supercell, const MarkedPair& pair, std::size_t site);

struct PolarSettings {
  std::size_t path_types = 1;              ///< columns for the type of the pair
  std::vector<std::size_t> class_of_site;  ///< [varied site] which kind of dopant site it is
  std::size_t site_classes = 1;
  std::size_t distance_bins = 6, angle_bins = 5;
  double longest_angstrom = 12;  ///< the last distance bin ends here; what is farther falls into it
};

class PolarDescriptors {
 public:
  explicit PolarDescriptors(PolarSettings settings) : settings_(std::move(settings)) {}
  /// path 1..., dopant on ... , nearer end 1|2, distance bins, angle bins: types + classes + 2 + distance + angle
  /// columns.
  [[nodiscard]] std::vector<std::string> names(std::span<const std::string> class_names) const;
  [[nodiscard]] std::vector<std::string> groups()
      const;  ///< "path type", "dopant sublattice", "nearer end", "distance", "angle"
  [[nodiscard]] std::size_t count() const;
  /// @param dopants varied sites that hold one. A dopant is taken at the image nearest to the middle of the pair; a
  ///        distance to both ends that is equal within 1e-6 Å counts a half for each. Angles 0-90 degrees between the
  ///        line and the dopant, seen from the middle: the line has no direction.
  void fill(const Supercell& supercell, const MarkedPair& pair, std::span<const std::size_t> dopants,
            std::span<double> row) const;

 private:
  PolarSettings settings_;
};

}  // namespace hullscan
