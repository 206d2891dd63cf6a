#include "analysis/hull/hull_text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "analysis/hull/end_members.hpp"
#include "analysis/hull/plane_of_two.hpp"
#include "core/errors.hpp"
#include "core/terminal_width.hpp"
#include "core/text_table.hpp"

namespace hullscan {
namespace {

struct Words {
  const char *above, *plus, *vertex, *other, *vertical, *horizontal, *corner, *tick, *dash;
};
constexpr Words kUnicode{"E above hull", " + ", "●", "○", "│", "─", "└", "┤", "–"};
constexpr Words kAscii{"E above hull", " + ", "#", "o", "|", "-", "+", "+", "-"};

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::string blank(width > columns_of(text) ? width - columns_of(text) : 0, ' ');
  return right ? blank + text : text + blank;
}

/// A sentence in the columns that there are.
std::string for_width(const std::string& line, const HullTextOptions& options) {
  return options.columns > 0 ? wrapped_line(line, options.columns, "  ") : line;
}

std::string ended(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

/// Cells of text, each with room for 2 × 4 braille dots under a mark.
class Canvas {
 public:
  Canvas(int width, int height, bool unicode)
      : width_(width),
        height_(height),
        unicode_(unicode),
        dots_(static_cast<std::size_t>(width * height)),
        marks_(dots_.size()) {}
  /// x, y in [0, 1], y upwards.
  void dot(double x, double y) {
    const int px = std::clamp(static_cast<int>(std::lround(x * (2 * width_ - 1))), 0, 2 * width_ - 1);
    const int py = std::clamp(static_cast<int>(std::lround((1 - y) * (4 * height_ - 1))), 0, 4 * height_ - 1);
    constexpr int kBits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    dots_[cell(px / 2, py / 4)] |= kBits[py % 4][px % 2];
  }
  void mark(double x, double y, const char* text) {
    const int px = std::clamp(static_cast<int>(std::lround(x * (2 * width_ - 1))) / 2, 0, width_ - 1);
    const int py = std::clamp(static_cast<int>(std::lround((1 - y) * (4 * height_ - 1))) / 4, 0, height_ - 1);
    marks_[cell(px, py)] = text;
  }
  [[nodiscard]] std::string row(int y) const {
    std::string text;
    for (int x = 0; x < width_; ++x) {
      const std::size_t at = cell(x, y);
      if (marks_[at] != nullptr) {
        text += marks_[at];
      } else if (dots_[at] == 0) {
        text += ' ';
      } else if (!unicode_) {
        text += '.';
      } else {
        const int code = 0x2800 + dots_[at];
        text += static_cast<char>(0xE0 | (code >> 12));
        text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
        text += static_cast<char>(0x80 | (code & 0x3F));
      }
    }
    return text;
  }

 private:
  [[nodiscard]] std::size_t cell(int x, int y) const { return static_cast<std::size_t>(y * width_ + x); }
  int width_, height_;
  bool unicode_;
  std::vector<int> dots_;
  std::vector<const char*> marks_;
};

struct PlotPoint {
  double x, y;
  bool vertex;
};
struct PlotTexts {
  std::string left, right, axis;
  double low = 0, high = 1;  ///< the axis's numbers at both ends
};

PlotTexts plot_texts(const CompositionAxis& axis, const Composition& from, const Composition& to) {
  return {from.formula(), to.formula(), axis.label, axis.low, axis.high};
}

/// The highest energy that is drawn. Where phases form it is a little above zero, so that the hull fills the plot;
/// where none does (all mix at a cost) it is all of the lowest of every composition, and more unless it lies far above
/// them.
double highest_drawn(const std::vector<PlotPoint>& points, double lowest, double highest) {
  constexpr double kSmallest = 0.02, kOfDepth = 0.4, kNoPhase = 0.1, kFar = 3;
  if (-lowest >= kNoPhase * highest || highest <= kSmallest)
    return std::min(highest, std::max(kSmallest, -kOfDepth * lowest));
  std::map<long, double> lowest_at;  // [place]
  for (const PlotPoint& point : points) {
    const auto [at, fresh] = lowest_at.try_emplace(std::lround(1e6 * point.x), point.y);
    if (!fresh) at->second = std::min(at->second, point.y);
  }
  double of_lowest = 0;
  for (const auto& [place, y] : lowest_at) of_lowest = std::max(of_lowest, y);
  return std::min(highest, std::max({kSmallest, -kOfDepth * lowest, kFar * of_lowest}));
}

/// Energies against x in [0, 1]. Points far above are left out and counted.
/// @param line dense enough that its dots touch.
std::string framed_plot(const std::vector<PlotPoint>& points, const std::vector<std::pair<double, double>>& line,
                        const PlotTexts& texts, const HullTextOptions& options) {
  const Words& words = options.unicode ? kUnicode : kAscii;
  double lowest = 0, highest = 0;
  for (const PlotPoint& point : points) {
    lowest = std::min(lowest, point.y);
    highest = std::max(highest, point.y);
  }
  for (const auto& [x, y] : line) lowest = std::min(lowest, y);
  highest = highest_drawn(points, lowest, highest);
  const double range = std::max(highest - lowest, 1e-6);
  const double bottom = lowest - 0.04 * range, top = highest + 0.04 * range;
  const auto height = [&](double y) { return (y - bottom) / (top - bottom); };

  Canvas canvas(options.width, options.height, options.unicode);
  for (const auto& [x, y] : line) canvas.dot(x, height(y));
  std::size_t left_out = 0;
  for (const bool vertex : {false, true}) {
    for (const PlotPoint& point : points) {
      if (point.vertex != vertex) continue;
      if (point.y > top) {
        ++left_out;
      } else {
        canvas.mark(point.x, height(point.y), vertex ? words.vertex : words.other);
      }
    }
  }
  const std::size_t margin = 9;
  std::string text = "eV/atom\n";
  const int zero =
      std::clamp(static_cast<int>(std::lround((1 - height(0)) * (options.height - 1))), 0, options.height - 1);
  for (int y = 0; y < options.height; ++y) {
    std::string label;
    const bool labelled = y == zero || (y == 0 && zero > 1) || (y == options.height - 1 && zero < options.height - 2) ||
                          (y == options.height / 2 && std::abs(y - zero) > 1);
    if (labelled) label = fmt::format("{:.3f}", y == zero ? 0.0 : top - (top - bottom) * y / (options.height - 1));
    text += ended(padded(label, margin - 1, true) + (labelled ? words.tick : words.vertical) + canvas.row(y));
  }
  std::string axis;
  for (int x = 0; x < options.width; ++x) axis += words.horizontal;
  text += std::string(margin - 1, ' ') + words.corner + axis + "\n";
  std::string labels(static_cast<std::size_t>(options.width), ' ');
  const auto put = [&](double x, const std::string& word) {
    const auto centre = static_cast<std::ptrdiff_t>(std::lround(x * (options.width - 1))) -
                        static_cast<std::ptrdiff_t>(word.size() / 2);
    const auto at = std::clamp<std::ptrdiff_t>(
        centre, 0, std::max<std::ptrdiff_t>(0, options.width - static_cast<std::ptrdiff_t>(word.size())));
    labels.replace(static_cast<std::size_t>(at), word.size(), word);
  };
  for (const double x : {0.25, 0.5, 0.75}) put(x, fmt::format("{:.3g}", texts.low + x * (texts.high - texts.low)));
  put(0, texts.left);
  put(1, texts.right);
  text += ended(std::string(margin, ' ') + labels);
  std::string legend =
      std::string(margin, ' ') + texts.axis + ";  " + words.vertex + " on the hull  " + words.other + " above the hull";
  if (left_out > 0) legend += fmt::format(";  {} above {:.3f} eV/atom not drawn", left_out, top);
  return text + (options.columns > 0 ? wrapped_line(legend, options.columns, std::string(margin, ' ')) : legend) + "\n";
}

}  // namespace

std::string hull_table(const HullReport& report, const HullTextOptions& options) {
  const Words& words = options.unicode ? kUnicode : kAscii;
  std::vector<const HullEntryResult*> order;
  for (const HullEntryResult& entry : report.entries) {
    if (entry.vertex || entry.e_above_hull_ev_per_atom <= options.near_hull_ev_per_atom) order.push_back(&entry);
  }
  std::sort(order.begin(), order.end(), [](const HullEntryResult* a, const HullEntryResult* b) {
    return std::tuple(!a->vertex, a->e_above_hull_ev_per_atom, a->formation_energy_ev_per_atom, a->id) <
           std::tuple(!b->vertex, b->e_above_hull_ev_per_atom, b->formation_energy_ev_per_atom, b->id);
  });
  const std::size_t shown = std::min(order.size(), options.most_rows);
  std::map<std::string, std::string> formula_of;
  for (const HullEntryResult& entry : report.entries) formula_of[entry.id] = entry.composition.reduced().formula();

  TextTable table({"formula", "E form eV/atom", "E above hull meV/atom", "decomposes to", "id"},
                  {'l', 'r', 'r', 'l', 'l'});
  for (std::size_t i = 0; i < shown; ++i) {
    const HullEntryResult& entry = *order[i];
    const VertexKind kind = vertex_kind(report, entry);
    std::string parts = kind == VertexKind::kReference   ? "end member"
                        : kind == VertexKind::kUnopposed ? "no other could make it"
                        : kind == VertexKind::kStable    ? "stable"
                                                         : "";
    if (!entry.vertex) {
      for (const DecompositionPart& part : entry.decomposition) {
        const auto named = formula_of.find(part.id);
        const std::string& formula = named == formula_of.end() ? part.id : named->second;
        if (!parts.empty()) parts += words.plus;
        parts += entry.decomposition.size() == 1 ? formula : fmt::format("{:.4g} {}", part.fraction, formula);
      }
      if (entry.decomposition.size() == 1) parts += fmt::format(" ({})", entry.decomposition.front().id);
    }
    table.row({entry.composition.formula(), fmt::format("{:.4f}", entry.formation_energy_ev_per_atom),
               fmt::format("{:.1f}", entry.e_above_hull_ev_per_atom * 1e3), parts, entry.id});
  }
  std::string count = fmt::format("{} entries, {}; on the hull: within {:g} meV/atom", report.entries.size(),
                                  vertices_in_words(report), report.tolerance_ev_per_atom * 1e3);
  if (shown < report.entries.size()) {
    count += fmt::format("; {} not shown", report.entries.size() - shown);
    if (shown < order.size())
      count +=
          fmt::format(", {} of them within {:g} meV/atom", order.size() - shown, options.near_hull_ev_per_atom * 1e3);
  }
  return table.str(options.columns) + for_width(count, options) + "\n";
}

std::string hull_plot(const HullReport& report, const HullTextOptions& options) {
  if (report.end_members.size() != 2 || report.entries.empty() || options.width < 20 || options.height < 4) return "";
  const EndMemberSpace space(report.end_members);
  const auto& members = report.end_members;
  const CompositionAxis axis = options.axis.value_or(composition_axis(members, report.elemental));
  const PlaneOfTwo plane(axis, members[0], members[1]);
  std::vector<PlotPoint> points, vertices;
  for (const HullEntryResult& entry : report.entries) {
    const auto shares = space.shares(entry.composition);
    if (!shares) continue;
    points.push_back({plane.place((*shares)[1]), entry.formation_energy_ev_per_atom, entry.vertex});
    if (entry.vertex) vertices.push_back(points.back());
  }
  for (const double end : {0.0, 1.0}) {  // an element without an entry is the zero
    const auto at_end = [&](const PlotPoint& vertex) { return std::abs(vertex.x - end) < 1e-9; };
    if (std::none_of(vertices.begin(), vertices.end(), at_end)) vertices.push_back({end, 0, true});
  }
  std::sort(vertices.begin(), vertices.end(), [](const PlotPoint& a, const PlotPoint& b) { return a.x < b.x; });
  std::vector<std::pair<double, double>> line;
  for (std::size_t i = 0; i + 1 < vertices.size(); ++i)
    plane.add_line(vertices[i].x, vertices[i].y, vertices[i + 1].x, vertices[i + 1].y, line);
  return framed_plot(points, line, plot_texts(axis, members[0], members[1]), options);
}

std::string cut_table(const HullCut& cut, const HullReport& report, const HullTextOptions& options) {
  const Words& words = options.unicode ? kUnicode : kAscii;
  std::map<std::string, std::string> formula_of;
  for (const HullEntryResult& entry : report.entries) formula_of[entry.id] = entry.composition.reduced().formula();
  const auto name = [&](const std::string& id) { return formula_of.contains(id) ? formula_of.at(id) : id; };
  const CompositionAxis axis = axis_of(cut);
  const auto number = [&](double x) { return axis.x(std::vector{1 - x, x}); };
  std::string text = fmt::format("cut from {} to {}; {}\n", cut.from.formula(), cut.to.formula(),
                                 axis.formula.empty() ? "x: " + axis.label : axis.label);
  TextTable table({"x", "E form", "mix above hull", "phases"}, {'r', 'r', 'r', 'l'});
  for (std::size_t p = 0; p < cut.points.size(); ++p) {
    const CutPoint& point = cut.points[p];
    std::string phases;
    for (const DecompositionPart& part : point.phases) {
      phases += (phases.empty() ? "" : words.plus) +
                (point.phases.size() == 1 ? name(part.id) : fmt::format("{:.4g} {}", part.fraction, name(part.id)));
    }
    if (p > 0 && p + 1 < cut.points.size()) phases += point.phases.size() == 1 ? ": stable" : ": crossed";
    table.row({fmt::format("{:.4f}", number(point.x)), fmt::format("{:.4f}", point.formation_energy_ev_per_atom),
               fmt::format("{:.1f}", 1e3 * point.mix_above_hull_ev_per_atom), phases});
    if (p >= cut.fields.size()) continue;
    std::string between;
    for (const std::string& id : cut.fields[p].phases) between += (between.empty() ? "" : words.plus) + name(id);
    table.row({"", "", "", between});
  }
  text += table.str(options.columns);
  const auto add = [&](const std::string& line) { text += for_width(line, options) + "\n"; };
  add("E form: eV/atom of the hull; mix above hull: meV/atom that the plain mix of both ends gains by reacting");
  for (const auto& [end, known] : {std::pair(&cut.from, cut.from_has_entry), {&cut.to, cut.to_has_entry}}) {
    if (!known) add(fmt::format("{} has no entry: the hull's energy is taken for it", end->formula()));
  }
  return text;
}

std::string cut_plot(const HullCut& cut, const HullTextOptions& options) {
  if (options.width < 20 || options.height < 4) return "";
  const CompositionAxis axis = axis_of(cut);
  const PlaneOfTwo plane(axis, cut.from, cut.to);
  std::vector<PlotPoint> points;
  for (const CutEntry& entry : cut.entries)
    points.push_back({plane.place(entry.x), entry.formation_energy_ev_per_atom, entry.vertex});
  std::vector<std::pair<double, double>> line;
  for (std::size_t i = 0; i + 1 < cut.points.size(); ++i) {
    const CutPoint &a = cut.points[i], &b = cut.points[i + 1];
    plane.add_line(plane.place(a.x), a.formation_energy_ev_per_atom, plane.place(b.x), b.formation_energy_ev_per_atom,
                   line);
  }
  return framed_plot(points, line, plot_texts(axis, cut.from, cut.to), options);
}

}  // namespace hullscan
