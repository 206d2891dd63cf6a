#include "core/terminal_width.hpp"

#include <sys/ioctl.h>

#include <algorithm>

namespace hullscan {
namespace {

bool begins_a_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

}  // namespace

std::size_t terminal_columns(int file_descriptor) {
  winsize size{};
  if (::ioctl(file_descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualColumns;
  return size.ws_col;
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_a_character));
}

std::string cut_to_columns(const std::string& text, std::size_t columns) {
  if (columns_of(text) <= columns) return text;
  const std::string dots = columns >= 2 ? ".." : "";
  std::size_t left = columns - dots.size(), end = 0;
  while (end < text.size() && (left > 0 || !begins_a_character(text[end]))) {
    if (begins_a_character(text[end])) --left;
    ++end;
  }
  return text.substr(0, end) + dots;
}

std::string wrapped_line(const std::string& line, std::size_t columns, const std::string& indent) {
  if (const auto end = line.find('\n'); end != std::string::npos)
    return wrapped_line(line.substr(0, end), columns, indent) + "\n" +
           wrapped_line(line.substr(end + 1), columns, indent);
  if (columns_of(line) <= columns) return line;
  std::string text, current;
  bool any = false;  // word on the current line
  std::size_t begin = 0;
  while (begin <= line.size()) {
    // Blanks at the beginning belong to the first word, those between words are one gap.
    auto end = line.find(' ', line.find_first_not_of(' ', begin));
    if (end == std::string::npos) end = line.size();
    const std::string word = line.substr(begin, end - begin);
    const std::string gap = any ? " " : "";
    if (any && columns_of(current) + gap.size() + columns_of(word) > columns) {
      text += current + "\n";
      const auto first = word.find_first_not_of(' ');
      current = indent + (first == std::string::npos ? "" : word.substr(first));
    } else {
      current += gap + word;
    }
    any = true;
    begin = end + 1;
  }
  return text + current;
}

}  // namespace hullscan
