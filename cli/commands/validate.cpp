/// @file
/// `hullscan validate`: how well a campaign's models predict labelled structures that they have not seen.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iostream>
#include <limits>
#include <map>
#include <numeric>  // std::iota

#include "campaign/labelled_structures.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/text_table.hpp"
#include "core/file_bytes.hpp"
#include "core/foreign_json.hpp"
#include "core/hash.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "surrogates/models/descriptor_model.hpp"
#include "surrogates/regression/cross_validation.hpp"
#include "surrogates/surrogate_set.hpp"

namespace hullscan::cli {
namespace {

using Lists = std::vector<std::vector<std::size_t>>;

/// Folds and permutations of a file, as ids.
struct Splits {
  std::vector<std::vector<std::string>> folds, permutations;
  [[nodiscard]] std::vector<std::string> ids() const {
    std::vector<std::string> all;
    for (const auto* lists : {&folds, &permutations}) {
      for (const auto& list : *lists) all.insert(all.end(), list.begin(), list.end());
    }
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
  } catch (const Json::exception& error) {
    throw InputError(fmt::format("{}: expected {{\"folds\": [[id, …], …], \"permutations\": [[id, …], …]}}: {}", file,
                                 error.what()));
  }
  if (splits.folds.empty() && splits.permutations.empty()) {
    throw InputError(fmt::format("{}: it has neither \"folds\" nor \"permutations\"", file));
  }
  return splits;
}

Lists indices_of(const std::vector<std::vector<std::string>>& ids, const std::vector<LabelledStructure>& labels) {
  std::map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < labels.size(); ++i) index[labels[i].id] = i;
  Lists lists;
  for (const auto& list : ids) {
    lists.emplace_back();
    for (const std::string& id : list) lists.back().push_back(index.at(id));
  }
  return lists;
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

/// Predictions of what a split tests, every space by its own model.
class Predictor {
 public:
  Predictor(SurrogateSet& models, const std::vector<LabelledStructure>& labels) : models_(models), structures_(labels) {
    for (const LabelledStructure& label : labels) labels_.push_back(label.label());
  }

  struct Prediction {
    std::vector<double> energy, deviation;  ///< of the tests, eV/atom; deviation NaN where none is known
  };

  Prediction predict(const std::vector<std::size_t>& training, const std::vector<std::size_t>& tests) {
    Prediction result;
    result.energy.assign(tests.size(), 0.0);
    result.deviation.assign(tests.size(), std::numeric_limits<double>::quiet_NaN());
    place_above_hull(training);
    for (std::size_t space = 0; space < models_.space_count(); ++space) {
      std::vector<std::size_t> here;
      for (std::size_t t = 0; t < tests.size(); ++t) {
        if (structures_[tests[t]].space == space) here.push_back(t);
      }
      if (here.empty()) continue;
      std::vector<LabelledConfiguration> known;
      for (const std::size_t i : training) {
        if (structures_[i].space == space) known.push_back(labels_[i]);
      }
      if (known.empty()) throw InputError("a split tests a space and leaves no label of that space to learn from");
      last_fit_ = models_.space(space).fit(known);
      std::vector<const LabelledConfiguration*> asked;
      for (const std::size_t t : here) asked.push_back(&labels_[tests[t]]);
      const std::vector<double> energies = predict_all(models_.space(space), asked);
      for (std::size_t i = 0; i < here.size(); ++i) {
        result.energy[here[i]] = energies[i];
        if (const auto deviation = models_.space(space).uncertainty_ev_per_atom(asked[i]->configuration)) {
          result.deviation[here[i]] = *deviation;
        }
      }
    }
    return result;
  }

  /// Distances from the hull of the training labels alone: what is tested must not have a say in the weights.
  void place_above_hull(const std::vector<std::size_t>& training) {
    std::vector<HullEntry> entries;
    for (const std::size_t i : training)
      entries.push_back({structures_[i].id, structures_[i].composition, structures_[i].energy_ev, {}});
    const HullReport hull = compute_hull(entries, unbounded_hull_options_for(entries));
    for (std::size_t k = 0; k < training.size(); ++k)
      labels_[training[k]].e_above_hull_ev_per_atom = hull.entries[k].e_above_hull_ev_per_atom;
  }

