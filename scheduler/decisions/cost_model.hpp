/// @file
/// How long a calculation will take, learned from those that have finished: seconds = a * cost^b, where cost is the
/// adapter's relative cost (electrons, volume, k-points).
#pragma once

#include <span>
#include <utility>

namespace hullscan {

class CostModel {
 public:
  /// Least squares of the logarithms. With fewer than `kEnough` calculations, or without spread of their costs, b = 1
  /// and a is that of the slowest; with none nothing is known. b is kept within [0.5, 3].
  /// @param finished (relative cost, wall time in s); those that are not positive are passed over.
  static CostModel learned_from(std::span<const std::pair<double, double>> finished);

  [[nodiscard]] bool knows() const { return prefactor_ > 0; }
  [[nodiscard]] double seconds(double cost) const;  ///< expected; 0 if nothing is known
  /// Longer than nearly all will take: expected, times e^(2 sigma) of the fit, at least times 1.5.
  [[nodiscard]] double cautious_seconds(double cost) const;
  /// The largest cost whose cautious time is at most `seconds`; infinity if nothing is known.
  [[nodiscard]] double largest_cost(double seconds) const;
  [[nodiscard]] double exponent() const { return exponent_; }

  static constexpr std::size_t kEnough = 5;

 private:
  double prefactor_ = 0;
  double exponent_ = 1;
  double caution_ = 1.5;
};

}  // namespace hullscan
