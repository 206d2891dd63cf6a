#include "surrogates/models/descriptor_model.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <map>

#include "surrogates/features/extreme_labels.hpp"

namespace hullscan {
namespace {

constexpr std::uint32_t kDescriptorFormatVersion = 1;

class DescriptorScorer final : public ConfigurationScorer {
 public:
  DescriptorScorer(const Descriptors& descriptors, std::shared_ptr<const TableModel> model, const Supercell& supercell)
      : model_(std::move(model)),
        columns_(descriptors.columns().names.size()),
        sites_(supercell.varied_sites().size()),
        counter_(descriptors, std::make_shared<Supercell>(supercell)) {}

  [[nodiscard]] double score(std::span<const std::uint8_t> occupation) const override {
    double energy = 0;
    score_batch(occupation, {&energy, 1});
    return energy;
  }

  void score_batch(std::span<const std::uint8_t> occupations, std::span<double> energies) const override {
    constexpr double kNone = std::numeric_limits<double>::infinity();
    std::vector<double> rows(columns_ * energies.size());
    std::vector<bool> finite(energies.size(), true);
    for (std::size_t i = 0; i < energies.size(); ++i) {
      const std::span<double> row(rows.data() + i * columns_, columns_);
      counter_.count(occupations.subspan(i * sites_, sites_), row);
      for (double& value : row) {
        if (std::isfinite(value)) continue;
        finite[i] = false;
        value = 0;
      }
    }
    model_->predict(rows, energies);
    for (std::size_t i = 0; i < energies.size(); ++i) {
      const int atoms = counter_.atoms(occupations.subspan(i * sites_, sites_));
      energies[i] = atoms > 0 && finite[i] ? energies[i] * counter_.primitive_cells() / atoms : kNone;
    }
  }

