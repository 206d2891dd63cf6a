#include "analysis/figures/frame.hpp"

#include <algorithm>
#include <cmath>

#include "analysis/figures/rendering.hpp"

namespace hullscan {
namespace {

constexpr double kTickMm = 1.2, kMinorTickMm = 0.7, kGapMm = 0.9, kEdgeMm = 0.8;

double widest(const Ticks& ticks, double size_pt) {
  double width = 0;
  for (const double value : ticks.major)
    width = std::max(width, extent_of(plain_text(number_text(value, ticks.digits)), size_pt).width_mm);
  return width;
}

Ticks scaled_ticks(const PlotAxis& axis, int most) {
  return ticks_between(axis.low * axis.scale, axis.high * axis.scale, most, axis.whole);
}

}  // namespace

Frame::Frame(const PlotAxis& x, const PlotAxis& y, const FigureStyle& style, double height_mm, bool square)
    : x_(x), y_(y), style_(style), height_mm_(height_mm) {
  const double letter = style.font_mm();
  digit_mm_ = extent_of(plain_text("0"), style.font_pt).above_mm;
  const double below = kGapMm + digit_mm_ + kGapMm + 1.25 * letter + kEdgeMm;
  const double top = kEdgeMm + 0.5 * digit_mm_;
  y_ticks_ = scaled_ticks(y_, std::clamp(static_cast<int>((height_mm - top - below) / (2.6 * letter)), 3, 8));
  y_numbers_mm_ = widest(y_ticks_, style.font_pt);
  const double left = kEdgeMm + 1.25 * letter + kGapMm + y_numbers_mm_ + kGapMm;
  box_ = {left, top, style.width_mm - kEdgeMm, height_mm - below};
  x_ticks_ = scaled_ticks(x_, 6);
  const double number = widest(x_ticks_, style.font_pt);
  x_ticks_ = scaled_ticks(x_, std::clamp(static_cast<int>((box_.right - box_.left) / (number + 2.2 * letter)), 3, 8));
  // The last number is not cut off at the edge of the page.
  if (!x_ticks_.major.empty()) {
    const double last = at(x_ticks_.major.back() / x_.scale, y_.low).x;
    box_.right -= std::max(0.0, last + widest(x_ticks_, style.font_pt) / 2 + kEdgeMm - style.width_mm);
  }
  if (square) {
    x_ticks_ = y_ticks_ = scaled_ticks(x_, 5);
    box_.bottom = box_.top + (box_.right - box_.left);
    height_mm_ = box_.bottom + below;
  }
}

Place Frame::at(double x, double y) const {
  return {box_.left + (x - x_.low) / (x_.high - x_.low) * (box_.right - box_.left),
          box_.bottom - (y - y_.low) / (y_.high - y_.low) * (box_.bottom - box_.top)};
}

double Frame::label_size(const RichText& label, double room_mm) const {
  const double width = extent_of(label, style_.font_pt).width_mm;
  return width > room_mm ? style_.font_pt * room_mm / width : style_.font_pt;
}

std::vector<PictureText> Frame::texts() const {
  std::vector<PictureText> texts;
  for (const double value : x_ticks_.major)
    texts.push_back({plain_text(number_text(value, x_ticks_.digits)),
                     {at(value / x_.scale, 0).x, box_.bottom + kGapMm + digit_mm_},
                     Anchor::kMiddle,
                     style_.font_pt});
  for (const double value : y_ticks_.major)
    texts.push_back({plain_text(number_text(value, y_ticks_.digits)),
                     {box_.left - kGapMm, at(0, value / y_.scale).y + digit_mm_ / 2},
                     Anchor::kEnd,
                     style_.font_pt});
  // About the middle of the axis, but on the page.
  const double x_size = label_size(x_.label, style_.width_mm - 2 * kEdgeMm);
  const double y_size = label_size(y_.label, height_mm_ - 2 * kEdgeMm);
  const auto centre = [](double middle, double length, double page) {
    return std::clamp(middle, kEdgeMm + length / 2, std::max(kEdgeMm + length / 2, page - kEdgeMm - length / 2));
  };
  const double x_middle = centre((box_.left + box_.right) / 2, extent_of(x_.label, x_size).width_mm, style_.width_mm);
  const double y_middle = centre((box_.top + box_.bottom) / 2, extent_of(y_.label, y_size).width_mm, height_mm_);
  texts.push_back(
      {x_.label, {x_middle, box_.bottom + 2 * kGapMm + digit_mm_ + 0.95 * style_.font_mm()}, Anchor::kMiddle, x_size});
  texts.push_back({y_.label,
                   {box_.left - 2 * kGapMm - y_numbers_mm_ - 0.32 * style_.font_mm(), y_middle},
                   Anchor::kMiddle,
                   y_size,
                   true});
  return texts;
}

void Frame::draw(Picture& picture) const {
  const auto line = [&](Place from, Place to) {
    picture.items.push_back(PictureLine{{from, to}, style_.axis_line_mm, palette::kBlack});
  };
  const auto marks = [&](const std::vector<double>& values, bool horizontal, double length) {
    for (const double value : values) {
      const Place low = horizontal ? at(value / x_.scale, y_.low) : at(x_.low, value / y_.scale);
      const Place high = horizontal ? at(value / x_.scale, y_.high) : at(x_.high, value / y_.scale);
      line(low, horizontal ? Place{low.x, low.y - length} : Place{low.x + length, low.y});
      line(high, horizontal ? Place{high.x, high.y + length} : Place{high.x - length, high.y});
    }
  };
  marks(x_ticks_.major, true, kTickMm);
  marks(x_ticks_.minor, true, kMinorTickMm);
  marks(y_ticks_.major, false, kTickMm);
  marks(y_ticks_.minor, false, kMinorTickMm);
  picture.items.push_back(
      PictureLine{{{box_.left, box_.top}, {box_.right, box_.top}, {box_.right, box_.bottom}, {box_.left, box_.bottom}},
                  style_.axis_line_mm,
                  palette::kBlack,
                  {},
                  true});
  for (PictureText& text : texts()) picture.items.push_back(std::move(text));
}

}  // namespace hullscan
