#include "analysis/hull/hull_simplex.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <set>

#include "core/errors.hpp"

namespace hullscan {
namespace {

constexpr double kDirectionTolerance = 1e-11;  // atomic fractions: below, a component of a direction is rounding
constexpr double kLevelTolerance = 1e-10;      // atomic fractions: below, an amount is zero
constexpr std::size_t kBlock = 512;            // columns priced at a time: their reduced costs stay in the first cache
constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

}  // namespace

LowerHull::LowerHull(HullColumns columns, std::vector<std::size_t> references)
    : columns_(std::move(columns)),
      references_(std::move(references)),
      active_(columns_.rows),
      vertex_(columns_.size(), 0),
      packed_vertices_(columns_.rows),
      star_(columns_.size()) {
  const std::size_t rows = columns_.rows, size = columns_.size();
  fractions_.resize(size * rows);
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t k = 0; k < rows; ++k) {
      fractions_[i * rows + k] =
          static_cast<double>(columns_.counts[i * rows + k]) / static_cast<double>(columns_.atoms[i]);
    }
  }
  basis_columns_.resize(size * rows);
  inverses_.resize(size * rows * rows);
  levels_.resize(size * rows);
  duals_.resize(size * rows);
  solve_table();
  settle_vertices();
}

LowerHull::Basis LowerHull::basis(std::size_t column) {
  const std::size_t rows = columns_.rows;
  return {&basis_columns_[column * rows], &inverses_[column * rows * rows], &levels_[column * rows],
          &duals_[column * rows]};
}

bool LowerHull::fits(std::size_t column, std::size_t target) const {
  return (columns_.elements[column] & ~columns_.elements[target]).none();
}

void LowerHull::pack(Packed& packed, std::size_t column) const {
  for (std::size_t k = 0; k < columns_.rows; ++k) packed.fractions[k].push_back(fractions_[column * columns_.rows + k]);
  packed.costs.push_back(columns_.costs[column]);
  packed.ids.push_back(column);
}

void LowerHull::start_artificial(const Basis& basis, std::size_t target) const {
  const std::size_t rows = columns_.rows;
  std::fill(basis.inverse, basis.inverse + rows * rows, 0.0);
  for (std::size_t k = 0; k < rows; ++k) {
    basis.column[k] = -1 - static_cast<std::int32_t>(k);
    basis.inverse[k * rows + k] = 1.0;
    basis.level[k] = fractions_[target * rows + k];
  }
}

void LowerHull::set_duals(const Basis& basis, Phase phase) const {
  const std::size_t rows = columns_.rows;
  std::fill(basis.dual, basis.dual + rows, 0.0);
  for (std::size_t i = 0; i < rows; ++i) {
    const bool artificial = basis.column[i] < 0;
    const double cost = phase == Phase::kFeasibility ? (artificial ? 1.0 : 0.0)
                        : artificial                 ? 0.0
                                                     : columns_.costs[static_cast<std::size_t>(basis.column[i])];
    if (cost == 0.0) continue;
    for (std::size_t k = 0; k < rows; ++k) basis.dual[k] += cost * basis.inverse[i * rows + k];
  }
}

/// Brings a column into the basis. An artificial at level zero leaves first: it must never grow again.
/// @param smallest_index Bland's rule among the rows that block equally; else the largest pivot.
void LowerHull::enter(const Basis& basis, std::size_t column, bool smallest_index) const {
  const std::size_t rows = columns_.rows;
  double direction[128];
  assert(rows <= 128);
  for (std::size_t i = 0; i < rows; ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < rows; ++k) sum += basis.inverse[i * rows + k] * fractions_[column * rows + k];
    direction[i] = sum;
  }
  std::size_t pivot = kNone;
  for (std::size_t i = 0; i < rows; ++i) {
    if (basis.column[i] < 0 && basis.level[i] <= kLevelTolerance && std::abs(direction[i]) > 1e-9 &&
        (pivot == kNone || std::abs(direction[i]) > std::abs(direction[pivot]))) {
      pivot = i;
    }
  }
  if (pivot == kNone) {
    double step = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < rows; ++i) {
      if (direction[i] > kDirectionTolerance) step = std::min(step, basis.level[i] / direction[i]);
    }
    for (std::size_t i = 0; i < rows; ++i) {
      if (direction[i] <= kDirectionTolerance || basis.level[i] / direction[i] > step + 1e-13) continue;
      const bool better =
          pivot == kNone || (smallest_index ? basis.column[i] < basis.column[pivot] : direction[i] > direction[pivot]);
      if (better) pivot = i;
    }
  }
  if (pivot == kNone) throw Error("hull: a basis has become singular");
  double* pivot_row = basis.inverse + pivot * rows;
  const double scale = 1.0 / direction[pivot];
  for (std::size_t k = 0; k < rows; ++k) pivot_row[k] *= scale;
  basis.level[pivot] *= scale;
  for (std::size_t i = 0; i < rows; ++i) {
    if (i == pivot || direction[i] == 0.0) continue;
    for (std::size_t k = 0; k < rows; ++k) basis.inverse[i * rows + k] -= direction[i] * pivot_row[k];
    basis.level[i] -= direction[i] * basis.level[pivot];
    if (basis.level[i] < 1e-15) basis.level[i] = 0.0;
  }
  basis.column[pivot] = static_cast<std::int32_t>(column);
}

