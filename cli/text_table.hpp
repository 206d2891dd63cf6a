/// @file
/// A table for people: aligned columns, one header line.
#pragma once

#include <string>
#include <vector>

namespace hullscan::cli {

class TextTable {
 public:
  /// @param alignment one of 'l', 'r' a column.
  TextTable(std::vector<std::string> header, std::vector<char> alignment);
  void row(std::vector<std::string> cells);
  [[nodiscard]] std::string str() const;
  [[nodiscard]] bool empty() const { return rows_.empty(); }

 private:
  std::vector<std::string> header_;
  std::vector<char> alignment_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace hullscan::cli
