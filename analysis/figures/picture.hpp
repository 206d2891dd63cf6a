/// @file
/// A picture as plain values: what is drawn where. Lengths in mm from the upper left corner, y downwards; sizes of
/// letters in points. How it becomes a file is rendering.hpp's.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "analysis/figures/rich_text.hpp"

namespace hullscan {

struct Colour {
  double red = 0, green = 0, blue = 0;  ///< 0 … 1
  friend bool operator==(const Colour&, const Colour&) = default;
};

/// Colours that stay apart for colour-blind readers. Source: Okabe & Ito, "Color Universal Design" (2008).
namespace palette {
inline constexpr Colour kBlack{0, 0, 0}, kWhite{1, 1, 1}, kGrey{0.45, 0.45, 0.45}, kPale{0.8, 0.8, 0.8};
inline constexpr Colour kBlue{0, 0.447, 0.698}, kVermilion{0.835, 0.369, 0}, kGreen{0, 0.620, 0.451},
    kOrange{0.902, 0.624, 0}, kSky{0.337, 0.706, 0.914}, kPurple{0.8, 0.475, 0.655};
/// The k-th of curves or groups that stand side by side; repeats after six.
Colour category(std::size_t k);
/// 0 … 1 on viridis: even steps of lightness, also in grey.
Colour scale(double t);
}  // namespace palette

struct Place {
  double x = 0, y = 0;
  friend bool operator==(const Place&, const Place&) = default;
};

struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;
  [[nodiscard]] bool overlaps(const Box& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
  [[nodiscard]] bool contains(const Box& other) const {
    return left <= other.left && other.right <= right && top <= other.top && other.bottom <= bottom;
  }
  [[nodiscard]] Box grown(double by) const { return {left - by, top - by, right + by, bottom + by}; }
  /// Whether the straight line between two places touches it.
  [[nodiscard]] bool meets(const Place& from, const Place& to) const;
};

enum class Anchor { kStart, kMiddle, kEnd };

struct PictureText {
  RichText text;
  Place at;  ///< on the base line
  Anchor anchor = Anchor::kStart;
  double size_pt = 8;
  bool upwards = false;  ///< read from below, turned about `at`
  Colour colour = {};
};

struct PictureLine {
  std::vector<Place> points;
  double width_mm = 0.2;  ///< 0: no line, only the fill
  Colour colour = {};
  std::vector<double> dashes_mm = {};
  bool closed = false;
  std::optional<Colour> fill = {};
  double opacity = 1;  ///< of both
};

enum class MarkShape { kDisc, kSquare, kDiamond, kTriangle };
/// Of the k-th of groups that stand side by side; repeats after four.
MarkShape shape_of_group(std::size_t k);

struct MarkStyle {
  MarkShape shape = MarkShape::kDisc;
  double size_mm = 1.6;         ///< of a disc, its diameter; the others look as large
  std::optional<Colour> fill;   ///< nothing: open
  std::optional<Colour> edge;   ///< nothing: none
  double edge_width_mm = 0.18;  ///< of the edge
};

struct PictureMark {
  Place at;
  MarkStyle style;
};

using PictureItem = std::variant<PictureLine, PictureMark, PictureText>;

struct Picture {
  std::string title;  ///< for the file's own description, not drawn
  double width_mm = 0, height_mm = 0;
  std::vector<PictureItem> items;         ///< drawn in this order
  std::vector<std::string> remarks = {};  ///< whole sentences that belong in a caption, not in the picture
};

Box box_of(const PictureMark& mark);
/// Without an outline.
PictureLine filled_box(const Box& box, Colour colour, double opacity = 1);

}  // namespace hullscan
