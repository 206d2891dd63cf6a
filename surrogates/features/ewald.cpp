#include "surrogates/features/ewald.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/errors.hpp"

namespace hullscan {

namespace {

/// How a sum is split between real and reciprocal space.
struct EwaldSplit {
  EwaldSplit(const Lattice& of, Eigen::Index count, double accuracy) : lattice(of), volume(of.volume_cubic_angstrom()) {
    const double pi = std::numbers::pi;
    // exp(-s^2) is what either sum leaves out; the split balances them (Perram, Petersen & De Leeuw 1988).
    const double s = std::sqrt(-std::log(accuracy));
    alpha =
        std::sqrt(pi) * std::pow(static_cast<double>(std::max<Eigen::Index>(count, 8)) / (volume * volume), 1.0 / 6.0);
    real_cutoff = s / alpha;
    reach = lattice.cells_within(real_cutoff);
    const double reciprocal_cutoff = 2 * alpha * s;
    const Eigen::Matrix3d reciprocal = lattice.reciprocal_rows();
    const Eigen::Vector3i reciprocal_reach = Lattice(reciprocal).cells_within(reciprocal_cutoff);
    // Half of the vectors: c_G (cos cos + sin sin) is a product of two tables.
    for (int h = 0; h <= reciprocal_reach[0]; ++h) {
      for (int k = -reciprocal_reach[1]; k <= reciprocal_reach[1]; ++k) {
        for (int l = -reciprocal_reach[2]; l <= reciprocal_reach[2]; ++l) {
          if (h == 0 && (k < 0 || (k == 0 && l <= 0))) continue;
          const double g2 = (reciprocal.transpose() * Eigen::Vector3d(h, k, l)).squaredNorm();
          if (g2 > reciprocal_cutoff * reciprocal_cutoff) continue;
          waves.emplace_back(h, k, l);
          amplitude.push_back(2 * 4 * pi / volume * std::exp(-g2 / (4 * alpha * alpha)) / g2);
        }
      }
    }
  }

  /// @param same the two sites are one: its images only.
  [[nodiscard]] double real_sum(const Fractional& a, const Fractional& b, bool same) const {
    Eigen::Vector3d difference = b.x - a.x;
    for (int i = 0; i < 3; ++i) difference[i] -= std::round(difference[i]);
    double sum = 0;
    for (int i = -reach[0] - 1; i <= reach[0] + 1; ++i) {
      for (int j = -reach[1] - 1; j <= reach[1] + 1; ++j) {
        for (int k = -reach[2] - 1; k <= reach[2] + 1; ++k) {
          if (same && i == 0 && j == 0 && k == 0) continue;
          const double r = lattice.to_cartesian({difference + Eigen::Vector3d(i, j, k)}).x.norm();
          if (r > real_cutoff) continue;
          if (r < 1e-3) throw InputError("electrostatics: two sites are at the same place");
          sum += std::erfc(alpha * r) / r;
        }
      }
    }
    return sum;
  }

  /// Cosine and sine of `wave`, times the root of its amplitude.
  [[nodiscard]] std::pair<double, double> phase(std::size_t wave, const Fractional& at) const {
    const double root = std::sqrt(amplitude[wave]);
    const double angle = 2 * std::numbers::pi * waves[wave].cast<double>().dot(at.x);
    return {root * std::cos(angle), root * std::sin(angle)};
  }

