/// @file
/// The list of atoms of a CIF data block, line by line, before symmetry makes more of them.
#pragma once

#include <string>
#include <vector>

#include "core/lattice.hpp"
#include "enumerator/files/cif_document.hpp"
#include "enumerator/files/reading_warnings.hpp"
#include "enumerator/files/site_images.hpp"

namespace hullscan {

struct CifAtoms {
  std::vector<ListedSite> sites;  ///< several of one row for a mixture in one symbol
  std::vector<std::size_t> rows;  ///< [site] row of the file's list; rows that hold no atom make no site
};

/// Fractional positions, else Cartesian ones. Rows without a position, and dummies, are left out with a warning.
/// @throws FormatError `file:line:column: …`
CifAtoms atoms_of_cif(const CifBlock& block, const std::string& file_name, const Lattice& lattice,
                      ReadingWarnings& warnings);

/// True if the block has atom positions of either kind.
bool holds_atoms(const CifBlock& block);

}  // namespace hullscan
