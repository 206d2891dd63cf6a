#include "surrogates/cluster_expansion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "surrogates/byte_stream.hpp"
#include "surrogates/lattice_polynomial.hpp"
#include "surrogates/ridge.hpp"

namespace hullscan {
namespace {

constexpr std::uint32_t kFormatVersion = 1;
/// Below this many labels only the composition is fitted: two more points always lie on some interaction.
constexpr std::size_t kFewestLabels = 4;
/// Penalty where there are too few labels to choose one: nearly interpolates.
constexpr double kSmallPenalty = 1e-6;

/// Atoms of a configuration from its occupation alone.
class AtomCounter {
 public:
  explicit AtomCounter(const Supercell& supercell) {
    const ParentCrystal& parent = supercell.parent();
    for (const SupercellSite& site : supercell.sites()) {
      const ParentSite& parent_site = parent.sites[static_cast<std::size_t>(site.parent_site)];
      if (parent_site.sublattice == kFixedSite) {
        if (!parent_site.fixed_species.is_vacancy()) ++always_;
        continue;
      }
      const std::vector<Species>& allowed = parent.sublattices[static_cast<std::size_t>(parent_site.sublattice)].allowed;
      const auto vacancy = std::find(allowed.begin(), allowed.end(), Species::vacancy());
      ++always_;
      if (vacancy != allowed.end()) {
        vacant_.push_back({sites_, static_cast<std::uint8_t>(vacancy - allowed.begin())});
      }
      ++sites_;
    }
  }

  [[nodiscard]] int atoms(std::span<const std::uint8_t> occupation) const {
    int atoms = always_;
    for (const Vacant& vacant : vacant_) atoms -= occupation[vacant.site] == vacant.occupant ? 1 : 0;
    return atoms;
  }

 private:
  struct Vacant {
    std::size_t site;
    std::uint8_t occupant;
  };
  int always_ = 0;
  std::size_t sites_ = 0;
  std::vector<Vacant> vacant_;
};

class PolynomialScorer final : public ConfigurationScorer {
 public:
  PolynomialScorer(LatticePolynomial polynomial, const Supercell& supercell)
      : polynomial_(std::move(polynomial)), counter_(supercell) {}

  [[nodiscard]] double score(std::span<const std::uint8_t> occupation) const override {
    const int atoms = counter_.atoms(occupation);
    if (atoms == 0) return std::numeric_limits<double>::infinity();
    return polynomial_.value(occupation) / atoms;
  }

 private:
  LatticePolynomial polynomial_;
  AtomCounter counter_;
};

std::string name_of(const LabelledConfiguration& label, std::size_t index) {
  return label.id.empty() ? fmt::format("labelled configuration {}", index + 1) : label.id;
}

/// The labels that count, in an order that does not depend on how they arrived.
std::vector<std::size_t> usable_labels(std::span<const LabelledConfiguration> labels) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const LabelledConfiguration& label = labels[i];
    if (!std::isfinite(label.formation_energy_ev_per_atom)) {
      throw InputError(name_of(label, i) + ": the energy is not a finite number");
    }
    if (!(label.weight >= 0) || !std::isfinite(label.weight)) {
      throw InputError(fmt::format("{}: weight {}, must be >= 0", name_of(label, i), label.weight));
    }
    if (label.weight > 0) order.push_back(i);
  }
  if (order.empty()) throw InputError("no labelled configuration to fit a model to");
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return labels[a].id < labels[b].id; });
  return order;
}

}  // namespace

ClusterExpansion::ClusterExpansion(std::shared_ptr<const ParentCrystal> parent, const ClusterExpansionSettings& settings)
    : settings_(settings), orbits_(std::move(parent), settings.cutoffs) {}

void ClusterExpansion::require_own_parent(const Supercell& supercell, const std::string& who) const {
  const ParentCrystal& other = supercell.parent();
  if (&other == &parent()) return;
  if (other.sites.size() != parent().sites.size() || !(other.lattice == parent().lattice) ||
      other.sublattices.size() != parent().sublattices.size()) {
    throw InputError(who + ": belongs to another parent crystal than the model");
  }
}

Eigen::VectorXd ClusterExpansion::penalty_factors() const {
  double shortest = std::numeric_limits<double>::infinity();
  for (const DecoratedOrbit& orbit : orbits_.orbits()) {
    if (orbit.sites.size() > 1) shortest = std::min(shortest, orbit.diameter_angstrom);
  }
  Eigen::VectorXd factors(static_cast<Eigen::Index>(orbits_.orbits().size()));
  for (Eigen::Index j = 0; j < factors.size(); ++j) {
    const DecoratedOrbit& orbit = orbits_.orbits()[static_cast<std::size_t>(j)];
    const auto size = static_cast<double>(orbit.sites.size());
    factors[j] = size < 2 ? kPointPenaltyFactor
                          : std::pow(orbit.diameter_angstrom / shortest, kDiameterPenaltyPower) *
                                std::pow(kSizePenaltyFactor, size - 2);
  }
  return factors;
}

