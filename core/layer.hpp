/// @file
/// Layers: structures with empty space along one of their lattice vectors. How much of it there is says nothing.
#pragma once

#include <optional>

#include "core/structure.hpp"

namespace hullscan {

/// Empty space this wide lies between no two layers of a crystal that touch: 3 to 4 Å are the gaps of van der Waals.
inline constexpr double kVacuumAngstrom = 6;

struct LayerShape {
  int axis = 2;                ///< the lattice vector that leads across the vacuum
  double height_angstrom = 0;  ///< of the cell, along the layer's normal
  double vacuum_angstrom = 0;  ///< from the top of the layer to the next one's bottom
  double bottom = 0;           ///< fractional along the axis: where the layer begins
};

/// @returns nothing for crystals, wires and molecules: empty space along no vector, or along several.
std::optional<LayerShape> layer_shape(const Structure& structure);

/// The same layer in a cell as high as another one's. Its atoms stay where they are, in the layer too; the vector
/// across the vacuum is given another length, or made upright where the model's is upright.
/// @returns the structure as it is, where its height is the model's already, or one of the two is no layer, or their
///          thickness differs by more than 2 Å: two layers are not one.
Structure with_height_of(const Structure& structure, const Structure& model);

}  // namespace hullscan
