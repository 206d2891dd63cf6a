/// @file
/// The energy of a composition as a constant and terms that are never negative: a quadratic form, and tables of small
/// blocks. The constant is a lower bound, and what of the terms the decided sites of a branch already fix is one for
/// the branch. Internal to workers.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <functional>
#include <vector>

#include "workers/best/composition_energy.hpp"
#include "workers/best/energy_blocks.hpp"

namespace hullscan::detail {

struct SquaresBound {
  /// Values of one orbit of blocks, eV, at pattern sum_i option_i * stride_i, stride_0 = 1, stride_i+1 = stride_i *
  /// options of site i; none negative.
  using Table = std::vector<double>;
  struct Block {
    std::vector<std::uint16_t> sites;
    std::uint32_t table = 0;
  };

  double bound_ev = 0;
  /// [1 + states][1 + states], positive definite: the form of the vector (1, states that are on). Every configuration
  /// of the composition has bound_ev + its value + the sum of all blocks as its energy.
  Eigen::MatrixXd form;
  std::vector<Table> tables;
  std::vector<Block> blocks;
};

/// The largest such bound: a semidefinite relaxation (the occupations lie in an affine space, their squares are
/// themselves) tightened by the exact minima of blocks, between which and the form the energies of single sites, pairs
/// and triplets are moved. Everything is the same for all of an orbit of the group, which makes it small. Maximised by
/// Newton steps with logarithmic barriers; always a bound, however far that comes.
/// Sources: Helmberg & Rendl, Math. Program. 82, 291 (1998); Rendl, Rinaldi & Wiegele, Math. Program. 121, 307 (2010).
/// @param limits of what is moved; without any the form is alone, with triplets in blocks of their own.
/// @param stop_asked ends it early, with a lower bound than it could be.
SquaresBound squares_bound(const CompositionEnergy& energy, const BlockLimits& limits, double tolerance_ev,
                           const std::function<bool()>& stop_asked = {});

}  // namespace hullscan::detail
