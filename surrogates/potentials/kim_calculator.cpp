#include "surrogates/potentials/kim_calculator.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>

#include "surrogates/potentials/detail/kim_model.hpp"

namespace hullscan {
namespace {

/// A structure as a point of an unconstrained space: fractional displacements times the first lattice, and a strain
/// whose six components are scaled so that a step in them moves atoms about as far as a step in the others.
class Deformation {
 public:
  Deformation(const Structure& start, KimRelaxation relaxation)
      : start_(start),
        atoms_(static_cast<Eigen::Index>(start.atom_count())),
        with_cell_(relaxation == KimRelaxation::kCell),
        strain_scale_(std::cbrt(start.lattice.volume_cubic_angstrom()) *
                      std::cbrt(static_cast<double>(start.atom_count()))) {}

  [[nodiscard]] Eigen::Index size() const { return 3 * atoms_ + (with_cell_ ? 9 : 0); }

  [[nodiscard]] Structure at(const Eigen::VectorXd& x) const {
    Structure moved{Lattice(start_.lattice.rows() * gradient(x).transpose()), start_.species, start_.positions};
    for (Eigen::Index i = 0; i < atoms_; ++i) {
      const Eigen::Vector3d shift = start_.lattice.to_fractional({x.segment<3>(3 * i)}).x;
      moved.positions[static_cast<std::size_t>(i)].x += shift;
    }
    return moved;
  }

  /// The slope of the energy at x, by the chain rule: positions are r = F (r0 + u), so dE/du = -F^T f and dE/dF =
  /// (dE/dstrain) F^-T.
  [[nodiscard]] Eigen::VectorXd slope(const Eigen::VectorXd& x, const KimPoint& point) const {
    const Eigen::Matrix3d f = gradient(x);
    Eigen::VectorXd slope(size());
    for (Eigen::Index i = 0; i < atoms_; ++i)
      slope.segment<3>(3 * i) = -f.transpose() * point.forces_ev_per_angstrom.col(i);
    if (with_cell_) {
      const Eigen::Matrix3d of_strain = point.strain_derivative_ev * f.inverse().transpose() / strain_scale_;
      slope.tail<9>() = Eigen::Map<const Eigen::VectorXd>(of_strain.data(), 9);
    }
    return slope;
  }

 private:
  [[nodiscard]] Eigen::Matrix3d gradient(const Eigen::VectorXd& x) const {
    Eigen::Matrix3d f = Eigen::Matrix3d::Identity();
    if (with_cell_) f += Eigen::Map<const Eigen::Matrix3d>(x.data() + 3 * atoms_) / strain_scale_;
    return f;
  }

