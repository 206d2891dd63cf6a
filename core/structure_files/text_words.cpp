#include "core/structure_files/text_words.hpp"

#include <charconv>
#include <cmath>

namespace hullscan {
namespace {

bool separates_words(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f'; }

}  // namespace

std::optional<double> number_from(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<long> integer_from(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) return std::nullopt;
  }
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<Word> words_of(std::string_view line) {
  std::vector<Word> words;
  std::size_t i = 0;
  while (i < line.size()) {
    while (i < line.size() && separates_words(line[i])) ++i;
    const std::size_t begin = i;
    while (i < line.size() && !separates_words(line[i])) ++i;
    if (i > begin) words.push_back({line.substr(begin, i - begin), static_cast<int>(begin) + 1});
  }
  return words;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (lines.back().ends_with('\r')) lines.back().remove_suffix(1);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string in_quotes(std::string_view text) {
  std::string shown = "\"";
  std::size_t length = 0;
  for (const char c : text) {
    if (++length > 40) {
      shown += "…";
      break;
    }
    const auto byte = static_cast<unsigned char>(c);
    shown += byte < 0x20 || byte > 0x7e ? '?' : c;
  }
  return shown + "\"";
}

}  // namespace hullscan
