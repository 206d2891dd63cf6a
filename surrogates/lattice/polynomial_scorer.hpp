/// @file
/// The scorer of every model that is a polynomial of the occupation.
#pragma once

#include <limits>

#include "surrogates/features/atom_counter.hpp"
#include "surrogates/lattice/branch_scorer.hpp"
#include "surrogates/lattice/lattice_polynomial.hpp"
#include "surrogates/surrogate.hpp"

namespace hullscan {

class PolynomialScorer final : public ConfigurationScorer {
 public:
  /// @param polynomial energy of the supercell, eV.
  PolynomialScorer(LatticePolynomial polynomial, const Supercell& supercell)
      : polynomial_(std::move(polynomial)), supercell_(supercell), counter_(supercell) {}

  [[nodiscard]] double score(std::span<const std::uint8_t> occupation) const override {
    const int atoms = counter_.atoms(occupation);
    if (atoms == 0) return std::numeric_limits<double>::infinity();
    return polynomial_.value(occupation) / atoms;
  }
  [[nodiscard]] std::shared_ptr<const BranchTables> branch_tables(
      std::span<const std::uint8_t> background) const override {
    return BranchTables::about(polynomial_, supercell_, background);
  }

 private:
  LatticePolynomial polynomial_;
  Supercell supercell_;
  AtomCounter counter_;
};

}  // namespace hullscan