void LowerHull::reinvert(const Basis& basis, std::size_t target) const {
  const auto rows = static_cast<Eigen::Index>(columns_.rows);
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(rows, rows);
  Eigen::VectorXd right(rows);
  for (Eigen::Index k = 0; k < rows; ++k) {
    right(k) = fractions_[target * columns_.rows + static_cast<std::size_t>(k)];
    const std::int32_t column = basis.column[k];
    if (column < 0) {
      matrix(-1 - column, k) = 1.0;
    } else {
      for (Eigen::Index i = 0; i < rows; ++i) {
        matrix(i, k) = fractions_[static_cast<std::size_t>(column) * columns_.rows + static_cast<std::size_t>(i)];
      }
    }
  }
  const Eigen::MatrixXd inverse = matrix.partialPivLu().inverse();
  const Eigen::VectorXd level = inverse * right;
  for (Eigen::Index i = 0; i < rows; ++i) {
    for (Eigen::Index k = 0; k < rows; ++k) basis.inverse[i * rows + k] = inverse(i, k);
    basis.level[i] = std::max(0.0, level(i));
  }
}

/// Visits every allowed column whose reduced cost lies below `threshold`, which the visitor may lower.
template <class Visit>
void LowerHull::price(const Basis& basis, std::size_t target, const Packed& packed, std::size_t excluded, Phase phase,
                      const double& threshold, Visit visit) const {
  const std::size_t rows = columns_.rows, count = packed.ids.size();
  double reduced[kBlock];
  for (std::size_t begin = 0; begin < count; begin += kBlock) {
    const std::size_t block = std::min(kBlock, count - begin);
    if (phase == Phase::kEnergy) {
      std::copy_n(&packed.costs[begin], block, reduced);
    } else {
      std::fill_n(reduced, block, 0.0);
    }
    for (std::size_t k = 0; k < rows; ++k) {
      const double dual = basis.dual[k];
      const double* fractions = &packed.fractions[k][begin];
      for (std::size_t j = 0; j < block; ++j) reduced[j] -= dual * fractions[j];
    }
    std::size_t tempting = 0;
    for (std::size_t j = 0; j < block; ++j) tempting += reduced[j] < threshold ? 1 : 0;
    if (tempting == 0) continue;
    for (std::size_t j = 0; j < block; ++j) {
      if (reduced[j] >= threshold) continue;
      const std::size_t id = packed.ids[begin + j];
      if (id == excluded || !fits(id, target)) continue;
      if (std::find(basis.column, basis.column + rows, static_cast<std::int32_t>(id)) != basis.column + rows) continue;
      visit(id, reduced[j]);
    }
  }
}

/// Dantzig's rule; after a run of steps that did not lower the hull, Bland's, which cannot cycle.
void LowerHull::optimise(const Basis& basis, std::size_t target, const Packed& allowed, std::size_t excluded,
                         Phase phase) const {
  int stalled = 0;
  double last = std::numeric_limits<double>::infinity();
  for (int step = 1;; ++step) {
    set_duals(basis, phase);
    const bool bland = stalled > 50;
    std::size_t best = kNone;
    double most = pivot_threshold(phase);
    price(basis, target, allowed, excluded, phase, most, [&](std::size_t id, double reduced) {
      if (!bland) {
        most = reduced;
        best = id;
      } else if (best == kNone || id < best) {
        best = id;
      }
    });
    if (best == kNone) return;
    if (step > 20000) throw Error("hull: the simplex does not end");
    enter(basis, best, bland);
    if (step % 40 == 0) reinvert(basis, target);
    const double now = phase == Phase::kFeasibility ? infeasibility(basis) : value(basis);
    stalled = now < last - 1e-14 ? 0 : stalled + 1;
    last = std::min(last, now);
  }
}