FitReport ClusterExpansion::fit(std::span<const LabelledConfiguration> labels) {
  const std::vector<std::size_t> order = usable_labels(labels);
  const std::size_t orbit_count = orbits_.orbits().size();
  FitReport report;
  report.labels = order.size();

  const bool composition_only = order.size() < kFewestLabels;
  report.features = composition_only ? orbits_.point_count() : orbit_count;
  if (composition_only) {
    report.warnings.push_back(fmt::format("{} labelled configuration{}: only the composition is fitted, {} or more are "
                                          "needed for interactions",
                                          order.size(), order.size() == 1 ? "" : "s", kFewestLabels));
  } else if (order.size() <= orbit_count) {
    report.warnings.push_back(fmt::format("{} labelled configurations for {} coefficients: the penalty decides what the "
                                          "labels do not",
                                          order.size(), orbit_count + 1));
  }

  const auto rows = static_cast<Eigen::Index>(order.size()), columns = static_cast<Eigen::Index>(report.features);
  RidgeProblem problem{Eigen::MatrixXd(rows, columns), Eigen::VectorXd(rows), Eigen::VectorXd(rows), Eigen::VectorXd(rows),
                       penalty_factors().head(columns), settings_.ridge};
  if (!problem.penalty && composition_only) problem.penalty = kSmallPenalty;
  for (Eigen::Index row = 0; row < rows; ++row) {
    const std::size_t index = order[static_cast<std::size_t>(row)];
    const LabelledConfiguration& label = labels[index];
    const Supercell& supercell = *label.configuration.supercell;
    require_own_parent(supercell, name_of(label, index));
    const double cells = primitive_cell_count(supercell);
    const double atoms_per_cell = AtomCounter(supercell).atoms(label.configuration.occupation) / cells;
    const std::vector<std::int64_t> counts = orbits_.counts(label.configuration);
    for (Eigen::Index column = 0; column < columns; ++column) {
      problem.features(row, column) = static_cast<double>(counts[static_cast<std::size_t>(column)]) / cells;
    }
    problem.targets[row] = label.formation_energy_ev_per_atom * atoms_per_cell;
    problem.weights[row] = label.weight;
    problem.error_scale[row] = atoms_per_cell > 0 ? 1.0 / atoms_per_cell : 1.0;
  }

  const RidgeFit fitted = fit_ridge(problem);
  constant_ = fitted.intercept;
  fitted_ = true;
  coefficients_.assign(orbit_count, 0.0);
  for (Eigen::Index j = 0; j < columns; ++j) coefficients_[static_cast<std::size_t>(j)] = fitted.coefficients[j];

  report.rank = fitted.rank;
  report.regularisation = fitted.penalty;
  report.loo_residuals_ev_per_atom.assign(labels.size(), 0.0);
  double squares = 0, loo_squares = 0;
  for (Eigen::Index row = 0; row < rows; ++row) {
    const double residual = fitted.residuals[row] * problem.error_scale[row];
    const double loo_residual = fitted.loo_residuals[row] * problem.error_scale[row];
    report.loo_residuals_ev_per_atom[order[static_cast<std::size_t>(row)]] = loo_residual;
    squares += residual * residual;
    loo_squares += loo_residual * loo_residual;
  }
  report.rmse_mev_per_atom = 1e3 * std::sqrt(squares / static_cast<double>(rows));
  report.loo_rmse_mev_per_atom = 1e3 * std::sqrt(loo_squares / static_cast<double>(rows));
  for (std::size_t i = 0; i < orbit_count; ++i) {
    const DecoratedOrbit& orbit = orbits_.orbits()[i];
    report.coefficients.push_back({orbits_.description(i), static_cast<int>(orbit.sites.size()), orbit.diameter_angstrom,
                                   orbit.multiplicity, coefficients_[i]});
  }
  return report;
}

