#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numbers>

#include "analysis/figures/rendering.hpp"
#include "core/errors.hpp"
#include "core/foreign_text.hpp"

namespace hullscan {
namespace {

constexpr double kPointsPerMm = 72 / 25.4;
constexpr double kScriptSize = 0.72, kSubDrop = 0.22, kSuperRise = 0.36;  ///< of the letters' size
/// What journals ask for; fontconfig takes the nearest that is there (Nimbus Sans, Liberation Sans, …).
constexpr const char* kFamily = "Helvetica";

struct DestroyFace {
  void operator()(cairo_font_face_t* face) const noexcept { cairo_font_face_destroy(face); }
};
struct DestroyOptions {
  void operator()(cairo_font_options_t* options) const noexcept { cairo_font_options_destroy(options); }
};
struct DestroyScaled {
  void operator()(cairo_scaled_font_t* font) const noexcept { cairo_scaled_font_destroy(font); }
};
struct DestroySurface {
  void operator()(cairo_surface_t* surface) const noexcept { cairo_surface_destroy(surface); }
};
struct DestroyContext {
  void operator()(cairo_t* context) const noexcept { cairo_destroy(context); }
};
using Face = std::unique_ptr<cairo_font_face_t, DestroyFace>;
using FontOptions = std::unique_ptr<cairo_font_options_t, DestroyOptions>;
using ScaledFont = std::unique_ptr<cairo_scaled_font_t, DestroyScaled>;
using Surface = std::unique_ptr<cairo_surface_t, DestroySurface>;
using Context = std::unique_ptr<cairo_t, DestroyContext>;

void require_success(cairo_status_t status, const char* what) {
  if (status != CAIRO_STATUS_SUCCESS)
    throw Error(fmt::format("the picture cannot be drawn: {}: {}", what, cairo_status_to_string(status)));
}

FontOptions unhinted() {
  FontOptions options(cairo_font_options_create());
  cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
  return options;
}

Face face_of(const TextRun& run) {
  return Face(cairo_toy_font_face_create(kFamily, run.slanted ? CAIRO_FONT_SLANT_ITALIC : CAIRO_FONT_SLANT_NORMAL,
                                         CAIRO_FONT_WEIGHT_NORMAL));
}

double size_of(const TextRun& run, double size_pt) {
  return run.script == Script::kNormal ? size_pt : kScriptSize * size_pt;
}
/// Downwards, points.
double drop_of(const TextRun& run, double size_pt) {
  return run.script == Script::kSub ? kSubDrop * size_pt : run.script == Script::kSuper ? -kSuperRise * size_pt : 0;
}

cairo_text_extents_t extents_of(const TextRun& run, double size_pt) {
  cairo_matrix_t size, identity;
  cairo_matrix_init_scale(&size, size_of(run, size_pt), size_of(run, size_pt));
  cairo_matrix_init_identity(&identity);
  const Face face = face_of(run);
  const FontOptions options = unhinted();
  const ScaledFont font(cairo_scaled_font_create(face.get(), &size, &identity, options.get()));
  require_success(cairo_scaled_font_status(font.get()), "font");
  cairo_text_extents_t extents{};
  cairo_scaled_font_text_extents(font.get(), run.text.c_str(), &extents);
  return extents;
}

/// Draws in mm on a context whose unit is the point.
class Page {
 public:
  explicit Page(cairo_t* context) : context_(context), options_(unhinted()) {
    cairo_set_font_options(context_, options_.get());
    cairo_set_line_join(context_, CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_cap(context_, CAIRO_LINE_CAP_BUTT);
  }

  void operator()(const PictureLine& line) const {
    if (line.points.empty()) return;
    cairo_move_to(context_, pt(line.points[0].x), pt(line.points[0].y));
    for (std::size_t i = 1; i < line.points.size(); ++i)
      cairo_line_to(context_, pt(line.points[i].x), pt(line.points[i].y));
    if (line.closed) cairo_close_path(context_);
    std::vector<double> dashes;
    for (const double dash : line.dashes_mm) dashes.push_back(pt(dash));
    cairo_set_dash(context_, dashes.data(), static_cast<int>(dashes.size()), 0);
    paint(line.fill, line.width_mm > 0 ? std::optional(line.colour) : std::nullopt, line.width_mm, line.opacity);
    cairo_set_dash(context_, nullptr, 0, 0);
  }

  void operator()(const PictureMark& mark) const {
    const MarkStyle& style = mark.style;
    const double x = pt(mark.at.x), y = pt(mark.at.y), r = pt(style.size_mm) / 2;
    if (style.shape == MarkShape::kDisc) {
      cairo_new_sub_path(context_);
      cairo_arc(context_, x, y, r, 0, 2 * std::numbers::pi);
    } else if (style.shape == MarkShape::kSquare) {
      cairo_rectangle(context_, x - 0.88 * r, y - 0.88 * r, 1.76 * r, 1.76 * r);
    } else if (style.shape == MarkShape::kDiamond) {
      corners({{{x, y - 1.2 * r}, {x + 1.2 * r, y}, {x, y + 1.2 * r}, {x - 1.2 * r, y}}});
    } else {
      corners({{{x, y - 1.15 * r}, {x + 1.05 * r, y + 0.75 * r}, {x - 1.05 * r, y + 0.75 * r}, {x, y - 1.15 * r}}});
    }
    cairo_close_path(context_);
    paint(style.fill, style.edge, style.edge_width_mm, 1);
  }

  void operator()(const PictureText& text) const {
    double width = 0;
    for (const TextRun& run : text.text) width += extents_of(run, text.size_pt).x_advance;
    cairo_save(context_);
    cairo_translate(context_, pt(text.at.x), pt(text.at.y));
    if (text.upwards) cairo_rotate(context_, -std::numbers::pi / 2);
    double x = text.anchor == Anchor::kStart ? 0 : text.anchor == Anchor::kMiddle ? -width / 2 : -width;
    cairo_set_source_rgb(context_, text.colour.red, text.colour.green, text.colour.blue);
    for (const TextRun& run : text.text) {
      const Face face = face_of(run);
      cairo_set_font_face(context_, face.get());
      cairo_set_font_size(context_, size_of(run, text.size_pt));
      cairo_move_to(context_, x, drop_of(run, text.size_pt));
      cairo_show_text(context_, run.text.c_str());
      x += extents_of(run, text.size_pt).x_advance;
    }
    cairo_new_path(context_);
    cairo_restore(context_);
  }

 private:
  static double pt(double mm) { return mm * kPointsPerMm; }

  void corners(const std::array<Place, 4>& places) const {
    cairo_move_to(context_, places[0].x, places[0].y);
    for (std::size_t i = 1; i < places.size(); ++i) cairo_line_to(context_, places[i].x, places[i].y);
  }

  /// The current path.
  void paint(const std::optional<Colour>& fill, const std::optional<Colour>& edge, double width_mm,
             double opacity) const {
    if (fill) {
      cairo_set_source_rgba(context_, fill->red, fill->green, fill->blue, opacity);
      cairo_fill_preserve(context_);
    }
    if (edge) {
      cairo_set_source_rgba(context_, edge->red, edge->green, edge->blue, opacity);
      cairo_set_line_width(context_, pt(width_mm));
      cairo_stroke_preserve(context_);
    }
    cairo_new_path(context_);
  }

  cairo_t* context_;
  FontOptions options_;
};

cairo_status_t take_bytes(void* text, const unsigned char* bytes, unsigned int count) {
  static_cast<std::string*>(text)->append(reinterpret_cast<const char*>(bytes), count);
  return CAIRO_STATUS_SUCCESS;
}

void draw(const Picture& picture, cairo_surface_t* surface) {
  const Context context(cairo_create(surface));
  cairo_set_source_rgb(context.get(), 1, 1, 1);
  cairo_paint(context.get());
  const Page page(context.get());
  for (const PictureItem& item : picture.items) std::visit(page, item);
  cairo_show_page(context.get());
  require_success(cairo_status(context.get()), "drawing");
}

}  // namespace

std::string why_no_pictures() { return {}; }

TextExtent extent_of(const RichText& text, double size_pt) {
  TextExtent extent;
  for (const TextRun& run : text) {
    const cairo_text_extents_t of_run = extents_of(run, size_pt);
    const double drop = drop_of(run, size_pt);
    extent.width_mm += of_run.x_advance / kPointsPerMm;
    extent.above_mm = std::max(extent.above_mm, (-of_run.y_bearing - drop) / kPointsPerMm);
    extent.below_mm = std::max(extent.below_mm, (of_run.height + of_run.y_bearing + drop) / kPointsPerMm);
  }
  return extent;
}

RichText shortened(RichText text, double size_pt, double width_mm) {
  if (extent_of(text, size_pt).width_mm <= width_mm) return text;
  const auto too_wide = [&] {
    return extent_of(text + RichText{{"\u2026", Script::kNormal, false}}, size_pt).width_mm > width_mm;
  };
  while (!text.empty() && too_wide()) {
    std::string& last = text.back().text;
    while (!last.empty() && (static_cast<unsigned char>(last.back()) & 0xC0U) == 0x80U) last.pop_back();
    if (!last.empty()) last.pop_back();
    if (last.empty()) text.pop_back();
  }
  return std::move(text) + RichText{{"\u2026", Script::kNormal, false}};
}

Box box_of(const PictureText& text) {
  const TextExtent extent = extent_of(text.text, text.size_pt);
  const double before = text.anchor == Anchor::kStart    ? 0
                        : text.anchor == Anchor::kMiddle ? extent.width_mm / 2
                                                         : extent.width_mm;
  const double after = extent.width_mm - before;
  if (text.upwards)
    return {text.at.x - extent.above_mm, text.at.y - after, text.at.x + extent.below_mm, text.at.y + before};
  return {text.at.x - before, text.at.y - extent.above_mm, text.at.x + after, text.at.y + extent.below_mm};
}

std::string rendered(const Picture& picture, PictureFormat format, const RenderOptions& options) {
  std::string bytes;
  const double width = picture.width_mm * kPointsPerMm, height = picture.height_mm * kPointsPerMm;
  if (format == PictureFormat::kPng) {
    const double scale = options.dots_per_inch / 72;
    const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(std::lround(width * scale)),
                                                     static_cast<int>(std::lround(height * scale))));
    require_success(cairo_surface_status(surface.get()), "image");
    cairo_surface_set_device_scale(surface.get(), scale, scale);
    draw(picture, surface.get());
    require_success(cairo_surface_write_to_png_stream(surface.get(), take_bytes, &bytes), "PNG");
    return bytes;
  }
  const Surface surface(format == PictureFormat::kPdf
                            ? cairo_pdf_surface_create_for_stream(take_bytes, &bytes, width, height)
                            : cairo_svg_surface_create_for_stream(take_bytes, &bytes, width, height));
  require_success(cairo_surface_status(surface.get()), "page");
  if (format == PictureFormat::kPdf) {
    cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_TITLE, readable_line(picture.title).c_str());
    cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATOR, options.creator.c_str());
    cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE, options.date.c_str());
  } else {
    cairo_svg_surface_set_document_unit(surface.get(), CAIRO_SVG_UNIT_PT);
  }
  draw(picture, surface.get());
  cairo_surface_finish(surface.get());
  require_success(cairo_surface_status(surface.get()), "file");
  return bytes;
}

}  // namespace hullscan
