#include "surrogates/models/substitution_expansion.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>  // std::iota

#include "surrogates/byte_stream.hpp"
#include "surrogates/features/lattice_features.hpp"
#include "surrogates/features/primitive_sites.hpp"
#include "surrogates/lattice/polynomial_scorer.hpp"

namespace hullscan {
namespace {

constexpr std::uint32_t kSubstitutionFormatVersion = 1;

/// A varied site with another species than its sublattice's first.
struct State {
  int site = 0;
  std::uint8_t species = 0;
};

std::vector<State> states_of(const Supercell& supercell) {
  std::vector<State> states;
  for (int v = 0; v < static_cast<int>(supercell.varied_sites().size()); ++v) {
    const auto& allowed = supercell.parent().sublattices[static_cast<std::size_t>(supercell.sublattice_of(v))].allowed;
    for (std::size_t s = 1; s < allowed.size(); ++s) states.push_back({v, static_cast<std::uint8_t>(s)});
  }
  return states;
}

std::size_t pair_number(std::size_t a, std::size_t b) { return a > b ? a * (a - 1) / 2 + b : b * (b - 1) / 2 + a; }

/// Permutations of the varied sites that generate the supercell's group.
std::vector<std::vector<int>> generators(const ParentCrystal& parent, const Supercell& supercell) {
  const PrimitiveSites sites(parent);
  const SupercellSites where(sites, supercell);
  std::vector<LatticeSite> at;
  for (const int site : supercell.varied_sites()) {
    const SupercellSite& here = supercell.sites()[static_cast<std::size_t>(site)];
    LatticeSite home = sites.of_parent_site(here.parent_site);
    const Eigen::Vector3i cell = sites.cell_in_primitive().transpose() * here.cell;
    for (int i = 0; i < 3; ++i) home.cell[static_cast<std::size_t>(i)] += cell[i];
    at.push_back(home);
  }
  const Eigen::Matrix3d rows = (supercell.matrix() * sites.cell_in_primitive()).cast<double>();
  const Eigen::Matrix3d inverse = rows.inverse();
  std::vector<std::vector<int>> permutations;
  for (int operation = 0; operation < sites.operation_count(); ++operation) {
    if (!parent.operations.empty()) {
      const Eigen::Matrix3d rotation = parent.operations[static_cast<std::size_t>(operation)].rotation.cast<double>();
      const Eigen::Matrix3d moved = rows * rotation.transpose() * inverse;
      const Eigen::Matrix3d whole = moved.array().round();
      if ((moved - whole).cwiseAbs().maxCoeff() > 1e-6) continue;
    }
    permutations.emplace_back();
    for (const LatticeSite& site : at)
      permutations.back().push_back(where.varied_index({0, 0, 0}, sites.image(operation, site)));
  }
  for (const std::array<int, 3>& cell : where.cells()) {
    permutations.emplace_back();
    for (const LatticeSite& site : at) permutations.back().push_back(where.varied_index(cell, site));
  }
  return permutations;
}

class Classes {
 public:
  explicit Classes(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
  std::size_t of(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::size_t a, std::size_t b) {
    a = of(a);
    b = of(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::size_t> parent_;
};

struct Mean {
  double sum = 0;
  int count = 0;
  void add(double value) {
    sum += value;
    ++count;
  }
  [[nodiscard]] double value() const { return count > 0 ? sum / count : 0.0; }
};

}  // namespace

FitReport SubstitutionExpansion::fit(std::span<const LabelledConfiguration> labels) {
  for (const std::size_t index : usable_labels(labels))
    require_parent(*parent_, *labels[index].configuration.supercell, name_of_label(labels[index], index));
  // The supercell: of the unsubstituted labels the one with the most company.
  const auto substitutions = [](const LabelledConfiguration& label) {
    return std::count_if(label.configuration.occupation.begin(), label.configuration.occupation.end(),
                         [](std::uint8_t o) { return o != 0; });
  };
  const auto same_supercell = [](const Supercell& a, const Supercell& b) { return a.matrix() == b.matrix(); };
  std::shared_ptr<const Supercell> chosen;
  std::ptrdiff_t company = 0;
  for (const LabelledConfiguration& label : labels) {
    if (!(label.weight > 0) || substitutions(label) != 0) continue;
    const auto together = std::count_if(labels.begin(), labels.end(), [&](const LabelledConfiguration& other) {
      return other.weight > 0 && same_supercell(*other.configuration.supercell, *label.configuration.supercell);
    });
    if (together > company) {
      company = together;
      chosen = label.configuration.supercell;
    }
  }
  if (!chosen) {
    throw InputError(
        "substitution expansion: no label of the unsubstituted configuration; label it, every single and every "
        "double substitution of one supercell");
  }
  supercell_ = chosen;
  const std::vector<State> states = states_of(*supercell_);
  const std::size_t n = states.size(), pairs = n * (n - std::min<std::size_t>(n, 1)) / 2;
  std::map<std::pair<int, std::uint8_t>, std::size_t> number;
  for (std::size_t s = 0; s < n; ++s) number[{states[s].site, states[s].species}] = s;

  Classes of_single(n), of_pair(pairs);
  for (const std::vector<int>& permutation : generators(*parent_, *supercell_)) {
    std::vector<std::size_t> moved(n);
    for (std::size_t s = 0; s < n; ++s) {
      moved[s] = number.at({permutation[static_cast<std::size_t>(states[s].site)], states[s].species});
      of_single.join(s, moved[s]);
    }
    for (std::size_t a = 1; a < n; ++a) {
      for (std::size_t b = 0; b < a; ++b) of_pair.join(pair_number(a, b), pair_number(moved[a], moved[b]));
    }
  }

  const AtomCounter counter(*supercell_);
  const auto energy_of = [&](const LabelledConfiguration& label) {
    return label.formation_energy_ev_per_atom * counter.atoms(label.configuration.occupation);
  };
  const auto substituted = [&](const LabelledConfiguration& label) {
    std::vector<std::size_t> found;
    for (std::size_t v = 0; v < label.configuration.occupation.size(); ++v) {
      if (label.configuration.occupation[v] != 0)
        found.push_back(number.at({static_cast<int>(v), label.configuration.occupation[v]}));
    }
    return found;
  };
  std::vector<const LabelledConfiguration*> used;
  for (const LabelledConfiguration& label : labels) {
    if (label.weight > 0 && same_supercell(*label.configuration.supercell, *supercell_)) used.push_back(&label);
  }
  std::sort(used.begin(), used.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
  Mean constant;
  std::map<std::size_t, Mean> single, pair;
  for (const LabelledConfiguration* label : used) {
    if (substitutions(*label) == 0) constant.add(energy_of(*label));
  }
  constant_ = constant.value();
  for (const LabelledConfiguration* label : used) {
    if (substitutions(*label) == 1) single[of_single.of(substituted(*label)[0])].add(energy_of(*label) - constant_);
  }
  for (const LabelledConfiguration* label : used) {
    if (substitutions(*label) != 2) continue;
    const auto two = substituted(*label);
    pair[of_pair.of(pair_number(two[0], two[1]))].add(
        energy_of(*label) - constant_ - single[of_single.of(two[0])].value() - single[of_single.of(two[1])].value());
  }
  singles_.assign(n, 0.0);
  doubles_.assign(pairs, 0.0);
  std::map<std::size_t, int> missing_singles, missing_pairs;
  for (std::size_t a = 0; a < n; ++a) {
    const auto known = single.find(of_single.of(a));
    if (known == single.end() || known->second.count == 0) ++missing_singles[of_single.of(a)];
    if (known != single.end()) singles_[a] = known->second.value();
    for (std::size_t b = 0; b < a; ++b) {
      if (states[a].site == states[b].site) continue;
      const std::size_t which = of_pair.of(pair_number(a, b));
      const auto found = pair.find(which);
      if (found == pair.end()) ++missing_pairs[which];
      if (found != pair.end()) doubles_[pair_number(a, b)] = found->second.value();
    }
  }

  FitReport report;
  report.labels = used.size();
  report.features = single.size() + pair.size();
  report.rank = static_cast<int>(report.features);
  report.loo_residuals_ev_per_atom.assign(labels.size(), 0.0);
  const auto model = scorer(*supercell_);
  double squares = 0, beyond_squares = 0, beyond = 0;
  for (const LabelledConfiguration* label : used) {
    const double off = label->formation_energy_ev_per_atom - model->score(label->configuration.occupation);
    squares += off * off;
    if (substitutions(*label) > 2) {
      beyond_squares += off * off;
      ++beyond;
    }
  }
  report.rmse_mev_per_atom = 1e3 * std::sqrt(squares / static_cast<double>(used.size()));
  report.loo_rmse_mev_per_atom =
      beyond > 0 ? 1e3 * std::sqrt(beyond_squares / beyond) : std::numeric_limits<double>::infinity();
  if (!missing_singles.empty() || !missing_pairs.empty()) {
    report.warnings.push_back(
        fmt::format("{} inequivalent single and {} double substitutions have no label and are taken as 0: "
                    "label them",
                    missing_singles.size(), missing_pairs.size()));
  }
  if (used.size() < labels.size()) {
    report.warnings.push_back(fmt::format("{} labels of other supercells are not used", labels.size() - used.size()));
  }
  return report;
}

std::unique_ptr<ConfigurationScorer> SubstitutionExpansion::scorer(const Supercell& supercell) const {
  if (!fitted()) throw InputError("the substitution expansion has no energies yet");
  require_parent(*parent_, supercell, "supercell");
  if (supercell.matrix() != supercell_->matrix()) {
    throw InputError("a substitution expansion holds for the supercell of its labels only");
  }
  const std::vector<State> states = states_of(supercell);
  LatticePolynomial::Builder builder(supercell);
  builder.add_constant(constant_);
  for (std::size_t a = 0; a < states.size(); ++a) {
    const int one[] = {states[a].site};
    const std::uint8_t species[] = {states[a].species};
    builder.add(one, species, singles_[a]);
    for (std::size_t b = 0; b < a; ++b) {
      if (states[a].site == states[b].site) continue;
      const int two[] = {states[b].site, states[a].site};
      const std::uint8_t both[] = {states[b].species, states[a].species};
      builder.add(two, both, doubles_[pair_number(a, b)]);
    }
  }
  return std::make_unique<PolynomialScorer>(builder.build(), supercell);
}

std::vector<std::byte> SubstitutionExpansion::serialise() const {
  ByteWriter out;
  out.write(kSubstitutionFormatVersion);
  out.write(static_cast<std::uint8_t>(fitted() ? 1 : 0));
  if (!fitted()) return out.take();
  for (int i = 0; i < 9; ++i) out.write(static_cast<std::uint32_t>(supercell_->matrix()(i / 3, i % 3)));
  out.write(constant_);
  out.write(std::span<const double>(singles_));
  out.write(std::span<const double>(doubles_));
  return out.take();
}

std::unique_ptr<Surrogate> deserialise_substitution_expansion(std::span<const std::byte> bytes,
                                                              std::shared_ptr<const ParentCrystal> parent) {
  ByteReader in(bytes);
  if (const auto version = in.read<std::uint32_t>(); version != kSubstitutionFormatVersion) {
    throw StorageError(fmt::format("stored substitution expansion has format {}, this version reads {}", version,
                                   kSubstitutionFormatVersion));
  }
  auto model = std::make_unique<SubstitutionExpansion>(parent);
  if (in.read<std::uint8_t>() != 0) {
    SupercellMatrix matrix;
    for (int i = 0; i < 9; ++i) matrix(i / 3, i % 3) = static_cast<int>(in.read<std::uint32_t>());
    model->constant_ = in.read_double();
    model->singles_ = in.read_doubles();
    model->doubles_ = in.read_doubles();
    // Before a damaged matrix makes a supercell that no memory holds.
    double states_of_cell = 0;
    for (const Sublattice& sublattice : parent->sublattices)
      states_of_cell += static_cast<double>(sublattice.sites.size() * (sublattice.allowed.size() - 1));
    if (std::abs(std::abs(matrix.cast<double>().determinant()) * states_of_cell -
                 static_cast<double>(model->singles_.size())) > 0.5)
      throw StorageError("stored substitution expansion belongs to another parent crystal");
    try {
      model->supercell_ = std::make_shared<const Supercell>(parent, matrix);
    } catch (const InputError&) {
      throw StorageError("stored substitution expansion is damaged: its supercell has no volume");
    }
    const std::size_t n = states_of(*model->supercell_).size();
    if (model->singles_.size() != n || model->doubles_.size() != n * (n - std::min<std::size_t>(n, 1)) / 2) {
      throw StorageError("stored substitution expansion belongs to another parent crystal");
    }
  }
  in.finish();
  return model;
}

std::unique_ptr<Surrogate> make_substitution_expansion(const SurrogateSpec& spec,
                                                       std::shared_ptr<const ParentCrystal> parent,
                                                       Problems& problems) {
  const std::size_t problems_before = problems.lines().size();
  SettingsReader reader(spec.settings, "surrogate", problems);
  reader.text("kind");
  reader.finish();
  if (problems.lines().size() > problems_before) return nullptr;
  return std::make_unique<SubstitutionExpansion>(std::move(parent));
}

}  // namespace hullscan
