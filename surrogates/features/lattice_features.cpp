#include "surrogates/features/lattice_features.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace hullscan {
std::string name_of_label(const LabelledConfiguration& label, std::size_t index) {
  return label.id.empty() ? fmt::format("labelled configuration {}", index + 1) : label.id;
}

std::vector<std::size_t> usable_labels(std::span<const LabelledConfiguration> labels) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const LabelledConfiguration& label = labels[i];
    if (!std::isfinite(label.formation_energy_ev_per_atom)) {
      throw InputError(name_of_label(label, i) + ": the energy is not a finite number");
    }
    if (!(label.weight >= 0) || !std::isfinite(label.weight)) {
      throw InputError(fmt::format("{}: weight {}, must be >= 0", name_of_label(label, i), label.weight));
    }
    if (label.weight > 0) order.push_back(i);
  }
  if (order.empty()) throw InputError("no labelled configuration to fit a model to");
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return labels[a].id < labels[b].id; });
  return order;
}

FeatureSettings read_feature_settings(SettingsReader& reader, const ParentCrystal& parent) {
  FeatureSettings settings;
  const double longest = 50;
  settings.cutoffs.pairs_angstrom = reader.number("pairs", 8.0, 0, longest);
  settings.cutoffs.triplets_angstrom = reader.number("triplets", 0.0, 0, longest);
  settings.cutoffs.quadruplets_angstrom = reader.number("quadruplets", 0.0, 0, longest);
  settings.electrostatic = reader.boolean("electrostatic", false);
  if (settings.electrostatic) {
    settings.charges = read_charges(reader, parent);
  } else if (reader.has("oxidation")) {
    reader.problem("oxidation", "is used with electrostatic = true only");
    (void)reader.number_by_name("oxidation");
  }
  return settings;
}

LatticeFeatures::LatticeFeatures(std::shared_ptr<const ParentCrystal> parent, FeatureSettings settings)
    : settings_(std::move(settings)), orbits_(std::move(parent), settings_.cutoffs) {}

FittedCoefficient LatticeFeatures::description(std::size_t feature) const {
  if (feature == orbits_.orbits().size()) return {"electrostatic energy", 0, 0, 1, 0};
  const DecoratedOrbit& orbit = orbits_.orbits()[feature];
  return {orbits_.description(feature), static_cast<int>(orbit.sites.size()), orbit.diameter_angstrom,
          orbit.multiplicity, 0};
}

Eigen::VectorXd LatticeFeatures::penalty_factors() const {
  std::vector<FittedCoefficient> described;
  for (std::size_t j = 0; j < count(); ++j) described.push_back(description(j));
  return hullscan::penalty_factors(described);
}

Eigen::VectorXd penalty_factors(std::span<const FittedCoefficient> described) {
  double shortest = std::numeric_limits<double>::infinity();
  for (const FittedCoefficient& one : described) {
    if (one.sites > 1) shortest = std::min(shortest, one.diameter_angstrom);
  }
  Eigen::VectorXd factors = Eigen::VectorXd::Ones(static_cast<Eigen::Index>(described.size()));
  for (std::size_t j = 0; j < described.size(); ++j) {
    if (described[j].sites == 0) continue;
    const auto size = static_cast<double>(described[j].sites);
    factors[static_cast<Eigen::Index>(j)] =
        size < 2 ? LatticeFeatures::kPointPenaltyFactor
                 : std::pow(described[j].diameter_angstrom / shortest, LatticeFeatures::kDiameterPenaltyPower) *
                       std::pow(LatticeFeatures::kSizePenaltyFactor, size - 2);
  }
  return factors;
}

std::vector<PointColumn> point_columns(const LatticeFeatures& features) {
  std::vector<PointColumn> points;
  for (std::size_t p = 0; p < features.point_count(); ++p) {
    const DecoratedOrbit& orbit = features.orbits().orbits()[p];
    const Sublattice& sublattice =
        features.parent()
            .sublattices[static_cast<std::size_t>(features.orbits().sites().sublattice(orbit.sites.front().site))];
    points.push_back({std::string(sublattice.allowed[orbit.occupants.front()].symbol()), sublattice.name,
                      features.description(p).cluster});
  }
  return points;
}

