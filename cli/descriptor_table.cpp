#include "cli/descriptor_table.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <fstream>
#include <optional>

#include "core/errors.hpp"

namespace hullscan::cli {
namespace {

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += '"';
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  return fields;
}

std::optional<double> number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
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
      problems.add({file, static_cast<int>(r) + 2, 0},
                   fmt::format("{}: expected a number, found \"{}\"", column, found->second[r]));
    values[static_cast<Eigen::Index>(r)] = value.value_or(0.0);
  }
  problems.throw_if_any();
  return values;
}

DescriptorTable read_descriptor_table(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string line;
  if (!stream || !std::getline(stream, line))
    throw FormatError(fmt::format("{}: cannot be read, or is empty", file.string()));
  const std::vector<std::string> header = fields_of(line);
  DescriptorTable table;
  std::vector<bool> is_descriptor;
  for (const std::string& name : header) {
    const std::size_t colon = name.find(": ");
    is_descriptor.push_back(colon != std::string::npos);
    if (colon == std::string::npos) {
      table.others[name];
    } else {
      table.columns.groups.push_back(name.substr(0, colon));
      table.columns.names.push_back(name.substr(colon + 2));
    }
  }
  std::vector<double> values;
  std::size_t rows = 0;
  for (int number_of_line = 2; std::getline(stream, line); ++number_of_line) {
    if (line.empty()) continue;
    const std::vector<std::string> fields = fields_of(line);
    if (fields.size() != header.size()) {
      throw FormatError(fmt::format("{}:{}: expected {} fields as in the first line, found {}", file.string(),
                                    number_of_line, header.size(), fields.size()));
    }
    for (std::size_t f = 0; f < fields.size(); ++f) {
      if (!is_descriptor[f]) {
        table.others[header[f]].push_back(fields[f]);
        continue;
      }
      const auto value = number(fields[f]);
      if (!value)
        throw FormatError(fmt::format("{}:{}: {}: expected a number, found \"{}\"", file.string(), number_of_line,
                                      header[f], fields[f]));
      values.push_back(*value);
    }
    ++rows;
  }
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  table.features = Eigen::Map<const RowMajor>(values.data(), static_cast<Eigen::Index>(rows),
                                              static_cast<Eigen::Index>(table.columns.names.size()));
  return table;
}

}  // namespace hullscan::cli
