#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/figures/figures.hpp"
#include "analysis/figures/hull_points.hpp"
#include "analysis/figures/legend.hpp"
#include "analysis/figures/name_key.hpp"
#include "analysis/figures/placing.hpp"
#include "analysis/figures/rendering.hpp"
#include "analysis/figures/ticks.hpp"
#include "analysis/hull/end_members.hpp"
#include "analysis/hull/hull_edges.hpp"

namespace hullscan {
namespace {

constexpr double kSin60 = 0.8660254037844386;
constexpr double kEdgeOfPageMm = 0.8, kBarMm = 2.6, kTriangleTickMm = 1.0;
constexpr std::size_t kMostTriangleNames = 120;

/// Where shares of three end members are on the page.
struct Triangle {
  double left = 0, base = 0, side = 0;
  [[nodiscard]] Place at(const std::vector<double>& x) const {
    return {left + side * (x[1] + x[2] / 2), base - side * kSin60 * x[2]};
  }
  /// Outwards from the side opposite to the k-th corner.
  [[nodiscard]] static Place outwards(int k) {
    return k == 0 ? Place{kSin60, -0.5} : k == 1 ? Place{-kSin60, -0.5} : Place{0, 1};
  }
};

/// The lowest entry of each composition, the highest first: what is near the hull is seen.
std::vector<HullPoint> lowest_of_compositions(const Report& report) {
  std::map<Composition, HullPoint> lowest;
  for (HullPoint& point : hull_points(report)) {
    const Composition reduced = point.result->composition.reduced();
    const auto better = [](const HullPoint& a, const HullPoint& b) {
      return std::pair(!a.result->vertex, a.result->e_above_hull_ev_per_atom) <
             std::pair(!b.result->vertex, b.result->e_above_hull_ev_per_atom);
    };
    const auto [at, inserted] = lowest.emplace(reduced, point);
    if (!inserted && better(point, at->second)) at->second = point;
  }
  std::vector<HullPoint> points;
  for (auto& [composition, point] : lowest) points.push_back(std::move(point));
  std::stable_sort(points.begin(), points.end(), [](const HullPoint& a, const HullPoint& b) {
    return a.result->e_above_hull_ev_per_atom > b.result->e_above_hull_ev_per_atom;
  });
  return points;
}

/// Compositions of the spaces that nobody has calculated.
std::vector<std::vector<double>> not_calculated(const Report& report, const std::vector<HullPoint>& points) {
  std::map<Composition, bool> known;
  for (const HullPoint& point : points) known[point.result->composition.reduced()] = true;
  std::vector<std::vector<double>> places;
  for (const PredictedPoint& point : lowest_predictions(report)) {
    if (!known[point.composition]) places.push_back(point.x);
  }
  return places;
}

class TernaryPage {
 public:
  TernaryPage(const Report& report, const FigureStyle& style)
      : report_(report),
        style_(style),
        points_(lowest_of_compositions(report)),
        letter_(extent_of(plain_text("X"), style.font_pt).above_mm) {
    double most = 0;
    for (const HullPoint& point : points_) most = std::max(most, point.result->e_above_hull_ev_per_atom);
    top_ev_ = std::max({1e-3, std::min({most, 0.2, std::max(report.content.near_hull_ev_per_atom, most)})});
    beyond_ = most > top_ev_ + 1e-12;
    bar_ticks_ = ticks_between(0, 1e3 * top_ev_, 6);
    double numbers = 0;
    for (const double value : bar_ticks_.major)
      numbers =
          std::max(numbers, extent_of(plain_text(number_text(value, bar_ticks_.digits)), style.small_pt()).width_mm);
    const double outside = 1.4 * letter_ + kTriangleTickMm + 0.6;  // numbers of the sides
    bar_left_ = style.width_mm - kEdgeOfPageMm - 1.35 * style.font_mm() - 0.8 - numbers - 0.8 - kBarMm;
    triangle_.left = kEdgeOfPageMm + outside + 1.0;
    triangle_.side = bar_left_ - 3.2 - outside - triangle_.left;
    const double above = kEdgeOfPageMm + letter_ + 1.8;
    triangle_.base = above + kSin60 * triangle_.side;
    height_ = triangle_.base + letter_ + 3.6;
    if (style.height_mm && *style.height_mm > height_) {
      triangle_.base += (*style.height_mm - height_) / 2;
      height_ = *style.height_mm;
    }
  }

