#include "campaign/written_columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace hullscan {
namespace {

constexpr const char* kAfterGroup = ": ";
constexpr std::size_t kMostToldOfAColumn = 5;

}  // namespace

bool says_its_group(const std::string& header) { return header.find(kAfterGroup) != std::string::npos; }

WrittenColumn written_column(const std::string& header, const std::string& group) {
  const std::size_t colon = header.find(kAfterGroup);
  if (colon == std::string::npos) return {header, group, header, {}};
  return {header, header.substr(0, colon), header.substr(colon + 2), {}};
}

bool in_words(const WrittenColumn& column) {
  return !column.fields.empty() && std::none_of(column.fields.begin(), column.fields.end(), [](const CsvField& field) {
    return field.text.empty() || parse_number(field.text);
  });
}

std::vector<std::string> distinct_words(const WrittenColumn& column) {
  std::set<std::string> words;
  for (const CsvField& field : column.fields) words.insert(field.text);
  return {words.begin(), words.end()};
}

std::vector<std::uint32_t> words_of_rows(const WrittenColumn& column, const std::vector<std::string>& words) {
  std::vector<std::uint32_t> rows;
  for (const CsvField& field : column.fields) {
    const auto found = std::lower_bound(words.begin(), words.end(), field.text);
    const bool known = found != words.end() && *found == field.text;
    rows.push_back(static_cast<std::uint32_t>(known ? static_cast<std::size_t>(found - words.begin()) : words.size()));
  }
  return rows;
}

std::vector<double> numbers_of(const WrittenColumn& column, const std::vector<int>& lines, const std::string& file,
                               Problems& problems) {
  std::vector<double> values;
  std::size_t wrong = 0;
  for (std::size_t r = 0; r < column.fields.size(); ++r) {
    const CsvField& field = column.fields[r];
    const auto value = parse_number(field.text);
    const bool good = value && std::isfinite(*value);
    values.push_back(good ? *value : 0.0);
    if (!good && ++wrong <= kMostToldOfAColumn)
      problems.add({file, lines[r], field.column},
                   fmt::format("{}: expected a number, found \"{}\"", column.header, field.text));
  }
  return values;
}

}  // namespace hullscan
