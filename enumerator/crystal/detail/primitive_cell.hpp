/// @file
/// The primitive cell of a crystal with typed sites, all its symmetry operations made consistent with each other, and
/// its sites moved (within symprec) to where the operations say.
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "core/lattice.hpp"
#include "core/parent_crystal.hpp"

namespace hullscan::detail {

struct PrimitiveCell {
  Eigen::Matrix3i cell_in_primitive = Eigen::Matrix3i::Identity();  ///< given rows = this * primitive rows
  Eigen::Matrix3d rows = Eigen::Matrix3d::Identity();               ///< primitive vectors, in the given orientation
  std::vector<Fractional> positions;     ///< of the primitive cell's sites, primitive fractional, [0, 1)
  std::vector<std::size_t> first_given;  ///< [primitive site] lowest index of the given sites that are its images
  std::vector<std::size_t> site_of;      ///< [given site] primitive site
  std::vector<Eigen::Vector3i> cell_of;  ///< [given site] primitive cell: given position = positions[site_of] + cell_of
  std::vector<SymmetryOperation> operations;  ///< identity first, translations in [0, 1); closed modulo 1 to 1e-9
  std::vector<char> wyckoff_letters;          ///< [primitive site]
  std::vector<int> multiplicities;            ///< [primitive site] sites of its orbit in the conventional cell
  int number = 1;
  std::string symbol = "P1";
};

/// @param types [site]: equal numbers = alike.
/// @throws InputError that names symprec if symmetry cannot be found.
PrimitiveCell primitive_cell(const Lattice& lattice, const std::vector<Fractional>& positions,
                             const std::vector<int>& types, double symprec_angstrom);

}  // namespace hullscan::detail
