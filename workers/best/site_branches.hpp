/// @file
/// The tree of a search that decides site after site, with a lower bound at every node. Internal to workers.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "workers/best/squares_bound.hpp"

namespace hullscan::detail {

/// A node that is still to be explored.
struct OpenBranch {
  double bound_ev = 0;                ///< no configuration below it is lower
  std::vector<std::uint8_t> options;  ///< of the first sites in the order of SiteBranches
};

/// What all branches of one composition share; immutable, so that threads may. Sites are decided in the order in which
/// the form is stiffest. A decided site fixes its square of the form's Cholesky factor (as sphere decoders do: Agrell
/// et al., IEEE Trans. Inf. Theory 48, 2201 (2002)) and raises the least that its blocks can still have. Of the images
/// of a configuration only the first in that order is reached: a branch none of whose configurations can be is cut.
class SiteBranches {
 public:
  SiteBranches(const CompositionEnergy& energy, const SquaresBound& bound);

  [[nodiscard]] double root_bound_ev() const { return root_ev_; }
  /// What rounding may have added to a bound, eV.
  [[nodiscard]] double rounding_ev() const { return rounding_ev_; }
  /// The energy of a configuration as the bound at a leaf: for tests.
  [[nodiscard]] double leaf_ev(const SiteOptions& options) const;

  struct Exploration {
    std::uint64_t nodes = 0;
    std::vector<OpenBranch> open;  ///< what is left when the nodes are used up
  };
  /// Explores a branch depth first, the lower child first.
  /// @param limit_ev above which nothing is wanted; asked after every leaf. @param take is given leaves.
  [[nodiscard]] Exploration explore(const OpenBranch& branch, std::uint64_t most_nodes,
                                    const std::function<double()>& limit_ev,
                                    const std::function<void(const SiteOptions&)>& take) const;

 private:
  friend class BranchWalk;
  struct Step {
    std::size_t site, sublattice, options, first_row;
    struct InBlock {
      std::uint32_t block, stride;
      const double* table;
    };
    std::vector<InBlock> blocks;
  };
  void choose_order(const Eigen::MatrixXd& form);
  void factorise(const SquaresBound& bound);
  void fill_tables(const SquaresBound& bound);
  void measure_rounding();

  const CompositionEnergy& energy_;
  double root_ev_ = 0, rounding_ev_ = 0;
  std::vector<Step> steps_;                  ///< [depth]
  std::vector<std::size_t> depth_of_;        ///< [site]
  std::size_t rows_ = 0;                     ///< states
  std::vector<double> weight_, offset_;      ///< [row]: weight * (own state + offset + sum of factors of states on)^2
  std::vector<double> factor_;               ///< [row * rows + earlier row]
  std::vector<std::vector<double>> tables_;  ///< least value of every pattern, "undecided" the last option
  std::vector<std::uint32_t> table_of_, start_of_;  ///< [block]: its table; its code with nothing decided
};

}  // namespace hullscan::detail
