#include "campaign/descriptor_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>

#include "analysis/entries/csv_lines.hpp"
#include "core/errors.hpp"

namespace hullscan {
namespace {

std::optional<double> number(const std::string& text) {
  const auto value = parse_number(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
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

DescriptorTable read_descriptor_table(const std::filesystem::path& file) {
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
  std::vector<bool> is_descriptor;
  for (const std::string& name : header) {
    const std::size_t colon = name.find(": ");
    is_descriptor.push_back(colon != std::string::npos);
    if (colon == std::string::npos) {
      if (!name.empty()) table.others[name];
    } else {
      table.columns.groups.push_back(name.substr(0, colon));
      table.columns.names.push_back(name.substr(colon + 2));
    }
  }
  std::vector<double> values;
  std::size_t rows = 0;
  while (reader.next(line)) {
    if (line.fields.size() != header.size()) {
      throw FormatError(fmt::format("{}:{}: expected {} fields as in the first line, found {}", file.string(),
                                    line.number, header.size(), line.fields.size()));
    }
    for (std::size_t f = 0; f < line.fields.size(); ++f) {
      if (!is_descriptor[f]) {
        if (!header[f].empty()) table.others[header[f]].push_back(line.fields[f].text);
        continue;
      }
      const auto value = number(line.fields[f].text);
      if (!value)
        throw FormatError(fmt::format("{}:{}:{}: {}: expected a number, found \"{}\"", file.string(), line.number,
                                      line.fields[f].column, header[f], line.fields[f].text));
      values.push_back(*value);
    }
    table.line_of_row.push_back(line.number);
    ++rows;
  }
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  table.features = Eigen::Map<const RowMajor>(values.data(), static_cast<Eigen::Index>(rows),
                                              static_cast<Eigen::Index>(table.columns.names.size()));
  return table;
}

}  // namespace hullscan
