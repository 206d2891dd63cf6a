#include "analysis/entries/json_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/json_text.hpp"

namespace hullscan {

void JsonWriter::separate() {
  if (!first_) text_ += ',';
  first_ = false;
}

void JsonWriter::open(char bracket) {
  separate();
  text_ += bracket;
  first_ = true;
}

void JsonWriter::close(char bracket) {
  text_ += bracket;
  first_ = false;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  text_ += '"';
  text_ += name;
  text_ += "\":";
  first_ = true;
  return *this;
}

void JsonWriter::raw(std::string_view json) {
  separate();
  text_ += json;
}

void JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  separate();
  std::array<char, 32> digits;
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  const std::string_view text(digits.data(), static_cast<std::size_t>(written.ptr - digits.data()));
  text_ += text;
  // A number of a quantity stays one where it happens to be whole.
  if (text.find_first_of(".e") == std::string_view::npos) text_ += ".0";
}

void JsonWriter::value(std::string_view words) {
  const bool plain =
      std::all_of(words.begin(), words.end(), [](char c) { return c >= ' ' && c < '\x7f' && c != '"' && c != '\\'; });
  if (!plain) return raw(json_text(Json(words)));
  separate();
  text_ += '"';
  text_ += words;
  text_ += '"';
}

}  // namespace hullscan
