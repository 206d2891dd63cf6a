/// @file
/// Starting volumes learned from finished relaxations, so that a cell relaxation starts close to its end.
#pragma once

#include <span>
#include <vector>

#include "core/structure.hpp"

namespace hullscan {

/// Volume per atom as a function of composition: v(x) = sum_i x_i v_i + sum_{i<j} x_i x_j b_ij. The first sum is
/// Vegard's law for volumes (Vegard, Z. Phys. 5, 17 (1921)); the second, once there are mixtures to learn it from,
/// their contraction.
class StartVolume {
 public:
  /// Least squares of minimal norm over the relaxed structures. Nothing is learned unless they determine every v_i.
  static StartVolume learned_from(std::span<const Structure> relaxed);

  /// The structure scaled to the predicted volume; unchanged if one of its species was never seen.
  [[nodiscard]] Structure applied_to(const Structure& structure) const;

 private:
  [[nodiscard]] std::vector<double> terms(const Structure& structure) const;

  std::vector<Species> species_;
  std::vector<double> coefficients_;  ///< Å^3 per atom: v_i, then b_ij; empty: nothing learned
};

}  // namespace hullscan
