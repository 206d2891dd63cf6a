#include "core/text_table.hpp"

#include <algorithm>
#include <numeric>  // std::accumulate
#include <sstream>
#include <utility>

#include "core/terminal_width.hpp"

namespace hullscan {
namespace {

constexpr std::size_t kGap = 2;

std::size_t longest_word(const std::string& cell) {
  std::istringstream words(cell);
  std::size_t longest = 0;
  for (std::string word; words >> word;) longest = std::max(longest, columns_of(word));
  return longest;
}

std::size_t total(const std::vector<std::size_t>& widths) {
  return std::accumulate(widths.begin(), widths.end(), kGap * (widths.empty() ? 0 : widths.size() - 1));
}

std::vector<std::string> lines_of(const std::string& cell, std::size_t width) {
  std::vector<std::string> lines;
  std::istringstream stream(wrapped_line(cell, width));
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TextTable::TextTable(std::vector<std::string> header, std::vector<char> alignment)
    : header_(std::move(header)), alignment_(std::move(alignment)) {}

void TextTable::row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

std::vector<std::size_t> TextTable::widths_for(std::size_t columns) const {
  std::vector<std::size_t> cells(header_.size(), 0), smallest(header_.size(), 0), widths;
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      cells[i] = std::max(cells[i], columns_of(row[i]));
      smallest[i] = std::max(smallest[i], alignment_[i] == 'l' ? longest_word(row[i]) : columns_of(row[i]));
    }
  }
  widths = cells;
  for (std::size_t i = 0; i < header_.size(); ++i) widths[i] = std::max(widths[i], columns_of(header_[i]));
  const auto too_wide = [&] { return columns > 0 && total(widths) > columns; };
  // The header first: then the cells with most to give.
  for (const bool header_only : {true, false}) {
    while (too_wide()) {
      std::size_t best = 0, most = 0;
      for (std::size_t i = 0; i < widths.size(); ++i) {
        const std::size_t least = std::max(header_only ? cells[i] : smallest[i], longest_word(header_[i]));
        if (widths[i] > least && widths[i] - least > most) {
          most = widths[i] - least;
          best = i;
        }
      }
      if (most == 0) break;
      widths[best] -= std::min(most, total(widths) - columns);
    }
  }
  return widths;
}

std::string TextTable::str(std::size_t columns) const {
  const std::vector<std::size_t> widths = widths_for(columns);
  std::string text;
  const auto print = [&](const std::vector<std::string>& cells) {
    std::vector<std::vector<std::string>> parts;
    std::size_t height = 1;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      parts.push_back(lines_of(cells[i], widths[i]));
      height = std::max(height, parts.back().size());
    }
    for (std::size_t at = 0; at < height; ++at) {
      std::string line;
      for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::string part = at < parts[i].size() ? parts[i][at] : "";
        const std::size_t taken = columns_of(part);
        const std::string padding(widths[i] > taken ? widths[i] - taken : 0, ' ');
        line += (i == 0 ? "" : std::string(kGap, ' ')) + (alignment_[i] == 'r' ? padding + part : part + padding);
      }
      line.erase(line.find_last_not_of(' ') + 1);
      text += (columns > 0 ? wrapped_line(line, columns, "    ") : line) + "\n";
    }
  };
  print(header_);
  for (const auto& cells : rows_) print(cells);
  return text;
}

}  // namespace hullscan
