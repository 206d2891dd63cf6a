/// @file
/// Whether a looser tolerance finds a larger symmetry group in the parent crystal of a space, and what that would do to
/// the number of configurations. Relaxed and rounded coordinates are the usual reason.
#pragma once

#include <optional>
#include <string>

#include "core/big_integer.hpp"
#include "enumerator/space/search_space.hpp"

namespace hullscan {

struct LooserSymmetry {
  double symprec_angstrom = 0;  ///< the smallest of those tried at which the group is larger
  int space_group_number = 1;
  std::string space_group_symbol = "P1";
  /// Counts over all supercells and compositions of the space, at that tolerance and at its own. Absent where counting
  /// would take long, where no formula exists (minimum distances), and for marked objects.
  std::optional<BigInteger> inequivalent, inequivalent_now;
};

/// Tries 0.001, 0.01 and 0.05 Å, as far as they are looser than the space's own tolerance. A tolerance at which
/// symmetry cannot be found, or that moves a site onto another, is passed over.
/// @returns nothing if no group is larger.
std::optional<LooserSymmetry> looser_symmetry(const SearchSpace& space);

}  // namespace hullscan
