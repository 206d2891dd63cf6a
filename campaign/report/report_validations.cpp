#include "campaign/report/report_validations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "analysis/report/report_files.hpp"
#include "campaign/version.hpp"
#include "core/errors.hpp"
#include "core/file_bytes.hpp"
#include "core/foreign_json.hpp"
#include "core/hash.hpp"
#include "core/log.hpp"
#include "storage/durable_file.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "validation";

/// One label of a validation's parity.
struct ValidatedLabel {
  std::string id, space, formula;
  std::string fold;  ///< its name, where folds have names
  double actual_ev_per_atom = 0, predicted_ev_per_atom = 0, e_above_hull_ev_per_atom = 0;
  std::uint64_t degeneracy = 0;  ///< 0: it does not say
  [[nodiscard]] double error() const { return predicted_ev_per_atom - actual_ev_per_atom; }
};

/// Folds of a validation as its report groups them. names: [fold], empty where they have none; repeats: [fold] how many
/// earlier folds have the same name.
struct Folds {
  std::vector<std::string> names;
  std::vector<std::size_t> repeats;
  std::size_t repeat_count = 1;

  explicit Folds(std::vector<std::string> of_file) : names(std::move(of_file)) {
    std::map<std::string, std::size_t> seen;
    for (const std::string& name : names) {
      repeats.push_back(seen[name]++);
      repeat_count = std::max(repeat_count, repeats.back() + 1);
    }
  }
};

std::uint64_t degeneracy_in(const Json& point) {
  const auto found = point.find("degeneracy");
  if (found == point.end() || !found->is_string()) return 0;
  const auto text = found->get<std::string>();
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// @param repeat the folds that are looked at; of folds without names all are.
std::vector<ValidatedLabel> labels_of(const Json& model, const Folds& folds, std::size_t repeat) {
  std::vector<ValidatedLabel> labels;
  for (const Json& point : model.at("parity")) {
    std::string fold_name;
    if (!folds.names.empty()) {
      const auto fold = point.at("fold").get<std::size_t>();
      if (fold >= folds.names.size())
        throw InputError(fmt::format("fold {} of {} that have names", fold, folds.names.size()));
      if (folds.repeats[fold] != repeat) continue;
      fold_name = folds.names[fold];
    }
    ValidatedLabel label{point.at("id").get<std::string>(),
                         point.value("space", ""),
                         point.value("formula", ""),
                         std::move(fold_name),
                         point.at("actual_ev_per_atom").get<double>(),
                         point.at("predicted_ev_per_atom").get<double>(),
                         point.at("e_above_hull_ev_per_atom").get<double>(),
                         degeneracy_in(point)};
    if (std::isfinite(label.error())) labels.push_back(std::move(label));
  }
  return labels;
}

/// Bands of the distance from the hull, in their order.
std::string band_of(double above_hull_ev_per_atom) {
  if (above_hull_ev_per_atom <= 0.025) return "0 to 25 meV/atom";
  if (above_hull_ev_per_atom <= 0.05) return "25 to 50 meV/atom";
  return above_hull_ev_per_atom <= 0.1 ? "50 to 100 meV/atom" : "over 100 meV/atom";
}

std::vector<ReportValidation::Group> groups_of(const std::vector<ValidatedLabel>& labels) {
  struct Sums {
    std::size_t count = 0;
    double absolute = 0, squares = 0;
    double weight = 0, weighted_absolute = 0, weighted_squares = 0;
    bool weighable = true;
  };
  constexpr const char* kGroupings[] = {"all", "composition", "space", "energy above hull", "fold"};
  std::map<std::pair<std::size_t, std::string>, Sums> groups;
  for (const ValidatedLabel& label : labels) {
    const std::string names[] = {"all labels", label.formula, label.space, band_of(label.e_above_hull_ev_per_atom),
                                 label.fold};
    for (std::size_t g = 0; g < std::size(names); ++g) {
      if (names[g].empty()) continue;
      Sums& sums = groups[{g, names[g]}];
      ++sums.count;
      sums.absolute += std::abs(label.error());
      sums.squares += label.error() * label.error();
      const auto weight = static_cast<double>(label.degeneracy);
      sums.weighable = sums.weighable && label.degeneracy > 0;
      sums.weight += weight;
      sums.weighted_absolute += weight * std::abs(label.error());
      sums.weighted_squares += weight * label.error() * label.error();
    }
  }
  std::vector<ReportValidation::Group> list;
  for (const auto& [key, sums] : groups) {
    const auto n = static_cast<double>(sums.count);
    list.push_back({kGroupings[key.first], key.second, sums.count, std::sqrt(sums.squares / n), sums.absolute / n});
    if (!sums.weighable) continue;
    list.back().rmse_by_degeneracy = std::sqrt(sums.weighted_squares / sums.weight);
    list.back().mae_by_degeneracy = sums.weighted_absolute / sums.weight;
  }
  return list;
}

std::vector<ReportValidation::Point> parity_of(const std::vector<ValidatedLabel>& labels) {
  constexpr std::size_t kMostOfAPage = 5000;
  std::vector<ReportValidation::Point> points;
  if (labels.size() > kMostOfAPage) return points;
  for (const ValidatedLabel& label : labels)
    points.push_back(
        {label.id, label.formula, label.actual_ev_per_atom, label.predicted_ev_per_atom, label.degeneracy});
  return points;
}

std::vector<ReportValidation::Part> parts_of(const Json& model) {
  std::vector<ReportValidation::Part> parts;
  for (const Json& part : model.value("pair_ablation", Json::array())) {
    const Json& pair = part.at("pair");
    parts.push_back({pair.is_null() ? fmt::format("pairs at {:.2f} Å", part.at("shell_angstrom").get<double>())
                                    : pair.get<std::string>() + " pairs",
                     part.at("only").at("rmse_mev_per_atom").get<double>() / 1e3,
                     part.at("without").at("rmse_mev_per_atom").get<double>() / 1e3});
  }
  return parts;
}

/// What every model said of every label; labels that one of them was not asked about are left out.
std::vector<ReportValidation::Label> compared(const std::vector<std::vector<ValidatedLabel>>& of_model) {
  std::vector<ReportValidation::Label> labels;
  std::vector<std::map<std::string, const ValidatedLabel*>> by_id(of_model.size());
  for (std::size_t m = 0; m < of_model.size(); ++m) {
    for (const ValidatedLabel& label : of_model[m]) by_id[m].emplace(label.id, &label);
  }
  for (const auto& [id, first] : by_id.front()) {
    ReportValidation::Label label{id, first->space, first->formula, first->e_above_hull_ev_per_atom, {}};
    for (const auto& known : by_id) {
      const auto found = known.find(id);
      if (found == known.end()) break;
      label.predicted_above_hull_ev_per_atom.push_back(label.e_above_hull_ev_per_atom + found->second->error());
    }
    if (label.predicted_above_hull_ev_per_atom.size() == of_model.size()) labels.push_back(std::move(label));
  }
  std::stable_sort(labels.begin(), labels.end(), [](const auto& a, const auto& b) {
    return a.e_above_hull_ev_per_atom < b.e_above_hull_ev_per_atom;
  });
  return labels;
}

}  // namespace

