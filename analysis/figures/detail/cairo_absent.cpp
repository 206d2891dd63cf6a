// In the place of cairo_page.cpp where a build does without cairo: letters take no room, and nothing is drawn.
#include "analysis/figures/rendering.hpp"
#include "core/errors.hpp"

namespace hullscan {

std::string why_no_pictures() {
  return "this hullscan was built without cairo; install it (libcairo2-dev on Debian, cairo-devel on Red Hat) and "
         "configure with -DHULLSCAN_CAIRO=ON. The figures of report.html need none";
}

TextExtent extent_of(const RichText& /*text*/, double /*size_pt*/) { return {}; }
RichText shortened(RichText text, double /*size_pt*/, double /*width_mm*/) { return text; }
Box box_of(const PictureText& /*text*/) { return {}; }

std::string rendered(const Picture& /*picture*/, PictureFormat /*format*/, const RenderOptions& /*options*/) {
  throw InputError("the picture cannot be drawn: " + why_no_pictures());
}

}  // namespace hullscan
