#include "surrogates/regression/shared_shift.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "surrogates/regression/ridge.hpp"

namespace hullscan {
namespace {

constexpr double kSpeciesPenalty = 1e-9;  ///< keeps numbers finite that the labels do not determine

bool varies(const ParentCrystal& parent) {
  return std::any_of(parent.sublattices.begin(), parent.sublattices.end(),
                     [](const Sublattice& sublattice) { return sublattice.allowed.size() > 1; });
}

/// A number for each species, and what it says of each label.
struct SpeciesShift {
  double of_others_ev = 0;              ///< of a species that no label has
  std::map<Species, double> number_ev;  ///< an atom
  double scatter_ev_per_atom = 0;
  std::vector<std::vector<double>> residuals, loo_residuals;  ///< [members][labels], eV/atom; 0 for those of weight 0

  [[nodiscard]] double of(Species species) const {
    if (species.is_vacancy()) return 0;
    const auto found = number_ev.find(species);
    return found == number_ev.end() ? of_others_ev : found->second;
  }
};

struct SeenLabel {
  std::size_t member = 0, label = 0;
  Composition composition;
  double rest_ev_per_atom = 0;  ///< label less potential
  double weight = 1;
  std::string id;
};

SpeciesShift fit_species(std::span<const ShiftMember> members, const std::vector<std::vector<double>>& energies) {
  std::vector<SeenLabel> seen;
  std::set<Species> species;
  SpeciesShift shift;
  for (std::size_t m = 0; m < members.size(); ++m) {
    shift.residuals.emplace_back(members[m].labels.size(), 0.0);
    shift.loo_residuals.emplace_back(members[m].labels.size(), 0.0);
    for (std::size_t i = 0; i < members[m].labels.size(); ++i) {
      const LabelledConfiguration& label = members[m].labels[i];
      if (!(label.weight > 0)) continue;
      Composition composition = label.configuration.supercell->structure(label.configuration.occupation).composition();
      for (const auto& [one, count] : composition.counts()) species.insert(one);
      const double rest =
          label.formation_energy_ev_per_atom - energies[m][i] / static_cast<double>(composition.atom_count());
      seen.push_back({m, i, std::move(composition), rest, label.weight, label.id});
    }
  }
  // The order of the labels must not show in the last digit.
  std::sort(seen.begin(), seen.end(), [](const SeenLabel& a, const SeenLabel& b) {
    return std::tuple(a.id, a.rest_ev_per_atom, a.member) < std::tuple(b.id, b.rest_ev_per_atom, b.member);
  });
  const std::vector<Species> known(species.begin(), species.end());
  const auto rows = static_cast<Eigen::Index>(seen.size()), columns = static_cast<Eigen::Index>(known.size()) - 1;
  RidgeProblem problem{Eigen::MatrixXd(rows, columns), Eigen::VectorXd(rows),          Eigen::VectorXd(rows),
                       Eigen::VectorXd::Ones(rows),    Eigen::VectorXd::Ones(columns), kSpeciesPenalty};
  for (Eigen::Index r = 0; r < rows; ++r) {
    const SeenLabel& label = seen[static_cast<std::size_t>(r)];
    for (Eigen::Index c = 0; c < columns; ++c)
      problem.features(r, c) = static_cast<double>(label.composition.count(known[static_cast<std::size_t>(c) + 1])) /
                               static_cast<double>(label.composition.atom_count());
    problem.targets[r] = label.rest_ev_per_atom;
    problem.weights[r] = label.weight;
  }
  const RidgeFit fit = fit_ridge(problem);
  shift.of_others_ev = fit.intercept;
  for (std::size_t s = 0; s < known.size(); ++s)
    shift.number_ev[known[s]] = fit.intercept + (s > 0 ? fit.coefficients[static_cast<Eigen::Index>(s) - 1] : 0.0);
  for (Eigen::Index r = 0; r < rows; ++r) {
    const SeenLabel& label = seen[static_cast<std::size_t>(r)];
    shift.residuals[label.member][label.label] = fit.residuals[r];
    shift.loo_residuals[label.member][label.label] = fit.loo_residuals[r];
  }
  shift.scatter_ev_per_atom = std::sqrt(fit.residuals.squaredNorm() / static_cast<double>(rows));
  return shift;
}

/// The numbers of the species as a shift of one crystal's composition.
CompositionShift shift_of(const SpeciesShift& species, const LatticeFeatures& points) {
  const ParentCrystal& parent = points.parent();
  const double cells = std::abs(parent.cell_in_primitive.cast<double>().determinant());
  const auto allowed = [&](int sublattice) -> const std::vector<Species>& {
    return parent.sublattices[static_cast<std::size_t>(sublattice)].allowed;
  };
  CompositionShift shift;
  for (const ParentSite& site : parent.sites) {
    const bool fixed = site.sublattice == kFixedSite;
    shift.constant_ev += species.of(fixed ? site.fixed_species : allowed(site.sublattice).front()) / cells;
  }
  for (std::size_t i = 0; i < points.point_count(); ++i) {
    const DecoratedOrbit& point = points.orbits().orbits()[i];
    const auto& of_site = allowed(points.orbits().sites().sublattice(point.sites.front().site));
    shift.slopes_ev.push_back(species.of(of_site[point.occupants.front()]) - species.of(of_site.front()));
  }
  shift.scatter_ev_per_atom = species.scatter_ev_per_atom;
  return shift;
}

/// What the numbers of the species say of one member's labels.
FitReport report_of(const SpeciesShift& species, std::size_t member, std::size_t labels) {
  FitReport report;
  report.labels = labels;
  report.loo_residuals_ev_per_atom = species.loo_residuals[member];
  double squares = 0, loo_squares = 0;
  for (const double residual : species.residuals[member]) squares += residual * residual;
  for (const double residual : species.loo_residuals[member]) loo_squares += residual * residual;
  report.rmse_mev_per_atom = 1e3 * std::sqrt(squares / static_cast<double>(labels));
  report.loo_rmse_mev_per_atom = 1e3 * std::sqrt(loo_squares / static_cast<double>(labels));
  return report;
}

}  // namespace

FitReport fit_shifts(std::span<const ShiftMember> members) {
  std::vector<std::vector<double>> energies;
  std::vector<std::size_t> labels_of;  // those that count
  const auto takes_its_own = [&](std::size_t m) { return labels_of[m] > 0 && varies(members[m].points->parent()); };
  for (const ShiftMember& member : members) {
    energies.emplace_back(member.labels.size(), 0.0);
    labels_of.push_back(0);
    if (!member.labels.empty()) (void)training_table(*member.points, member.labels);  // refuses wrong labels by name
    for (std::size_t i = 0; i < member.labels.size(); ++i) {
      if (!(member.labels[i].weight > 0)) continue;
      ++labels_of.back();
      energies.back()[i] = member.energy_ev(i);
    }
  }
  bool all_their_own = true;
  for (std::size_t m = 0; m < members.size(); ++m) all_their_own &= takes_its_own(m);
  const SpeciesShift species = all_their_own ? SpeciesShift{} : fit_species(members, energies);
  std::vector<FitReport> reports;
  for (std::size_t m = 0; m < members.size(); ++m) {
    const ShiftMember& member = members[m];
    if (takes_its_own(m)) {
      reports.push_back(fit_composition_shift(
          *member.points, member.labels, [&](std::size_t label) { return energies[m][label]; }, *member.shift));
      continue;
    }
    *member.shift = shift_of(species, *member.points);
    if (labels_of[m] > 0) reports.push_back(report_of(species, m, labels_of[m]));
  }
  return merged_reports(reports);
}

FitReport merged_reports(std::span<FitReport> reports) {
  FitReport all = std::move(reports.front());
  double squares = std::pow(all.rmse_mev_per_atom, 2) * static_cast<double>(all.labels);
  double loo_squares = std::pow(all.loo_rmse_mev_per_atom, 2) * static_cast<double>(all.labels);
  for (std::size_t i = 1; i < reports.size(); ++i) {
    const FitReport& one = reports[i];
    const auto labels = static_cast<double>(one.labels);
    squares += std::pow(one.rmse_mev_per_atom, 2) * labels;
    loo_squares += std::pow(one.loo_rmse_mev_per_atom, 2) * labels;
    all.labels += one.labels;
    all.features += one.features;
    all.rank += one.rank;
    all.coefficients.insert(all.coefficients.end(), one.coefficients.begin(), one.coefficients.end());
    all.loo_residuals_ev_per_atom.insert(all.loo_residuals_ev_per_atom.end(), one.loo_residuals_ev_per_atom.begin(),
                                         one.loo_residuals_ev_per_atom.end());
    all.warnings.insert(all.warnings.end(), one.warnings.begin(), one.warnings.end());
  }
  if (reports.size() == 1) return all;
  all.rmse_mev_per_atom = std::sqrt(squares / static_cast<double>(all.labels));
  all.loo_rmse_mev_per_atom = std::sqrt(loo_squares / static_cast<double>(all.labels));
  return all;
}

}  // namespace hullscan
