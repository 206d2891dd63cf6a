#include "surrogates/models/descriptor_model.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "surrogates/features/described_labels.hpp"

namespace hullscan {
namespace {

constexpr std::uint32_t kDescriptorFormatVersion = 1;  ///< of what was there at first: plain() descriptors
constexpr std::uint32_t kMoreDescriptorFormatVersion = 2;

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
  Surrogate* const only[] = {this};
  const std::vector<LabelledConfiguration> all[] = {{labels.begin(), labels.end()}};
  return fit_together(only, all);
}

std::optional<std::string> DescriptorModel::join(std::span<Surrogate* const> members) {
  std::vector<const Descriptors*> of_members;
  for (Surrogate* member : members) of_members.push_back(dynamic_cast<DescriptorModel&>(*member).descriptors_.get());
  auto joined = Descriptors::join(of_members);
  if (const auto* why = std::get_if<std::string>(&joined)) return *why;
  for (std::size_t m = 0; m < members.size(); ++m)
    dynamic_cast<DescriptorModel&>(*members[m]).descriptors_ =
        std::make_shared<Descriptors>(std::move(std::get<std::vector<Descriptors>>(joined)[m]));
  return std::nullopt;
}

FitReport DescriptorModel::fit_together(std::span<Surrogate* const> members,
                                        std::span<const std::vector<LabelledConfiguration>> labels) {
  std::vector<const Descriptors*> of_members;
  for (Surrogate* member : members) of_members.push_back(dynamic_cast<DescriptorModel&>(*member).descriptors_.get());
  const DescribedLabels described = describe_labels(of_members, labels);
  const TrainingTable& table = described.table;
  const Eigen::MatrixXd& rows = table.features;
  const TableColumns& columns = descriptors_->columns();
  const auto count = static_cast<Eigen::Index>(columns.names.size());
  auto model = std::make_shared<TableModel>(model_->settings());
  TableRows about{table.weights, {}};
  for (const std::size_t label : table.order) about.always_in.push_back(described.extreme[label]);
  const TableFit fit = model->fit(rows, table.targets, columns.trend, about);
  for (Surrogate* member : members) dynamic_cast<DescriptorModel&>(*member).model_ = model;

  FitReport report;
  report.labels = table.order.size();
  report.features = columns.names.size();
  report.rank = fit.rank;
  report.regularisation = fit.penalty;
  report.loo_residuals_ev_per_atom.assign(described.count(), 0.0);
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
  report.warnings = described.warnings(residuals);
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
  out.write(descriptors_->plain() ? kDescriptorFormatVersion : kMoreDescriptorFormatVersion);
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
  const auto version = in.read<std::uint32_t>();
  if (version != kDescriptorFormatVersion && version != kMoreDescriptorFormatVersion) {
    throw StorageError(fmt::format("stored descriptor model has format {}, this version reads up to {}", version,
                                   kMoreDescriptorFormatVersion));
  }
  Descriptors descriptors = Descriptors::read(in, std::move(parent), version == kDescriptorFormatVersion);
  TableModel model = TableModel::read(in);
  in.finish();
  if (model.fitted() && model.column_count() != descriptors.columns().names.size()) {
    throw StorageError("stored descriptor model is damaged: its columns are not those of its descriptors");
  }
  return std::make_unique<DescriptorModel>(std::move(descriptors), std::move(model));
}

}  // namespace hullscan
