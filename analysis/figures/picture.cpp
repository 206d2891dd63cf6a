#include "analysis/figures/picture.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace hullscan {
namespace palette {

Colour category(std::size_t k) {
  constexpr std::array kCategories = {kBlue, kVermilion, kGreen, kPurple, kOrange, kSky};
  return kCategories[k % kCategories.size()];
}

Colour scale(double t) {
  constexpr std::array<Colour, 9> kViridis = {{{0.267, 0.005, 0.329},
                                               {0.278, 0.173, 0.478},
                                               {0.231, 0.318, 0.545},
                                               {0.173, 0.443, 0.557},
                                               {0.129, 0.565, 0.549},
                                               {0.153, 0.678, 0.506},
                                               {0.361, 0.784, 0.388},
                                               {0.667, 0.863, 0.196},
                                               {0.993, 0.906, 0.144}}};
  const double at = std::clamp(t, 0.0, 1.0) * (kViridis.size() - 1);
  const std::size_t k = std::min(kViridis.size() - 2, static_cast<std::size_t>(at));
  const double f = at - static_cast<double>(k);
  const Colour &a = kViridis[k], &b = kViridis[k + 1];
  return {a.red + f * (b.red - a.red), a.green + f * (b.green - a.green), a.blue + f * (b.blue - a.blue)};
}

}  // namespace palette

MarkShape shape_of_group(std::size_t k) {
  constexpr std::array kShapes = {MarkShape::kDisc, MarkShape::kSquare, MarkShape::kTriangle, MarkShape::kDiamond};
  return kShapes[k % kShapes.size()];
}

/// Liang and Barsky's clipping: the part of the line within all four half planes is not empty.
bool Box::meets(const Place& from, const Place& to) const {
  if ((from.x < left && to.x < left) || (from.x > right && to.x > right) || (from.y < top && to.y < top) ||
      (from.y > bottom && to.y > bottom))
    return false;
  double enters = 0, leaves = 1;
  const auto clip = [&](double direction, double distance) {
    if (direction == 0) return distance >= 0;
    const double t = distance / direction;
    if (direction < 0) enters = std::max(enters, t);
    if (direction > 0) leaves = std::min(leaves, t);
    return enters <= leaves;
  };
  const double dx = to.x - from.x, dy = to.y - from.y;
  return clip(-dx, from.x - left) && clip(dx, right - from.x) && clip(-dy, from.y - top) && clip(dy, bottom - from.y);
}

Box box_of(const PictureMark& mark) {
  const double half = mark.style.size_mm / 2 + (mark.style.edge ? mark.style.edge_width_mm / 2 : 0);
  return {mark.at.x - half, mark.at.y - half, mark.at.x + half, mark.at.y + half};
}

PictureLine filled_box(const Box& box, Colour colour, double opacity) {
  return {{{box.left, box.top}, {box.right, box.top}, {box.right, box.bottom}, {box.left, box.bottom}},
          0,
          {},
          {},
          true,
          colour,
          opacity};
}

}  // namespace hullscan
