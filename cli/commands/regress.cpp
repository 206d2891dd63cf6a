/// @file
/// `hullscan regress`: table models on a descriptor table: cross-validated errors, coefficients and importances, what
/// leaving a group of descriptors out costs, and how a model carries over to another table.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>

#include "campaign/descriptor_table.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/text_table.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "surrogates/regression/cross_validation.hpp"

namespace hullscan::cli {
namespace {

struct Errors {
  std::size_t count = 0;
  double mae = 0, rmse = 0, r2 = 0;
  [[nodiscard]] Json json() const { return {{"n", count}, {"mae", mae}, {"rmse", rmse}, {"r2", r2}}; }
};

Errors errors_of(std::span<const double> predicted, std::span<const double> actual) {
  const PredictionErrors errors = prediction_errors(predicted, actual);
  return {errors.count, errors.mae_mev_per_atom / 1e3, errors.rmse_mev_per_atom / 1e3, errors.r2};
}

Eigen::MatrixXd without_group(const DescriptorTable& table, const std::string& group) {
  std::vector<Eigen::Index> taken;
  for (std::size_t c = 0; c < table.columns.groups.size(); ++c) {
    if (table.columns.groups[c] != group) taken.push_back(static_cast<Eigen::Index>(c));
  }
  return table.features(Eigen::all, taken);
}

std::vector<double> flat(const Eigen::MatrixXd& rows) {
  std::vector<double> values;
  for (Eigen::Index r = 0; r < rows.rows(); ++r) {
    for (Eigen::Index c = 0; c < rows.cols(); ++c) values.push_back(rows(r, c));
  }
  return values;
}

std::vector<double> out_of_fold(const TableModelSettings& settings, const Eigen::MatrixXd& features,
                                const Eigen::VectorXd& targets, const std::vector<std::vector<std::size_t>>& folds) {
  std::vector<double> predictions(static_cast<std::size_t>(targets.size()));
  for (const auto& fold : folds) {
    std::vector<bool> held_out(predictions.size(), false);
    std::vector<Eigen::Index> training, tests;
    for (const std::size_t i : fold) held_out[i] = true;
    for (std::size_t i = 0; i < predictions.size(); ++i)
      (held_out[i] ? tests : training).push_back(static_cast<Eigen::Index>(i));
    TableModel model(settings);
    model.fit(features(training, Eigen::all), targets(training), 0);
    std::vector<double> predicted(tests.size());
    model.predict(flat(features(tests, Eigen::all)), predicted);
    for (std::size_t t = 0; t < tests.size(); ++t) predictions[static_cast<std::size_t>(tests[t])] = predicted[t];
  }
  return predictions;
}

/// Errors of the rows of every value of a column.
std::map<std::string, Errors> errors_by(const std::vector<std::string>& level, const std::vector<double>& predicted,
                                        const Eigen::VectorXd& actual) {
  std::map<std::string, std::pair<std::vector<double>, std::vector<double>>> parts;
  for (std::size_t i = 0; i < level.size(); ++i) {
    parts[level[i]].first.push_back(predicted[i]);
    parts[level[i]].second.push_back(actual[static_cast<Eigen::Index>(i)]);
  }
  std::map<std::string, Errors> errors;
  for (const auto& [name, part] : parts) errors[name] = errors_of(part.first, part.second);
  return errors;
}

}  // namespace

ExitCode run_regress(const Arguments& arguments) {
  CommandLine line("regress TABLE.csv --target COLUMN [--json]",
                   "Ridge, random forest and gradient boosting on a descriptor table.");
  line.option("target", "COLUMN", "what is learnt");
  line.option("model", "NAME", "ridge, random-forest or gradient-boosting; may be repeated; default: all three");
  line.option("folds", "N", "number of folds of the cross-validation; default 5");
  line.option("test", "OTHER.csv",
              "a table of the same descriptors that the fitted models are applied to; may be repeated");
  line.option("by", "COLUMN", "errors for every value of this column too, e.g. formula");
  line.flag("ablation", "errors without each group of descriptors");
  line.option("seed", "N", "seed of folds and trees; default 1");
  line.flag("json", "one JSON object");
  line.positionals("TABLE.csv", 1, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;
  if (!line.value("target")) throw InputError("regress: --target COLUMN is missing; hullscan regress --help");
  const std::string file = line.positional()[0];
  const auto seed = static_cast<std::uint64_t>(line.integer("seed", 0, 2147483646).value_or(1));
  std::vector<TableMethod> methods;
  for (const std::string& name : line.values("model").empty() ? table_method_names() : line.values("model")) {
    const auto method = table_method(name);
    if (!method)
      throw InputError(fmt::format("--model: expected one of {}, found \"{}\"{}", fmt::join(table_method_names(), ", "),
                                   name, did_you_mean(name, table_method_names())));
    methods.push_back(*method);
  }
  const DescriptorTable table = read_descriptor_table(file);
  if (table.columns.names.empty())
    throw InputError(fmt::format("{}: no descriptors: no column is called \"group: name\"", file));
  const Eigen::VectorXd targets = table.numbers(*line.value("target"), file);
  std::vector<std::pair<std::string, DescriptorTable>> tests;
  for (const std::string& other : line.values("test")) {
    tests.emplace_back(other, read_descriptor_table(other));
    if (tests.back().second.columns.names != table.columns.names)
      throw InputError(fmt::format("{}: its descriptors are not those of {}", other, file));
  }
  if (const auto by = line.value("by"); by && !table.others.contains(*by)) {
    throw InputError(fmt::format("--by: {} has no column \"{}\"", file, *by));
  }
  const auto fold_count = static_cast<std::size_t>(line.integer("folds", 2, 1'000'000).value_or(5));
  const auto folds = random_folds(table.rows(), std::min(fold_count, table.rows()), seed);

  Json models = Json::array();
  for (const TableMethod method : methods) {
    TableModelSettings settings;
    settings.method = method;
    settings.seed = seed;
    const std::vector<double> actual(targets.data(), targets.data() + targets.size());
    const auto level = line.value("by");
    const auto report = [&](const Eigen::MatrixXd& features) {
      const std::vector<double> predicted = out_of_fold(settings, features, targets, folds);
      Json json = errors_of(predicted, actual).json();
      if (level) {
        Json by = Json::object();
        for (const auto& [name, errors] : errors_by(table.others.at(*level), predicted, targets))
          by[name] = errors.json();
        json["by"] = std::move(by);
      }
      return json;
    };
    Json json = {{"model", table_method_name(method)}, {"cross_validation", report(table.features)}};
    TableModel model(settings);
    const TableFit fit = model.fit(table.features, targets, 0);
    json["fit"] = {{"rmse", fit.rmse}, {"rank", fit.rank}, {"penalty", fit.penalty}};
    Json descriptors = Json::array();
    for (std::size_t c = 0; c < table.columns.names.size(); ++c) {
      descriptors.push_back(
          {{"group", table.columns.groups[c]},
           {"name", table.columns.names[c]},
           {"coefficient", method == TableMethod::kRidge ? Json(model.linear()[static_cast<Eigen::Index>(c)]) : Json()},
           {"importance", model.importance()[c]}});
    }
    json["descriptors"] = std::move(descriptors);
    if (line.has("ablation")) {
      Json ablation = Json::array();
      for (const std::string& group : table.columns.distinct_groups()) {
        const Eigen::MatrixXd rest = without_group(table, group);
        if (rest.cols() == 0) continue;
        Json entry = {{"without", group}};
        entry.update(report(rest));
        ablation.push_back(std::move(entry));
      }
      json["ablation"] = std::move(ablation);
    }
    Json carried = Json::array();
    for (const auto& [name, other] : tests) {
      std::vector<double> predicted(other.rows());
      model.predict(flat(other.features), predicted);
      const Eigen::VectorXd known = other.numbers(*line.value("target"), name);
      Json entry = {{"table", name}};
      entry.update(errors_of(predicted, std::span(known.data(), predicted.size())).json());
      carried.push_back(std::move(entry));
    }
    if (!tests.empty()) json["tests"] = std::move(carried);
    models.push_back(std::move(json));
  }
  if (line.has("json")) {
    std::cout
        << json_text(
               Json{{"table", file}, {"rows", table.rows()}, {"target", *line.value("target")}, {"models", models}}, 2)
        << "\n";
    return ExitCode::kDone;
  }
  TextTable errors({"model", "rows", "n", "MAE", "RMSE", "R2"}, {'l', 'l', 'r', 'r', 'r', 'r'});
  const auto add = [&](const std::string& model, const std::string& what, const Json& of) {
    errors.row({model, what, std::to_string(of["n"].get<std::size_t>()), fmt::format("{:.4g}", of["mae"].get<double>()),
                fmt::format("{:.4g}", of["rmse"].get<double>()), fmt::format("{:.4f}", of["r2"].get<double>())});
  };
  for (const Json& model : models) {
    const std::string name = model["model"];
    const auto add_with_levels = [&](const std::string& what, const Json& of) {
      add(name, what, of);
      if (of.contains("by")) {
        for (const auto& [level, part] : of["by"].items()) add(name, what + ", " + level, part);
      }
    };
    add_with_levels("all, out of fold", model["cross_validation"]);
    if (model.contains("ablation")) {
      for (const Json& entry : model["ablation"])
        add_with_levels("without " + entry["without"].get<std::string>(), entry);
    }
    if (model.contains("tests")) {
      for (const Json& entry : model["tests"]) add(name, entry["table"], entry);
    }
  }
  std::cout << errors.str() << "\n";
  TextTable importance({"model", "group", "descriptor", "coefficient", "importance"}, {'l', 'l', 'l', 'r', 'r'});
  for (const Json& model : models) {
    for (const Json& d : model["descriptors"]) {
      importance.row({model["model"], d["group"], d["name"],
                      d["coefficient"].is_null() ? "" : fmt::format("{:.4g}", d["coefficient"].get<double>()),
                      fmt::format("{:.1f} %", 100 * d["importance"].get<double>())});
    }
  }
  std::cout << importance.str();
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
