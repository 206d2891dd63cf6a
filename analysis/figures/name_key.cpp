#include "analysis/figures/name_key.hpp"

#include <algorithm>

#include "analysis/figures/rendering.hpp"

namespace hullscan {
namespace {
constexpr double kSideMm = 0.8, kAboveMm = 1.5, kBetweenMm = 3, kAfterNumberMm = 1;
}  // namespace

NameKey::NameKey(std::vector<RichText> names, const FigureStyle& style)
    : names_(std::move(names)),
      size_pt_(style.small_pt()),
      line_mm_(1.35 * style.small_pt() * 25.4 / 72),
      page_mm_(style.width_mm) {
  number_mm_ = extent_of(number(names_.size()), size_pt_).width_mm;
  double widest = 0;
  for (RichText& name : names_) {
    name = shortened(std::move(name), size_pt_, page_mm_ - 2 * kSideMm - number_mm_ - kAfterNumberMm);
    widest = std::max(widest, extent_of(name, size_pt_).width_mm);
  }
  column_mm_ = number_mm_ + kAfterNumberMm + widest + kBetweenMm;
  columns_ = std::max<std::size_t>(1, static_cast<std::size_t>((page_mm_ - 2 * kSideMm + kBetweenMm) / column_mm_));
  rows_ = (names_.size() + columns_ - 1) / columns_;
}

RichText NameKey::number(std::size_t k) { return plain_text(std::to_string(k)); }

double NameKey::height_mm() const { return names_.empty() ? 0 : kAboveMm + static_cast<double>(rows_) * line_mm_; }

void NameKey::draw(Picture& picture, double top_mm) const {
  for (std::size_t k = 0; k < names_.size(); ++k) {  // down the columns
    const double left = kSideMm + static_cast<double>(k / rows_) * column_mm_;
    const double base = top_mm + kAboveMm + (static_cast<double>(k % rows_) + 0.7) * line_mm_;
    picture.items.push_back(PictureText{number(k + 1), {left + number_mm_, base}, Anchor::kEnd, size_pt_});
    picture.items.push_back(
        PictureText{names_[k], {left + number_mm_ + kAfterNumberMm, base}, Anchor::kStart, size_pt_});
  }
}

}  // namespace hullscan
