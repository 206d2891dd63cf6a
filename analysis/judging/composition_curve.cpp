#include "analysis/judging/composition_curve.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace hullscan {
namespace {

constexpr int kIterations = 12;
constexpr int kHeldOut = 6;  ///< iterations after which a composition that is held out may come back
constexpr double kNoWeight = 1e-9;
constexpr double kToScatter = 1.4826;  ///< the median of |normal| is 1 / 1.4826 of its deviation
constexpr double kFarAway = 2.5;       ///< deviations; labels beyond it lose weight
/// The median of a group of n labels is taken to scatter like one of n, but of at most this many, about the curve.
constexpr double kMostOfOne = 4;

/// Labels of one composition on one lattice.
struct Row {
  std::size_t composition = 0;                          ///< index
  std::vector<std::pair<double, std::size_t>> members;  ///< value, point; sorted
  Eigen::VectorXd terms;
  double value = 0;  ///< median
  double weight = 1;
};

/// The median of sorted members without the one at `left_out`; all of them if it is past the end.
double median_without(const std::vector<std::pair<double, std::size_t>>& members, std::size_t left_out) {
  const std::size_t n = members.size() - (left_out < members.size() ? 1 : 0);
  const auto at = [&](std::size_t k) { return members[k + (k >= left_out ? 1 : 0)].first; };
  return n % 2 == 1 ? at(n / 2) : 0.5 * (at(n / 2 - 1) + at(n / 2));
}

class Terms {
 public:
  Terms(std::span<const CurvePoint> points, const CurvePriors& priors) {
    std::set<Species> species;
    std::set<std::uint32_t> lattices;
    for (const CurvePoint& point : points) {
      for (const auto& [one, count] : point.composition.counts()) {
        if (!one.is_vacancy()) species.insert(one);
      }
      lattices.insert(point.lattice);
    }
    species_.assign(species.begin(), species.end());
    lattices_.assign(lattices.begin(), lattices.end());
    const std::size_t k = species_.size(), pairs = k * (k - 1) / 2;
    const std::size_t own = lattices_.size() > 1 ? lattices_.size() : 0;
    std::vector<double> deviations(k, priors.element);
    deviations.insert(deviations.end(), k * own, priors.lattice);
    deviations.insert(deviations.end(), pairs, priors.pair);
    deviations.insert(deviations.end(), pairs, priors.asymmetry);
    deviations.insert(deviations.end(), pairs * own, priors.pair_on_lattice);
    precisions_ =
        Eigen::Map<Eigen::ArrayXd>(deviations.data(), static_cast<Eigen::Index>(deviations.size())).square().inverse();
  }

  [[nodiscard]] Eigen::VectorXd fractions(const Composition& composition) const {
    Eigen::VectorXd x(static_cast<Eigen::Index>(species_.size()));
    for (std::size_t i = 0; i < species_.size(); ++i)
      x(static_cast<Eigen::Index>(i)) = composition.atomic_fraction(species_[i]);
    return x;
  }

  [[nodiscard]] Eigen::VectorXd of(const CurvePoint& point) const {
    const Eigen::VectorXd x = fractions(point.composition);
    const auto lattice = static_cast<Eigen::Index>(std::lower_bound(lattices_.begin(), lattices_.end(), point.lattice) -
                                                   lattices_.begin());
    const Eigen::Index k = x.size(), pairs = k * (k - 1) / 2;
    const Eigen::Index own = lattices_.size() > 1 ? static_cast<Eigen::Index>(lattices_.size()) : 0;
    Eigen::VectorXd terms = Eigen::VectorXd::Zero(precisions_.size());
    terms.head(k) = x;
    if (own > 0) terms.segment(k + k * lattice, k) = x;
    Eigen::Index at = k + k * own;
    for (Eigen::Index i = 0; i < k; ++i) {
      for (Eigen::Index j = i + 1; j < k; ++j, ++at) {
        terms(at) = x(i) * x(j);
        terms(at + pairs) = x(i) * x(j) * (x(i) - x(j));
        if (own > 0) terms(at + pairs + pairs * (lattice + 1)) = x(i) * x(j);
      }
    }
    return terms;
  }

  [[nodiscard]] const Eigen::VectorXd& precisions() const { return precisions_; }