double LowerHull::pivot_threshold(Phase phase) { return phase == Phase::kFeasibility ? -1e-10 : -kPivotToleranceEv; }

/// Optimal over `likely` first, then over `allowed` by turns: what prices below goes to `likely`, all at once.
void LowerHull::optimise_by_columns(const Basis& basis, std::size_t target, Packed& likely, const Packed& allowed,
                                    std::size_t excluded, Phase phase) const {
  for (;;) {
    optimise(basis, target, likely, excluded, phase);
    if (phase == Phase::kFeasibility && infeasibility(basis) <= kLevelTolerance) return;
    const std::size_t before = likely.ids.size();
    const double threshold = pivot_threshold(phase);
    price(basis, target, allowed, excluded, phase, threshold, [&](std::size_t id, double) { pack(likely, id); });
    if (likely.ids.size() == before) return;
  }
}

double LowerHull::infeasibility(const Basis& basis) const {
  double sum = 0;
  for (std::size_t i = 0; i < columns_.rows; ++i) sum += basis.column[i] < 0 ? basis.level[i] : 0.0;
  return sum;
}

double LowerHull::value(const Basis& basis) const {
  double sum = 0;
  for (std::size_t i = 0; i < columns_.rows; ++i) {
    if (basis.column[i] >= 0) sum += basis.level[i] * columns_.costs[static_cast<std::size_t>(basis.column[i])];
  }
  return sum;
}

void LowerHull::solve_table() {
  const std::size_t rows = columns_.rows, size = columns_.size();
  std::vector<char> is_active(size, 0);
  const auto activate = [&](std::size_t column) {
    is_active[column] = 1;
    pack(active_, column);
  };
  for (const std::size_t column : references_) activate(column);
  for (std::size_t i = 0; i < size; ++i) {
    start_artificial(basis(i), i);
    if (!references_.empty()) {
      for (std::size_t k = 0; k < rows; ++k) basis(i).column[k] = static_cast<std::int32_t>(references_[k]);
      continue;
    }
    optimise(basis(i), i, active_, kNone, Phase::kFeasibility);
    if (infeasibility(basis(i)) > kLevelTolerance) {
      activate(i);
      optimise(basis(i), i, active_, kNone, Phase::kFeasibility);
    }
  }
  std::vector<double> hull(size);
  for (std::size_t i = 0; i < size; ++i) {
    optimise(basis(i), i, active_, kNone, Phase::kEnergy);
    hull[i] = value(basis(i));
  }
  /// A basis that another composition may share.
  struct Shared {
    std::bitset<128> elements;
    std::size_t owner;
  };
  std::vector<Shared> recent;  // newest last
  const auto take_shared = [&](std::size_t i) {
    for (auto shared = recent.rbegin(); shared != recent.rend(); ++shared) {
      if (shared->elements != columns_.elements[i]) continue;
      const Basis from = basis(shared->owner), to = basis(i);
      bool inside = true;
      double level[128];
      for (std::size_t k = 0; k < rows && inside; ++k) {
        level[k] = 0;
        for (std::size_t j = 0; j < rows; ++j) level[k] += from.inverse[k * rows + j] * fractions_[i * rows + j];
        inside = level[k] >= -1e-14 && (from.column[k] >= 0 || level[k] <= kLevelTolerance);
      }
      if (!inside) continue;
      std::copy(from.column, from.column + rows, to.column);
      std::copy(from.inverse, from.inverse + rows * rows, to.inverse);
      std::copy(from.dual, from.dual + rows, to.dual);
      for (std::size_t k = 0; k < rows; ++k) to.level[k] = std::max(0.0, level[k]);
      return true;
    }
    return false;
  };

  std::vector<std::size_t> below, last_seen(size, kNone);
  for (;;) {
    std::size_t deepest = kNone;
    double depth = -kPivotToleranceEv;
    for (std::size_t i = 0; i < size; ++i) {
      const double here = columns_.costs[i] - hull[i];
      if (here < depth && is_active[i] == 0) {
        depth = here;
        deepest = i;
      }
    }
    if (deepest == kNone) break;
    activate(deepest);
    const double* fraction = &fractions_[deepest * rows];
    const double cost = columns_.costs[deepest];
    below.clear();
    Packed corners(rows);
    pack(corners, deepest);
    for (std::size_t i = 0; i < size; ++i) {
      const double* dual = &duals_[i * rows];
      double reduced = cost;
      for (std::size_t k = 0; k < rows; ++k) reduced -= dual[k] * fraction[k];
      if (reduced >= -kPivotToleranceEv || !fits(deepest, i)) continue;
      below.push_back(i);
      for (std::size_t k = 0; k < rows; ++k) {
        const std::int32_t column = basis_columns_[i * rows + k];
        if (column < 0 || last_seen[static_cast<std::size_t>(column)] == deepest) continue;
        last_seen[static_cast<std::size_t>(column)] = deepest;
        pack(corners, static_cast<std::size_t>(column));
      }
    }
    recent.clear();
    for (const std::size_t i : below) {
      if (!take_shared(i)) {
        optimise(basis(i), i, corners, kNone, Phase::kEnergy);
        if (recent.size() == 12) recent.erase(recent.begin());
        recent.push_back({columns_.elements[i], i});
      }
      hull[i] = value(basis(i));
    }
  }
  price_everything();
}

