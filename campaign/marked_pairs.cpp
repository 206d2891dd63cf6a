#include "campaign/marked_pairs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace hullscan {

std::vector<std::string> marked_labels(const SearchSpace& space, std::size_t supercell, const MarkerOrbit& orbit) {
  std::vector<std::string> labels;
  for (const int site : orbit.sites) {
    const SupercellSite& at = space.supercells()[supercell]->sites()[static_cast<std::size_t>(site)];
    labels.push_back(space.parent()->sites[static_cast<std::size_t>(at.parent_site)].label);
  }
  return labels;
}

std::string marker_name(const SearchSpace& space, std::size_t supercell, std::size_t marker) {
  const MarkerOrbit& orbit = space.markers(supercell)[marker];
  const std::string labels = fmt::format("{}", fmt::join(marked_labels(space, supercell, orbit), "-"));
  if (orbit.sites.size() != 2) return fmt::format("site {}: {}", marker + 1, labels);
  return fmt::format("path {}: {} {:.2f} Å", marker + 1, labels, orbit.distance_angstrom);
}

MarkedPair marked_pair(const Supercell& supercell, const MarkerOrbit& orbit, std::size_t type,
                       const SiteClasses& classes) {
  constexpr double kSameLengthAngstrom = 1e-4;
  int begin = orbit.sites[0], end = orbit.sites[1];
  const auto rank = [&](int site) {
    const auto at = std::find(supercell.varied_sites().begin(), supercell.varied_sites().end(), site);
    const auto varied = static_cast<std::size_t>(at - supercell.varied_sites().begin());
    return std::pair(varied < classes.of_site.size() ? classes.of_site[varied] : classes.names.size(), site);
  };
  if (rank(end) < rank(begin)) std::swap(begin, end);
  const Lattice& lattice = supercell.lattice();
  const auto place = [&](int site) { return supercell.sites()[static_cast<std::size_t>(site)].position; };
  MarkedPair pair{type, lattice.to_cartesian(place(begin)), {}};
  const Eigen::Vector3i cells = lattice.cells_within(orbit.distance_angstrom + 1) + Eigen::Vector3i::Ones();
  double nearest = 1e300;
  for (int i = -cells[0]; i <= cells[0]; ++i) {
    for (int j = -cells[1]; j <= cells[1]; ++j) {
      for (int k = -cells[2]; k <= cells[2]; ++k) {
        const Cartesian at = lattice.to_cartesian({place(end).x + Eigen::Vector3d(i, j, k)});
        const double off = std::abs((at.x - pair.begin.x).norm() - orbit.distance_angstrom);
        if (off < nearest - kSameLengthAngstrom) {
          nearest = off;
          pair.end = at;
        }
      }
    }
  }
  return pair;
}

std::int64_t dopant_count(const ParentCrystal& parent, const CompositionCounts& counts) {
  const std::set<Species> dopants = usual_dopants(parent);
  std::int64_t count = 0;
  for (std::size_t s = 0; s < parent.sublattices.size(); ++s) {
    for (std::size_t k = 0; k < parent.sublattices[s].allowed.size(); ++k) {
      if (dopants.contains(parent.sublattices[s].allowed[k])) count += counts.of_sublattice[s][k];
    }
  }
  return count;
}

}  // namespace hullscan
