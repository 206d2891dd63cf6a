#include "campaign/descriptor_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>

#include "analysis/entries/csv_lines.hpp"
#include "campaign/written_columns.hpp"
#include "core/errors.hpp"
#include "surrogates/features/orbit_columns.hpp"

namespace hullscan {
namespace {

std::optional<double> number(const std::string& text) {
  const auto value = parse_number(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

const CategoryColumn* category_of(const DescriptorTable& table, const WrittenColumn& written) {
  const auto found = std::find_if(table.categories.begin(), table.categories.end(), [&](const CategoryColumn& one) {
    return one.group == written.group && one.name == written.name;
  });
  return found == table.categories.end() ? nullptr : &*found;
}

void add_column(DescriptorTable& table, const std::string& group, const std::string& name) {
  table.columns.groups.push_back(group);
  table.columns.names.push_back(name);
}

}  // namespace

Eigen::VectorXd DescriptorTable::numbers(const std::string& column, const std::string& file) const {
  const auto found = others.find(column);
  if (found == others.end()) {
    std::vector<std::string> names;
    for (const auto& [name, values] : others) names.push_back(name);
    throw InputError(fmt::format("{}: no column \"{}\"; there are \"{}\"{}", file, column, fmt::join(names, "\", \""),
                                 did_you_mean(column, names)));
  }
  Problems problems;
  Eigen::VectorXd values(static_cast<Eigen::Index>(rows()));
  for (std::size_t r = 0; r < rows(); ++r) {
    const auto value = number(found->second[r]);
    if (!value)
      problems.add({file, line_of_row[r], 0},
                   fmt::format("{}: expected a number, found \"{}\"", column, found->second[r]));
    values[static_cast<Eigen::Index>(r)] = value.value_or(0.0);
  }
  problems.throw_if_any();
  return values;
}

DescriptorTable read_descriptor_table(const std::filesystem::path& file, const DescriptorTable* like) {
  std::ifstream stream(file);
  CsvReader reader(stream);
  CsvLine line;
  if (!stream || !reader.next(line)) throw FormatError(fmt::format("{}: cannot be read, or is empty", file.string()));
  std::vector<std::string> header;
  for (const CsvField& field : line.fields) {
    // Two columns of one name would be read as one of twice the rows.
    if (!field.text.empty() && std::find(header.begin(), header.end(), field.text) != header.end()) {
      throw FormatError(fmt::format("{}:{}:{}: the column \"{}\" occurs twice, expected a name of its own for each",
                                    file.string(), line.number, field.column, field.text));
    }
    header.push_back(field.text);
  }
  DescriptorTable table;
  std::vector<WrittenColumn> descriptors;
  std::vector<std::optional<std::size_t>> descriptor_of;  // [fields]
  for (const std::string& name : header) {
    descriptor_of.push_back(says_its_group(name) ? std::optional(descriptors.size()) : std::nullopt);
    if (says_its_group(name)) {
      descriptors.push_back(written_column(name, ""));
    } else if (!name.empty()) {
      table.others[name];
    }
  }
  while (reader.next(line)) {
    if (line.fields.size() != header.size()) {
      throw FormatError(fmt::format("{}:{}: expected {} fields as in the first line, found {}", file.string(),
                                    line.number, header.size(), line.fields.size()));
    }
    for (std::size_t f = 0; f < line.fields.size(); ++f) {
      if (descriptor_of[f]) {
        descriptors[*descriptor_of[f]].fields.push_back(line.fields[f]);
      } else if (!header[f].empty()) {
        table.others[header[f]].push_back(line.fields[f].text);
      }
    }
    table.line_of_row.push_back(line.number);
  }
  std::vector<std::vector<double>> columns;
  Problems problems;
  for (const WrittenColumn& written : descriptors) {
    const CategoryColumn* known = like == nullptr ? nullptr : category_of(*like, written);
    if (known == nullptr && (like != nullptr || !in_words(written))) {
      columns.push_back(numbers_of(written, table.line_of_row, file.string(), problems));
      add_column(table, written.group, written.name);
      continue;
    }
    CategoryColumn category{written.group, written.name, known != nullptr ? known->words : distinct_words(written)};
    const std::vector<std::uint32_t> word_of_row = words_of_rows(written, category.words);
    for (std::size_t w = 0; w < category.words.size(); ++w) {
      columns.emplace_back();
      for (const std::uint32_t word : word_of_row) columns.back().push_back(word == w ? 1 : 0);
      add_column(table, written.group, word_column_name(written.name, category.words[w]));
    }
    table.categories.push_back(std::move(category));
  }
  if (!problems.empty()) throw FormatError(fmt::format("{}", fmt::join(problems.lines(), "\n")));
  table.features.resize(static_cast<Eigen::Index>(table.line_of_row.size()), static_cast<Eigen::Index>(columns.size()));
  for (std::size_t c = 0; c < columns.size(); ++c) {
    for (std::size_t r = 0; r < columns[c].size(); ++r)
      table.features(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c)) = columns[c][r];
  }
  return table;
}

}  // namespace hullscan
