/// @file
/// Columns of a user's CSV table that describe something, in numbers or in words, as `regress` and the models of a
/// campaign read them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/entries/csv_lines.hpp"
#include "core/errors.hpp"

namespace hullscan {

struct WrittenColumn {
  std::string header, group, name;  ///< "group: name"
  std::vector<CsvField> fields;     ///< [rows]
};

/// @param group of a header that does not say it.
WrittenColumn written_column(const std::string& header, const std::string& group);
bool says_its_group(const std::string& header);

/// Whether none of its fields is a number; an empty field is neither number nor word.
bool in_words(const WrittenColumn& column);
/// Ascending.
std::vector<std::string> distinct_words(const WrittenColumn& column);
/// [rows] index into distinct words; `words.size()` for a word that is none of them.
std::vector<std::uint32_t> words_of_rows(const WrittenColumn& column, const std::vector<std::string>& words);
/// What is no finite number goes to `problems`, at its line and column; the first few of them.
/// @param lines [rows] of the file.
std::vector<double> numbers_of(const WrittenColumn& column, const std::vector<int>& lines, const std::string& file,
                               Problems& problems);

}  // namespace hullscan
