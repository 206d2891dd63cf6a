/// @file
/// What the enumerator asks of spglib, in this project's words. The only file pair that includes its header.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "core/lattice.hpp"
#include "core/parent_crystal.hpp"

namespace hullscan::detail {

/// Numbers of the entries of Hall's table that spglib holds: 1 to 530, in the order of International Tables.
inline constexpr int kHallNumbers = 530;

/// One setting of one space group type.
struct SpaceGroupSetting {
  int hall_number = 0;
  int number = 0;
  std::string short_symbol;  ///< "P2_1/c": of the type, not of the setting, for monoclinic groups
  std::string full_symbol;   ///< "P 1 2_1/n 1"
  std::string symbols;       ///< alternatives joined by " = "
  std::string hall_symbol;   ///< "-P 2yn"
  std::string choice;        ///< "1", "2", "H", "R", "b1", "cab", … or empty
};

SpaceGroupSetting space_group_setting(int hall_number);
std::vector<SymmetryOperation> operations_of_hall_number(int hall_number);

/// The operations, time reversal left out, of a magnetic space group in the BNS setting: "161.69". Empty if unknown.
std::vector<SymmetryOperation> operations_of_bns_number(const std::string& number);

struct FoundSymmetry {
  int number = 1;
  int hall_number = 1;
  std::string symbol;                         ///< international, short: "Fm-3m"
  std::vector<SymmetryOperation> operations;  ///< of the given cell, in its fractional coordinates
  std::vector<char> wyckoff_letters;          ///< [site]
  std::vector<int> orbit_of;                  ///< [site] smallest index of the crystallographic orbit
  double standard_cells = 1;                  ///< conventional cells in the given one, by number of sites
};

/// @param types [site]: equal numbers = alike. @returns nothing where spglib finds no symmetry at this tolerance, with
/// its reason in `why`.
std::optional<FoundSymmetry> find_symmetry(const Lattice& lattice, const std::vector<Fractional>& positions,
                                           const std::vector<int>& types, double symprec_angstrom, std::string& why);

struct StandardisedCell {
  Lattice lattice;
  std::vector<Fractional> positions;
  std::vector<int> types;  ///< [site], those given
};

struct SymmetryAndCell {
  int number = 1;
  StandardisedCell conventional;  ///< in the standard setting and idealised
};
/// Space group and conventional cell by one search. @param types and @returns as find_symmetry.
std::optional<SymmetryAndCell> symmetry_and_conventional_cell(const Lattice& lattice,
                                                              const std::vector<Fractional>& positions,
                                                              const std::vector<int>& types, double symprec_angstrom,
                                                              std::string& why);

/// In the standard setting and idealised. @param types and @returns as find_symmetry.
std::optional<StandardisedCell> standardised_cell(const Lattice& lattice, const std::vector<Fractional>& positions,
                                                  const std::vector<int>& types, bool to_primitive,
                                                  double symprec_angstrom, std::string& why);

/// Vectors of a Niggli-reduced cell of the same lattice, as rows; nothing where spglib gives up.
std::optional<Eigen::Matrix3d> niggli_reduced(const Eigen::Matrix3d& rows);

}  // namespace hullscan::detail
