#include "workers/best/squares_bound.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace hullscan::detail {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// A linear function of the parameters.
struct Row {
  double constant = 0;
  std::vector<std::pair<std::size_t, double>> terms;

  [[nodiscard]] double at(const VectorXd& x) const {
    double value = constant;
    for (const auto& [i, factor] : terms) value += factor * x[static_cast<Index>(i)];
    return value;
  }
};

/// Options of a block's sites at every pattern of its table, in their order.
std::vector<std::vector<std::size_t>> patterns(const CompositionEnergy& energy,
                                               const std::vector<std::uint16_t>& sites) {
  std::vector<std::vector<std::size_t>> result{{}};
  for (const std::uint16_t site : sites) {  // the first runs fastest
    std::vector<std::vector<std::size_t>> longer;
    for (std::size_t option = 0; option < energy.option_count(site); ++option) {
      for (std::vector<std::size_t> pattern : result) {
        pattern.push_back(option);
        longer.push_back(std::move(pattern));
      }
    }
    result = std::move(longer);
  }
  return result;
}

/// The states of a pattern, ascending where the sites are.
std::vector<std::size_t> states_on(const CompositionEnergy& energy, const std::vector<std::uint16_t>& sites,
                                   const std::vector<std::size_t>& pattern) {
  std::vector<std::size_t> on;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    if (pattern[i] != 0) on.push_back(energy.state(sites[i], pattern[i]));
  }
  return on;
}

template <class Visit>
void for_subsets(const std::vector<std::size_t>& on, const Visit& visit) {
  for (std::size_t i = 0; i < on.size(); ++i) {
    visit(std::vector{on[i]});
    for (std::size_t j = i + 1; j < on.size(); ++j) {
      visit(std::vector{on[i], on[j]});
      for (std::size_t k = j + 1; k < on.size(); ++k) visit(std::vector{on[i], on[j], on[k]});
    }
  }
}