  Picture draw() {
    picture_ = {"Composition triangle and convex hull: " + report_.content.campaign, style_.width_mm, height_, {}};
    draw_bar();
    draw_corners();
    draw_grid();
    draw_tie_lines();
    draw_points();
    draw_names();
    draw_legend();
    if (key_) {
      key_->draw(picture_, height_);
      picture_.height_mm += key_->height_mm();
    }
    if (beyond_)
      picture_.remarks.push_back(
          fmt::format("compositions more than {:.0f} meV/atom above the hull have the last colour", 1e3 * top_ev_));
    return std::move(picture_);
  }

 private:
  void line(Place from, Place to, double width, Colour colour) {
    picture_.items.push_back(PictureLine{{from, to}, width, colour});
  }
  void text(RichText words, Place at, Anchor anchor, double size_pt, bool upwards = false) {
    picture_.items.push_back(PictureText{std::move(words), at, anchor, size_pt, upwards});
    taken_.push_back(box_of(std::get<PictureText>(picture_.items.back())));
  }

  /// Every fifth of a side, and its tenths.
  void draw_grid() {
    // Along the side opposite to corner `zero`, the share of corner `grows` is read.
    for (const auto& [zero, grows] : {std::pair(2, 1), {0, 2}, {1, 0}}) {
      const int falls = 3 - zero - grows;
      for (int k = 1; k < 10; ++k) {
        std::vector<double> x(3, 0.0), inner(3, 0.0);
        x[static_cast<std::size_t>(grows)] = inner[static_cast<std::size_t>(grows)] = k / 10.0;
        x[static_cast<std::size_t>(falls)] = 1 - k / 10.0;
        inner[static_cast<std::size_t>(zero)] = 1 - k / 10.0;
        const Place at = triangle_.at(x), out = Triangle::outwards(zero);
        const double length = k % 2 == 0 ? kTriangleTickMm : 0.6 * kTriangleTickMm;
        line(at, {at.x + length * out.x, at.y + length * out.y}, style_.axis_line_mm, palette::kBlack);
        if (k % 2 != 0) continue;
        line(at, triangle_.at(inner), 0.08, palette::kPale);
        const RichText number = plain_text(number_text(k / 10.0, 1));
        const double half = extent_of(number, 0.9 * style_.small_pt()).width_mm / 2;
        const double away = kTriangleTickMm + (zero == 2 ? 0.75 * letter_ : half * kSin60 + 0.35 * letter_);
        numbers_.push_back({number,
                            {at.x + away * out.x, at.y + away * out.y + 0.42 * letter_},
                            Anchor::kMiddle,
                            0.9 * style_.small_pt()});
      }
    }
    const Place left = triangle_.at({1, 0, 0}), right = triangle_.at({0, 1, 0}), up = triangle_.at({0, 0, 1});
    picture_.items.push_back(PictureLine{{left, right, up}, style_.axis_line_mm, palette::kBlack, {}, true});
  }

  void draw_corners() {
    const auto& members = report_.hull->end_members;
    const Place left = triangle_.at({1, 0, 0}), right = triangle_.at({0, 1, 0}), up = triangle_.at({0, 0, 1});
    corner_text(formula_text(members[0].formula()), {left.x, left.y + letter_ + 2.0});
    corner_text(formula_text(members[1].formula()), {right.x, right.y + letter_ + 2.0});
    corner_text(formula_text(members[2].formula()), {up.x, up.y - 1.6});
  }
  /// Centred, moved into the page.
  void corner_text(RichText words, Place at) {
    const double half = extent_of(words, style_.font_pt).width_mm / 2;
    at.x = std::max(at.x, kEdgeOfPageMm + half);
    text(std::move(words), at, Anchor::kMiddle, style_.font_pt);
  }

  void draw_tie_lines() {
    for (const auto& [from, to] : hull_edges(*report_.hull)) {
      const Place a = place_of(from), b = place_of(to);
      line(a, b, 0.28, palette::kBlack);
      ties_.emplace_back(a, b);
    }
  }
  [[nodiscard]] Place place_of(const Composition& composition) const {
    const EndMemberSpace space(report_.hull->end_members);
    return triangle_.at(report_.hull_axis.weighted(*space.shares(composition)));
  }

