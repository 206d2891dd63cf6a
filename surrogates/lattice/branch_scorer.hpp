/// @file
/// Scores along a branch of the search: every node carries the field of every site, so that the energy of a leaf costs
/// one addition and a node the fields of one site. For polynomials of up to three sites.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "surrogates/lattice/lattice_polynomial.hpp"

namespace hullscan {

/// A polynomial expanded about a background colouring: constant, h, Q, T over states "site takes another species than
/// the background". Immutable; shared by the threads that search one composition.
class BranchTables {
 public:
  /// Sites times other species up to which the tables are made (T: up to kMostTripletStates).
  static constexpr std::size_t kMostStates = 512, kMostTripletStates = 160;

  /// @param largest_term sites of the largest interaction. @param states sites times other species.
  [[nodiscard]] static bool can_be_made(int largest_term, std::size_t states) {
    return largest_term < 3 ? states <= kMostStates : largest_term == 3 && states <= kMostTripletStates;
  }
  /// @param background [varied sites]. @returns null if the polynomial has terms of four sites or is too large.
  static std::shared_ptr<const BranchTables> about(const LatticePolynomial& polynomial, const Supercell& supercell,
                                                   std::span<const std::uint8_t> background);

  [[nodiscard]] std::size_t state_count() const { return states_; }
  [[nodiscard]] std::int32_t state(std::size_t site, std::uint8_t species) const {
    return state_of_[site * stride_ + species];
  }
  [[nodiscard]] double constant_ev() const { return constant_; }
  [[nodiscard]] std::span<const double> linear() const { return linear_; }
  [[nodiscard]] double pair_ev(std::size_t a, std::size_t b) const { return pairs_[a * states_ + b]; }
  [[nodiscard]] bool has_triplets() const { return !triplets_.empty(); }
  [[nodiscard]] double triplet_ev(std::size_t a, std::size_t b, std::size_t c) const {
    return triplets_[(a * states_ + b) * states_ + c];
  }

 private:
  friend class BranchScorer;
  std::size_t stride_ = 0, states_ = 0;
  std::vector<std::int32_t> state_of_;  ///< [site * stride + species]; -1 for the background
  double constant_ = 0;
  std::vector<double> linear_;    ///< [state]
  std::vector<double> pairs_;     ///< [state * states + state], symmetric, diagonal 0
  std::vector<double> triplets_;  ///< [(state * states + state) * states + state], symmetric; empty without any
};

/// Follows one search; used by one thread. Energies depend on the branch, which a canonical form fixes, not on what was
/// visited before.
class BranchScorer {
 public:
  explicit BranchScorer(std::shared_ptr<const BranchTables> tables);

  /// Moves to the node whose branch has these sites and species; only what differs from the last node is computed.
  void move_to(std::span<const std::uint16_t> sites, std::span<const std::uint8_t> species);
  /// Energy of the node itself, eV per supercell.
  [[nodiscard]] double energy_ev() const { return energy_[depth_]; }
  /// Energy of the node with one more site, eV per supercell.
  [[nodiscard]] double energy_with_ev(std::size_t site, std::uint8_t species) const {
    const BranchTables& e = *tables_;
    return energy_[depth_] +
           fields_[depth_ * e.states_ + static_cast<std::size_t>(e.state_of_[site * e.stride_ + species])];
  }

 private:
  std::shared_ptr<const BranchTables> tables_;
  std::size_t depth_ = 0;
  std::vector<std::size_t> branch_;  ///< states
  std::vector<double> energy_;       ///< [depth]
  std::vector<double> fields_;       ///< [depth * states + state]
};

}  // namespace hullscan
