/// @file
/// `hullscan validate`: how well a campaign's models predict labelled structures that they have not seen.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iostream>
#include <limits>
#include <numeric>  // std::accumulate

#include "campaign/labelled_structures.hpp"
#include "campaign/report/report_validations.hpp"
#include "campaign/training_sets.hpp"
#include "campaign/validation.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/new_place.hpp"
#include "cli/terminal.hpp"
#include "cli/validation_spread.hpp"
#include "core/file_bytes.hpp"
#include "core/foreign_json.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "core/text_table.hpp"
#include "storage/durable_file.hpp"

namespace hullscan::cli {
namespace {

/// Folds and permutations of a file, as ids.
struct Splits {
  std::vector<std::vector<std::string>> folds, permutations;
  std::vector<std::string> names;  ///< [fold]; empty: none has one
  std::vector<std::string> learn;  ///< ids that no fold need test
  [[nodiscard]] std::vector<std::string> ids() const {
    std::vector<std::string> all;
    for (const auto* lists : {&folds, &permutations}) {
      for (const auto& list : *lists) all.insert(all.end(), list.begin(), list.end());
    }
    all.insert(all.end(), learn.begin(), learn.end());
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }
};

Splits read_splits(const std::string& file) {
  const std::string text = user_file(file);
  std::string problem;
  const auto read = parse_foreign_json(text, problem);
  if (!read) throw InputError(fmt::format("{}:{}", file, problem));
  Splits splits;
  try {
    const Json& json = *read;
    for (const auto& [key, lists] :
         {std::pair{"folds", &splits.folds}, std::pair{"permutations", &splits.permutations}}) {
      if (json.contains(key)) *lists = json[key].get<std::vector<std::vector<std::string>>>();
    }
    for (const auto& [key, list] : {std::pair{"names", &splits.names}, std::pair{"learn", &splits.learn}}) {
      if (json.contains(key)) *list = json[key].get<std::vector<std::string>>();
    }
  } catch (const Json::exception& error) {
    throw InputError(fmt::format(
        "{}: expected {{\"folds\": [[id, …], …], \"names\": [name, …], \"learn\": [id, …], \"permutations\": [[id, "
        "…], …]}}: {}",
        file, error.what()));
  }
  if (!splits.names.empty() && splits.names.size() != splits.folds.size()) {
    throw InputError(fmt::format("{}: \"names\" has {} names for {} folds: give one to each, or none", file,
                                 splits.names.size(), splits.folds.size()));
  }
  if (splits.folds.empty() && splits.permutations.empty()) {
    throw InputError(fmt::format("{}: it has neither \"folds\" nor \"permutations\"", file));
  }
  return splits;
}

std::vector<std::size_t> parse_sizes(const std::string& text) {
  std::vector<std::size_t> sizes;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    std::size_t value = 0;
    const auto [stop, error] = std::from_chars(text.data() + begin, text.data() + end, value);
    if (error != std::errc() || stop != text.data() + end || value < 1) {
      throw InputError(
          fmt::format("--learning-curve: expected sizes of training sets such as 25,50,100, found \"{}\"", text));
    }
    sizes.push_back(value);
    begin = end + 1;
  }
  return sizes;
}

/// What the command line asks for.
struct Request {
  LabelledStructuresRequest structures;
  std::optional<Splits> splits;
  std::string splits_file;
  bool leave_composition_out = false, ablation = false, json = false;
  std::optional<std::size_t> fold_count, permutation_count;
  std::optional<std::uint64_t> seed;
  std::vector<std::size_t> curve_sizes;
  std::optional<std::string> split;  ///< what training sets are drawn from
  TrainingSets training;
  std::optional<std::string> into;  ///< directory of a campaign
  std::size_t repeats = 1;          ///< of random folds, each with the next seed
  std::optional<std::string> page;  ///< a file to write
};

/// @returns nothing where help was asked for.
std::optional<Request> read_request(const Arguments& arguments) {
  CommandLine line(
      "validate FILE --data X.extxyz [--into DIR] [--json]",
      "Maps labelled structures to the campaign's parent crystals and cross-validates its models on them.");
  line.option("data", "FILE", "extended XYZ; every frame with a lattice and a total energy, ids optional");
  line.option("energy-key", "KEY", "which key of a frame is its total energy in eV; default: energy");
  line.option("folds", "N", "k-fold cross-validation with a random split; default 10");
  line.flag("leave-composition-out", "one fold per composition instead");
  line.option(
      "splits", "FILE",
      "fixed splits: json {\"folds\": [[id, …], …], \"names\": [name, …], \"permutations\": [[id, …], …]}; folds may "
      "overlap, and folds of one name are one group in the report");
  line.option("split", "HOW",
              "learn from a training set and test the rest: drawn from the 40 % of the labels of the lowest or the "
              "highest symmetry (low-symmetry, high-symmetry), or from all (random)");
  line.option("train", "N", "labels of a training set of --split; default: half of those it may be drawn from");
  line.option("repeats", "N",
              "training sets that --split draws (default 5); without it random folds with so many seeds, one after the "
              "other: mean and spread of the errors, by group");
  line.option("learning-curve", "N,…",
              "errors after these numbers of labels, by the splits' permutations or random ones");
  line.option("permutations", "N",
              "how many permutations the learning curve averages; default 5, or all of the splits");
  line.flag("ablation", "descriptor models: the errors without each group of descriptors, by composition");
  line.flag("off-lattice", fmt::format("keep structures displaced by more than {} Å (rms)", kOffLatticeAngstrom));
  line.option("seed", "N", "seed of random splits; default: the campaign's");
  line.option("into", "DIR",
              "keeps this validation in a campaign's directory: its report shows the errors by group, with their "
              "spread over all that are kept, for example with --seed 1, 2, 3");
  line.option("report", "X.html",
              "a page in the style of the report: errors by group, their spread, and where several models differ");
  line.flag("json", "one JSON object, with parity data and the mapping of every structure");
  line.positionals("FILE, a campaign file", 1, 1);
  line.epilogue(
      "Every [[surrogate]] of the campaign is validated; the JSON's top-level fields are those of the first.");
  if (!line.parse(arguments)) return std::nullopt;
  if (!line.value("data")) throw InputError("validate: --data FILE is missing; hullscan validate --help");

  Request request;
  request.structures = {line.positional()[0],
                        *line.value("data"),
                        line.value("energy-key").value_or("energy"),
                        line.has("off-lattice"),
                        {}};
  if (const auto file = line.value("splits")) {
    request.splits = read_splits(*file);
    request.splits_file = *file;
    request.structures.only = request.splits->ids();
    request.structures.keep_off_lattice = true;  // the splits say what is in
  }
  request.fold_count = line.integer("folds", 2, 1'000'000);
  request.permutation_count = line.integer("permutations", 1, 1000);
  if (const auto text = line.value("learning-curve")) request.curve_sizes = parse_sizes(*text);
  request.seed = line.integer("seed", 0, std::numeric_limits<long>::max());
  request.split = line.value("split");
  if (line.value("train") && !request.split)
    throw InputError("--train says how --split draws; hullscan validate --help");
  if (request.split) {
    const std::pair<const char*, bool> others[] = {{"splits", line.value("splits").has_value()},
                                                   {"folds", line.value("folds").has_value()},
                                                   {"leave-composition-out", line.has("leave-composition-out")}};
    for (const auto& [other, given] : others) {
      if (given) throw InputError(fmt::format("--split and --{} are two ways to split the labels: give one", other));
    }
    try {
      request.training.from = trained_on(*request.split);
    } catch (const InputError& error) {
      throw InputError(fmt::format("--split: {}", error.what()));
    }
    request.training.labels = line.integer("train", 1, 1'000'000'000);
    if (const auto repeats = line.integer("repeats", 1, 1000))
      request.training.repeats = static_cast<std::size_t>(*repeats);
  }
  if (!request.split) request.repeats = static_cast<std::size_t>(line.integer("repeats", 1, 1000).value_or(1));
  request.page = line.value("report");
  if (request.page) require_new_place(*request.page, Parents::kMustExist);
  if (request.repeats > 1 && (line.has("leave-composition-out") || (request.splits && !request.splits->folds.empty())))
    throw InputError("--repeats: only random folds come out otherwise with another seed; leave it out");
  request.leave_composition_out = line.has("leave-composition-out");
  request.ablation = line.has("ablation");
  request.json = line.has("json");
  request.into = line.value("into");
  if (request.into && !std::filesystem::exists(std::filesystem::path(*request.into) / "campaign.db"))
    throw InputError(fmt::format("--into {}: there is no campaign in it", *request.into));
  return request;
}

LabelLists folds_of(const Request& request, const LabelledStructures& structures, std::string& protocol) {
  const std::vector<LabelledStructure>& labels = structures.kept;
  if (request.splits && !request.splits->folds.empty()) {
    const LabelLists folds = labels_by_id(request.splits->folds, labels);
    protocol = fmt::format("{} folds of {}", folds.size(), request.splits_file);
    return folds;
  }
  if (request.split) {
    TrainingSets training = request.training;
    training.seed = request.seed.value_or(structures.campaign.seed);
    const LabelLists folds = folds_of_training_sets(structures, training);
    protocol = fmt::format("{} training set{} of {} labels, {}, seed {}", folds.size(), folds.size() == 1 ? "" : "s",
                           labels.size() - folds.front().size(), *request.split, training.seed);
    return folds;
  }
  const std::vector<bool> always = always_learnt(structures);
  const auto ends = std::count(always.begin(), always.end(), true);
  const std::string in_every_fold =
      ends == 0 ? "" : fmt::format(", {} end member{} learnt from in every fold", ends, ends == 1 ? "" : "s");
  if (request.leave_composition_out) {
    const LabelLists folds = folds_without(folds_by_composition(labels), always);
    if (folds.size() < 2)
      throw InputError("--leave-composition-out: all labels, but for the ends of their range, have one composition");
    protocol = fmt::format("leave one of {} compositions out{}", folds.size(), in_every_fold);
    return folds;
  }
  const std::size_t count = request.fold_count.value_or(std::min<std::size_t>(10, labels.size()));
  const std::uint64_t seed = request.seed.value_or(structures.campaign.seed);
  protocol = fmt::format("{}-fold, random, seed {}{}", count, seed, in_every_fold);
  return folds_without(random_folds(labels.size(), count, seed), always);
}

LabelLists permutations_of(const Request& request, const LabelledStructures& structures) {
  if (!request.splits || request.splits->permutations.empty()) {
    return random_permutations(structures.kept.size(), request.permutation_count.value_or(5),
                               request.seed.value_or(structures.campaign.seed));
  }
  LabelLists permutations = labels_by_id(request.splits->permutations, structures.kept);
  if (request.permutation_count && *request.permutation_count < permutations.size())
    permutations.resize(*request.permutation_count);
  return permutations;
}

Json errors_json(const PredictionErrors& errors) {
  return {{"n", errors.count},
          {"rmse_mev_per_atom", errors.rmse_mev_per_atom},
          {"mae_mev_per_atom", errors.mae_mev_per_atom},
          {"r2", errors.r2}};
}

Json coefficients_json(const FitReport& fit) {
  Json json = Json::array();
  for (const FittedCoefficient& c : fit.coefficients)
    json.push_back({{"name", c.cluster}, {"group", c.group}, {"energy_ev", c.energy_ev}, {"importance", c.importance}});
  return json;
}

Json fits_json(const std::vector<FitReport>& fits) {
  Json json = Json::array();
  for (const FitReport& fit : fits) {
    json.push_back({{"labels", fit.labels},
                    {"features", fit.features},
                    {"rank", fit.rank},
                    {"rmse_mev_per_atom", finite_or_null(fit.rmse_mev_per_atom)},
                    {"loo_rmse_mev_per_atom", finite_or_null(fit.loo_rmse_mev_per_atom)},
                    {"warnings", fit.warnings},
                    {"coefficients", coefficients_json(fit)}});
  }
  return json;
}

Json parity_json(const FoldValidation& validation, const LabelledStructures& structures) {
  const std::vector<LabelledStructure>& labels = structures.kept;
  Json json = Json::array();
  for (const ParityPoint& point : validation.parity) {
    const LabelledStructure& label = labels[point.label];
    json.push_back(
        {{"id", label.id},
         {"space", structures.campaign.spaces[label.space].name},
         {"formula", label.composition.reduced().formula()},
         {"fold", point.fold},
         {"actual_ev_per_atom", label.formation_energy_ev_per_atom},
         {"predicted_ev_per_atom", point.predicted_ev_per_atom},
         {"deviation_ev_per_atom", point.deviation_ev_per_atom ? finite_or_null(*point.deviation_ev_per_atom) : Json()},
         {"e_above_hull_ev_per_atom", label.e_above_hull_ev_per_atom},
         {"vertex", label.vertex},
         {"degeneracy", point.degeneracy > 0 ? Json(std::to_string(point.degeneracy)) : Json()}});
  }
  return json;
}

Json learning_curve_json(const std::vector<LearningCurvePoint>& curve) {
  Json json = Json::array();
  for (const LearningCurvePoint& point : curve) {
    json.push_back({{"labels", point.labels},
                    {"rmse_mev_per_atom", point.rmse_mev_per_atom},
                    {"mae_mev_per_atom", point.mae_mev_per_atom},
                    {"low5_recall", point.low5_recall},
                    {"hull_vertex_recall", point.hull_vertex_recall ? Json(*point.hull_vertex_recall) : Json()}});
  }
  return json;
}

Json ablation_json(const std::vector<Ablation>& ablation) {
  Json json = Json::array();
  for (const Ablation& entry : ablation) {
    Json levels = Json::array();
    for (const CompositionErrors& level : entry.compositions) {
      levels.push_back({{"composition", level.formula}});
      levels.back().update(errors_json(level.errors));
    }
    json.push_back({{"without", entry.without.empty() ? Json() : Json(entry.without)},
                    {"rmse_mev_per_atom", entry.errors.rmse_mev_per_atom},
                    {"mae_mev_per_atom", entry.errors.mae_mev_per_atom},
                    {"r2", entry.errors.r2},
                    {"compositions", std::move(levels)}});
  }
  return json;
}

Json pair_ablation_json(const std::vector<PairAblation>& parts) {
  Json json = Json::array();
  for (const PairAblation& part : parts) {
    json.push_back({{"pair", part.pair.empty() ? Json() : Json(part.pair)},
                    {"shell_angstrom", part.shell_angstrom > 0 ? Json(part.shell_angstrom) : Json()},
                    {"descriptors", part.descriptors},
                    {"only", errors_json(part.only)},
                    {"without", errors_json(part.without)}});
  }
  return json;
}

/// One model's answer; the fields of the contract first.
Json model_json(const ModelValidation& model, const LabelledStructures& structures, const Request& request) {
  Json json = {{"kind", model.kind}};
  json.update(errors_json(model.folds.errors));
  json["by_degeneracy"] = model.folds.by_degeneracy ? errors_json(*model.folds.by_degeneracy) : Json();
  json["hull_vertex_recall"] = model.folds.ranking.hull_vertex_recall;
  json["low5_recall"] = model.folds.ranking.low5_recall;
  if (const auto& coverage = model.folds.coverage)
    json["coverage"] = {{"one_deviation", coverage->one_deviation}, {"two_deviations", coverage->two_deviations}};
  Json folds = Json::array();
  for (const PredictionErrors& errors : model.folds.folds) folds.push_back(errors_json(errors));
  json["folds"] = std::move(folds);
  json["parity"] = parity_json(model.folds, structures);
  if (!request.curve_sizes.empty()) json["learning_curve"] = learning_curve_json(model.learning_curve);
  json["fit"] = fits_json(model.fits);
  if (request.ablation) json["ablation"] = ablation_json(model.ablation);
  if (request.ablation) json["pair_ablation"] = pair_ablation_json(model.pair_ablation);
  return json;
}

Json mapping_json(const LabelledStructures& structures) {
  Json kept = Json::array(), left_out = Json::array(), not_mapped = Json::array();
  const auto entry = [&](const LabelledStructure& label) {
    const SupercellMatrix& m = label.mapping.configuration.supercell->matrix();
    return Json{{"id", label.id},
                {"space", structures.campaign.spaces[label.space].name},
                {"supercell", {{m(0, 0), m(0, 1), m(0, 2)}, {m(1, 0), m(1, 1), m(1, 2)}, {m(2, 0), m(2, 1), m(2, 2)}}},
                {"volume_ratio", label.mapping.volume_ratio},
                {"shear_strain", label.mapping.shear_strain},
                {"rms_displacement_angstrom", label.mapping.rms_displacement_angstrom},
                {"largest_displacement_angstrom", label.mapping.largest_displacement_angstrom}};
  };
  for (const LabelledStructure& label : structures.kept) kept.push_back(entry(label));
  for (const LabelledStructure& label : structures.off_lattice) left_out.push_back(entry(label));
  for (const auto& [id, reason] : structures.not_mapped) not_mapped.push_back({{"id", id}, {"reason", reason}});
  return {{"structures", structures.frames},
          {"kept", std::move(kept)},
          {"off_lattice", std::move(left_out)},
          {"not_mapped", std::move(not_mapped)}};
}

std::string validation_text(const std::vector<ModelValidation>& models, const LabelledStructures& structures,
                            const std::string& protocol, const Request& request) {
  Json all = Json::array();
  for (const ModelValidation& model : models) all.push_back(model_json(model, structures, request));
  Json json = all.front();
  json["campaign"] = structures.campaign.name;
  json["protocol"] = protocol;
  if (request.splits && !request.splits->names.empty()) json["fold_names"] = request.splits->names;
  json["mapping"] = mapping_json(structures);
  if (all.size() > 1) json["models"] = std::move(all);
  return json_text(json, 2) + "\n";
}

Json spreads_json(const std::vector<GroupSpread>& spreads) {
  Json json = Json::array();
  for (const GroupSpread& one : spreads) {
    const SpreadNumber rmse = spread_of(one.rmse), mae = spread_of(one.mae);
    json.push_back({{"kind", one.kind},
                    {"by", one.by},
                    {"group", one.group},
                    {"n", *std::max_element(one.labels.begin(), one.labels.end())},
                    {"repeats", one.rmse.size()},
                    {"rmse_mev_per_atom", rmse.mean},
                    {"rmse_deviation_mev_per_atom", rmse.deviation},
                    {"mae_mev_per_atom", mae.mean},
                    {"mae_deviation_mev_per_atom", mae.deviation}});
  }
  return json;
}

void print_group_spreads(const std::vector<GroupSpread>& spreads) {
  TextTable table({"model", "group by", "group", "n", "RMSE", "MAE"}, {'l', 'l', 'l', 'r', 'r', 'r'});
  for (const GroupSpread& one : spreads) {
    const auto text = [](const std::vector<double>& values) {
      const SpreadNumber spread = spread_of(values);
      return fmt::format("{:.2f} ± {:.2f}", spread.mean, spread.deviation);
    };
    table.row({one.kind, one.by, one.group, std::to_string(*std::max_element(one.labels.begin(), one.labels.end())),
               text(one.rmse), text(one.mae)});
  }
  std::cout << "\n" << table.str(output_columns());
  fmt::print("\nmean and standard deviation over the repeats, meV/atom\n");
}

std::string percent(std::optional<double> share) { return share ? fmt::format("{:.0f} %", 100 * *share) : "-"; }

void print_errors(const std::vector<ModelValidation>& models) {
  TextTable table({"model", "n", "RMSE", "MAE", "R2", "low 5 %", "vertices"}, {'l', 'r', 'r', 'r', 'r', 'r', 'r'});
  for (const ModelValidation& model : models) {
    const PredictionErrors& errors = model.folds.errors;
    table.row({model.kind, std::to_string(errors.count), fmt::format("{:.2f}", errors.rmse_mev_per_atom),
               fmt::format("{:.2f}", errors.mae_mev_per_atom), fmt::format("{:.4f}", errors.r2),
               percent(model.folds.ranking.low5_recall), percent(model.folds.ranking.hull_vertex_recall)});
  }
  std::cout << table.str(output_columns());
  fmt::print(
      "\nRMSE and MAE in meV/atom; low 5 %: share of the truly lowest 5 % above the hull that the model ranks so;\n"
      "vertices: share of the hull's vertices in the predicted lowest 5 %\n");
}

/// A common configuration and a rare one do not count alike.
void print_errors_by_degeneracy(const std::vector<ModelValidation>& models) {
  TextTable table({"model", "RMSE", "MAE", "R2"}, {'l', 'r', 'r', 'r'});
  for (const ModelValidation& model : models) {
    const auto& errors = model.folds.by_degeneracy;
    if (!errors) return;
    table.row({model.kind, fmt::format("{:.2f}", errors->rmse_mev_per_atom),
               fmt::format("{:.2f}", errors->mae_mev_per_atom), fmt::format("{:.4f}", errors->r2)});
  }
  std::cout
      << "\nthe same, each structure counted as often as its orbit has configurations (its degeneracy) and not once:\n"
      << table.str(output_columns());
}

/// Where a validation repeats something: how far the folds differ.
void print_spread(const std::vector<ModelValidation>& models) {
  TextTable table({"model", "folds", "RMSE: mean", "± deviation", "smallest", "largest"},
                  {'l', 'r', 'r', 'r', 'r', 'r'});
  for (const ModelValidation& model : models) {
    std::vector<double> errors;
    for (const PredictionErrors& fold : model.folds.folds) errors.push_back(fold.rmse_mev_per_atom);
    const SpreadNumber rmse = spread_of(errors);
    table.row({model.kind, std::to_string(errors.size()), fmt::format("{:.2f}", rmse.mean),
               errors.size() < 2 ? "-" : fmt::format("{:.2f}", rmse.deviation), fmt::format("{:.2f}", rmse.smallest),
               fmt::format("{:.2f}", rmse.largest)});
  }
  std::cout << "\n" << table.str(output_columns());
}

void print_ablation(const std::vector<ModelValidation>& models) {
  TextTable cost({"model", "without", "RMSE", "MAE", "R2"}, {'l', 'l', 'r', 'r', 'r'});
  TextTable importance({"model", "group", "descriptor", "eV", "importance"}, {'l', 'l', 'l', 'r', 'r'});
  for (const ModelValidation& model : models) {
    for (const Ablation& entry : model.ablation) {
      cost.row({model.kind, entry.without.empty() ? "nothing" : entry.without,
                fmt::format("{:.2f}", entry.errors.rmse_mev_per_atom),
                fmt::format("{:.2f}", entry.errors.mae_mev_per_atom), fmt::format("{:.4f}", entry.errors.r2)});
    }
    if (model.ablation.empty()) continue;
    for (const FittedCoefficient& c : model.fits.front().coefficients) {
      importance.row({model.kind, c.group, c.cluster, fmt::format("{:.4f}", c.energy_ev),
                      fmt::format("{:.1f} %", 100 * c.importance)});
    }
  }
  std::cout << "\n" << cost.str() << "\n" << importance.str();
  fmt::print(
      "\neV: coefficient of ridge, of trees that of the linear trend; --json has MAE and R2 of every composition\n");
}

void print_pair_ablation(const std::vector<ModelValidation>& models) {
  TextTable table({"model", "pairs", "descriptors", "only these: RMSE", "without: RMSE", "all: RMSE"},
                  {'l', 'l', 'r', 'r', 'r', 'r'});
  bool any = false;
  for (const ModelValidation& model : models) {
    for (const PairAblation& part : model.pair_ablation) {
      any = true;
      table.row({model.kind, part.pair.empty() ? fmt::format("at {:.2f} Å", part.shell_angstrom) : part.pair,
                 std::to_string(part.descriptors), fmt::format("{:.2f}", part.only.rmse_mev_per_atom),
                 fmt::format("{:.2f}", part.without.rmse_mev_per_atom),
                 fmt::format("{:.2f}", model.folds.errors.rmse_mev_per_atom)});
    }
  }
  if (!any) return;
  std::cout << "\n" << table.str(output_columns());
  fmt::print("\nonly these: composition and the pairs of these species, or of this length; without: everything else\n");
}

void print_learning_curves(const std::vector<ModelValidation>& models) {
  TextTable curve({"model", "labels", "RMSE", "MAE", "low 5 %", "vertices"}, {'l', 'r', 'r', 'r', 'r', 'r'});
  for (const ModelValidation& model : models) {
    for (const LearningCurvePoint& point : model.learning_curve) {
      curve.row({model.kind, std::to_string(point.labels), fmt::format("{:.2f}", point.rmse_mev_per_atom),
                 fmt::format("{:.2f}", point.mae_mev_per_atom), percent(point.low5_recall),
                 percent(point.hull_vertex_recall)});
    }
  }
  std::cout << "\n" << curve.str();
}

/// The same with the folds of another seed, as validation_text. @param repeat how much later than the first one's.
std::string repeated_validation(const LabelledStructures& structures, const Request& request, std::size_t repeat) {
  Request next = request;
  next.seed = request.seed.value_or(structures.campaign.seed) + repeat;
  next.ablation = false;
  next.curve_sizes.clear();
  std::string protocol;
  const ValidationPlan plan{folds_of(next, structures, protocol), {}, {}, false};
  return validation_text(validate_models(structures, plan), structures, protocol, next);
}

}  // namespace

ExitCode run_validate(const Arguments& arguments) {
  const auto request = read_request(arguments);
  if (!request) return ExitCode::kDone;
  const LabelledStructures structures = read_labelled_structures(request->structures);
  log_info(mapping_summary(structures));
  if (structures.campaign.surrogates.empty()) {
    throw InputError(fmt::format("{}: there is no [[surrogate]] to validate", request->structures.campaign.string()));
  }
  std::string protocol;
  ValidationPlan plan{folds_of(*request, structures, protocol), {}, request->curve_sizes, request->ablation};
  if (!plan.curve_sizes.empty()) plan.permutations = permutations_of(*request, structures);
  if (const auto why = why_no_learning_curve(plan, structures.kept.size()))
    throw InputError("--learning-curve: " + *why);

  const std::vector<ModelValidation> models = validate_models(structures, plan);
  for (const ModelValidation& model : models) {
    for (const FitReport& fit : model.fits) {
      for (const std::string& warning : fit.warnings) log_warning(warning);
    }
  }
  std::vector<std::string> texts;  // of every repeat, where somebody wants them
  std::vector<ReportValidation> repeats;
  const bool grouped = request->repeats > 1 || request->page;
  if (request->into || request->json || grouped)
    texts.push_back(validation_text(models, structures, protocol, *request));
  if (grouped) {
    for (std::size_t repeat = 1; repeat < request->repeats; ++repeat)
      texts.push_back(repeated_validation(structures, *request, repeat));
    for (std::size_t i = 0; i < texts.size(); ++i) {
      for (ReportValidation& one : validations_in(Json::parse(texts[i]), fmt::format("repeat {}", i + 1)))
        repeats.push_back(std::move(one));
    }
  }
  const std::vector<GroupSpread> spreads = group_spreads(repeats);
  if (request->into) {
    for (const std::string& text : texts) {
      const auto file = keep_validation(*request->into, text);
      log_info(fmt::format("kept as {}; hullscan report {} shows it", file.string(), *request->into));
    }
  }
  if (request->page)
    write_durably(std::filesystem::absolute(*request->page), validation_page(structures.campaign, std::move(repeats)));
  if (request->json) {
    if (request->repeats > 1) {
      Json json = Json::parse(texts.front());
      json["repeats"] = request->repeats;
      json["spread"] = spreads_json(spreads);
      texts.front() = json_text(json, 2) + "\n";
    }
    std::cout << texts.front();
    return ExitCode::kDone;
  }
  fmt::print("{}\n{}\n\n", mapping_summary(structures), protocol);
  print_errors(models);
  print_errors_by_degeneracy(models);
  if (request->split || request->splits) print_spread(models);
  if (request->repeats > 1) print_group_spreads(spreads);
  if (request->ablation) print_ablation(models);
  if (request->ablation) print_pair_ablation(models);
  if (!request->curve_sizes.empty()) print_learning_curves(models);
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
