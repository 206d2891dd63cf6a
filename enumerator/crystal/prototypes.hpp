/// @file
/// The structure type of an ordered crystal, if it is one of the common ones: "L1_2 (Cu3Au)". Names are those of the
/// Strukturbericht, labels those of the AFLOW Encyclopedia of Crystallographic Prototypes (Mehl et al., Comput. Mater.
/// Sci. 136, S1 (2017); Hicks et al., ibid. 161, S1 (2019)), which also gives cells and positions of the table.
///
/// A name is given only where nothing else fits: the space group, the atoms of the cell and the shares of the species
/// are those of the type, the ratios of the axes are near its own (L1_0 and L2_a have the same Wyckoff positions, and
/// so have NiAs and many others), and every atom is near its place. Where two types fit, none is named.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/structure.hpp"

namespace hullscan {

struct Prototype {
  std::string strukturbericht;  ///< "L1_2"; empty: it has no designation
  std::string example;          ///< "Cu3Au"
  std::string aflow_label;      ///< "AB3_cP4_221_a_c"
};

/// @param conventional as standardised() makes it. @param space_group_number of it, by the same tolerance.
/// Cost: microseconds where the cell has not the atoms of any type of its space group, else below a millisecond.
std::optional<Prototype> prototype_of(const Structure& conventional, int space_group_number);

/// A type of the table, in its conventional cell; species are H, He, Li, … for A, B, C, … of the label.
struct PrototypeCell {
  Prototype prototype;
  Structure cell;
};
/// The whole table.
std::span<const PrototypeCell> prototype_table();

/// What a table of phases says of a crystal.
struct CrystalDescription {
  int space_group_number = 1;
  std::string space_group_symbol;  ///< international, short: "Pm-3m"
  Structure conventional;          ///< in the standard setting
  std::optional<Prototype> prototype;
};
/// @returns nothing where no symmetry is found at this tolerance.
std::optional<CrystalDescription> describe_crystal(const Structure& structure, double symprec_angstrom);

}  // namespace hullscan
