#include "analysis/figures/rich_text.hpp"

#include <algorithm>
#include <cctype>

#include "core/foreign_text.hpp"

namespace hullscan {
namespace {

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

void append(RichText& text, std::string piece, Script script, bool slanted = false) {
  if (!text.empty() && text.back().script == script && text.back().slanted == slanted) {
    text.back().text += piece;
  } else {
    text.push_back({std::move(piece), script, slanted});
  }
}

/// "1-x" with a real minus sign and a slanted variable.
void append_subscript(RichText& text, std::string_view inner) {
  for (const char c : inner) {
    if (c == '-') {
      append(text, "\u2212", Script::kSub);
    } else {
      append(text, std::string(1, c), Script::kSub, c == 'x' || c == 'y');
    }
  }
}

/// Amounts such as "1-x" hold no element's symbol.
bool is_amount(std::string_view inner) {
  return !inner.empty() && std::none_of(inner.begin(), inner.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

RichText plain_text(std::string_view text) { return {{readable_line(text), Script::kNormal, false}}; }

RichText formula_text(std::string_view given) {
  const std::string formula = readable_line(given);
  RichText text;
  for (std::size_t i = 0; i < formula.size();) {
    std::size_t end = i;
    while (end < formula.size() && (is_digit(formula[end]) || (formula[end] == '.' && end > i))) ++end;
    const std::size_t close = end < formula.size() && formula[end] == '(' ? formula.find(')', end) : std::string::npos;
    if (close != std::string::npos && is_amount(formula.substr(end + 1, close - end - 1))) {
      append_subscript(text, end > i ? formula.substr(i, close + 1 - i) : formula.substr(end + 1, close - end - 1));
      i = close + 1;
    } else if (end > i) {
      append_subscript(text, formula.substr(i, end - i));
      i = end;
    } else {
      append(text, std::string(1, formula[i++]), Script::kNormal);
    }
  }
  return text;
}

RichText operator+(RichText left, const RichText& right) {
  for (const TextRun& run : right) append(left, run.text, run.script, run.slanted);
  return left;
}

std::string letters_of(const RichText& text) {
  std::string letters;
  for (const TextRun& run : text) letters += run.text;
  return letters;
}

}  // namespace hullscan