/// Every distinct basis against all active columns. Bases that a local step left short of the optimum end here.
void LowerHull::price_everything() {
  const std::size_t rows = columns_.rows;
  std::bitset<128> every;
  for (const auto& elements : columns_.elements) every |= elements;
  std::set<std::vector<std::int32_t>> proven;  // optimal for all columns, so for every composition inside
  std::vector<std::int32_t> key(rows);
  std::vector<char> is_active(columns_.size(), 0);
  for (const std::size_t i : active_.ids) is_active[i] = 1;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (is_active[i] != 0) continue;  // its own mix, or solved anew where it turns out to be no vertex
    const Basis here = basis(i);
    key.assign(here.column, here.column + rows);
    std::sort(key.begin(), key.end());
    if (proven.contains(key)) continue;
    optimise(here, i, active_, kNone, Phase::kEnergy);
    if (columns_.elements[i] != every) continue;
    key.assign(here.column, here.column + rows);
    std::sort(key.begin(), key.end());
    proven.insert(key);
  }
}

void LowerHull::settle_vertices() {
  const std::size_t rows = columns_.rows, size = columns_.size();
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t k = 0; k < rows; ++k) {
      const std::int32_t column = basis_columns_[i * rows + k];
      if (column >= 0 && static_cast<std::size_t>(column) != i && levels_[i * rows + k] > kLevelTolerance) {
        star_[static_cast<std::size_t>(column)].push_back(i);
      }
    }
  }
  std::vector<char> retired(size, 0);
  bool any_retired = false;
  for (const std::size_t i : active_.ids) {
    const HullValue& others = without_.emplace(i, solve_without(i)).first->second;
    vertex_[i] = !others.feasible || columns_.costs[i] < others.ev_per_atom - kVertexToleranceEv ? 1 : 0;
    if (vertex_[i] == 0) {
      retired[i] = 1;
      any_retired = true;
    }
  }
  vertices_ = active_.ids;
  std::erase_if(vertices_, [&](std::size_t i) { return vertex_[i] == 0; });
  std::sort(vertices_.begin(), vertices_.end());
  for (const std::size_t i : vertices_) pack(packed_vertices_, i);
  if (!any_retired) return;
  // Points on a facet that came in through an exact tie: mixes are given in vertices only.
  for (std::size_t i = 0; i < size; ++i) {
    const bool uses_retired =
        std::any_of(&basis_columns_[i * rows], &basis_columns_[i * rows] + rows,
                    [&](std::int32_t column) { return column >= 0 && retired[static_cast<std::size_t>(column)] != 0; });
    if (!uses_retired) continue;
    start_artificial(basis(i), i);
    optimise(basis(i), i, packed_vertices_, kNone, Phase::kFeasibility);
    optimise(basis(i), i, packed_vertices_, kNone, Phase::kEnergy);
  }
}

