/// @file
/// The plane in which a hull between two compositions is drawn: places in [0, 1] in units of one crystal, energies per
/// atom.
#pragma once

#include <utility>
#include <vector>

#include "analysis/hull/composition_axis.hpp"

namespace hullscan {

class PlaneOfTwo {
 public:
  PlaneOfTwo(const CompositionAxis& axis, const Composition& from, const Composition& to)
      : axis_(axis),
        from_(static_cast<double>(from.atom_count()) / axis.units[0]),
        to_(static_cast<double>(to.atom_count()) / axis.units[1]) {}
  /// @param share of formula units of the second end member.
  [[nodiscard]] double place(double share) const { return axis_.weighted(std::vector{1 - share, share})[1]; }
  /// The number that the axis shows at a place.
  [[nodiscard]] double number(double place) const { return axis_.low + place * (axis_.high - axis_.low); }
  /// Atoms of a unit of the crystal at a place.
  [[nodiscard]] double atoms_at(double place) const { return (1 - place) * from_ + place * to_; }
  /// Appends a straight tie line: energy per atom is straight once multiplied by the atoms there.
  void add_line(double x0, double y0, double x1, double y1, std::vector<std::pair<double, double>>& line,
                int steps = 400) const {
    for (int step = 0; step <= steps; ++step) {
      const double t = static_cast<double>(step) / steps, x = x0 + t * (x1 - x0);
      line.emplace_back(x, ((1 - t) * y0 * atoms_at(x0) + t * y1 * atoms_at(x1)) / atoms_at(x));
    }
  }

 private:
  CompositionAxis axis_;
  double from_, to_;  ///< atoms of a unit
};

}  // namespace hullscan
