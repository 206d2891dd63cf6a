/// @file
/// Pictures as the bytes of files, and the room that letters take. The same picture makes the same bytes on one
/// machine: no time, no host. The one file that knows cairo is detail/cairo_page.cpp; detail/cairo_absent.cpp is in its
/// place where a build does without.
#pragma once

#include <string>

#include "analysis/figures/picture.hpp"

namespace hullscan {

enum class PictureFormat { kSvg, kPdf, kPng };

struct RenderOptions {
  double dots_per_inch = 600;                      ///< PNG only
  std::string creator = "hullscan";                ///< PDF only
  std::string date = "2000-01-01T00:00:00+00:00";  ///< PDF only: ISO 8601
};

/// "" where pictures can be drawn; otherwise why not.
[[nodiscard]] std::string why_no_pictures();

/// Letters as glyphs of fonts that the file holds (PDF: embedded subsets; SVG: outlines).
/// @throws Error if cairo cannot draw it, with its words.
std::string rendered(const Picture& picture, PictureFormat format, const RenderOptions& options = {});

struct TextExtent {
  double width_mm = 0, above_mm = 0, below_mm = 0;  ///< of the base line; of the letters' ink
};
TextExtent extent_of(const RichText& text, double size_pt);
/// The text, or its beginning and an ellipsis, within a width.
RichText shortened(RichText text, double size_pt, double width_mm);
/// The room of a text where it stands.
Box box_of(const PictureText& text);

}  // namespace hullscan