 private:
  std::vector<Species> species_;
  std::vector<std::uint32_t> lattices_;
  Eigen::VectorXd precisions_;
};

/// The normal equations of the rows, from which rows can be taken away again.
struct Normal {
  Eigen::MatrixXd matrix;
  Eigen::VectorXd right;

  void add(const Eigen::VectorXd& terms, double value, double precision) {
    matrix.noalias() += precision * terms * terms.transpose();
    right.noalias() += precision * value * terms;
  }
};

double precision_of(double weight, std::size_t members, double scatter) {
  return weight * std::min(static_cast<double>(members), kMostOfOne) / (scatter * scatter);
}

}  // namespace

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
}

CompositionCurve::CompositionCurve(std::span<const CurvePoint> points, const CurvePriors& priors)
    : scatter_(priors.scatter),
      without_composition_(points.size()),
      without_itself_(points.size()),
      companions_(points.size(), 0) {
  if (points.empty()) return;
  const Terms terms(points, priors);
  std::map<Composition, std::map<std::uint32_t, Row>> sorted;
  for (std::size_t i = 0; i < points.size(); ++i)
    sorted[points[i].composition.reduced()][points[i].lattice].members.emplace_back(points[i].value, i);
  std::vector<Row> rows;
  std::vector<std::pair<std::size_t, std::size_t>> of_composition;  // its rows
  for (auto& [composition, lattices] : sorted) {
    const std::size_t begin = rows.size();
    std::size_t members = 0;
    for (auto& [lattice, row] : lattices) {
      std::sort(row.members.begin(), row.members.end());
      row.composition = of_composition.size();
      row.terms = terms.of(points[row.members.front().second]);
      row.value = median_without(row.members, row.members.size());
      members += row.members.size();
      rows.push_back(std::move(row));
    }
    for (std::size_t r = begin; r < rows.size(); ++r) {
      for (const auto& [value, point] : rows[r].members) companions_[point] = members - 1;
    }
    of_composition.emplace_back(begin, rows.size());
  }

  // What is linear in composition can be thousands of eV (all-electron energies): taken off first, it costs no digits.
  Eigen::MatrixXd fractions(static_cast<Eigen::Index>(rows.size()), terms.fractions(points.front().composition).size());
  Eigen::VectorXd values(static_cast<Eigen::Index>(rows.size()));
  for (std::size_t r = 0; r < rows.size(); ++r) {
    fractions.row(static_cast<Eigen::Index>(r)) = terms.fractions(points[rows[r].members.front().second].composition);
    values(static_cast<Eigen::Index>(r)) = rows[r].value;
  }
  const Eigen::VectorXd linear = fractions * fractions.completeOrthogonalDecomposition().solve(values);

  std::optional<std::size_t> held_out;
  // Where one composition is wrong as a whole (an end member), everything leans towards it, and no weight would ever
  // find it: the curve is one without the composition that disturbs most, unless that turns out to be near it.
  {
    Normal all{Eigen::MatrixXd(terms.precisions().asDiagonal()), Eigen::VectorXd::Zero(terms.precisions().size())};
    const Eigen::VectorXd rest = values - linear;
    const auto at = [&](std::size_t r) { return rest(static_cast<Eigen::Index>(r)); };
    for (const Row& row : rows)
      all.add(row.terms, at(static_cast<std::size_t>(&row - rows.data())),
              precision_of(1, row.members.size(), scatter_));
    const auto misfit = [&](const Normal& normal, std::size_t begin, std::size_t end) {
      const Eigen::LDLT<Eigen::MatrixXd> solver(normal.matrix);
      const Eigen::VectorXd coefficients = solver.solve(normal.right);
      double sum = coefficients.cwiseAbs2().dot(terms.precisions());
      for (std::size_t r = 0; r < rows.size(); ++r) {
        double variance = scatter_ * scatter_;
        if (r >= begin && r < end) variance += std::max(0.0, rows[r].terms.dot(solver.solve(rows[r].terms)));
        const double residual = at(r) - rows[r].terms.dot(coefficients);
        sum += std::log1p(residual * residual / variance);
      }
      return sum;
    };
    double best = misfit(all, 0, 0);
    std::optional<std::size_t> worst;
    for (std::size_t c = 0; c < of_composition.size(); ++c) {
      const auto [begin, end] = of_composition[c];
      Normal others = all;
      for (std::size_t r = begin; r < end; ++r)
        others.add(rows[r].terms, at(r), -precision_of(1, rows[r].members.size(), scatter_));
      const double cost = misfit(others, begin, end);
      if (cost >= best - 1e-9) continue;
      best = cost;
      worst = c;
    }
    held_out = worst;
  }
  const auto hold_out = [&](double weight) {
    for (std::size_t r = of_composition[*held_out].first; r < of_composition[*held_out].second; ++r)
      rows[r].weight = weight;
  };
  if (held_out) hold_out(kNoWeight);
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    Normal all{Eigen::MatrixXd(terms.precisions().asDiagonal()), Eigen::VectorXd::Zero(terms.precisions().size())};
    for (std::size_t r = 0; r < rows.size(); ++r)
      all.add(rows[r].terms, rows[r].value - linear(static_cast<Eigen::Index>(r)),
              precision_of(rows[r].weight, rows[r].members.size(), scatter_));

    const auto expect = [&](const Normal& normal, std::size_t r) {
      const Eigen::LDLT<Eigen::MatrixXd> solver(normal.matrix);
      Expectation expected;
      expected.value = linear(static_cast<Eigen::Index>(r)) + rows[r].terms.dot(solver.solve(normal.right));
      const double variance = rows[r].terms.dot(solver.solve(rows[r].terms));
      expected.deviation = std::sqrt(std::max(0.0, variance) + scatter_ * scatter_);
      return expected;
    };
    const auto remove = [&](Normal& normal, std::size_t r) {
      normal.add(rows[r].terms, rows[r].value - linear(static_cast<Eigen::Index>(r)),
                 -precision_of(rows[r].weight, rows[r].members.size(), scatter_));
    };

    const bool last = iteration + 1 == kIterations;
    std::vector<double> residuals;                  // in deviations of a label
    std::vector<double> weights(rows.size(), 1.0);  // of the next curve
    for (const auto& [begin, end] : of_composition) {
      Normal others = all;
      for (std::size_t r = begin; r < end; ++r) remove(others, r);
      for (std::size_t r = begin; r < end; ++r) {
        const Expectation expected = expect(others, r);
        for (const auto& [value, point] : rows[r].members) {
          without_composition_[point] = expected;
          residuals.push_back(std::abs(value - expected.value) / expected.deviation);
        }
        // The row itself is weighed by what contradicts it most: the other compositions, or its own on other lattices.
        double away = std::abs(rows[r].value - expected.value) / expected.deviation;
        if (end - begin > 1) {
          Normal without_row = all;
          remove(without_row, r);
          const Expectation among = expect(without_row, r);
          away = std::max(away, std::abs(rows[r].value - among.value) / among.deviation);
        }
        weights[r] = away <= kFarAway ? 1 : std::max(kNoWeight, std::pow(kFarAway / away, 4));
      }
    }
    if (last) {
      for (std::size_t r = 0; r < rows.size(); ++r) {
        Normal without_row = all;
        remove(without_row, r);
        const Row& row = rows[r];
        for (std::size_t m = 0; m < row.members.size(); ++m) {
          Normal without = without_row;
          if (row.members.size() > 1)
            without.add(row.terms, median_without(row.members, m) - linear(static_cast<Eigen::Index>(r)),
                        precision_of(row.weight, row.members.size() - 1, scatter_));
          without_itself_[row.members[m].second] = expect(without, r);
          // A median does not change with most of its members; beyond a few, the rest are as good as all.
          if (row.members.size() > 64) {
            for (std::size_t k = m; k < row.members.size(); ++k)
              without_itself_[row.members[k].second] = without_itself_[row.members[m].second];
            break;
          }
        }
      }
      break;
    }
    if (held_out) {
      const auto [begin, end] = of_composition[*held_out];
      const bool near =
          std::any_of(weights.begin() + static_cast<std::ptrdiff_t>(begin),
                      weights.begin() + static_cast<std::ptrdiff_t>(end), [](double w) { return w >= 1; });
      if (near && iteration + 1 >= kHeldOut) held_out.reset();
    }
    for (std::size_t r = 0; r < rows.size(); ++r) rows[r].weight = weights[r];
    if (held_out) hold_out(kNoWeight);
    const double n = static_cast<double>(residuals.size());
    const double seen = kToScatter * scatter_ * median_of(std::move(residuals));
    const double weight = priors.scatter_weight;
    scatter_ = std::sqrt((weight * priors.scatter * priors.scatter + n * seen * seen) / (weight + n));
  }
}

}  // namespace hullscan
