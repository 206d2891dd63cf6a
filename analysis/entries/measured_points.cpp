#include "analysis/entries/measured_points.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "analysis/entries/csv_lines.hpp"
#include "analysis/entries/entries_file.hpp"
#include "core/errors.hpp"
#include "core/file_bytes.hpp"

namespace hullscan {
namespace {

const std::vector<std::string> kQuantities = {"a", "b", "c", "alpha", "beta", "gamma", "volume", "voltage"};

/// Which column holds what. A column that has no name of ours is a problem: it is probably a misspelt one.
struct Columns {
  std::optional<std::size_t> formula, x, source;
  std::vector<std::pair<std::size_t, std::string>> quantities;

  Columns(const CsvLine& header, const std::string& file, Problems& problems) {
    std::vector<std::string> known = kQuantities;
    known.insert(known.end(), {"formula", "x", "source"});
    for (std::size_t i = 0; i < header.fields.size(); ++i) {
      const auto& [name, column] = header.fields[i];
      if (name == "formula") {
        formula = i;
      } else if (name == "x") {
        x = i;
      } else if (name == "source") {
        source = i;
      } else if (std::find(kQuantities.begin(), kQuantities.end(), name) != kQuantities.end()) {
        quantities.emplace_back(i, name);
      } else {
        problems.add({file, header.number, column}, fmt::format("column \"{}\" is not one of {}{}", name,
                                                                fmt::join(known, ", "), did_you_mean(name, known)));
      }
    }
    if (!formula && !x) problems.add({file, header.number, 0}, "expected a column \"formula\" or \"x\"");
    if (quantities.empty() && problems.empty()) {
      problems.add({file, header.number, 0},
                   fmt::format("nothing is measured: expected a column of {}", fmt::join(kQuantities, ", ")));
    }
  }
};

}  // namespace

std::vector<MeasuredPoint> parse_measured_points(const std::string& text, const std::string& file_name) {
  Problems problems;
  const CsvTable table = read_csv(text);
  const std::vector<CsvLine>& lines = table.lines;
  CsvNumbers numbers(table.separator);
  if (lines.empty())
    throw InputError(file_name + ": empty; expected a header with formula or x, and what was measured");
  const Columns columns(lines.front(), file_name, problems);
  problems.throw_if_any();
  std::vector<MeasuredPoint> points;
  for (auto line = lines.begin() + 1; line != lines.end(); ++line) {
    if (line->fields.size() != lines.front().fields.size()) {
      problems.add({file_name, line->number, 0},
                   line->fields.empty()
                       ? "a quote is not closed on its line"
                       : fmt::format("expected {} fields, found {}", lines.front().fields.size(), line->fields.size()));
      continue;
    }
    const auto number = [&](std::size_t i) {
      std::string why;
      const auto value = numbers.read(line->fields[i].text, why);
      if (!value)
        problems.add({file_name, line->number, line->fields[i].column},
                     fmt::format("{}: expected a number, found \"{}\"{}", lines.front().fields[i].text,
                                 line->fields[i].text, why.empty() ? "" : "; " + why));
      return value;
    };
    MeasuredPoint point;
    if (columns.formula) {
      try {
        double scale = 1;
        point.composition =
            composition_of(with_decimal_points(line->fields[*columns.formula].text, table.separator), scale);
      } catch (const InputError& error) {
        problems.add({file_name, line->number, line->fields[*columns.formula].column}, error.what());
      }
    }
    if (columns.x) point.x = number(*columns.x);
    if (columns.source) point.source = line->fields[*columns.source].text;
    for (const auto& [i, quantity] : columns.quantities) {
      if (line->fields[i].text.empty()) continue;
      point.quantity = quantity;
      point.value = number(i).value_or(0);
      points.push_back(point);
    }
  }
  problems.throw_if_any();
  return points;
}

std::vector<MeasuredPoint> read_measured_points(const std::filesystem::path& file) {
  const std::string text = user_file(file);
  return parse_measured_points(text, file.string());
}

}  // namespace hullscan
