#include "core/foreign_text.hpp"

#include <algorithm>
#include <cstdint>

namespace hullscan {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";     // U+2026

struct Piece {
  std::size_t bytes = 1;
  bool valid = false;
  std::uint32_t character = 0;
};

/// The character that begins at `at`, or the longest piece there that is not a character.
Piece piece_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(at);
  if (first < 0x80) return {1, true, first};
  if (first < 0xC2 || first > 0xF4) return {1, false, 0};
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  std::uint32_t character = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (at + i >= text.size()) return {i, false, 0};
    std::uint8_t low = 0x80, high = 0xBF;
    if (i == 1) {
      if (first == 0xE0) low = 0xA0;
      if (first == 0xED) high = 0x9F;
      if (first == 0xF0) low = 0x90;
      if (first == 0xF4) high = 0x8F;
    }
    if (byte(at + i) < low || byte(at + i) > high) return {i, false, 0};
    character = character << 6U | (byte(at + i) & 0x3FU);
  }
  return {length, true, character};
}

bool turns_direction(std::uint32_t character) {
  return (character >= 0x202A && character <= 0x202E) || (character >= 0x2066 && character <= 0x2069);
}

bool breaks_line(std::uint32_t character) { return character == 0x2028 || character == 0x2029; }

bool is_control(std::uint32_t character) { return character < 0x20 || (character >= 0x7F && character < 0xA0); }

/// A carriage return before a line feed; alone it would let a text overwrite the line before it on a terminal.
bool ends_line(std::string_view text, std::size_t at) { return text.substr(at, 2) == "\r\n"; }

bool is_plain_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= ' ' && c <= '~') || c == '\n' || c == '\t'; });
}

}  // namespace

std::string readable_text(std::string_view text) {
  if (is_plain_ascii(text)) return std::string(text);
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Piece piece = piece_at(text, at);
    if (!piece.valid) {
      result += kReplacement;
    } else if (piece.character == '\n' || piece.character == '\t' || ends_line(text, at)) {
      result += text[at];
    } else if (is_control(piece.character) || turns_direction(piece.character) || breaks_line(piece.character)) {
      result += ' ';
    } else {
      result += text.substr(at, piece.bytes);
    }
    at += piece.bytes;
  }
  return result;
}

std::string readable_line(std::string_view text, std::size_t most_bytes) {
  std::string line = readable_text(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  const auto first = line.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  line = line.substr(first, line.find_last_not_of(' ') - first + 1);
  if (line.size() <= most_bytes) return line;
  std::size_t end = most_bytes - std::min(most_bytes, kEllipsis.size());
  while (end > 0 && (static_cast<std::uint8_t>(line[end]) & 0xC0U) == 0x80U) --end;
  return line.substr(0, end) + std::string(kEllipsis);
}

bool is_one_readable_line(std::string_view text) {
  return text.find_first_of("\n\r\t") == std::string_view::npos && readable_text(text) == text;
}

}  // namespace hullscan
