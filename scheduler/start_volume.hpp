/// @file
/// Starting volumes learned from finished relaxations, so that a cell relaxation starts close to its end.
#pragma once

#include <map>
#include <span>

#include "core/structure.hpp"

namespace hullscan {

/// Volume of a cell as the sum of its atoms' volumes (Vegard's law for volumes; Vegard, Z. Phys. 5, 17 (1921)).
class StartVolume {
 public:
  /// Least squares over the relaxed structures, each weighted per atom. Species that they do not determine keep no volume.
  static StartVolume learned_from(std::span<const Structure> relaxed);

  /// The structure scaled to the predicted volume; unchanged if one of its species has no learned volume.
  [[nodiscard]] Structure applied_to(const Structure& structure) const;
  [[nodiscard]] const std::map<Species, double>& volumes_cubic_angstrom() const { return volumes_; }

 private:
  std::map<Species, double> volumes_;
};

}  // namespace hullscan
