#include "surrogates/models/kim_surrogate.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "surrogates/regression/ridge.hpp"

namespace hullscan {
namespace {

constexpr std::uint32_t kKimFormatVersion = 1;
constexpr double kKimPenalty = 1e-9;  ///< keeps slopes finite that the labels do not determine

std::vector<Species> species_of_model(const ParentCrystal& parent) {
  std::vector<Species> species;
  for (const ParentSite& site : parent.sites) {
    if (site.sublattice == kFixedSite) species.push_back(site.fixed_species);
  }
  for (const Sublattice& sublattice : parent.sublattices)
    species.insert(species.end(), sublattice.allowed.begin(), sublattice.allowed.end());
  return species;
}

class KimScorer final : public ConfigurationScorer {
 public:
  KimScorer(std::shared_ptr<const LatticeFeatures> points, std::shared_ptr<const KimEnergies> energies, double constant,
            std::vector<double> slopes, const Supercell& supercell)
      : supercell_(supercell),
        points_(std::move(points)),
        counter_(*points_, supercell_),
        energies_(std::move(energies)),
        constant_(constant),
        slopes_(std::move(slopes)) {}

  [[nodiscard]] double score(std::span<const std::uint8_t> occupation) const override {
    const int atoms = counter_.atoms().atoms(occupation);
    if (atoms == 0) return std::numeric_limits<double>::infinity();
    std::vector<double> row(slopes_.size());
    counter_.count(occupation, row);
    double shift = constant_;
    for (std::size_t i = 0; i < row.size(); ++i) shift += slopes_[i] * row[i];
    return (energies_->energy_ev(supercell_.structure(occupation)) + shift * counter_.primitive_cells()) / atoms;
  }

 private:
  Supercell supercell_;
  std::shared_ptr<const LatticeFeatures> points_;
  FeatureCounter counter_;
  std::shared_ptr<const KimEnergies> energies_;
  double constant_;
  std::vector<double> slopes_;
};

}  // namespace

KimSurrogate::KimSurrogate(std::shared_ptr<const ParentCrystal> parent, const KimSettings& settings)
    : points_(std::make_shared<LatticeFeatures>(parent, FeatureSettings{})),
      energies_(std::make_shared<KimEnergies>(settings, species_of_model(*parent))),
      slopes_(points_->count(), 0.0) {}

FitReport KimSurrogate::fit(std::span<const LabelledConfiguration> labels) {
  const TrainingTable table = training_table(*points_, labels);
  Eigen::VectorXd rest(table.targets.size());
  for (Eigen::Index r = 0; r < rest.size(); ++r) {
    const Configuration& configuration = labels[table.order[static_cast<std::size_t>(r)]].configuration;
    const double energy = energies_->energy_ev(configuration.supercell->structure(configuration.occupation));
    if (!std::isfinite(energy)) {
      throw InputError(fmt::format("{}: the potential gives no energy for it; leave it out of the labels",
                                   table.ids[static_cast<std::size_t>(r)]));
    }
    rest[r] = table.targets[r] - energy / primitive_cell_count(*configuration.supercell);
  }
  const RidgeFit fit = fit_ridge({table.features, rest, table.weights, table.error_scale,
                                  Eigen::VectorXd::Ones(table.features.cols()), kKimPenalty});
  constant_ = fit.intercept;
  slopes_.assign(fit.coefficients.data(), fit.coefficients.data() + fit.coefficients.size());
  FitReport report;
  report.labels = table.order.size();
  report.features = slopes_.size();
  report.rank = fit.rank;
  report.loo_residuals_ev_per_atom.assign(labels.size(), 0.0);
  double squares = 0, loo_squares = 0;
  for (Eigen::Index r = 0; r < rest.size(); ++r) {
    const double loo = fit.loo_residuals[r] * table.error_scale[r];
    report.loo_residuals_ev_per_atom[table.order[static_cast<std::size_t>(r)]] = loo;
    squares += std::pow(fit.residuals[r] * table.error_scale[r], 2);
    loo_squares += loo * loo;
  }
  scatter_ = std::sqrt(squares / static_cast<double>(rest.size()));
  report.rmse_mev_per_atom = 1e3 * scatter_;
  report.loo_rmse_mev_per_atom = 1e3 * std::sqrt(loo_squares / static_cast<double>(rest.size()));
  for (std::size_t i = 0; i < slopes_.size(); ++i) {
    report.coefficients.push_back(points_->description(i));
    report.coefficients.back().energy_ev = slopes_[i];
  }
  return report;
}

std::unique_ptr<ConfigurationScorer> KimSurrogate::scorer(const Supercell& supercell) const {
  points_->require_own_parent(supercell, "supercell");
  return std::make_unique<KimScorer>(points_, energies_, constant_, slopes_, supercell);
}

std::vector<Uncertainty> KimSurrogate::uncertainties(const Supercell& supercell,
                                                     std::span<const std::uint8_t> occupations) const {
  const std::size_t sites = supercell.varied_sites().size();
  if (scatter_ <= 0 || sites == 0) return {};
  return std::vector<Uncertainty>(occupations.size() / sites, Uncertainty{scatter_, {}});
}

std::vector<std::byte> KimSurrogate::serialise() const {
  ByteWriter out;
  out.write(kKimFormatVersion);
  points_->write(out);
  out.write(std::string_view(energies_->settings().model));
  out.write(static_cast<std::uint8_t>(energies_->settings().relaxation));
  out.write(constant_);
  out.write(std::span<const double>(slopes_));
  return out.take();
}

std::unique_ptr<Surrogate> make_kim_surrogate(const SurrogateSpec& spec, std::shared_ptr<const ParentCrystal> parent,
                                              Problems& problems) {
  const std::size_t problems_before = problems.lines().size();
  SettingsReader reader(spec.settings, "surrogate", problems);
  reader.text("kind");
  const KimSettings settings = read_kim_settings(reader, "model");
  reader.finish();
  if (problems.lines().size() > problems_before) return nullptr;
  try {
    return std::make_unique<KimSurrogate>(std::move(parent), settings);
  } catch (const InputError& error) {
    problems.add(reader.where("model"), std::string("surrogate.model: ") + error.what());
    return nullptr;
  }
}

std::unique_ptr<Surrogate> deserialise_kim_surrogate(std::span<const std::byte> bytes,
                                                     std::shared_ptr<const ParentCrystal> parent) {
  ByteReader in(bytes);
  if (const auto version = in.read<std::uint32_t>(); version != kKimFormatVersion) {
    throw StorageError(
        fmt::format("stored KIM model has format {}, this version reads {}", version, kKimFormatVersion));
  }
  (void)LatticeFeatures::read(in, parent, "KIM model");
  KimSettings settings{in.read_text(), {}};
  const auto relaxation = in.read<std::uint8_t>();
  if (relaxation > 2) throw StorageError("stored KIM model is damaged: unknown relaxation");
  settings.relaxation = static_cast<KimRelaxation>(relaxation);
  const double constant = in.read_double();
  std::vector<double> slopes = in.read_doubles();
  in.finish();
  std::unique_ptr<KimSurrogate> model;
  try {
    model = std::make_unique<KimSurrogate>(std::move(parent), settings);
  } catch (const InputError& error) {
    throw StorageError(std::string("stored model: ") + error.what());
  }
  if (slopes.size() != model->slopes_.size())
    throw StorageError("stored KIM model is damaged: the number of slopes does not fit");
  model->constant_ = constant;
  model->slopes_ = std::move(slopes);
  return model;
}

}  // namespace hullscan
