/// @file
/// The energy of one supercell as a polynomial of its occupation: a constant, a term for every site and pair, and terms
/// of three and four sites. What every lattice model (cluster expansion, electrostatics) becomes on a given supercell.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/supercell.hpp"

namespace hullscan {

/// A varied site with an occupant that is not its sublattice's first species, numbered over the supercell.
/// The first species is the zero of the polynomial: it contributes nothing.
using SiteState = std::uint16_t;

class LatticePolynomial {
 public:
  /// Gathers terms; equal ones are summed in the order they were added, so the same additions give the same bits.
  class Builder {
   public:
    /// @throws InputError if the supercell has more than 65,535 site states.
    explicit Builder(const Supercell& supercell);
    void add_constant(double value) { constant_ += value; }
    /// @param varied_indices 1 to 4 indices into Supercell::varied_sites(), repeats allowed;
    /// @param occupants of the same sites, each >= 1. A site that would need two occupants makes the term vanish.
    void add(std::span<const int> varied_indices, std::span<const std::uint8_t> occupants, double value);
    [[nodiscard]] LatticePolynomial build() const;

   private:
    friend class LatticePolynomial;
    struct Term {
      std::uint64_t key = 0;  ///< states, descending, 16 bits each, lowest place first; 0xffff = no state
      double value = 0;
    };
    double constant_ = 0;
    std::size_t site_count_ = 0, stride_ = 0, state_count_ = 0;
    std::vector<SiteState> state_of_;
    std::vector<Term> terms_;
  };

  /// Energy of the supercell. Summed in a fixed order: depends on the occupation alone, to the last bit.
  /// @param occupation [varied_sites().size()]. Safe to call from several threads.
  [[nodiscard]] double value(std::span<const std::uint8_t> occupation) const;
  [[nodiscard]] std::size_t state_count() const { return linear_.size(); }
  /// Sites of the largest term with a nonzero value: 1 to 4.
  [[nodiscard]] int largest_term() const { return largest_term_; }

 private:
  struct PairTerm {
    SiteState other;
    double value;
  };
  struct ManyTerm {
    SiteState others[3];  ///< a triplet repeats its last one
    double value;
  };
  double sum(std::span<const std::uint8_t> occupation, SiteState* states, std::uint8_t* present) const;

  double constant_ = 0;
  int largest_term_ = 1;
  std::size_t site_count_ = 0, stride_ = 0;
  std::vector<SiteState> state_of_;        ///< [site * stride + occupant]; kNone for occupant 0
  std::vector<double> linear_;             ///< [state]
  std::vector<double> dense_pairs_;        ///< [state * state_count + earlier state]; empty for large supercells
  std::vector<std::uint32_t> pair_begin_;  ///< large supercells: [state + 1] into pairs_, by the later state
  std::vector<PairTerm> pairs_;
  std::vector<std::uint32_t> many_begin_;  ///< [state + 1] into many_, by the latest state
  std::vector<ManyTerm> many_;
};

}  // namespace hullscan