  void draw_points() {
    for (const std::vector<double>& x : not_calculated(report_, points_))
      add_mark(triangle_.at(x), {MarkShape::kDisc, 0.7, palette::kWhite, palette::kGrey, 0.1});
    const double size = points_.size() > 600 ? 0.9 : points_.size() > 200 ? 1.2 : 1.6;
    for (const HullPoint& point : points_) {
      if (!point.result->vertex)
        add_mark(triangle_.at(point.x),
                 {MarkShape::kDisc, size, palette::scale(point.result->e_above_hull_ev_per_atom / top_ev_),
                  palette::kWhite, 0.08});
    }
    for (const HullPoint& point : points_) {
      if (point.result->vertex) add_mark(triangle_.at(point.x), kStable);
    }
  }
  void add_mark(Place at, const MarkStyle& mark) {
    picture_.items.push_back(PictureMark{at, mark});
    marks_.push_back(box_of(PictureMark{at, mark}));
  }

  /// Stable phases from top to bottom; corners have their names already.
  [[nodiscard]] std::vector<const HullPoint*> phases_to_name() {
    std::vector<const HullPoint*> phases;
    for (const HullPoint& point : points_) {
      const bool corner = std::any_of(point.x.begin(), point.x.end(), [](double share) { return share > 1 - 1e-9; });
      if (point.result->vertex && !corner) phases.push_back(&point);
    }
    std::stable_sort(phases.begin(), phases.end(), [&](const HullPoint* a, const HullPoint* b) {
      const Place p = triangle_.at(a->x), q = triangle_.at(b->x);
      return std::pair(p.y, p.x) < std::pair(q.y, q.x);
    });
    if (phases.size() > kMostTriangleNames) {
      picture_.remarks.push_back(
          fmt::format("{} more stable phases have no room for a name", phases.size() - kMostTriangleNames));
      phases.resize(kMostTriangleNames);
    }
    return phases;
  }

  [[nodiscard]] PlacedNames placed(const std::vector<const HullPoint*>& phases, const std::vector<RichText>& words,
                                   const std::vector<PictureText>& numbers_of_sides) const {
    std::vector<NameToPlace> wishes;
    for (std::size_t k = 0; k < phases.size(); ++k) {
      const TextExtent extent = extent_of(words[k], style_.small_pt());
      wishes.push_back({triangle_.at(phases[k]->x), kStable.size_mm / 2 + 0.1, extent.width_mm,
                        extent.above_mm + extent.below_mm, outwards_of(*phases[k])});
    }
    Obstacles obstacles{
        {kEdgeOfPageMm, kEdgeOfPageMm, bar_left_ - 1.5, height_ - kEdgeOfPageMm}, marks_, ties_, taken_};
    for (const PictureText& number : numbers_of_sides) obstacles.texts.push_back(box_of(number));
    return place_names(wishes, obstacles);
  }

  void draw_names() {
    const std::vector<const HullPoint*> phases = phases_to_name();
    std::vector<RichText> words;
    for (const HullPoint* point : phases) words.push_back(formula_text(point->result->composition.reduced().formula()));
    PlacedNames names = placed(phases, words, numbers_);
    const bool beside = std::none_of(names.names.begin(), names.names.end(),
                                     [](const PlacedName& name) { return name.leader.has_value(); });
    if (names.clear && beside) {
      for (PictureText& number : numbers_) text(number.text, number.at, number.anchor, number.size_pt);
    } else {  // names before the sides' numbers: all of these or none
      names = placed(phases, words, {});
    }
    if (!names.readable) {
      key_.emplace(words, style_);
      for (std::size_t k = 0; k < words.size(); ++k) words[k] = NameKey::number(k + 1);
      names = placed(phases, words, {});
    }
    for (std::size_t i = 0; i < words.size(); ++i) {
      const PlacedName& name = names.names[i];
      if (name.leader) line(name.leader->first, name.leader->second, style_.thin_line_mm, palette::kBlack);
    }
    for (std::size_t i = 0; i < words.size(); ++i) {
      const Box& box = names.names[i].box;
      const TextExtent extent = extent_of(words[i], style_.small_pt());
      // Lines and marks stay readable below letters on a white ground.
      picture_.items.push_back(filled_box(box.grown(0.15), palette::kWhite, 0.75));
      text(words[i], {box.left, box.top + extent.above_mm}, Anchor::kStart, style_.small_pt());
    }
  }

  /// Of a point on a side.
  static std::optional<Place> outwards_of(const HullPoint& point) {
    if (point.x[0] < 1e-9) return Place{1, 0};
    if (point.x[1] < 1e-9) return Place{-1, 0};
    if (point.x[2] < 1e-9) return Place{0, 1};
    return std::nullopt;
  }

