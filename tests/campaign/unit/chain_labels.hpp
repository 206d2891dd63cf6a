/// @file
/// Labelled structures whose energies follow from a word: layers of Al (A) and Ni (N) in fcc, stacked in a ring.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "../../files.hpp"
#include "campaign/labelled_structures.hpp"

namespace hullscan::test {

using EnergyOfWord = std::function<double(const std::string& word)>;  ///< total, eV; one atom a letter

/// -0.1 eV for every neighbour in the ring that is unlike. In fcc cells of n x 1 x 1 primitive cells an atom has three
/// nearest neighbours in each of the two layers next to its own and six in its own, so this is a sum over nearest
/// pairs: a cluster expansion of pairs represents it.
double unlike_neighbours_ev(const std::string& word);

/// "A", "N" and 13 longer words, up to five letters.
std::vector<std::string> fifteen_words();

/// A cluster expansion of the nearest two shells, with a penalty so small that it does not show.
inline constexpr const char* kPairs = "[[surrogate]]\nkind = \"cluster-expansion\"\npairs = 4.5\nridge = 1e-14\n";

/// What read_labelled_structures makes of them, ids being the words.
/// @param surrogates tables of the campaign file, and what else it says at its end.
LabelledStructures chain_labels(const std::vector<std::string>& words, const std::string& surrogates = kPairs,
                                const EnergyOfWord& energy = unlike_neighbours_ev);

/// Writes fcc.vasp and a campaign file of Al and Ni on its site. @returns the campaign file.
/// @param space settings of the [[space]], before its sublattice. @param rest of the file.
fs::path write_fcc_campaign(const fs::path& folder, const std::string& space, const std::string& rest = "");

}  // namespace hullscan::test
