/// @file
/// A table for people: aligned columns under one header.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace hullscan {

class TextTable {
 public:
  /// @param alignment one of 'l', 'r' a column.
  TextTable(std::vector<std::string> header, std::vector<char> alignment);
  void row(std::vector<std::string> cells);
  /// A line for each row. With `columns`, a table that is wider breaks its header, then its left-aligned cells, at
  /// blanks; words stay whole, so that an id can be copied. What is too wide even so continues on an indented line.
  /// @param columns of the terminal; 0: no limit.
  [[nodiscard]] std::string str(std::size_t columns = 0) const;
  [[nodiscard]] bool empty() const { return rows_.empty(); }

 private:
  [[nodiscard]] std::vector<std::size_t> widths_for(std::size_t columns) const;

  std::vector<std::string> header_;
  std::vector<char> alignment_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace hullscan