 private:
  std::shared_ptr<const TableModel> model_;
  std::size_t columns_, sites_;
  DescriptorCounter counter_;
};

std::unique_ptr<Surrogate> make(const SurrogateSpec& spec, std::shared_ptr<const ParentCrystal> parent,
                                Problems& problems, TableMethod method) {
  const std::size_t problems_before = problems.lines().size();
  SettingsReader reader(spec.settings, "surrogate", problems);
  reader.text("kind");
  DescriptorSettings descriptors = read_descriptor_settings(reader, *parent);
  const TableModelSettings model = read_table_model_settings(reader, method);
  reader.finish();
  if (const auto why = method == TableMethod::kRidge ? std::nullopt : why_no_trees())
    problems.add(reader.where("kind"), "surrogate.kind: " + *why);
  if (problems.lines().size() > problems_before) return nullptr;
  try {
    return std::make_unique<DescriptorModel>(Descriptors(std::move(parent), std::move(descriptors)), TableModel(model));
  } catch (const InputError& error) {
    problems.add(spec.settings.where, std::string("surrogate: ") + error.what());
    return nullptr;
  }
}

}  // namespace

FitReport DescriptorModel::fit(std::span<const LabelledConfiguration> labels) {
  const LatticeFeatures points(std::shared_ptr<const ParentCrystal>(descriptors_, &descriptors_->parent()),
                               FeatureSettings{});
  TrainingTable table = training_table(points, labels);
  const TableColumns& columns = descriptors_->columns();
  const auto count = static_cast<Eigen::Index>(columns.names.size());
  Eigen::MatrixXd rows(table.features.rows(), count);
  std::map<const Supercell*, DescriptorCounter> counters;
  std::vector<double> row(columns.names.size());
  for (Eigen::Index r = 0; r < rows.rows(); ++r) {
    const LabelledConfiguration& label = labels[table.order[static_cast<std::size_t>(r)]];
    const auto& supercell = label.configuration.supercell;
    auto found = counters.find(supercell.get());
    if (found == counters.end()) found = counters.try_emplace(supercell.get(), *descriptors_, supercell).first;
    found->second.count(label.configuration.occupation, row);
    for (Eigen::Index c = 0; c < count; ++c) rows(r, c) = row[static_cast<std::size_t>(c)];
    if (!rows.row(r).allFinite()) {
      throw InputError(fmt::format("{}: the potential gives no energy for it; leave it out of the labels",
                                   table.ids[static_cast<std::size_t>(r)]));
    }
  }
  auto model = std::make_shared<TableModel>(model_->settings());
  const std::vector<bool> extreme = extreme_labels(labels);
  TableRows about{table.weights, {}};
  for (const std::size_t label : table.order) about.always_in.push_back(extreme[label]);
  const TableFit fit = model->fit(rows, table.targets, columns.trend, about);
  model_ = model;

  FitReport report;
  report.labels = table.order.size();
  report.features = columns.names.size();
  report.rank = fit.rank;
  report.regularisation = fit.penalty;
  report.loo_residuals_ev_per_atom.assign(labels.size(), 0.0);
  double squares = 0, out_squares = 0, predictable = 0;
  std::vector<double> flat(rows.size() > 0 ? static_cast<std::size_t>(rows.size()) : 0);
  for (Eigen::Index r = 0; r < rows.rows(); ++r) {
    for (Eigen::Index c = 0; c < count; ++c) flat[static_cast<std::size_t>(r * count + c)] = rows(r, c);
  }
  std::vector<double> predicted(table.order.size());
  model_->predict(flat, predicted);
  Eigen::VectorXd residuals(rows.rows());
  for (Eigen::Index r = 0; r < rows.rows(); ++r) {
    const auto i = static_cast<std::size_t>(r);
    residuals[r] = fit.out_of_sample_residuals[i];
    report.loo_residuals_ev_per_atom[table.order[i]] = residuals[r] * table.error_scale[r];
    squares += std::pow((table.targets[r] - predicted[i]) * table.error_scale[r], 2);
    out_squares += std::pow(residuals[r] * table.error_scale[r], 2);
    predictable += about.always_in[i] ? 0 : 1;
  }
  const auto n = static_cast<double>(rows.rows());
  report.rmse_mev_per_atom = 1e3 * std::sqrt(squares / n);
  report.loo_rmse_mev_per_atom = 1e3 * std::sqrt(out_squares / predictable);
  for (std::size_t c = 0; c < columns.names.size(); ++c) {
    report.coefficients.push_back({columns.names[c], 0, 0, 1, model_->linear()[static_cast<Eigen::Index>(c)]});
    report.coefficients.back().group = columns.groups[c];
    report.coefficients.back().importance = model_->importance()[c];
  }
  const Eigen::MatrixXd composition = table.features;
  table.features.resize(rows.rows(), composition.cols() + count);
  table.features << composition, rows;
  report.warnings = label_warnings(points, table, residuals);
  return report;
}

std::unique_ptr<ConfigurationScorer> DescriptorModel::scorer(const Supercell& supercell) const {
  if (!fitted()) throw InputError(fmt::format("the {} model has not been fitted", kind()));
  descriptors_->require_own_parent(supercell, "supercell");
  return std::make_unique<DescriptorScorer>(*descriptors_, model_, supercell);
}

std::vector<Uncertainty> DescriptorModel::uncertainties(const Supercell& supercell,
                                                        std::span<const std::uint8_t> occupations) const {
  if (!fitted()) return {};
  const DescriptorCounter counter(*descriptors_, std::make_shared<Supercell>(supercell));
  const std::size_t sites = supercell.varied_sites().size();
  std::vector<double> row(descriptors_->columns().names.size());
  std::vector<Uncertainty> uncertainties;
  for (; occupations.size() >= sites && sites > 0; occupations = occupations.subspan(sites)) {
    counter.count(occupations.first(sites), row);
    const int atoms = counter.atoms(occupations.first(sites));
    uncertainties.push_back({model_->deviation(row) * (atoms > 0 ? counter.primitive_cells() / atoms : 1.0), {}});
  }
  return uncertainties;
}

std::vector<std::byte> DescriptorModel::serialise() const {
  ByteWriter out;
  out.write(kDescriptorFormatVersion);
  descriptors_->write(out);
  model_->write(out);
  return out.take();
}

std::unique_ptr<Surrogate> make_ridge(const SurrogateSpec& spec, std::shared_ptr<const ParentCrystal> parent,
                                      Problems& problems) {
  return make(spec, std::move(parent), problems, TableMethod::kRidge);
}

std::unique_ptr<Surrogate> make_random_forest(const SurrogateSpec& spec, std::shared_ptr<const ParentCrystal> parent,
                                              Problems& problems) {
  return make(spec, std::move(parent), problems, TableMethod::kRandomForest);
}

std::unique_ptr<Surrogate> make_gradient_boosting(const SurrogateSpec& spec,
                                                  std::shared_ptr<const ParentCrystal> parent, Problems& problems) {
  return make(spec, std::move(parent), problems, TableMethod::kGradientBoosting);
}

std::unique_ptr<Surrogate> deserialise_descriptor_model(std::span<const std::byte> bytes,
                                                        std::shared_ptr<const ParentCrystal> parent) {
  ByteReader in(bytes);
  if (const auto version = in.read<std::uint32_t>(); version != kDescriptorFormatVersion) {
    throw StorageError(
        fmt::format("stored descriptor model has format {}, this version reads {}", version, kDescriptorFormatVersion));
  }
  Descriptors descriptors = Descriptors::read(in, std::move(parent));
  TableModel model = TableModel::read(in);
  in.finish();
  if (model.fitted() && model.column_count() != descriptors.columns().names.size()) {
    throw StorageError("stored descriptor model is damaged: its columns are not those of its descriptors");
  }
  return std::make_unique<DescriptorModel>(std::move(descriptors), std::move(model));
}

}  // namespace hullscan