/// The relaxation as a function of its parameters: what is moved, `remainder` (the form's own constant) and the minimum
/// of each orbit of blocks. The form is taken about the mean occupation, where its linear part nearly vanishes.
class Relaxation {
 public:
  Relaxation(const CompositionEnergy& energy, const BlockLimits& limits) : energy_(energy), orbits_(energy) {
    const std::size_t n = energy.state_count();
    for (std::size_t o = 0; o < orbits_.members.size(); ++o) {
      const auto [a, b] = orbits_.members[o];
      quadratic_.push_back({energy.pair_ev(a, b), {}});
      linear_.push_back({a == b ? energy.linear_ev[a] : 0.0, {}});
    }
    mean_.resize(static_cast<Index>(n));
    for (std::size_t a = 0; a < n; ++a) {
      const std::size_t s = energy.sublattice(energy.site_of[a]);
      mean_[static_cast<Index>(a)] =
          energy.count[s][energy.option_of(a)] / static_cast<double>(energy.action.sites(s).size());
    }
    add_shifts(limits.classes);
    blocks_ = choose_blocks(energy, limits);
    if (blocks_.empty()) {
      separate_triplets();
    } else {
      add_blocks();
    }
    remainder_ = parameters_++;
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      for (std::size_t p = first_row_[b]; p < first_row_[b + 1]; ++p) rows_[p].terms.emplace_back(parameters_, -1.0);
      minimum_.push_back(parameters_++);
    }
    find_active();
  }

  SquaresBound maximise(double tolerance_ev, const std::function<bool()>& stop_asked) {
    VectorXd x = feasible_start();
    const double weight = static_cast<double>(energy_.state_count() + 1 + rows_.size());
    for (double mu = 0.5 * scale_ * static_cast<double>(energy_.state_count() + 1);; mu *= 0.2) {
      centre(x, mu);
      if (mu * weight < tolerance_ev || failed_ || (stop_asked && stop_asked())) return result(x);
    }
  }

 private:
  /// y_a^2 = y_a, and y_a y_b = 0 of one site: what may be added to the form.
  void add_shifts(std::size_t most_parameters) {
    std::map<std::vector<std::size_t>, std::size_t> shared;  // sublattice and options, where there are too many orbits
    std::size_t same_site = 0;
    for (const auto& [a, b] : orbits_.members) same_site += energy_.site_of[a] == energy_.site_of[b] ? 1 : 0;
    for (std::size_t o = 0; o < orbits_.members.size(); ++o) {
      const auto [a, b] = orbits_.members[o];
      if (energy_.site_of[a] != energy_.site_of[b]) continue;
      std::vector<std::size_t> key{energy_.sublattice(energy_.site_of[a]), energy_.option_of(a), energy_.option_of(b)};
      if (same_site <= std::max<std::size_t>(most_parameters, 8)) key.push_back(o);
      const auto [at, fresh] = shared.try_emplace(key, parameters_);
      if (fresh) {
        ++parameters_;
        is_shift_.push_back(a == b ? 1 : 0);
      }
      quadratic_[o].terms.emplace_back(at->second, 1.0);
      if (a == b) linear_[o].terms.emplace_back(at->second, -1.0);
    }
  }

  /// The orbit of a state or of a pair of states.
  [[nodiscard]] std::size_t orbit(const std::vector<std::size_t>& cluster) const {
    return orbits_.of[cluster.front() * energy_.state_count() + cluster.back()];
  }

  void add_blocks() {
    struct Owner {
      std::size_t block, cls, clusters;
    };
    std::map<std::vector<std::size_t>, Owner> owners;            // of triplet orbits, by their first image
    std::vector<std::vector<Row>> coefficients(blocks_.size());  // [block][class]
    std::map<std::vector<std::size_t>, double> triplet_ev;
    for (const CompositionEnergy::Triplet& t : energy_.triplets)
      triplet_ev[{t.states[0], t.states[1], t.states[2]}] = t.ev;
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      for (std::size_t c = 0; c < blocks_[b].classes.size(); ++c) {
        const auto& clusters = blocks_[b].classes[c].clusters;
        const std::size_t everywhere = clusters.size() * blocks_[b].blocks.size();
        const std::vector<std::size_t>& cluster = clusters.front();
        Row own;
        if (cluster.size() < 3) {
          const std::size_t o = orbit(cluster);
          own.terms.emplace_back(parameters_, 1.0);
          // size counts ordered pairs, a state with itself once
          const double members = static_cast<double>(orbits_.size[o]) / (cluster.size() == 1 ? 1.0 : 2.0);
          (cluster.size() == 1 ? linear_ : quadratic_)[o].terms.emplace_back(
              parameters_++, -static_cast<double>(everywhere) / members);
        } else {
          const auto [at, fresh] = owners.try_emplace(first_image(energy_, cluster), Owner{b, c, everywhere});
          if (fresh) {
            if (const auto found = triplet_ev.find(cluster); found != triplet_ev.end()) {
              own.constant =
                  found->second * static_cast<double>(image_count(energy_, cluster)) / static_cast<double>(everywhere);
            }
          } else {
            const Owner& owner = at->second;
            own.terms.emplace_back(parameters_, 1.0);
            Row& owned = owner.block == b ? coefficients[b][owner.cls] : coefficients[owner.block][owner.cls];
            owned.terms.emplace_back(parameters_++,
                                     -static_cast<double>(everywhere) / static_cast<double>(owner.clusters));
          }
        }
        coefficients[b].push_back(std::move(own));
      }
    }
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      first_row_.push_back(rows_.size());
      std::map<std::vector<std::size_t>, std::size_t> class_of;
      for (std::size_t c = 0; c < blocks_[b].classes.size(); ++c) {
        for (const auto& cluster : blocks_[b].classes[c].clusters) class_of[cluster] = c;
      }
      const auto& sites = blocks_[b].blocks.front();
      for (const auto& pattern : patterns(energy_, sites)) {
        std::map<std::size_t, double> terms;
        Row row;
        for_subsets(states_on(energy_, sites, pattern), [&](const std::vector<std::size_t>& cluster) {
          const Row& coefficient = coefficients[b][class_of.at(cluster)];
          row.constant += coefficient.constant;
          for (const auto& [i, factor] : coefficient.terms) terms[i] += factor;
        });
        row.terms.assign(terms.begin(), terms.end());
        rows_.push_back(std::move(row));
      }
    }
    first_row_.push_back(rows_.size());
  }

  /// Too many orbits to move anything between: a negative triplet is a third of its pairs, and a table of what is above
  /// that; a positive one a table of its own.
  void separate_triplets() {
    std::map<std::pair<std::vector<std::size_t>, SquaresBound::Table>, std::size_t> known;  // by its sites' options
    for (const CompositionEnergy::Triplet& triplet : energy_.triplets) {
      SquaresBound::Block block;
      std::vector<std::size_t> options;
      for (const std::uint16_t state : triplet.states) {
        block.sites.push_back(energy_.site_of[state]);
        options.push_back(energy_.option_count(energy_.site_of[state]));
      }
      SquaresBound::Table table;
      for (const auto& pattern : patterns(energy_, block.sites)) {
        int there = 0;
        for (std::size_t i = 0; i < 3; ++i)
          there += pattern[i] != 0 && energy_.state(block.sites[i], pattern[i]) == triplet.states[i] ? 1 : 0;
        const double all = there == 3 ? triplet.ev : 0.0;
        table.push_back(triplet.ev > 0 ? all : all - triplet.ev / 3 * (there * (there - 1) / 2));
      }
      const auto [at, fresh] = known.try_emplace({options, table}, separate_.tables.size());
      if (fresh) separate_.tables.push_back(std::move(table));
      block.table = static_cast<std::uint32_t>(at->second);
      separate_.blocks.push_back(std::move(block));
      if (triplet.ev > 0) continue;
      for (const auto& [i, j] : {std::pair{0, 1}, std::pair{0, 2}, std::pair{1, 2}}) {
        const std::size_t o =
            orbit({triplet.states[static_cast<std::size_t>(i)], triplet.states[static_cast<std::size_t>(j)]});
        quadratic_[o].constant += triplet.ev / 3 * 2 / static_cast<double>(orbits_.size[o]);
      }
    }
    first_row_ = {0};
  }

  /// Orbits that a parameter changes, and the derivatives of the form about the mean by the parameters.
  void find_active() {
    const std::size_t n = energy_.state_count();
    std::vector<std::size_t> place_of_linear(orbits_.members.size(), 0);
    for (std::size_t o = 0; o < orbits_.members.size(); ++o) {
      if (!quadratic_[o].terms.empty()) active_.push_back(o);
    }
    active_place_.assign(orbits_.members.size(), -1);
    for (std::size_t i = 0; i < active_.size(); ++i) active_place_[active_[i]] = static_cast<int>(i);
    for (std::size_t o = 0; o < orbits_.members.size(); ++o) {
      if (orbits_.members[o].first != orbits_.members[o].second) continue;
      place_of_linear[o] = active_.size() + single_.size();
      single_.push_back(o);
    }
    const std::size_t q = active_.size();
    derivative_ = MatrixXd::Zero(static_cast<Index>(q + single_.size() + 1), static_cast<Index>(parameters_));
    constant_derivative_ = VectorXd::Zero(static_cast<Index>(parameters_));
    derivative_(static_cast<Index>(q + single_.size()), static_cast<Index>(remainder_)) = 1;
    single_of_.resize(n);
    for (std::size_t a = 0; a < n; ++a) single_of_[a] = place_of_linear[orbits_.of[a * n + a]];
    for (std::size_t i = 0; i < q; ++i) {
      for (const auto& [p, f] : quadratic_[active_[i]].terms)
        derivative_(static_cast<Index>(i), static_cast<Index>(p)) += f;
    }
    for (const std::size_t o : single_) {
      const std::size_t a = orbits_.members[o].first;
      const auto row = static_cast<Index>(place_of_linear[o]);
      const auto members = static_cast<double>(orbits_.size[o]);
      for (const auto& [p, f] : linear_[o].terms) {
        derivative_(row, static_cast<Index>(p)) += f;
        constant_derivative_[static_cast<Index>(p)] += f * members * mean_[static_cast<Index>(a)];
      }
      for (std::size_t b = 0; b < n; ++b) {
        const double both = mean_[static_cast<Index>(b)] * (a == b ? 2 : 1);
        for (const auto& [p, f] : quadratic_[orbits_.of[a * n + b]].terms) {
          derivative_(row, static_cast<Index>(p)) += f * both;
          constant_derivative_[static_cast<Index>(p)] += 0.5 * f * both * members * mean_[static_cast<Index>(a)];
        }
      }
    }
    objective_ = constant_derivative_;
    objective_[static_cast<Index>(remainder_)] = -1;
    for (std::size_t b = 0; b < blocks_.size(); ++b)
      objective_[static_cast<Index>(minimum_[b])] = static_cast<double>(blocks_[b].blocks.size());
  }

  /// Quadratic and linear part of the form in the states themselves.
  void parts(const VectorXd& x, MatrixXd& q, VectorXd& l) const {
    const std::size_t n = energy_.state_count();
    VectorXd quadratic(static_cast<Index>(orbits_.members.size()));
    for (std::size_t o = 0; o < orbits_.members.size(); ++o) quadratic[static_cast<Index>(o)] = quadratic_[o].at(x);
    q.resize(static_cast<Index>(n), static_cast<Index>(n));
    l.resize(static_cast<Index>(n));
    for (std::size_t a = 0; a < n; ++a) {
      for (std::size_t b = 0; b < n; ++b)
        q(static_cast<Index>(a), static_cast<Index>(b)) = quadratic[orbits_.of[a * n + b]] * (a == b ? 1.0 : 0.5);
      l[static_cast<Index>(a)] = linear_[orbits_.of[a * n + a]].at(x);
    }
  }

  /// About the mean, and on the space where the sum over every species' states vanishes (identity across).
  [[nodiscard]] MatrixXd centred(const VectorXd& x) const {
    MatrixXd q;
    VectorXd l;
    parts(x, q, l);
    const Index n = l.size();
    VectorXd slope = 0.5 * l + q * mean_;
    MatrixXd m(n + 1, n + 1);
    m(0, 0) = x[static_cast<Index>(remainder_)];
    const MatrixXd half = project(q);
    m.bottomRightCorner(n, n) = project(half.transpose()) + across_;
    m.bottomLeftCorner(n, 1) = project(slope);
    m.topRightCorner(1, n) = m.bottomLeftCorner(n, 1).transpose();
    return m;
  }
  [[nodiscard]] MatrixXd project(const MatrixXd& columns) const {
    return columns - means_ * (means_.transpose() * columns);
  }

  VectorXd feasible_start() {
    const auto n = static_cast<Index>(energy_.state_count());
    std::vector<VectorXd> columns;
    for (std::size_t s = 0; s < energy_.count.size(); ++s) {
      for (std::size_t option = 1; option < energy_.count[s].size(); ++option) {
        columns.emplace_back(VectorXd::Zero(n));
        for (const std::uint16_t site : energy_.action.sites(s)) {
          columns.back()[static_cast<Index>(energy_.state(site, option))] =
              1 / std::sqrt(static_cast<double>(energy_.action.sites(s).size()));
        }
      }
    }
    means_.resize(n, static_cast<Index>(columns.size()));
    for (std::size_t i = 0; i < columns.size(); ++i) means_.col(static_cast<Index>(i)) = columns[i];
    across_ = means_ * means_.transpose();
    VectorXd x = VectorXd::Zero(static_cast<Index>(parameters_));
    MatrixXd q;
    VectorXd l;
    parts(x, q, l);
    scale_ = 1e-6 + 2 * q.cwiseAbs().rowwise().sum().maxCoeff() + l.cwiseAbs().maxCoeff();
    for (std::size_t p = 0; p < is_shift_.size(); ++p) x[static_cast<Index>(p)] = is_shift_[p] != 0 ? scale_ : 0.0;
    double least = 0;
    for (const Row& row : rows_) least = std::min(least, row.constant);
    for (const std::size_t m : minimum_) x[static_cast<Index>(m)] = least - 0.1 * scale_;
    x[static_cast<Index>(remainder_)] = 100 * scale_ * static_cast<double>(n);
    return x;
  }

  [[nodiscard]] std::optional<double> barrier(const VectorXd& x) const {
    double value = 0;
    for (const Row& row : rows_) {
      const double slack = row.at(x);
      if (!(slack > 0)) return std::nullopt;
      value += std::log(slack);
    }
    const Eigen::LLT<MatrixXd> cholesky(centred(x));
    if (cholesky.info() != Eigen::Success) return std::nullopt;
    const VectorXd diagonal = cholesky.matrixLLT().diagonal();
    if (!(diagonal.minCoeff() > 0)) return std::nullopt;
    return value + 2 * diagonal.array().log().sum();
  }

  /// Newton steps to the maximum of objective / mu + barriers.
  void centre(VectorXd& x, double mu) {
    constexpr int kMostSteps = 60;
    for (int step = 0; step < kMostSteps; ++step) {
      VectorXd gradient = objective_ / mu;
      MatrixXd hessian;
      add_form(x, gradient, hessian);
      for (const Row& row : rows_) {
        const double inverse = 1 / row.at(x);
        for (const auto& [i, f] : row.terms) {
          gradient[static_cast<Index>(i)] += f * inverse;
          for (const auto& [j, g] : row.terms)
            hessian(static_cast<Index>(i), static_cast<Index>(j)) += f * g * inverse * inverse;
        }
      }
      const VectorXd unit = hessian.diagonal().cwiseMax(1e-300).cwiseSqrt().cwiseInverse();
      hessian = unit.asDiagonal() * hessian * unit.asDiagonal();
      hessian.diagonal().array() += 1e-12;
      const Eigen::LLT<MatrixXd> solver(hessian);
      const VectorXd direction = unit.cwiseProduct(solver.solve(unit.cwiseProduct(gradient)));
      const double decrement = gradient.dot(direction);
      if (solver.info() != Eigen::Success || !std::isfinite(decrement) || decrement <= 0) {
        failed_ = true;
        return;
      }
      const auto here = barrier(x);
      const auto value = [&](const VectorXd& there) -> std::optional<double> {
        const auto b = barrier(there);
        if (!b || !here) return std::nullopt;
        return objective_.dot(there - x) / mu + *b - *here;
      };
      double length = 1;
      for (; length > 1e-9; length *= 0.5) {
        const auto gain = value(x + length * direction);
        if (gain && *gain >= 0.01 * length * decrement - 1e-9 * (1 + std::abs(*here))) break;
      }
      if (length <= 1e-9) {
        failed_ = true;
        return;
      }
      x += length * direction;
      if (decrement < 0.1) return;
    }
  }

  /// Gradient and Hessian of the form's barrier; by one member of each orbit, for its inverse has the group's symmetry.
  void add_form(const VectorXd& x, VectorXd& gradient, MatrixXd& hessian) const {
    const auto n = static_cast<Index>(energy_.state_count());
    MatrixXd inverse = centred(x).llt().solve(MatrixXd::Identity(n + 1, n + 1));
    inverse.bottomRightCorner(n, n) -= across_;
    const std::size_t q = active_.size(), all = q + single_.size() + 1;
    MatrixXd second(static_cast<Index>(all), static_cast<Index>(all));
    VectorXd first = VectorXd::Zero(static_cast<Index>(all));
    // u^T (derivative by every part) v
    const auto derivatives = [&](const VectorXd& u, const VectorXd& v) {
      VectorXd d = VectorXd::Zero(static_cast<Index>(all));
      for (Index a = 0; a < n; ++a) {
        const std::uint32_t* row = &orbits_.of[static_cast<std::size_t>(a * n)];
        for (Index b = 0; b < n; ++b) {
          const int place = active_place_[row[b]];
          if (place >= 0) d[place] += (a == b ? 1.0 : 0.5) * u[a + 1] * v[b + 1];
        }
        d[static_cast<Index>(single_of_[static_cast<std::size_t>(a)])] += 0.5 * (u[0] * v[a + 1] + u[a + 1] * v[0]);
      }
      d[static_cast<Index>(all) - 1] = u[0] * v[0];
      return d;
    };
    for (std::size_t i = 0; i < all; ++i) {
      Index row = 0, column = 0;
      double members = 1;
      if (i < q) {
        const auto [a, b] = orbits_.members[active_[i]];
        row = static_cast<Index>(a) + 1;
        column = static_cast<Index>(b) + 1;
        members = static_cast<double>(orbits_.size[active_[i]]) * (a == b ? 1.0 : 0.5);
      } else if (i + 1 < all) {
        column = static_cast<Index>(orbits_.members[single_[i - q]].first) + 1;
        members = static_cast<double>(orbits_.size[single_[i - q]]);
      }
      first[static_cast<Index>(i)] = members * inverse(row, column);
      second.row(static_cast<Index>(i)) = members * derivatives(inverse.col(row), inverse.col(column)).transpose();
    }
    gradient += derivative_.transpose() * first;
    hessian = derivative_.transpose() * (0.5 * (second + second.transpose()) * derivative_);
  }

  SquaresBound result(const VectorXd& x) const {
    SquaresBound bound = separate_;
    MatrixXd q;
    VectorXd l;
    parts(x, q, l);
    const Index n = l.size();
    bound.bound_ev = energy_.constant_ev + l.dot(mean_) + mean_.dot(q * mean_) - x[static_cast<Index>(remainder_)];
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      const double minimum = x[static_cast<Index>(minimum_[b])];
      bound.bound_ev += minimum * static_cast<double>(blocks_[b].blocks.size());
      const auto table = static_cast<std::uint32_t>(bound.tables.size());
      bound.tables.emplace_back();
      for (std::size_t p = first_row_[b]; p < first_row_[b + 1]; ++p)
        bound.tables.back().push_back(std::max(0.0, rows_[p].at(x)));
      for (const auto& sites : blocks_[b].blocks) bound.blocks.push_back({sites, table});
    }
    // On the space of the composition the form about the mean is that of the states; across it, it may be anything.
    MatrixXd form = centred(x);
    form.bottomRightCorner(n, n) += (scale_ - 1) * across_;
    MatrixXd shift = MatrixXd::Identity(n + 1, n + 1);
    shift.bottomLeftCorner(n, 1) = -mean_;
    bound.form = shift.transpose() * form * shift;
    return bound;
  }

  const CompositionEnergy& energy_;
  StatePairOrbits orbits_;
  VectorXd mean_;                        ///< of every state
  std::vector<Row> quadratic_, linear_;  ///< [orbit]: of a pair; of a state, at the orbit of it with itself
  std::vector<BlockOrbit> blocks_;
  std::vector<std::size_t> first_row_;  ///< [block orbit + 1] into rows_, a row for every pattern
  std::vector<Row> rows_;               ///< what must not be negative
  SquaresBound separate_;               ///< blocks without parameters
  std::size_t parameters_ = 0, remainder_ = 0;
  std::vector<std::uint8_t> is_shift_;  ///< [first parameters]
  std::vector<std::size_t> minimum_;    ///< [block orbit]
  std::vector<std::size_t> active_, single_, single_of_;
  std::vector<int> active_place_;  ///< [orbit]; -1: no parameter changes it
  MatrixXd derivative_;            ///< [active orbits, single states, 1][parameter]
  VectorXd constant_derivative_, objective_;
  MatrixXd means_;   ///< [state][species of a sublattice], orthonormal
  MatrixXd across_;  ///< projection on the means
  double scale_ = 1;
  bool failed_ = false;
};

}  // namespace

SquaresBound squares_bound(const CompositionEnergy& energy, const BlockLimits& limits, double tolerance_ev,
                           const std::function<bool()>& stop_asked) {
  return Relaxation(energy, limits).maximise(tolerance_ev, stop_asked);
}

}  // namespace hullscan::detail