HullValue LowerHull::report(const std::int32_t* basis_columns, std::size_t target) const {
  const auto rows = static_cast<Eigen::Index>(columns_.rows);
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(rows, rows);
  Eigen::VectorXd right(rows);
  const auto count = [&](std::size_t column, Eigen::Index row) {
    return columns_.counts[column * columns_.rows + static_cast<std::size_t>(row)];
  };
  for (Eigen::Index k = 0; k < rows; ++k) {
    right(k) = static_cast<double>(count(target, k));
    const std::int32_t column = basis_columns[k];
    if (column < 0) {
      matrix(-1 - column, k) = 1.0;
      continue;
    }
    for (Eigen::Index i = 0; i < rows; ++i)
      matrix(i, k) = static_cast<double>(count(static_cast<std::size_t>(column), i));
  }
  const Eigen::PartialPivLU<Eigen::MatrixXd> lu(matrix);
  Eigen::VectorXd units = lu.solve(right);
  Eigen::VectorXd residual(rows);
  for (Eigen::Index i = 0; i < rows; ++i) {
    long double sum = right(i);
    for (Eigen::Index k = 0; k < rows; ++k)
      sum -= static_cast<long double>(matrix(i, k)) * static_cast<long double>(units(k));
    residual(i) = static_cast<double>(sum);
  }
  units += lu.solve(residual);

  HullValue result;
  const auto atoms = static_cast<double>(columns_.atoms[target]);
  for (Eigen::Index k = 0; k < rows; ++k) {
    const std::int32_t column = basis_columns[k];
    if (column < 0) continue;
    const auto j = static_cast<std::size_t>(column);
    const double fraction = units(k) * static_cast<double>(columns_.atoms[j]) / atoms;
    if (fraction < kLevelTolerance) continue;
    result.ev_per_atom += fraction * columns_.costs[j];
    result.mix.emplace_back(j, fraction);
  }
  return result;
}

HullValue LowerHull::at(std::size_t column) const {
  if (vertex_[column] != 0) return {true, columns_.costs[column], {{column, 1.0}}};
  return report(&basis_columns_[column * columns_.rows], column);
}

HullValue LowerHull::solve_alone(std::size_t target, Packed likely, const Packed& allowed, std::size_t excluded) const {
  const std::size_t rows = columns_.rows;
  std::vector<std::int32_t> column(rows);
  std::vector<double> inverse(rows * rows), level(rows), dual(rows);
  const Basis basis{column.data(), inverse.data(), level.data(), dual.data()};
  start_artificial(basis, target);
  optimise_by_columns(basis, target, likely, allowed, excluded, Phase::kFeasibility);
  if (infeasibility(basis) > kLevelTolerance) return {false, 0.0, {}};
  optimise_by_columns(basis, target, likely, allowed, excluded, Phase::kEnergy);
  return report(basis.column, target);
}

LowerHull::Packed LowerHull::corners_around(std::size_t column) const {
  Packed corners(columns_.rows);
  std::set<std::size_t> seen = {column};
  const auto add = [&](std::size_t i) {
    for (std::size_t k = 0; k < columns_.rows; ++k) {
      const std::int32_t corner = basis_columns_[i * columns_.rows + k];
      if (corner >= 0 && seen.insert(static_cast<std::size_t>(corner)).second)
        pack(corners, static_cast<std::size_t>(corner));
    }
  };
  add(column);
  for (const std::size_t i : star_[column]) add(i);
  return corners;
}

/// Where this column is gone the hull rises only over mixes that used it, so of the columns that are not active only
/// those there can come into play.
HullValue LowerHull::solve_without(std::size_t column) const {
  Packed likely = corners_around(column);
  for (const std::size_t i : star_[column]) pack(likely, i);
  return solve_alone(column, std::move(likely), active_, column);
}

HullValue LowerHull::without(std::size_t column) const {
  const auto found = without_.find(column);
  return found == without_.end() ? at(column) : found->second;
}

HullValue LowerHull::among_other_vertices(std::size_t column) const {
  Packed likely(columns_.rows);
  for (const std::size_t corner : corners_around(column).ids) {
    if (vertex_[corner] != 0) pack(likely, corner);
  }
  return solve_alone(column, std::move(likely), packed_vertices_, column);
}

}  // namespace hullscan
