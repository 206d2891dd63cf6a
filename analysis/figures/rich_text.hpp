/// @file
/// Text with subscripts and superscripts, and formulas written with them. No sizes, no letters' shapes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hullscan {

enum class Script { kNormal, kSub, kSuper };

struct TextRun {
  std::string text;  ///< UTF-8
  Script script = Script::kNormal;
  bool slanted = false;
  friend bool operator==(const TextRun&, const TextRun&) = default;
};
using RichText = std::vector<TextRun>;

/// What no file can hold (control characters, bytes that are not UTF-8) is replaced, as in readable_line.
RichText plain_text(std::string_view text);
/// "Al3Ni": numbers are subscripts; so is what stands in parentheses that multiply nothing: "CsPb(1-x)Zn(x)I3". A
/// factor before parentheses joins them: "Fe2(1-x)" is Fe with the subscript 2(1-x). Brackets of groups stay:
/// "Ca(OH)2".
RichText formula_text(std::string_view given);
RichText operator+(RichText left, const RichText& right);
/// Without sizes: what a reader of the letters alone sees.
std::string letters_of(const RichText& text);

}  // namespace hullscan
