/// @file
/// `hullscan paths`: statistics of migration paths of a labelled table, by path type and number of dopants, and
/// thirds against a reference set.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <limits>

#include "analysis/entries/csv_lines.hpp"
#include "campaign/descriptor_table.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/path_table.hpp"
#include "core/json_text.hpp"

namespace hullscan::cli {
namespace {

constexpr const char* kDopantColumn = "dopants";

/// The column of that name, or the counts of dopants by sublattice added up.
Eigen::VectorXd dopants_of(const DescriptorTable& table, const std::string& file) {
  if (table.others.contains(kDopantColumn)) return table.numbers(kDopantColumn, file);
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(table.features.rows());
  bool known = false;
  for (std::size_t c = 0; c < table.columns.groups.size(); ++c) {
    if (table.columns.groups[c] != "dopant sublattice") continue;
    sum += table.features.col(static_cast<Eigen::Index>(c));
    known = true;
  }
  if (!known)
    throw InputError(
        fmt::format("{}: no column \"{}\", and no descriptors \"dopant sublattice: …\" that could be counted", file,
                    kDopantColumn));
  return sum;
}

const std::vector<std::string>& texts(const DescriptorTable& table, const std::string& column,
                                      const std::string& file) {
  const auto found = table.others.find(column);
  if (found != table.others.end()) return found->second;
  (void)table.numbers(column, file);  // says which columns there are
  throw InputError(fmt::format("{}: no column \"{}\"", file, column));
}

struct ReferenceSet {
  std::string column, value;
};

std::optional<ReferenceSet> parse_reference(const CommandLine& line) {
  const auto text = line.value("reference");
  if (!text) return std::nullopt;
  const auto equals = text->find('=');
  if (equals == std::string::npos || equals == 0)
    throw InputError(fmt::format("--reference: expected COLUMN=VALUE, e.g. dopants=1, found \"{}\"", *text));
  return ReferenceSet{text->substr(0, equals), text->substr(equals + 1)};
}

}  // namespace

ExitCode run_paths(const Arguments& arguments) {
  CommandLine line("paths TABLE.csv --target COLUMN [--reference COLUMN=VALUE] [--json|--csv]",
                   "Statistics of migration paths by path type and number of dopants, weighted by degeneracy.");
  line.option("target", "COLUMN", "the property of a path, e.g. its barrier; low is favourable");
  line.option("reference", "COLUMN=VALUE",
              "rows whose terciles divide favourable, neutral and unfavourable; default: the fewest dopants");
  line.option("type", "COLUMN", "the type of a path; default marker");
  line.flag("json", "one JSON object");
  line.flag("csv", "comma-separated values");
  line.positionals("TABLE.csv", 1, 1);
  line.epilogue(
      "The table is one of hullscan descriptors with a column of labels, or any with the columns marker, dopants "
      "and\n"
      "perhaps degeneracy.");
  if (!line.parse(arguments)) return ExitCode::kDone;
  if (!line.value("target")) throw InputError("paths: --target COLUMN is missing; hullscan paths --help");
  const std::string file = line.positional()[0];
  const auto reference = parse_reference(line);
  const DescriptorTable table = read_descriptor_table(file);
  const Eigen::VectorXd values = table.numbers(*line.value("target"), file), dopants = dopants_of(table, file);
  const std::vector<std::string> types = texts(table, line.value("type").value_or("marker"), file);
  const bool weighted = table.others.contains("degeneracy");
  const Eigen::VectorXd weights =
      weighted ? table.numbers("degeneracy", file) : Eigen::VectorXd(Eigen::VectorXd::Ones(values.size()));
  const bool by_count = !reference || reference->column == kDopantColumn;
  double wanted = dopants.size() > 0 ? dopants.minCoeff() : 0;
  if (reference && by_count) {
    const auto number = parse_number(reference->value);
    if (!number)
      throw InputError(fmt::format("--reference: expected a number of dopants, found \"{}\"", reference->value));
    wanted = *number;
  }

  std::vector<PathSample> samples;
  for (Eigen::Index r = 0; r < values.size(); ++r) {
    const auto row = static_cast<std::size_t>(r);
    PathSample sample;
    sample.type = types[row];
    if (!(std::abs(dopants[r]) < 1e9))
      throw InputError(
          fmt::format("{}: {} dopants in row {}, expected their number", line.positional()[0], dopants[r], r + 1));
    sample.dopants = std::llround(dopants[r]);
    sample.value = sample.lowest = sample.highest = values[r];
    sample.weight = weights[r];
    sample.reference = by_count ? dopants[r] == wanted : texts(table, reference->column, file)[row] == reference->value;
    samples.push_back(std::move(sample));
  }
  std::stable_sort(samples.begin(), samples.end(), [](const PathSample& a, const PathSample& b) {
    const auto one = parse_number(a.type), other = parse_number(b.type);
    return one && other ? *one < *other : a.type < b.type;
  });
  PathStatistics statistics = path_statistics(samples);
  statistics.space = file;
  statistics.quantity = *line.value("target");
  statistics.reference = reference ? fmt::format("{} = {}", reference->column, reference->value)
                                   : fmt::format("{:g} dopant{}", wanted, wanted == 1 ? "" : "s");
  if (line.has("json")) {
    std::cout << json_text(paths_json(statistics), 2) << "\n";
  } else if (line.has("csv")) {
    std::cout << paths_csv(std::span(&statistics, 1));
  } else {
    std::cout << path_table(statistics);
  }
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