  const Structure& start_;
  Eigen::Index atoms_;
  bool with_cell_;
  double strain_scale_;
};

/// The sum of products in the order of the components. Eigen's own follows the width of the processor's vectors, and
/// where an energy hardly depends on a direction a minimiser makes 10^-7 Å of its last digit.
double sum_in_order(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
  double sum = 0;
  for (Eigen::Index i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// The two-loop recursion (Nocedal, Math. Comp. 35, 773 (1980)).
class Memory {
 public:
  void add(const Eigen::VectorXd& step, const Eigen::VectorXd& change) {
    const double curvature = sum_in_order(step, change);
    if (curvature <= 1e-12 * std::sqrt(sum_in_order(step, step) * sum_in_order(change, change))) return;
    pairs_.push_back({step, change, 1.0 / curvature});
    if (pairs_.size() > 20) pairs_.pop_front();
  }
  void clear() { pairs_.clear(); }
  [[nodiscard]] bool empty() const { return pairs_.empty(); }
  [[nodiscard]] Eigen::VectorXd direction(const Eigen::VectorXd& slope) const {
    constexpr double kFirstCompliance = 1.0 / 20;  // Å^2/eV, of a stiff solid
    Eigen::VectorXd q = slope;
    std::vector<double> alpha(pairs_.size());
    for (std::size_t i = pairs_.size(); i-- > 0;) {
      alpha[i] = pairs_[i].inverse * sum_in_order(pairs_[i].step, q);
      q -= alpha[i] * pairs_[i].change;
    }
    q *= pairs_.empty() ? kFirstCompliance
                        : 1.0 / (pairs_.back().inverse * sum_in_order(pairs_.back().change, pairs_.back().change));
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      q += pairs_[i].step * (alpha[i] - pairs_[i].inverse * sum_in_order(pairs_[i].change, q));
    }
    return -q;
  }

 private:
  struct Pair {
    Eigen::VectorXd step, change;
    double inverse;
  };
  std::deque<Pair> pairs_;
};

double largest_force(const KimPoint& point) {
  return std::sqrt(point.forces_ev_per_angstrom.colwise().squaredNorm().maxCoeff());
}

}  // namespace

class KimCalculator::Impl {
 public:
  explicit Impl(const std::string& name) : model(name) {}
  detail::KimModel model;
};

KimCalculator::KimCalculator(const std::string& model) : impl_(std::make_unique<Impl>(model)) {}
KimCalculator::~KimCalculator() = default;
KimCalculator::KimCalculator(KimCalculator&&) noexcept = default;
KimCalculator& KimCalculator::operator=(KimCalculator&&) noexcept = default;

const std::string& KimCalculator::model() const { return impl_->model.name(); }
bool KimCalculator::knows(Species species) const { return impl_->model.code(species) >= 0; }
double KimCalculator::energy_ev(const Structure& structure) const { return impl_->model.evaluate(structure).energy_ev; }
KimPoint KimCalculator::evaluate(const Structure& structure) const { return impl_->model.evaluate(structure); }

KimRelaxed KimCalculator::relax(const Structure& structure, const KimRelaxOptions& options) const {
  constexpr double kLongestStep = 0.2;  // Å, of one coordinate
  constexpr double kLowestEnergyEvPerAtom = -100;
  constexpr double kLargestVolumeRatio = 4;
  const Deformation space(structure, options.relaxation);
  const double first_volume = structure.lattice.volume_cubic_angstrom();
  Eigen::VectorXd x = Eigen::VectorXd::Zero(space.size());
  Structure now = space.at(x);
  KimPoint point = evaluate(now);
  KimRelaxed best{now, point.energy_ev, 0, 0, 1, false};
  Eigen::VectorXd slope = space.slope(x, point);
  Memory memory;
  const auto stress = [&] {
    return point.strain_derivative_ev.cwiseAbs().maxCoeff() / now.lattice.volume_cubic_angstrom();
  };
  const auto done = [&] {
    if (options.relaxation == KimRelaxation::kNone) return true;
    return largest_force(point) <= options.largest_force_ev_per_angstrom &&
           (options.relaxation != KimRelaxation::kCell || stress() <= options.largest_stress_ev_per_cubic_angstrom);
  };
  bool stuck = false;
  while (!done() && !stuck && best.steps < options.steps) {
    Eigen::VectorXd direction = memory.direction(slope);
    if (sum_in_order(direction, slope) >= 0) {
      memory.clear();
      direction = memory.direction(slope);
    }
    direction *= std::min(1.0, kLongestStep / direction.cwiseAbs().maxCoeff());
    double length = 1;
    for (bool accepted = false; !accepted && best.steps < options.steps;) {
      const Eigen::VectorXd trial = x + length * direction;
      const Structure moved = space.at(trial);
      const KimPoint there = evaluate(moved);
      ++best.steps;
      // Rounding of the energy is allowed for, or the last steps would not be taken.
      const double allowed = 1e-4 * length * sum_in_order(direction, slope) + 1e-12 * (1 + std::abs(point.energy_ev));
      if (there.energy_ev <= point.energy_ev + allowed) {
        const Eigen::VectorXd next_slope = space.slope(trial, there);
        memory.add(trial - x, next_slope - slope);
        x = trial;
        slope = next_slope;
        point = there;
        now = moved;
        accepted = true;
      } else {
        length *= 0.4;
        if (length < 1e-6) {
          stuck = memory.empty();
          memory.clear();
          break;
        }
      }
    }
    const double ratio = now.lattice.volume_cubic_angstrom() / first_volume;
    if (point.energy_ev < kLowestEnergyEvPerAtom * static_cast<double>(structure.atom_count()) ||
        ratio > kLargestVolumeRatio || ratio < 1 / kLargestVolumeRatio) {
      break;
    }
  }
  best.converged = done();
  best.energy_ev = point.energy_ev;
  best.largest_force_ev_per_angstrom = largest_force(point);
  best.largest_stress_ev_per_cubic_angstrom = stress();
  best.structure = now;
  for (Fractional& position : best.structure.positions) position = wrapped(position);
  return best;
}

std::vector<std::string> installed_kim_models() { return detail::portable_models(); }

std::string kim_api_version() { return detail::kim_version(); }

namespace {

/// Of "EAM_Dynamo_PunYamakovMishin_2013_NiAlCo__MO_826591359508_000": Ni, Al, Co; empty where the name has another
/// form.
std::vector<Species> elements_in_name(const std::string& model) {
  const auto end = model.find("__");
  if (end == std::string::npos) return {};
  const auto begin = model.rfind('_', end - 1);
  if (begin == std::string::npos || begin + 1 >= end) return {};
  std::vector<Species> elements;
  for (std::size_t at = begin + 1; at < end;) {
    std::size_t next = at + 1;
    while (next < end && model[next] >= 'a' && model[next] <= 'z') ++next;
    const auto element = Species::parse(model.substr(at, next - at));
    if (!element || element->is_vacancy()) return {};
    elements.push_back(*element);
    at = next;
  }
  return elements;
}

}  // namespace

std::vector<std::string> potentials_for(const std::vector<Species>& elements, std::size_t most) {
  std::vector<std::pair<std::size_t, std::string>> named;  // how many elements it knows
  for (std::string& model : installed_kim_models()) {
    const std::vector<Species> known = elements_in_name(model);
    const bool all = std::all_of(elements.begin(), elements.end(), [&](Species element) {
      return std::find(known.begin(), known.end(), element) != known.end();
    });
    if (all && !known.empty()) named.emplace_back(known.size(), std::move(model));
  }
  std::sort(named.begin(), named.end());
  std::vector<std::string> models;
  for (const auto& [size, model] : named) {
    if (models.size() == most) break;
    models.push_back(model);
  }
  return models;
}

}  // namespace hullscan
