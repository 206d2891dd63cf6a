/// @file
/// A quantity per atom (an energy, a volume) as a smooth function of composition, learned from labels some of which may
/// be wrong, and what it predicts for each label without the help of its own composition. What is expected of a result
/// that is judged; not a model to search with (surrogates).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/composition.hpp"

namespace hullscan {

/// One label.
struct CurvePoint {
  std::uint32_t lattice = 0;  ///< labels of one number share a parent crystal
  Composition composition;    ///< atoms only
  double value = 0;           ///< per atom
};

/// What is known before there is any label: standard deviations, in the unit of the values.
struct CurvePriors {
  double element = 1e4;          ///< of a pure element: nothing is known
  double lattice = 0.15;         ///< of a pure element between two lattices
  double pair = 3.0;             ///< of w in w x_i x_j, the mixing of two elements
  double asymmetry = 1.0;        ///< of a in a x_i x_j (x_i - x_j)
  double pair_on_lattice = 0.5;  ///< of what w has of its own on a lattice
  double scatter = 0.08;         ///< of labels about the curve
  double scatter_weight = 2;     ///< as many labels as the prior scatter is worth
};

/// A label against what the others say.
struct Expectation {
  double value = 0;
  double deviation = 0;  ///< one standard deviation of a label about `value`: of the curve and the scatter together
};

/// Bayesian linear regression over the atomic fractions x: value = sum x_i (e_i + d_i,lattice) + sum_{i<j} x_i x_j
/// (w_ij + w_ij,lattice + a_ij (x_i - x_j)): a sub-regular solution (Hillert, Phase Equilibria (2008), section 20.2).
/// Labels of one composition and lattice enter with their median. Labels that are far from what the others predict lose
/// their weight (iteratively reweighted least squares: Huber & Ronchetti, Robust Statistics (2009), section 7.8, with
/// residuals of deletion, so that a label at the end of the axis does not vouch for itself: Belsley, Kuh & Welsch,
/// Regression Diagnostics (1980), section 2.1). The scatter is the scaled median of those residuals, drawn to the
/// prior.
class CompositionCurve {
 public:
  /// Depends on the set of points, not on their order. Cost: O(n log n + C p^3), C compositions, p terms.
  CompositionCurve(std::span<const CurvePoint> points, const CurvePriors& priors);

  [[nodiscard]] double scatter() const { return scatter_; }
  /// Expectation at each point without all labels of its composition, on whatever lattice.
  [[nodiscard]] const std::vector<Expectation>& without_composition() const { return without_composition_; }
  /// Expectation at each point without itself: the other labels of its composition count too.
  [[nodiscard]] const std::vector<Expectation>& without_itself() const { return without_itself_; }
  /// Labels of the same composition, on whatever lattice, the point itself not counted.
  [[nodiscard]] const std::vector<std::size_t>& companions() const { return companions_; }

 private:
  double scatter_ = 0;
  std::vector<Expectation> without_composition_, without_itself_;
  std::vector<std::size_t> companions_;
};

/// @param values not empty. The mean of the middle two for an even number.
double median_of(std::vector<double> values);

}  // namespace hullscan
