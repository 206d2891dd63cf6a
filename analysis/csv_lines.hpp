/// @file
/// Comma-separated text: one record a line, fields quoted or not, and where each begins.
#pragma once

#include <istream>
#include <optional>
#include <string>
#include <vector>

namespace hullscan {

struct CsvField {
  std::string text;  ///< without quotes and surrounding blanks
  int column = 1;    ///< of its first character, from 1
};

struct CsvLine {
  int number = 1;                 ///< in the file, from 1
  std::vector<CsvField> fields;   ///< empty: a quote is not closed on its line
};

/// Line by line, for files that are too large to be held. The same rules as split_csv.
class CsvReader {
 public:
  explicit CsvReader(std::istream& stream) : stream_(stream) {}
  /// The next line that holds anything. @returns false at the end.
  bool next(CsvLine& line);

 private:
  std::istream& stream_;
  int number_ = 0;
};

/// Lines that hold anything, in order. A byte-order mark and carriage returns are dropped; "" in quotes is a quote.
std::vector<CsvLine> split_csv(const std::string& text);
/// A decimal number and nothing else; a leading + is allowed.
std::optional<double> parse_number(const std::string& text);
/// In quotes if it must be.
std::string csv_field(const std::string& text);

}  // namespace hullscan
