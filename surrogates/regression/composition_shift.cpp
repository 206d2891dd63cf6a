#include "surrogates/regression/composition_shift.hpp"

#include <fmt/format.h>

#include <cmath>

#include "surrogates/features/extreme_labels.hpp"
#include "surrogates/regression/ridge.hpp"

namespace hullscan {
namespace {

constexpr double kShiftPenalty = 1e-9;  ///< keeps slopes finite that the labels do not determine

}  // namespace

FitReport fit_composition_shift(const LatticeFeatures& points, std::span<const LabelledConfiguration> labels,
                                const std::function<double(std::size_t)>& energy_ev, CompositionShift& shift) {
  const TrainingTable table = training_table(points, labels);
  Eigen::VectorXd rest(table.targets.size());
  for (Eigen::Index r = 0; r < rest.size(); ++r) {
    const std::size_t label = table.order[static_cast<std::size_t>(r)];
    const double energy = energy_ev(label);
    if (!std::isfinite(energy)) {
      throw InputError(fmt::format("{}: the potential gives no energy for it; leave it out of the labels",
                                   table.ids[static_cast<std::size_t>(r)]));
    }
    rest[r] = table.targets[r] - energy / primitive_cell_count(*labels[label].configuration.supercell);
  }
  const RidgeFit fit = fit_ridge({table.features, rest, table.weights, table.error_scale,
                                  Eigen::VectorXd::Ones(table.features.cols()), kShiftPenalty});
  shift.constant_ev = fit.intercept;
  shift.slopes_ev.assign(fit.coefficients.data(), fit.coefficients.data() + fit.coefficients.size());
  FitReport report;
  report.labels = table.order.size();
  report.features = shift.slopes_ev.size();
  report.rank = fit.rank;
  report.loo_residuals_ev_per_atom.assign(labels.size(), 0.0);
  const std::vector<bool> extreme = extreme_labels(labels);
  double squares = 0, loo_squares = 0, predictable = 0;
  for (Eigen::Index r = 0; r < rest.size(); ++r) {
    squares += std::pow(fit.residuals[r] * table.error_scale[r], 2);
    if (extreme[table.order[static_cast<std::size_t>(r)]]) continue;
    predictable += 1;
    const double loo = fit.loo_residuals[r] * table.error_scale[r];
    report.loo_residuals_ev_per_atom[table.order[static_cast<std::size_t>(r)]] = loo;
    loo_squares += loo * loo;
  }
  shift.scatter_ev_per_atom = std::sqrt(squares / static_cast<double>(rest.size()));
  report.rmse_mev_per_atom = 1e3 * shift.scatter_ev_per_atom;
  report.loo_rmse_mev_per_atom = 1e3 * std::sqrt(loo_squares / predictable);
  for (std::size_t i = 0; i < shift.slopes_ev.size(); ++i) {
    report.coefficients.push_back(points.description(i));
    report.coefficients.back().energy_ev = shift.slopes_ev[i];
  }
  return report;
}

double ShiftedEnergies::per_atom(std::span<const std::uint8_t> occupation, double energy_ev) const {
  std::vector<double> row(shift_.slopes_ev.size());
  counter_.count(occupation, row);
  double shift = shift_.constant_ev;
  for (std::size_t i = 0; i < row.size(); ++i) shift += shift_.slopes_ev[i] * row[i];
  return (energy_ev + shift * counter_.primitive_cells()) / counter_.atoms().atoms(occupation);
}

}  // namespace hullscan