  /// Fits to all labels; warnings go to the log once.
  std::vector<FitReport> fit_all() {
    std::vector<FitReport> reports;
    std::vector<std::size_t> all(labels_.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    place_above_hull(all);
    for (std::size_t space = 0; space < models_.space_count(); ++space) {
      std::vector<LabelledConfiguration> known;
      for (std::size_t i = 0; i < labels_.size(); ++i) {
        if (structures_[i].space == space) known.push_back(labels_[i]);
      }
      if (!known.empty()) reports.push_back(models_.space(space).fit(known));
    }
    return reports;
  }

 private:
  SurrogateSet& models_;
  const std::vector<LabelledStructure>& structures_;
  std::vector<LabelledConfiguration> labels_;
  FitReport last_fit_;
};

struct Judged {
  PredictionErrors errors;
  RankingQuality ranking;
};

Judged judge(const std::vector<LabelledStructure>& labels, const std::vector<std::size_t>& tests,
             const std::vector<double>& energies) {
  std::vector<double> actual, above, predicted_above;
  std::vector<bool> vertex;
  for (std::size_t t = 0; t < tests.size(); ++t) {
    const LabelledStructure& label = labels[tests[t]];
    actual.push_back(label.formation_energy_ev_per_atom);
    above.push_back(label.e_above_hull_ev_per_atom);
    predicted_above.push_back(label.e_above_hull_ev_per_atom + energies[t] - label.formation_energy_ev_per_atom);
    vertex.push_back(label.vertex);
  }
  return {prediction_errors(energies, actual), ranking_quality(predicted_above, above, vertex)};
}

Json errors_json(const PredictionErrors& errors) {
  return {{"n", errors.count},
          {"rmse_mev_per_atom", errors.rmse_mev_per_atom},
          {"mae_mev_per_atom", errors.mae_mev_per_atom},
          {"r2", errors.r2}};
}

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

/// One model's answer; the fields of the contract first.
Json validate_folds(Predictor& predictor, const std::vector<LabelledStructure>& labels, const Lists& folds) {
  std::vector<std::size_t> all_tests;
  std::vector<double> all_energies, all_deviations;
  Json fold_errors = Json::array(), parity = Json::array();
  for (std::size_t f = 0; f < folds.size(); ++f) {
    std::vector<bool> held_out(labels.size(), false);
    for (const std::size_t i : folds[f]) held_out[i] = true;
    std::vector<std::size_t> training;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (!held_out[i]) training.push_back(i);
    }
    const auto prediction = predictor.predict(training, folds[f]);
    fold_errors.push_back(errors_json(judge(labels, folds[f], prediction.energy).errors));
    for (std::size_t t = 0; t < folds[f].size(); ++t) {
      const LabelledStructure& label = labels[folds[f][t]];
      parity.push_back({{"id", label.id},
                        {"fold", f},
                        {"actual_ev_per_atom", label.formation_energy_ev_per_atom},
                        {"predicted_ev_per_atom", prediction.energy[t]},
                        {"deviation_ev_per_atom", number_or_null(prediction.deviation[t])},
                        {"e_above_hull_ev_per_atom", label.e_above_hull_ev_per_atom},
                        {"vertex", label.vertex}});
    }
    all_tests.insert(all_tests.end(), folds[f].begin(), folds[f].end());
    all_energies.insert(all_energies.end(), prediction.energy.begin(), prediction.energy.end());
    all_deviations.insert(all_deviations.end(), prediction.deviation.begin(), prediction.deviation.end());
  }
  const Judged judged = judge(labels, all_tests, all_energies);
  Json json = errors_json(judged.errors);
  json["hull_vertex_recall"] = judged.ranking.hull_vertex_recall;
  json["low5_recall"] = judged.ranking.low5_recall;
  std::size_t known = 0, within_one = 0, within_two = 0;
  for (std::size_t t = 0; t < all_tests.size(); ++t) {
    if (!std::isfinite(all_deviations[t])) continue;
    ++known;
    const double off = std::abs(all_energies[t] - labels[all_tests[t]].formation_energy_ev_per_atom);
    within_one += off <= all_deviations[t] ? 1 : 0;
    within_two += off <= 2 * all_deviations[t] ? 1 : 0;
  }
  if (known > 0) {
    json["coverage"] = {{"one_deviation", static_cast<double>(within_one) / static_cast<double>(known)},
                        {"two_deviations", static_cast<double>(within_two) / static_cast<double>(known)}};
  }
  json["folds"] = std::move(fold_errors);
  json["parity"] = std::move(parity);
  return json;
}

Json learning_curve(Predictor& predictor, const std::vector<LabelledStructure>& labels, const Lists& permutations,
                    const std::vector<std::size_t>& sizes) {
  Json points = Json::array();
  for (const std::size_t size : sizes) {
    if (size + 1 > labels.size()) {
      throw InputError(
          fmt::format("--learning-curve: {} labels to learn from, but there are {} in all", size, labels.size()));
    }
    double rmse = 0, mae = 0, low5 = 0, vertices = 0;
    std::size_t with_vertices = 0;
    for (const auto& permutation : permutations) {
      const auto cut = permutation.begin() + static_cast<std::ptrdiff_t>(size);
      const std::vector<std::size_t> training(permutation.begin(), cut), tests(cut, permutation.end());
      const Judged judged = judge(labels, tests, predictor.predict(training, tests).energy);
      rmse += judged.errors.rmse_mev_per_atom;
      mae += judged.errors.mae_mev_per_atom;
      low5 += judged.ranking.low5_recall;
      if (std::any_of(tests.begin(), tests.end(), [&](std::size_t i) { return labels[i].vertex; })) {
        vertices += judged.ranking.hull_vertex_recall;
        ++with_vertices;
      }
    }
    const auto count = static_cast<double>(permutations.size());
    points.push_back({{"labels", size},
                      {"rmse_mev_per_atom", rmse / count},
                      {"mae_mev_per_atom", mae / count},
                      {"low5_recall", low5 / count},
                      {"hull_vertex_recall",
                       with_vertices > 0 ? Json(vertices / static_cast<double>(with_vertices)) : Json(nullptr)}});
  }
  return points;
}

/// MAE and R2 of every composition, out of fold.
Json errors_by_composition(const std::vector<LabelledStructure>& labels, const Json& parity) {
  std::map<std::string, std::string> formula_of;
  for (const LabelledStructure& label : labels) formula_of[label.id] = label.composition.reduced().formula();
  std::map<std::string, std::pair<std::vector<double>, std::vector<double>>> parts;
  for (const Json& point : parity) {
    auto& [predicted, actual] = parts[formula_of.at(point["id"].get<std::string>())];
    predicted.push_back(point["predicted_ev_per_atom"].get<double>());
    actual.push_back(point["actual_ev_per_atom"].get<double>());
  }
  Json levels = Json::array();
  for (const auto& [formula, part] : parts) {
    Json level = {{"composition", formula}};
    level.update(errors_json(prediction_errors(part.first, part.second)));
    levels.push_back(std::move(level));
  }
  return levels;
}

/// The same model without each of its groups; empty for models that have none.
Json ablation(const LabelledStructures& structures, std::size_t model, const SurrogateSet& full, const Lists& folds) {
  Json entries = Json::array();
  const auto* described = dynamic_cast<const DescriptorModel*>(&full.space(0));
  if (described == nullptr) return entries;
  std::vector<std::string> variants{""};
  const std::vector<std::string> groups = described->descriptors().columns().distinct_groups();
  if (groups.size() > 1) variants.insert(variants.end(), groups.begin(), groups.end());
  for (const std::string& group : variants) {
    SurrogateSpec spec = structures.campaign.surrogates[model];
    std::vector<Setting> left_out;
    for (const std::string& name : described->descriptors().settings().leave_out) left_out.push_back({{}, {}, name});
    if (!group.empty()) left_out.push_back({{}, {}, group});
    std::erase_if(spec.settings.entries, [](const auto& entry) { return entry.first == "leave_out"; });
    spec.settings.entries.push_back({"leave_out", Setting{{}, {}, left_out}});
    Problems problems;
    SurrogateSet set = SurrogateSet::make(spec, structures.parents, problems);
    problems.throw_if_any();
    Predictor predictor(set, structures.kept);
    const Json result = validate_folds(predictor, structures.kept, folds);
    entries.push_back({{"without", group.empty() ? Json(nullptr) : Json(group)},
                       {"rmse_mev_per_atom", result["rmse_mev_per_atom"]},
                       {"mae_mev_per_atom", result["mae_mev_per_atom"]},
                       {"r2", result["r2"]},
                       {"compositions", errors_by_composition(structures.kept, result["parity"])}});
  }
  return entries;
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

Lists random_permutations(std::size_t count, std::size_t how_many, std::uint64_t seed) {
  Lists permutations;
  for (std::size_t p = 0; p < how_many; ++p) {
    std::vector<std::pair<std::uint64_t, std::size_t>> draw;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t words[] = {p, i};
      draw.emplace_back(random_bits(seed, words), i);
    }
    std::sort(draw.begin(), draw.end());
    permutations.emplace_back();
    for (const auto& [bits, i] : draw) permutations.back().push_back(i);
  }
  return permutations;
}

std::string percent(const Json& share) {
  return share.is_null() ? "-" : fmt::format("{:.0f} %", 100 * share.get<double>());
}

}  // namespace

ExitCode run_validate(const Arguments& arguments) {
  CommandLine line(
      "validate FILE --data X.extxyz [--json]",
      "Maps labelled structures to the campaign's parent crystals and cross-validates its models on them.");
  line.option("data", "FILE", "extended XYZ; every frame with a lattice and a total energy, ids optional");
  line.option("energy-key", "KEY", "which key of a frame is its total energy in eV; default: energy");
  line.option("folds", "N", "k-fold cross-validation with a random split; default 10");
  line.flag("leave-composition-out", "one fold per composition instead");
  line.option("splits", "FILE", "fixed splits: json {\"folds\": [[id, …], …], \"permutations\": [[id, …], …]}");
  line.option("learning-curve", "N,…",
              "errors after these numbers of labels, by the splits' permutations or random ones");
  line.option("permutations", "N",
              "how many permutations the learning curve averages; default 5, or all of the splits");
  line.flag("ablation", "descriptor models: the errors without each group of descriptors, by composition");
  line.flag("off-lattice", fmt::format("keep structures displaced by more than {} Å (rms)", kOffLatticeAngstrom));
  line.option("seed", "N", "seed of random splits; default: the campaign's");
  line.flag("json", "one JSON object, with parity data and the mapping of every structure");
  line.positionals("FILE, a campaign file", 1, 1);
  line.epilogue(
      "Every [[surrogate]] of the campaign is validated; the JSON's top-level fields are those of the first.");
  if (!line.parse(arguments)) return ExitCode::kDone;
  if (!line.value("data")) throw InputError("validate: --data FILE is missing; hullscan validate --help");

  LabelledStructuresRequest request{line.positional()[0],
                                    *line.value("data"),
                                    line.value("energy-key").value_or("energy"),
                                    line.has("off-lattice"),
                                    {}};
  std::optional<Splits> splits;
  if (const auto file = line.value("splits")) {
    splits = read_splits(*file);
    request.only = splits->ids();
    request.keep_off_lattice = true;  // the splits say what is in
  }
  const auto fold_count = line.integer("folds", 2, 1'000'000);
  const auto permutation_count = line.integer("permutations", 1, 1000);
  std::vector<std::size_t> sizes;
  if (const auto text = line.value("learning-curve")) sizes = parse_sizes(*text);

  const LabelledStructures structures = read_labelled_structures(request);
  const std::vector<LabelledStructure>& labels = structures.kept;
  const std::uint64_t seed = static_cast<std::uint64_t>(
      line.integer("seed", 0, std::numeric_limits<long>::max()).value_or(static_cast<long>(structures.campaign.seed)));
  log_info(mapping_summary(structures));
  if (structures.campaign.surrogates.empty()) {
    throw InputError(fmt::format("{}: there is no [[surrogate]] to validate", request.campaign.string()));
  }

  Lists folds, permutations;
  std::string protocol;
  if (splits && !splits->folds.empty()) {
    folds = indices_of(splits->folds, labels);
    protocol = fmt::format("{} folds of {}", folds.size(), *line.value("splits"));
  } else if (line.has("leave-composition-out")) {
    std::vector<std::string> keys;
    for (const LabelledStructure& label : labels) keys.push_back(label.composition.reduced().formula());
    folds = folds_by_key(keys);
    if (folds.size() < 2) throw InputError("--leave-composition-out: all labels have one composition");
    protocol = fmt::format("leave one of {} compositions out", folds.size());
  } else {
    const auto count =
        static_cast<std::size_t>(fold_count.value_or(static_cast<long>(std::min<std::size_t>(10, labels.size()))));
    folds = random_folds(labels.size(), count, seed);
    protocol = fmt::format("{}-fold, random, seed {}", count, seed);
  }
  if (!sizes.empty()) {
    permutations =
        splits && !splits->permutations.empty()
            ? indices_of(splits->permutations, labels)
            : random_permutations(labels.size(), static_cast<std::size_t>(permutation_count.value_or(5)), seed);
    if (permutation_count && static_cast<std::size_t>(*permutation_count) < permutations.size()) {
      permutations.resize(static_cast<std::size_t>(*permutation_count));
    }
  }

  Problems problems;
  std::vector<SurrogateSet> sets;
  for (const SurrogateSpec& spec : structures.campaign.surrogates)
    sets.push_back(SurrogateSet::make(spec, structures.parents, problems));
  problems.throw_if_any();

  Json models = Json::array();
  for (std::size_t m = 0; m < sets.size(); ++m) {
    Predictor predictor(sets[m], labels);
    Json json = {{"kind", structures.campaign.surrogates[m].kind}};
    json.update(validate_folds(predictor, labels, folds));
    if (!sizes.empty()) json["learning_curve"] = learning_curve(predictor, labels, permutations, sizes);
    Json fits = Json::array();
    for (const FitReport& fit : predictor.fit_all()) {
      for (const std::string& warning : fit.warnings) log_warning(warning);
      fits.push_back({{"labels", fit.labels},
                      {"features", fit.features},
                      {"rank", fit.rank},
                      {"rmse_mev_per_atom", number_or_null(fit.rmse_mev_per_atom)},
                      {"loo_rmse_mev_per_atom", number_or_null(fit.loo_rmse_mev_per_atom)},
                      {"warnings", fit.warnings}});
      Json coefficients = Json::array();
      for (const FittedCoefficient& c : fit.coefficients) {
        coefficients.push_back(
            {{"name", c.cluster}, {"group", c.group}, {"energy_ev", c.energy_ev}, {"importance", c.importance}});
      }
      fits.back()["coefficients"] = std::move(coefficients);
    }
    json["fit"] = std::move(fits);
    if (line.has("ablation")) json["ablation"] = ablation(structures, m, sets[m], folds);
    models.push_back(std::move(json));
  }

  if (line.has("json")) {
    Json json = models.front();
    json["campaign"] = structures.campaign.name;
    json["protocol"] = protocol;
    json["mapping"] = mapping_json(structures);
    if (models.size() > 1) json["models"] = std::move(models);
    std::cout << json_text(json, 2) << "\n";
    return ExitCode::kDone;
  }
  fmt::print("{}\n{}\n\n", mapping_summary(structures), protocol);
  TextTable table({"model", "n", "RMSE", "MAE", "R2", "low 5 %", "vertices"}, {'l', 'r', 'r', 'r', 'r', 'r', 'r'});
  for (const Json& model : models) {
    table.row({model["kind"], std::to_string(model["n"].get<std::size_t>()),
               fmt::format("{:.2f}", model["rmse_mev_per_atom"].get<double>()),
               fmt::format("{:.2f}", model["mae_mev_per_atom"].get<double>()),
               fmt::format("{:.4f}", model["r2"].get<double>()), percent(model["low5_recall"]),
               percent(model["hull_vertex_recall"])});
  }
  std::cout << table.str();
  fmt::print(
      "\nRMSE and MAE in meV/atom; low 5 %: share of the truly lowest 5 % above the hull that the model ranks so;\n"
      "vertices: share of the hull's vertices in the predicted lowest 5 %\n");
  if (line.has("ablation")) {
    TextTable cost({"model", "without", "RMSE", "MAE", "R2"}, {'l', 'l', 'r', 'r', 'r'});
    TextTable importance({"model", "group", "descriptor", "eV", "importance"}, {'l', 'l', 'l', 'r', 'r'});
    for (const Json& model : models) {
      for (const Json& entry : model["ablation"]) {
        cost.row({model["kind"], entry["without"].is_null() ? "nothing" : entry["without"].get<std::string>(),
                  fmt::format("{:.2f}", entry["rmse_mev_per_atom"].get<double>()),
                  fmt::format("{:.2f}", entry["mae_mev_per_atom"].get<double>()),
                  fmt::format("{:.4f}", entry["r2"].get<double>())});
      }
      if (model["ablation"].empty()) continue;
      for (const Json& c : model["fit"].front()["coefficients"]) {
        importance.row({model["kind"], c["group"], c["name"], fmt::format("{:.4f}", c["energy_ev"].get<double>()),
                        fmt::format("{:.1f} %", 100 * c["importance"].get<double>())});
      }
    }
    std::cout << "\n" << cost.str() << "\n" << importance.str();
    fmt::print(
        "\neV: coefficient of ridge, of trees that of the linear trend; --json has MAE and R2 of every composition\n");
  }
  if (!sizes.empty()) {
    TextTable curve({"model", "labels", "RMSE", "MAE", "low 5 %", "vertices"}, {'l', 'r', 'r', 'r', 'r', 'r'});
    for (const Json& model : models) {
      for (const Json& point : model["learning_curve"]) {
        curve.row({model["kind"], std::to_string(point["labels"].get<std::size_t>()),
                   fmt::format("{:.2f}", point["rmse_mev_per_atom"].get<double>()),
                   fmt::format("{:.2f}", point["mae_mev_per_atom"].get<double>()), percent(point["low5_recall"]),
                   percent(point["hull_vertex_recall"])});
      }
    }
    std::cout << "\n" << curve.str();
  }
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
