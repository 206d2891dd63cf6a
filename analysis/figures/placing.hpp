/// @file
/// Room for names beside points, and for a legend, where nothing else is drawn. Geometry in mm; deterministic.
#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "analysis/figures/picture.hpp"

namespace hullscan {

/// What is there already.
struct Obstacles {
  Box within;              ///< nothing is placed outside
  std::vector<Box> marks;  ///< may be covered in need
  std::vector<std::pair<Place, Place>> lines = {};
  std::vector<Box> texts = {};  ///< never covered
};

struct NameToPlace {
  Place at;  ///< what is named
  double mark_radius_mm = 1;
  double width_mm = 0, height_mm = 0;
  /// Where it stands best: a direction, y downwards; nothing: anywhere.
  std::optional<Place> towards = {};
};

struct PlacedName {
  Box box;
  std::optional<std::pair<Place, Place>> leader;  ///< from the point to a name that stands apart
};

struct PlacedNames {
  std::vector<PlacedName> names;  ///< in the order asked
  bool clear = true;              ///< no name covers a mark, a line or another name
  bool readable = true;           ///< no name covers a mark or another name
};

/// Each name takes the best of some hundred places around its point: first in turn, then again with all others where
/// they are, until none would move.
PlacedNames place_names(std::span<const NameToPlace> names, const Obstacles& obstacles);

/// The upper left corner for a box of this size, corners first, with room between it and lines; nothing if it is free
/// nowhere.
std::optional<Place> free_place(double width_mm, double height_mm, const Obstacles& obstacles);

}  // namespace hullscan