std::vector<ReportValidation> validations_in(const Json& json, const std::string& name) {
  const Folds folds(json.value("fold_names", std::vector<std::string>{}));
  std::vector<ReportValidation> validations;
  for (std::size_t repeat = 0; repeat < folds.repeat_count; ++repeat) {
    ReportValidation validation{folds.repeat_count == 1 ? name : fmt::format("{}, repeat {}", name, repeat + 1),
                                json.value("protocol", ""),
                                {},
                                {}};
    std::vector<std::vector<ValidatedLabel>> of_model;
    const auto take = [&](const Json& model) {
      of_model.push_back(labels_of(model, folds, repeat));
      validation.models.push_back({model.at("kind").get<std::string>(), groups_of(of_model.back()),
                                   parity_of(of_model.back()), parts_of(model),
                                   model.value("rmse_mev_per_atom", 0.0) / 1e3});
    };
    if (json.contains("models")) {
      for (const Json& model : json.at("models")) take(model);
    } else {
      take(json);
    }
    if (of_model.size() > 1) validation.labels = compared(of_model);
    validations.push_back(std::move(validation));
  }
  return validations;
}

std::string validation_page(const Campaign& campaign, std::vector<ReportValidation> validations) {
  ReportContent content;
  content.campaign = campaign.name;
  content.hullscan_version = kVersion;
  content.campaign_text = campaign.text;
  content.campaign_hash = hash128_hex(campaign.text);
  content.validations = std::move(validations);
  return report_html(finish_report(std::move(content)));
}

fs::path keep_validation(const fs::path& directory, const std::string& json) {
  if (!fs::exists(directory / "campaign.db"))
    throw InputError(fmt::format("{}: there is no campaign in it", directory.string()));
  std::error_code error;
  fs::create_directories(directory / kFolder, error);
  if (error) throw StorageError(fmt::format("{}: cannot be made: {}", (directory / kFolder).string(), error.message()));
  const fs::path file = directory / kFolder / (hash128_hex(json).substr(0, 16) + ".json");
  write_durably(file, json);
  return file;
}

std::vector<ReportValidation> kept_validations(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& file : fs::directory_iterator(directory / kFolder, error)) {
    if (file.path().extension() == ".json") files.push_back(file.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<ReportValidation> validations;
  for (const fs::path& file : files) {
    std::string problem;
    try {
      const auto json = parse_foreign_json(user_file(file.string()), problem);
      if (json) {
        for (ReportValidation& one : validations_in(*json, file.stem().string())) validations.push_back(std::move(one));
        continue;
      }
    } catch (const Json::exception& fault) {
      problem = fault.what();
    } catch (const InputError& fault) {
      problem = fault.what();
    }
    log_warning(fmt::format("{}: it is left out of the report: it is not what hullscan validate --json prints ({})",
                            file.string(), problem));
  }
  return validations;
}

}  // namespace hullscan
