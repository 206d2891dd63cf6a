/// @file
/// Which orbit of a campaign's spaces a structure is: space, supercell, composition and canonical form. What makes a
/// calculation from elsewhere, or one of an earlier campaign file, a label of this one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/structure.hpp"
#include "core/work_unit.hpp"
#include "enumerator/mapping/lattice_mapping.hpp"
#include "enumerator/space/search_space.hpp"
#include "enumerator/space/strata.hpp"

namespace hullscan {

struct PlacedOrbit {
  Stratum stratum;
  std::vector<std::uint8_t> occupation;  ///< canonical form
  std::uint64_t degeneracy = 1;
  double shear_strain = 0;               ///< as LatticeMapping
  double rms_displacement_angstrom = 0;  ///< as LatticeMapping
  std::int64_t copies = 1;               ///< of the structure in the supercell
};

/// A structure as its supercell holds it, and where it comes from: what lattice_departure compares.
struct OnLattice {
  PlacedOrbit orbit;
  Structure sites;    ///< on the sites of the parent crystal, turned as the structure is, of its volume, not sheared
  Structure relaxed;  ///< the structure itself, `copies` times; its atoms, and those of `sites`, in one order
  std::vector<int> atom;  ///< [atoms of `relaxed`] which atom of the structure each is
};

/// Spaces that mark objects hold no structures and are passed over. Not shared between threads.
class OrbitPlacer {
 public:
  /// @param spaces must outlive the placer and stay where they are.
  explicit OrbitPlacer(std::span<const SearchSpace> spaces, MappingLimits limits = {});

  /// Takes the space that the structure is nearest to (LatticeMapper::map) among those that have a supercell and a
  /// composition for it, and the smallest such supercell. A structure may repeat inside the supercell.
  /// @returns otherwise why not: the reason of the space that came nearest.
  [[nodiscard]] std::variant<PlacedOrbit, NotMapped> place(const Structure& structure);
  /// The same with the atoms one by one.
  [[nodiscard]] std::variant<OnLattice, NotMapped> place_atoms(const Structure& structure);

 private:
  struct Found {
    PlacedOrbit orbit;
    std::size_t supercell = 0;
    Eigen::Matrix3i multiples = Eigen::Matrix3i::Identity();  ///< rows: its vectors in those of the mapping's cell
    LatticeMapping mapping = {};
  };
  [[nodiscard]] std::variant<Found, NotMapped> find(const Structure& structure);
  [[nodiscard]] std::variant<Found, NotMapped> place_in(std::size_t space, LatticeMapping mapping) const;

  std::span<const SearchSpace> spaces_;
  Strata strata_;
  std::vector<LatticeMapper> mappers_;  ///< [space]
};

}  // namespace hullscan