std::unique_ptr<ConfigurationScorer> ClusterExpansion::scorer(const Supercell& supercell) const {
  if (!fitted_) throw InputError("the cluster expansion has not been fitted");
  require_own_parent(supercell, "supercell");
  const SupercellSites where(orbits_.sites(), supercell);
  LatticePolynomial::Builder builder(supercell);
  builder.add_constant(constant_ * primitive_cell_count(supercell));
  for (const SiteCluster& cluster : orbits_.clusters()) {
    const std::size_t size = cluster.sites.size();
    std::vector<int> varied(size);
    std::vector<std::uint8_t> occupants(size);
    for (std::size_t code = 0; code < cluster.orbit_of.size(); ++code) {
      const double energy = coefficients_[static_cast<std::size_t>(cluster.orbit_of[code])];
      if (energy == 0.0) continue;
      std::size_t rest = code;
      for (std::size_t i = size; i-- > 0;) {
        const auto sublattice = static_cast<std::size_t>(orbits_.sites().sublattice(cluster.sites[i].site));
        const std::size_t radix = parent().sublattices[sublattice].allowed.size() - 1;
        occupants[i] = static_cast<std::uint8_t>(rest % radix + 1);
        rest /= radix;
      }
      for (const std::array<int, 3>& cell : where.cells()) {
        for (std::size_t i = 0; i < size; ++i) varied[i] = where.varied_index(cell, cluster.sites[i]);
        builder.add(varied, occupants, energy);
      }
    }
  }
  return std::make_unique<PolynomialScorer>(builder.build(), supercell);
}

std::vector<std::byte> ClusterExpansion::serialise() const {
  ByteWriter out;
  out.write(kFormatVersion);
  out.write(settings_.cutoffs.pairs_angstrom);
  out.write(settings_.cutoffs.triplets_angstrom);
  out.write(settings_.cutoffs.quadruplets_angstrom);
  out.write(settings_.ridge.value_or(-1.0));
  out.write(orbits_.fingerprint());
  out.write(static_cast<std::uint8_t>(fitted_ ? 1 : 0));
  out.write(constant_);
  out.write(std::span<const double>(coefficients_));
  return out.take();
}

std::unique_ptr<Surrogate> deserialise_cluster_expansion(std::span<const std::byte> bytes,
                                                         std::shared_ptr<const ParentCrystal> parent) {
  ByteReader in(bytes);
  if (const auto version = in.read<std::uint32_t>(); version != kFormatVersion) {
    throw StorageError(fmt::format("stored cluster expansion has format {}, this version reads {}", version, kFormatVersion));
  }
  ClusterExpansionSettings settings;
  for (double* cutoff : {&settings.cutoffs.pairs_angstrom, &settings.cutoffs.triplets_angstrom,
                         &settings.cutoffs.quadruplets_angstrom}) {
    *cutoff = in.read_double();
    if (!(*cutoff >= 0 && *cutoff <= 50)) throw StorageError("stored cluster expansion is damaged: impossible cutoff");
  }
  if (const double ridge = in.read_double(); ridge >= 0) settings.ridge = ridge;
  const auto fingerprint = in.read<std::uint64_t>();
  const bool fitted = in.read<std::uint8_t>() != 0;
  const double constant = in.read_double();
  std::vector<double> coefficients = in.read_doubles();
  in.finish();

  auto model = std::make_unique<ClusterExpansion>(std::move(parent), settings);
  if (model->orbits_.fingerprint() != fingerprint ||
      coefficients.size() != (fitted ? model->orbits_.orbits().size() : 0)) {
    throw StorageError("stored cluster expansion belongs to another parent crystal");
  }
  model->fitted_ = fitted;
  model->constant_ = constant;
  model->coefficients_ = std::move(coefficients);
  return model;
}

std::unique_ptr<Surrogate> make_cluster_expansion(const SurrogateSpec& spec, std::shared_ptr<const ParentCrystal> parent,
                                                  Problems& problems) {
  const std::size_t problems_before = problems.lines().size();
  SettingsReader reader(spec.settings, "surrogate", problems);
  reader.text("kind");
  ClusterExpansionSettings settings;
  const double longest = 50;
  settings.cutoffs.pairs_angstrom = reader.number("pairs", 8.0, 0, longest);
  settings.cutoffs.triplets_angstrom = reader.number("triplets", 0.0, 0, longest);
  settings.cutoffs.quadruplets_angstrom = reader.number("quadruplets", 0.0, 0, longest);
  settings.ridge = reader.number("ridge", 0, 1e6);
  reader.finish();
  if (problems.lines().size() > problems_before) return nullptr;
  try {
    return std::make_unique<ClusterExpansion>(std::move(parent), settings);
  } catch (const InputError& error) {
    problems.add(spec.settings.where, std::string("surrogate: ") + error.what());
    return nullptr;
  }
}

}  // namespace hullscan
