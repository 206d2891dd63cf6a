/// @file
/// Comma-separated text as spreadsheets of any country write it: one record a line, fields quoted or not, and where
/// each begins; separated by commas, semicolons or tabs; numbers with a decimal point or, if commas do not separate, a
/// comma.
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
  int number = 1;                ///< in the file, from 1
  std::vector<CsvField> fields;  ///< empty: a quote is not closed on its line
};

/// Line by line, for files that are too large to be held. The same rules as split_csv, but UTF-8 only.
class CsvReader {
 public:
  /// @param blanks as read_csv.
  explicit CsvReader(std::istream& stream, bool blanks = false) : stream_(stream), blanks_(blanks) {}
  /// The next line that holds anything. @returns false at the end.
  bool next(CsvLine& line);
  /// What the first line says separates fields: the commonest of , ; and tab outside its quotes, or the one of a line
  /// "sep=;" before it. A comma before the first line is read.
  [[nodiscard]] char separator() const { return separator_.value_or(','); }

 private:
  std::istream& stream_;
  bool blanks_;
  int number_ = 0;
  std::optional<char> separator_;
};

struct CsvTable {
  std::vector<CsvLine> lines;  ///< those that hold anything, in order
  char separator = ',';
  bool reencoded = false;  ///< the text was UTF-16 or, since it is not UTF-8, taken for Latin-1
};

/// Byte-order marks and carriage returns are dropped; "" in quotes is a quote.
/// @param blanks where the first line has no other separator, runs of blanks separate; a unit in brackets belongs to
/// the
///        word before it: "energy (eV)".
CsvTable read_csv(const std::string& bytes, bool blanks = false);
/// The lines of read_csv.
std::vector<CsvLine> split_csv(const std::string& bytes);
/// Records of fields separated by commas, whose quoted fields may go on over several lines (RFC 4180). Numbers of lines
/// are those of the records' first lines. Empty if a quote is never closed.
std::vector<CsvLine> csv_records(const std::string& bytes);
/// A decimal number and nothing else; a leading + is allowed.
std::optional<double> parse_number(const std::string& text);

/// The numbers of one file. "-1,50" is a number where commas do not separate fields; then a point is none, since one of
/// the two would have to separate thousands, and nobody can tell which.
class CsvNumbers {
 public:
  explicit CsvNumbers(char separator) : comma_allowed_(separator != ',') {}
  /// @param[out] why what is wrong, to follow "expected a number, found …"; left alone if nothing is to be added.
  std::optional<double> read(const std::string& text, std::string& why);
  [[nodiscard]] bool decimal_comma() const { return mark_ == ','; }

 private:
  bool comma_allowed_;
  char mark_ = 0;  ///< the decimal mark of the file, once one was met
};

/// "Li0,5CoO2" as "Li0.5CoO2", if commas do not separate the fields of the file.
std::string with_decimal_points(std::string formula, char separator);

/// In quotes if it must be.
std::string csv_field(const std::string& text);

}  // namespace hullscan
