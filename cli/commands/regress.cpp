/// @file
/// `hullscan regress`: table models on a descriptor table: cross-validated errors, coefficients and importances, what
/// leaving a group of descriptors out costs, and how a model carries over to another table.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iostream>

#include "analysis/entries/csv_lines.hpp"
#include "campaign/descriptor_table.hpp"
#include "campaign/table_regression.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/new_place.hpp"
#include "cli/terminal.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "core/text_table.hpp"
#include "storage/durable_file.hpp"

namespace hullscan::cli {
namespace {

std::vector<TableMethod> read_methods(const std::vector<std::string>& names) {
  std::vector<TableMethod> methods;
  for (const std::string& name : names.empty() ? table_method_names() : names) {
    const auto method = table_method(name);
    if (!method)
      throw InputError(fmt::format("--model: expected one of {}, found \"{}\"{}", fmt::join(table_method_names(), ", "),
                                   name, did_you_mean(name, table_method_names())));
    methods.push_back(*method);
  }
  return methods;
}

DescriptorTable read_described_table(const std::string& file) {
  DescriptorTable table = read_descriptor_table(file);
  if (table.columns.names.empty())
    throw InputError(fmt::format("{}: no descriptors: no column is called \"group: name\"", file));
  return table;
}

/// Those that errors are known of first, then those that are only predicted.
std::vector<CarriedTable> read_carried(const CommandLine& line, const DescriptorTable& table, const std::string& file,
                                       const std::string& target) {
  std::vector<CarriedTable> carried;
  for (const char* option : {"test", "predict"}) {
    for (const std::string& other : line.values(option)) {
      carried.push_back({other, read_descriptor_table(other, &table), {}});
      if (carried.back().table.columns.names != table.columns.names)
        throw InputError(fmt::format("{}: its descriptors are not those of {}", other, file));
    }
  }
  for (std::size_t t = 0; t < line.values("test").size(); ++t)
    carried[t].targets = carried[t].table.numbers(target, carried[t].name);
  return carried;
}

/// Every row of every table with what the models say of it.
std::string predictions_text(const std::string& file, const DescriptorTable& table,
                             const std::vector<CarriedTable>& carried, const std::vector<TableRegression>& models) {
  std::string text = "table,line";
  std::vector<std::string> names;
  for (const auto& [name, values] : table.others) names.push_back(name);
  for (const std::string& name : names) text += "," + csv_field(name);
  for (const TableRegression& model : models) text += fmt::format(",{}", table_method_name(model.method));
  text += "\n";
  const auto add_rows = [&](const std::string& of, const DescriptorTable& rows, const auto& prediction) {
    for (std::size_t r = 0; r < rows.rows(); ++r) {
      text += fmt::format("{},{}", csv_field(of), rows.line_of_row[r]);
      for (const std::string& name : names) {
        const auto column = rows.others.find(name);
        text += "," + (column == rows.others.end() ? "" : csv_field(column->second[r]));
      }
      for (const TableRegression& model : models) text += fmt::format(",{:.17g}", prediction(model, r));
      text += "\n";
    }
  };
  add_rows(file, table, [](const TableRegression& model, std::size_t r) { return model.out_of_fold[r]; });
  for (std::size_t t = 0; t < carried.size(); ++t)
    add_rows(carried[t].name, carried[t].table,
             [t](const TableRegression& model, std::size_t r) { return model.predicted[t][r]; });
  return text;
}

Json errors_json(const TableErrors& errors) {
  return {{"n", errors.count}, {"mae", errors.mae}, {"rmse", errors.rmse}, {"r2", errors.r2}};
}

Json cross_validation_json(const CrossValidatedErrors& errors, bool by_level) {
  Json json = errors_json(errors.all);
  if (by_level) {
    Json by = Json::object();
    for (const auto& [level, part] : errors.by_level) by[level] = errors_json(part);
    json["by"] = std::move(by);
  }
  return json;
}

Json descriptors_json(const TableRegression& model, const TableColumns& columns) {
  Json json = Json::array();
  for (std::size_t c = 0; c < columns.names.size(); ++c) {
    json.push_back({{"group", columns.groups[c]},
                    {"name", columns.names[c]},
                    {"coefficient", model.coefficients.empty() ? Json() : Json(model.coefficients[c])},
                    {"importance", model.importance[c]}});
  }
  return json;
}

Json model_json(const TableRegression& model, const TableColumns& columns, const RegressionRequest& request,
                const std::vector<CarriedTable>& carried) {
  const bool by_level = request.by.has_value();
  Json json = {{"model", table_method_name(model.method)},
               {"cross_validation", cross_validation_json(model.cross_validation, by_level)},
               {"fit", {{"rmse", model.fit.rmse}, {"rank", model.fit.rank}, {"penalty", model.fit.penalty}}},
               {"descriptors", descriptors_json(model, columns)}};
  if (request.ablation) {
    json["ablation"] = Json::array();
    for (const auto& [group, errors] : model.ablation) {
      json["ablation"].push_back({{"without", group}});
      json["ablation"].back().update(cross_validation_json(errors, by_level));
    }
  }
  if (!carried.empty()) {
    json["tests"] = Json::array();
    for (std::size_t t = 0; t < carried.size(); ++t) {
      if (carried[t].targets.size() == 0) continue;
      json["tests"].push_back({{"table", carried[t].name}});
      json["tests"].back().update(errors_json(model.carried[t]));
    }
  }
  return json;
}

void print_errors(const std::vector<TableRegression>& models, const std::vector<CarriedTable>& carried) {
  TextTable table({"model", "rows", "n", "MAE", "RMSE", "R2"}, {'l', 'l', 'r', 'r', 'r', 'r'});
  for (const TableRegression& model : models) {
    const auto add = [&](const std::string& what, const TableErrors& errors) {
      table.row({table_method_name(model.method), what, std::to_string(errors.count), fmt::format("{:.4g}", errors.mae),
                 fmt::format("{:.4g}", errors.rmse), fmt::format("{:.4f}", errors.r2)});
    };
    const auto add_with_levels = [&](const std::string& what, const CrossValidatedErrors& errors) {
      add(what, errors.all);
      for (const auto& [level, part] : errors.by_level) add(what + ", " + level, part);
    };
    add_with_levels("all, out of fold", model.cross_validation);
    for (const auto& [group, errors] : model.ablation) add_with_levels("without " + group, errors);
    for (std::size_t t = 0; t < carried.size(); ++t) {
      if (carried[t].targets.size() > 0) add(carried[t].name, model.carried[t]);
    }
  }
  std::cout << table.str(output_columns()) << "\n";
}

void print_importance(const std::vector<TableRegression>& models, const TableColumns& columns) {
  TextTable table({"model", "group", "descriptor", "coefficient", "importance"}, {'l', 'l', 'l', 'r', 'r'});
  for (const TableRegression& model : models) {
    for (std::size_t c = 0; c < columns.names.size(); ++c) {
      table.row({table_method_name(model.method), columns.groups[c], columns.names[c],
                 model.coefficients.empty() ? "" : fmt::format("{:.4g}", model.coefficients[c]),
                 fmt::format("{:.1f} %", 100 * model.importance[c])});
    }
  }
  std::cout << table.str(output_columns());
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
  line.option("predict", "OTHER.csv", "the same of a table without the target, for --out; may be repeated");
  line.option("out", "X.csv",
              "a table of predictions to write: of TABLE.csv out of fold, of the others by the models of all its rows");
  line.option("by", "COLUMN", "errors for every value of this column too, e.g. formula");
  line.flag("ablation", "errors without each group of descriptors");
  line.option("seed", "N", "seed of folds and trees; default 1");
  line.flag("json", "one JSON object");
  line.positionals("TABLE.csv", 1, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;
  if (!line.value("target")) throw InputError("regress: --target COLUMN is missing; hullscan regress --help");
  const std::string file = line.positional()[0], target = *line.value("target");
  const auto out = line.value("out");
  if (out) require_new_place(*out, Parents::kMustExist);
  if (!line.values("predict").empty() && !out)
    throw InputError("regress: --predict OTHER.csv needs --out X.csv, where the predictions are written");
  RegressionRequest request;
  request.seed = static_cast<std::uint64_t>(line.integer("seed", 0, 2147483646).value_or(1));
  request.methods = read_methods(line.values("model"));
  request.by = line.value("by");
  request.ablation = line.has("ablation");
  const DescriptorTable table = read_described_table(file);
  const Eigen::VectorXd targets = table.numbers(target, file);
  const std::vector<CarriedTable> carried = read_carried(line, table, file, target);
  if (request.by && !table.others.contains(*request.by))
    throw InputError(fmt::format("--by: {} has no column \"{}\"", file, *request.by));
  request.folds = static_cast<std::size_t>(line.integer("folds", 2, 1'000'000).value_or(5));

  const std::vector<TableRegression> models = regress(table, targets, request, carried);
  if (out) write_durably(std::filesystem::absolute(*out), predictions_text(file, table, carried, models));
  if (line.has("json")) {
    Json json = Json::array();
    for (const TableRegression& model : models) json.push_back(model_json(model, table.columns, request, carried));
    std::cout << json_text(Json{{"table", file}, {"rows", table.rows()}, {"target", target}, {"models", json}}, 2)
              << "\n";
    return ExitCode::kDone;
  }
  print_errors(models, carried);
  print_importance(models, table.columns);
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
