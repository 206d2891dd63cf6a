/// @file
/// Whether a calculation's result may count: what it says of itself against what was asked, and its numbers against
/// those of the others. Pure; docs/results.md explains the tests and their limits to users.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/composition.hpp"
#include "core/dft.hpp"
#include "core/structure.hpp"

namespace hullscan {

/// What is known of a result that is judged. Small: a campaign keeps those of all its results.
struct ResultFacts {
  std::string id;             ///< for words
  std::uint32_t lattice = 0;  ///< results of one number share a parent crystal
  Composition composition;    ///< asked for
  double energy_ev_per_atom = 0;
  double volume_per_atom = 0;       ///< Å^3
  bool cell_relaxed = false;        ///< else its volume is what was asked for and no evidence
  bool off_lattice = false;         ///< it has left the sites of its lattice
  double shift_angstrom = 0;        ///< of all its atoms together
  double departure = 0;             ///< how far from what it began with, in no unit; tells a copy from its original
  std::uint64_t fingerprint = 0;    ///< of energy, cell, positions and species, bit for bit
  std::vector<std::string> faults;  ///< of the result alone: facts_of
  std::map<std::string, std::string> hull_keys;
  bool decided = false;  ///< a person wants it to count: never suspect; no evidence if it stands out
};

/// DftConverged::calculation of a result from elsewhere of which it is not known what it began with: neither that its
/// cell has changed nor that it has not says anything.
inline constexpr const char* kUnknownStart = "imported";

/// What one result says of itself: the tests that need no other.
/// @param start the structure that was asked for. @param calculation as it was asked: scf, relax, vc-relax.
ResultFacts facts_of(const std::string& id, std::uint32_t lattice, const Structure& start, const DftConverged& result,
                     bool decided = false);

/// Judges all results of a campaign against each other, as if none had been judged before: with more of them the
/// verdict on an early one may change, in both directions.
/// @returns for each, why it is suspect; "" if it counts. Does not depend on the order but for results that are alike
/// to the last bit (the later ones are the copies where nothing else tells).
std::vector<std::string> judge_results(std::span<const ResultFacts> results);

/// Labels whose model, fitted to all others, is far off where it is good elsewhere.
/// @param residuals_ev_per_atom leave-one-out, of labels that are not suspect otherwise. @param rank independent
/// coefficients of the model. @returns indices of those that stand out.
std::vector<std::size_t> far_from_model(std::span<const double> residuals_ev_per_atom, int rank);

}  // namespace hullscan
