#include "analysis/figures/legend.hpp"

#include <algorithm>

#include "analysis/figures/rendering.hpp"

namespace hullscan {
namespace {
constexpr double kSampleMm = 5, kSpaceMm = 1.2;
constexpr double kWidest = 0.55;  ///< of the page, words
}  // namespace

Legend::Legend(const std::vector<PlotSeries>& series, const std::vector<RichText>& notes, const FigureStyle& style)
    : size_pt_(style.small_pt()), line_mm_(1.28 * style.small_pt() * 25.4 / 72) {
  // What is drawn last stands foremost, and is said first.
  for (auto one = series.rbegin(); one != series.rend(); ++one) {
    if (!one->legend.empty() && !one->points.empty()) lines_.push_back({one->legend, one->mark, one->line});
  }
  for (const RichText& note : notes) lines_.push_back({note});
  for (Line& line : lines_) {
    const bool sample = line.mark || line.line;
    line.words = shortened(std::move(line.words), size_pt_, kWidest * style.width_mm);
    width_mm_ = std::max(width_mm_, extent_of(line.words, size_pt_).width_mm + (sample ? kSampleMm + kSpaceMm : 0));
  }
}

double Legend::height_mm() const { return line_mm_ * static_cast<double>(lines_.size()); }

void Legend::draw(Picture& picture, const Place& upper_left) const {
  const double middle = extent_of(plain_text("x"), size_pt_).above_mm / 2;
  for (std::size_t k = 0; k < lines_.size(); ++k) {
    const Line& line = lines_[k];
    const double base = upper_left.y + line_mm_ * (static_cast<double>(k) + 0.75), y = base - middle;
    if (line.line)
      picture.items.push_back(PictureLine{{{upper_left.x, y}, {upper_left.x + kSampleMm, y}},
                                          line.line->width_mm,
                                          line.line->colour,
                                          line.line->dashes_mm});
    if (line.mark) picture.items.push_back(PictureMark{{upper_left.x + kSampleMm / 2, y}, *line.mark});
    const double indent = line.mark || line.line ? kSampleMm + kSpaceMm : 0;
    picture.items.push_back(PictureText{line.words, {upper_left.x + indent, base}, Anchor::kStart, size_pt_});
  }
}

}  // namespace hullscan
