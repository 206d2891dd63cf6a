/// @file
/// Charges of the species of a space for a first ranking by electrostatics, guessed from common oxidation states.
#pragma once

#include <string>
#include <vector>

#include "core/crystal.hpp"
#include "core/species.hpp"
#include "enumerator/space/search_space.hpp"

namespace hullscan {

struct GuessedCharge {
  Species species;
  double charge = 0;  ///< e
  std::string why;    ///< where it comes from, a clause: "a guess: the commonest state; 3 and 4 are others"
};

struct ChargeGuess {
  std::vector<GuessedCharge> charges;  ///< of every species of the parent but the vacancy; empty: none is made
  std::string neutral;                 ///< of which the cell is neutral, a clause: "LiNiO2"
  std::string why_none;                ///< a clause
  std::vector<std::string> remarks;    ///< what the charges cannot tell apart, sentences
};

/// The commonest states that make the file's composition neutral, else those that do with a mean of two states of one
/// species, else those of some composition of the space. What the file states is taken for its species. Anions are less
/// electropositive than every cation, and metalloids are anions only far from their partners, so that alloys have no
/// guess: their species do not order by charge. A space whose varied species all have one charge has none either.
/// Cost: bounded, at most some 10^7 sums.
ChargeGuess guess_charges(const Crystal& crystal, const SearchSpace& space);

}  // namespace hullscan