  void draw_bar() {
    const double bottom = triangle_.base, top = triangle_.base - 0.8 * kSin60 * triangle_.side, high = bottom - top;
    constexpr int kSteps = 64;
    // Each piece reaches to the end: no seams between neighbours.
    for (int k = 0; k < kSteps; ++k) {
      const double from = bottom - high * k / kSteps;
      picture_.items.push_back(
          PictureLine{{{bar_left_, from}, {bar_left_ + kBarMm, from}, {bar_left_ + kBarMm, top}, {bar_left_, top}},
                      0,
                      {},
                      {},
                      true,
                      palette::scale((k + 0.5) / kSteps)});
    }
    if (beyond_)
      picture_.items.push_back(
          PictureLine{{{bar_left_, top}, {bar_left_ + kBarMm, top}, {bar_left_ + kBarMm / 2, top - kBarMm}},
                      style_.axis_line_mm,
                      palette::kBlack,
                      {},
                      true,
                      palette::scale(1)});
    picture_.items.push_back(
        PictureLine{{{bar_left_, top}, {bar_left_ + kBarMm, top}, {bar_left_ + kBarMm, bottom}, {bar_left_, bottom}},
                    style_.axis_line_mm,
                    palette::kBlack,
                    {},
                    true});
    double right = 0;
    for (const double value : bar_ticks_.major) {
      const double y = bottom - high * value / (1e3 * top_ev_);
      line({bar_left_ + kBarMm, y}, {bar_left_ + kBarMm - 0.7, y}, style_.axis_line_mm, palette::kBlack);
      text(plain_text(number_text(value, bar_ticks_.digits)), {bar_left_ + kBarMm + 0.8, y + 0.42 * letter_},
           Anchor::kStart, style_.small_pt());
      right = std::max(right, taken_.back().right);
    }
    text(plain_text("meV/atom above hull"), {right + 0.8 + letter_, (top + bottom) / 2}, Anchor::kMiddle,
         style_.font_pt, true);
  }

  void draw_legend() {
    std::vector<PlotSeries> series(2);
    const bool unknown = !not_calculated(report_, points_).empty();
    series[0].mark = MarkStyle{MarkShape::kDisc, 0.7, palette::kWhite, palette::kGrey, 0.1};
    series[0].legend = plain_text("Not calculated");
    series[1].mark = kStable;
    series[1].legend = plain_text("On the hull");
    series[1].points = {{}};
    if (unknown) series[0].points = {{}};
    const Legend legend(series, {}, style_);
    Obstacles obstacles{
        {kEdgeOfPageMm, kEdgeOfPageMm, bar_left_ + kBarMm, height_ - kEdgeOfPageMm}, marks_, ties_, taken_};
    const std::vector<Place> corners = {triangle_.at({1, 0, 0}), triangle_.at({0, 1, 0}), triangle_.at({0, 0, 1})};
    for (std::size_t k = 0; k < 3; ++k) obstacles.lines.emplace_back(corners[k], corners[(k + 1) % 3]);
    for (Box& box : obstacles.texts) box = box.grown(0.8);
    const auto place = free_place(legend.width_mm(), legend.height_mm(), obstacles);
    if (place) legend.draw(picture_, {place->x < triangle_.left ? kEdgeOfPageMm : place->x, place->y});
  }

  static constexpr MarkStyle kStable{MarkShape::kDisc, 2.0, palette::kVermilion, palette::kBlack, 0.18};

  const Report& report_;
  const FigureStyle& style_;
  std::vector<HullPoint> points_;
  double letter_ = 2, top_ev_ = 0.1, bar_left_ = 0, height_ = 0;
  bool beyond_ = false;
  Ticks bar_ticks_;
  Triangle triangle_;
  Picture picture_;
  std::vector<Box> marks_, taken_;
  std::vector<PictureText> numbers_;  ///< of the sides
  std::optional<NameKey> key_;
  std::vector<std::pair<Place, Place>> ties_;
};

Picture draw_ternary(const Report& report, const FigureStyle& style) { return TernaryPage(report, style).draw(); }

}  // namespace

Figure ternary_figure() {
  return {"ternary", "triangle of three end members with the facets of the hull, coloured by energy above it",
          [](const Report& report) { return no_hull_of(report, 3); }, draw_ternary};
}

}  // namespace hullscan