  const Lattice& lattice;
  double volume, alpha = 0, real_cutoff = 0;
  Eigen::Vector3i reach;
  std::vector<Eigen::Vector3i> waves;
  std::vector<double> amplitude;
};

constexpr std::size_t kWavesAtATime = 2048;

}  // namespace

Eigen::MatrixXd ewald_matrix(const Lattice& lattice, std::span<const Fractional> sites, double accuracy) {
  const auto count = static_cast<Eigen::Index>(sites.size());
  const EwaldSplit split(lattice, count, accuracy);
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(count, count);
  for (Eigen::Index a = 0; a < count; ++a) {
    for (Eigen::Index b = a; b < count; ++b) {
      matrix(a, b) = split.real_sum(sites[static_cast<std::size_t>(a)], sites[static_cast<std::size_t>(b)], a == b);
      matrix(b, a) = matrix(a, b);
    }
  }
  for (std::size_t begin = 0; begin < split.waves.size(); begin += kWavesAtATime) {
    const std::size_t end = std::min(split.waves.size(), begin + kWavesAtATime);
    Eigen::MatrixXd table(2 * static_cast<Eigen::Index>(end - begin), count);
    for (std::size_t w = begin; w < end; ++w) {
      for (Eigen::Index a = 0; a < count; ++a) {
        const auto [cosine, sine] = split.phase(w, sites[static_cast<std::size_t>(a)]);
        table(2 * static_cast<Eigen::Index>(w - begin), a) = cosine;
        table(2 * static_cast<Eigen::Index>(w - begin) + 1, a) = sine;
      }
    }
    matrix.noalias() += table.transpose() * table;
  }
  matrix.array() -= std::numbers::pi / (split.volume * split.alpha * split.alpha);  // the background
  matrix.diagonal().array() -= 2 * split.alpha / std::sqrt(std::numbers::pi);
  return kCoulombEvAngstrom * matrix;
}

Eigen::MatrixXd ewald_rows(const Lattice& lattice, std::span<const Fractional> sites, std::span<const int> rows,
                           double accuracy) {
  const auto count = static_cast<Eigen::Index>(sites.size()), some = static_cast<Eigen::Index>(rows.size());
  const EwaldSplit split(lattice, count, accuracy);
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(some, count);
  for (Eigen::Index a = 0; a < some; ++a) {
    const int own = rows[static_cast<std::size_t>(a)];
    for (Eigen::Index b = 0; b < count; ++b)
      matrix(a, b) = split.real_sum(sites[static_cast<std::size_t>(own)], sites[static_cast<std::size_t>(b)], own == b);
  }
  for (std::size_t begin = 0; begin < split.waves.size(); begin += kWavesAtATime) {
    const std::size_t end = std::min(split.waves.size(), begin + kWavesAtATime);
    Eigen::MatrixXd table(2 * static_cast<Eigen::Index>(end - begin), count), own(table.rows(), some);
    for (std::size_t w = begin; w < end; ++w) {
      for (Eigen::Index a = 0; a < count; ++a) {
        const auto [cosine, sine] = split.phase(w, sites[static_cast<std::size_t>(a)]);
        table(2 * static_cast<Eigen::Index>(w - begin), a) = cosine;
        table(2 * static_cast<Eigen::Index>(w - begin) + 1, a) = sine;
      }
    }
    for (Eigen::Index a = 0; a < some; ++a) own.col(a) = table.col(rows[static_cast<std::size_t>(a)]);
    matrix.noalias() += own.transpose() * table;
  }
  matrix.array() -= std::numbers::pi / (split.volume * split.alpha * split.alpha);
  for (Eigen::Index a = 0; a < some; ++a)
    matrix(a, rows[static_cast<std::size_t>(a)]) -= 2 * split.alpha / std::sqrt(std::numbers::pi);
  return kCoulombEvAngstrom * matrix;
}

namespace {

/// "2, 3, 4"; a space may give a species several states.
std::string states_text(const std::vector<Setting>& states) {
  std::vector<std::string> texts;
  for (const Setting& state : states) {
    if (const auto* integer = std::get_if<std::int64_t>(&state.value)) texts.push_back(std::to_string(*integer));
    if (const auto* number = std::get_if<double>(&state.value)) texts.push_back(fmt::format("{}", *number));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

/// The numbers of the table "oxidation"; several states of a species that the crystal has are a problem.
std::map<std::string, double> numbers_of(SettingsReader& reader, const std::vector<Species>& of_parent) {
  const Setting* raw = reader.raw("oxidation");
  const auto* table = raw != nullptr ? std::get_if<SettingsTable>(&raw->value) : nullptr;
  const auto is_list = [](const auto& entry) {
    return std::holds_alternative<std::vector<Setting>>(entry.second.value);
  };
  if (table == nullptr || std::none_of(table->entries.begin(), table->entries.end(), is_list))
    return reader.number_by_name("oxidation");
  std::map<std::string, double> numbers;
  for (const auto& [symbol, setting] : table->entries) {
    const auto species = Species::parse(symbol);
    if (const auto* integer = std::get_if<std::int64_t>(&setting.value)) {
      numbers[symbol] = static_cast<double>(*integer);
    } else if (const auto* number = std::get_if<double>(&setting.value)) {
      numbers[symbol] = *number;
    } else if (const auto* states = std::get_if<std::vector<Setting>>(&setting.value)) {
      if (!species || std::find(of_parent.begin(), of_parent.end(), *species) == of_parent.end()) continue;
      numbers[symbol] = 0;  // that it has none is not said as well
      reader.problem("oxidation", fmt::format("{0} has several states ({1}), here or in [[space]], and point charges "
                                              "need one number: write the one that the model takes, as in oxidation = "
                                              "{{ {0} = {2} }} in [[surrogate]]",
                                              symbol, states_text(*states), states_text({states->back()})));
    } else {
      reader.problem("oxidation", fmt::format("{}: expected a number, found {}", symbol, setting.type_name()));
    }
  }
  return numbers;
}

}  // namespace

Charges read_charges(SettingsReader& reader, const ParentCrystal& parent) {
  Charges charges;
  const std::vector<Species> of_parent = parent.formula_order();
  for (const auto& [symbol, charge] : numbers_of(reader, of_parent)) {
    if (const auto species = Species::parse(symbol)) {
      charges[*species] = charge;
    } else {
      reader.problem("oxidation", fmt::format("\"{}\" is not an element", symbol));
    }
  }
  std::vector<std::string> missing;
  for (const Species species : of_parent) {
    if (!species.is_vacancy() && charges.count(species) == 0) missing.emplace_back(species.symbol());
  }
  if (!missing.empty()) {
    reader.problem(
        "oxidation",
        fmt::format("electrostatics needs the charge of every species; {} {} none, e.g. oxidation = {{ {} = 1 }}",
                    fmt::join(missing, ", "), missing.size() == 1 ? "has" : "have", missing.front()));
  }
  return charges;
}

SupercellElectrostatics::SupercellElectrostatics(const Supercell& supercell, const Charges& charges)
    : supercell_(supercell) {
  std::vector<Fractional> positions;
  const auto count = static_cast<Eigen::Index>(supercell.sites().size());
  base_ = Eigen::VectorXd::Zero(count);
  const auto charge_of = [&](Species species) {
    const auto found = charges.find(species);
    return found == charges.end() ? 0.0 : found->second;
  };
  for (Eigen::Index i = 0; i < count; ++i) {
    const SupercellSite& site = supercell.sites()[static_cast<std::size_t>(i)];
    positions.push_back(site.position);
    const ParentSite& parent_site = supercell.parent().sites[static_cast<std::size_t>(site.parent_site)];
    if (parent_site.sublattice == kFixedSite) {
      base_[i] = charge_of(parent_site.fixed_species);
      continue;
    }
    const auto& allowed = supercell.parent().sublattices[static_cast<std::size_t>(parent_site.sublattice)].allowed;
    base_[i] = charge_of(allowed.front());
  }
  for (std::size_t v = 0; v < supercell.varied_sites().size(); ++v) {
    const auto sublattice = static_cast<std::size_t>(supercell.sublattice_of(static_cast<int>(v)));
    const double first = base_[supercell.varied_sites()[v]];
    change_.emplace_back();
    for (const Species species : supercell.parent().sublattices[sublattice].allowed) {
      change_.back().push_back(charge_of(species) - first);
    }
  }
  matrix_ = ewald_matrix(supercell.lattice(), positions);
  field_ = matrix_ * base_;
}

double SupercellElectrostatics::energy_ev(std::span<const std::uint8_t> occupation) const {
  Eigen::VectorXd charge = base_;
  for (std::size_t v = 0; v < occupation.size(); ++v) charge[supercell_.varied_sites()[v]] += change_[v][occupation[v]];
  return 0.5 * charge.dot(matrix_ * charge);
}

void SupercellElectrostatics::add_terms(LatticePolynomial::Builder& builder, double factor) const {
  builder.add_constant(factor * 0.5 * base_.dot(field_));
  const std::vector<int>& varied = supercell_.varied_sites();
  for (int v = 0; v < static_cast<int>(varied.size()); ++v) {
    const auto at = static_cast<std::size_t>(v);
    for (std::size_t s = 1; s < change_[at].size(); ++s) {
      const double change = change_[at][s];
      if (change == 0.0) continue;
      const int one_site[] = {v};
      const std::uint8_t one_occupant[] = {static_cast<std::uint8_t>(s)};
      builder.add(one_site, one_occupant,
                  factor * (change * field_[varied[at]] + 0.5 * change * change * matrix_(varied[at], varied[at])));
      for (int w = 0; w < v; ++w) {
        const auto other = static_cast<std::size_t>(w);
        for (std::size_t t = 1; t < change_[other].size(); ++t) {
          if (change_[other][t] == 0.0) continue;
          const int two_sites[] = {w, v};
          const std::uint8_t two_occupants[] = {static_cast<std::uint8_t>(t), static_cast<std::uint8_t>(s)};
          builder.add(two_sites, two_occupants,
                      factor * change * change_[other][t] * matrix_(varied[at], varied[other]));
        }
      }
    }
  }
}

}  // namespace hullscan