int LatticeFeatures::interaction_order() const {
  int order = settings_.electrostatic ? 2 : 1;
  for (const DecoratedOrbit& orbit : orbits_.orbits()) order = std::max(order, static_cast<int>(orbit.sites.size()));
  return order;
}

LatticePolynomial LatticeFeatures::polynomial(const Supercell& supercell, double constant,
                                              std::span<const double> coefficients) const {
  const SupercellSites where(orbits_.sites(), supercell);
  LatticePolynomial::Builder builder(supercell);
  const double cells = primitive_cell_count(supercell);
  builder.add_constant(constant * cells);
  if (settings_.electrostatic && coefficients.back() != 0.0) {
    SupercellElectrostatics(supercell, settings_.charges).add_terms(builder, coefficients.back());
  }
  for (const SiteCluster& cluster : orbits_.clusters()) {
    const std::size_t size = cluster.sites.size();
    std::vector<int> varied(size);
    std::vector<std::uint8_t> occupants(size);
    for (std::size_t code = 0; code < cluster.orbit_of.size(); ++code) {
      const double energy = coefficients[static_cast<std::size_t>(cluster.orbit_of[code])];
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
  return builder.build();
}

void require_parent(const ParentCrystal& own, const Supercell& supercell, const std::string& who) {
  const ParentCrystal& other = supercell.parent();
  if (&other == &own) return;
  const bool same_occupants =
      std::equal(other.sublattices.begin(), other.sublattices.end(), own.sublattices.begin(), own.sublattices.end(),
                 [](const auto& a, const auto& b) { return a.allowed == b.allowed; });
  if (other.sites.size() != own.sites.size() || !(other.lattice == own.lattice) || !same_occupants)
    throw InputError(who + ": belongs to another parent crystal than the model");
}

void LatticeFeatures::require_own_parent(const Supercell& supercell, const std::string& who) const {
  require_parent(parent(), supercell, who);
}

void LatticeFeatures::write(ByteWriter& out) const {
  out.write(settings_.cutoffs.pairs_angstrom);
  out.write(settings_.cutoffs.triplets_angstrom);
  out.write(settings_.cutoffs.quadruplets_angstrom);
  out.write(static_cast<std::uint8_t>(settings_.electrostatic ? 1 : 0));
  out.write(static_cast<std::uint32_t>(settings_.charges.size()));
  for (const auto& [species, charge] : settings_.charges) {
    out.write(species.code());
    out.write(charge);
  }
  out.write(orbits_.fingerprint());
}

LatticeFeatures LatticeFeatures::read(ByteReader& in, std::shared_ptr<const ParentCrystal> parent,
                                      const std::string& what) {
  FeatureSettings settings;
  for (double* cutoff : {&settings.cutoffs.pairs_angstrom, &settings.cutoffs.triplets_angstrom,
                         &settings.cutoffs.quadruplets_angstrom}) {
    *cutoff = in.read_double();
    if (!(*cutoff >= 0 && *cutoff <= 50)) throw StorageError("stored " + what + " is damaged: impossible cutoff");
  }
  settings.electrostatic = in.read<std::uint8_t>() != 0;
  const auto charges = in.read<std::uint32_t>();
  if (charges > 256) throw StorageError("stored " + what + " is damaged: too many charges");
  for (std::uint32_t i = 0; i < charges; ++i) {
    const auto code = in.read<std::uint8_t>();
    const double charge = in.read_double();
    try {
      settings.charges[Species::from_code(code)] = charge;
    } catch (const InputError& error) {
      throw StorageError("stored " + what + " is damaged: " + error.what());
    }
  }
  const auto fingerprint = in.read<std::uint64_t>();
  LatticeFeatures features(std::move(parent), std::move(settings));
  if (features.orbits_.fingerprint() != fingerprint) {
    throw StorageError("stored " + what + " belongs to another parent crystal; fit it again to this one's labels");
  }
  return features;
}

FeatureCounter::FeatureCounter(const LatticeFeatures& features, const Supercell& supercell)
    : features_(features.count()), cells_(primitive_cell_count(supercell)), atoms_(supercell) {
  const ClusterOrbits& orbits = features.orbits();
  const SupercellSites where(orbits.sites(), supercell);
  std::map<std::pair<std::vector<int>, std::vector<std::uint16_t>>, std::size_t> known;  // orbits, sites
  std::vector<std::uint16_t> sites;
  for (const SiteCluster& cluster : orbits.clusters()) {
    const auto first_orbit = static_cast<std::uint32_t>(orbit_of_.size());
    orbit_of_.insert(orbit_of_.end(), cluster.orbit_of.begin(), cluster.orbit_of.end());
    const std::vector<int> own_orbits(cluster.orbit_of.begin(), cluster.orbit_of.end());
    for (const std::array<int, 3>& cell : where.cells()) {
      sites.clear();
      for (const LatticeSite& site : cluster.sites)
        sites.push_back(static_cast<std::uint16_t>(where.varied_index(cell, site)));
      const auto [found, is_new] = known.try_emplace({own_orbits, sites}, clusters_.size());
      if (!is_new) {
        clusters_[found->second].members += 1;
        continue;
      }
      clusters_.push_back(
          {static_cast<std::uint32_t>(sites_.size()), first_orbit, static_cast<std::uint8_t>(cluster.sites.size()), 1});
      sites_.insert(sites_.end(), sites.begin(), sites.end());
      for (const LatticeSite& site : cluster.sites) {
        const auto sublattice = static_cast<std::size_t>(orbits.sites().sublattice(site.site));
        radix_.push_back(static_cast<std::uint16_t>(features.parent().sublattices[sublattice].allowed.size() - 1));
      }
    }
  }
  if (features.settings().electrostatic) electrostatics_.emplace(supercell, features.settings().charges);
}

void FeatureCounter::count(std::span<const std::uint8_t> occupation, std::span<double> row) const {
  std::fill(row.begin(), row.end(), 0.0);
  for (const Cluster& cluster : clusters_) {
    std::uint32_t code = 0;
    bool decorated = true;
    for (std::uint32_t i = cluster.sites; i < cluster.sites + cluster.size; ++i) {
      const std::uint8_t occupant = occupation[sites_[i]];
      decorated = decorated && occupant != 0;
      code = code * radix_[i] + occupant - 1U;
    }
    if (decorated) row[static_cast<std::size_t>(orbit_of_[cluster.orbits + code])] += cluster.members;
  }
  for (double& value : row) value /= cells_;
  if (electrostatics_) row.back() = electrostatics_->energy_ev(occupation) / cells_;
}

TrainingTable training_table(const LatticeFeatures& features, std::span<const LabelledConfiguration> labels) {
  TrainingTable table;
  table.order = usable_labels(labels);
  const auto rows = static_cast<Eigen::Index>(table.order.size()),
             columns = static_cast<Eigen::Index>(features.count());
  table.features.resize(rows, columns);
  table.targets.resize(rows);
  table.weights.resize(rows);
  table.error_scale.resize(rows);
  std::map<const Supercell*, FeatureCounter> counters;
  std::vector<double> row(features.count());
  for (Eigen::Index r = 0; r < rows; ++r) {
    const std::size_t index = table.order[static_cast<std::size_t>(r)];
    const LabelledConfiguration& label = labels[index];
    const Supercell& supercell = *label.configuration.supercell;
    table.ids.push_back(name_of_label(label, index));
    features.require_own_parent(supercell, table.ids.back());
    auto found = counters.find(&supercell);
    if (found == counters.end()) found = counters.try_emplace(&supercell, features, supercell).first;
    const FeatureCounter& counter = found->second;
    counter.count(label.configuration.occupation, row);
    for (Eigen::Index c = 0; c < columns; ++c) table.features(r, c) = row[static_cast<std::size_t>(c)];
    const double atoms_per_cell = counter.atoms().atoms(label.configuration.occupation) / counter.primitive_cells();
    table.targets[r] = label.formation_energy_ev_per_atom * atoms_per_cell;
    table.weights[r] = label.weight;
    table.error_scale[r] = atoms_per_cell > 0 ? 1.0 / atoms_per_cell : 1.0;
  }
  return table;
}

std::vector<std::string> label_warnings(const LatticeFeatures& features, const TrainingTable& table,
                                        const Eigen::VectorXd& loo_residuals) {
  return label_warnings(point_columns(features), table, loo_residuals);
}

std::vector<std::string> label_warnings(const std::vector<PointColumn>& points, const TrainingTable& table,
                                        const Eigen::VectorXd& loo_residuals) {
  std::vector<std::string> warnings;
  const Eigen::Index rows = table.features.rows();
  if (rows <= table.features.cols()) {
    warnings.push_back(
        fmt::format("{} labelled configurations for {} coefficients: the penalty decides what the labels do "
                    "not; label more, or choose smaller cutoffs",
                    rows, table.features.cols() + 1));
  }

  // Composition: what never occurs, and what varies together.
  std::vector<Eigen::Index> varying;
  for (std::size_t p = 0; p < points.size() && rows > 1; ++p) {
    const auto column = table.features.col(static_cast<Eigen::Index>(p));
    if (column.maxCoeff() == 0.0) {
      warnings.push_back(
          fmt::format("no label holds {} on sublattice \"{}\": its interactions are unknown to the model; label "
                      "configurations that hold it",
                      points[p].species, points[p].sublattice));
    } else if (column.maxCoeff() > column.minCoeff()) {
      varying.push_back(static_cast<Eigen::Index>(p));
    }
  }
  for (std::size_t i = 0; i < varying.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const Eigen::VectorXd a = table.features.col(varying[i]).array() - table.features.col(varying[i]).mean();
      const Eigen::VectorXd b = table.features.col(varying[j]).array() - table.features.col(varying[j]).mean();
      if (std::abs(a.dot(b)) > (1 - 1e-9) * a.norm() * b.norm()) {
        warnings.push_back(
            fmt::format("{} and {} vary together in all labels: their slopes cannot be distinguished; label "
                        "configurations in which one of them changes alone",
                        points[static_cast<std::size_t>(varying[j])].description,
                        points[static_cast<std::size_t>(varying[i])].description));
      }
    }
  }

  // Equal rows with unequal energies.
  constexpr double kSameEnergyEv = 1e-3;
  std::map<std::vector<std::int64_t>, Eigen::Index> seen;
  std::size_t unequal = 0;
  std::string worst;
  double largest = kSameEnergyEv;
  for (Eigen::Index r = 0; r < rows; ++r) {
    std::vector<std::int64_t> key;
    for (Eigen::Index c = 0; c < table.features.cols(); ++c) key.push_back(std::llround(table.features(r, c) * 1e7));
    const auto [found, inserted] = seen.emplace(std::move(key), r);
    if (inserted) continue;
    const double difference = std::abs(table.targets[r] - table.targets[found->second]) * table.error_scale[r];
    if (difference > kSameEnergyEv) ++unequal;
    if (difference > largest) {
      largest = difference;
      worst = fmt::format("{} and {} are the same configuration to the model and differ by {:.1f} meV/atom",
                          table.ids[static_cast<std::size_t>(found->second)], table.ids[static_cast<std::size_t>(r)],
                          1e3 * difference);
    }
  }
  if (unequal > 0) {
    warnings.push_back(worst + (unequal > 1 ? fmt::format(" ({} such pairs)", unequal) : std::string()) +
                       ": duplicates with different energies, or clusters beyond the cutoffs matter");
  }

  // Outliers, measured by the median residual.
  if (rows >= 10) {
    std::vector<double> size;
    for (Eigen::Index r = 0; r < rows; ++r) size.push_back(std::abs(loo_residuals[r] * table.error_scale[r]));
    std::vector<double> sorted = size;
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
    const double deviation = 1.4826 * sorted[sorted.size() / 2];
    for (std::size_t r = 0; r < size.size(); ++r) {
      if (std::isfinite(size[r]) && deviation > 0 && size[r] > 10 * deviation && size[r] > 1e-3) {
        warnings.push_back(
            fmt::format("{} is {:.0f} standard deviations ({:.0f} meV/atom) from what the other labels predict: "
                        "check the calculation, or leave it out",
                        table.ids[r], size[r] / deviation, 1e3 * size[r]));
      }
    }
  }
  return warnings;
}

}  // namespace hullscan
