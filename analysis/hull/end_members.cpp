#include "analysis/hull/end_members.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/errors.hpp"

namespace hullscan {
namespace {

std::vector<Species> elements_of(std::span<const Composition> compositions) {
  std::set<Species> found;
  for (const Composition& composition : compositions) {
    for (const auto& [species, count] : composition.counts()) {
      if (!species.is_vacancy()) found.insert(species);
    }
  }
  std::vector<Species> elements(found.begin(), found.end());
  std::stable_sort(elements.begin(), elements.end(),
                   [](Species a, Species b) { return electronegativity(a) < electronegativity(b); });
  return elements;
}

Eigen::VectorXd fractions(const Composition& composition, const std::vector<Species>& elements) {
  Eigen::VectorXd result(static_cast<Eigen::Index>(elements.size()));
  for (std::size_t k = 0; k < elements.size(); ++k)
    result(static_cast<Eigen::Index>(k)) = composition.atomic_fraction(elements[k]);
  return result;
}

bool larger(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
  for (Eigen::Index k = 0; k < a.size(); ++k) {
    if (a(k) != b(k)) return a(k) > b(k);
  }
  return false;
}

}  // namespace

EndMembers choose_end_members(std::span<const Composition> compositions) {
  const std::vector<Species> elements = elements_of(compositions);
  if (elements.empty()) throw InputError("no end members: no composition holds an atom");
  std::set<Composition> distinct;
  std::set<Species> alone;
  for (const Composition& composition : compositions) {
    const Composition reduced = composition.reduced();
    if (reduced.counts().empty()) throw InputError("no end members: a composition holds no atom");
    distinct.insert(reduced);
    if (reduced.counts().size() == 1) alone.insert(reduced.counts().begin()->first);
  }
  EndMembers result;
  if (alone.size() == elements.size()) {
    for (const Species element : elements) result.compositions.push_back(Composition({{element, 1}}));
    return result;
  }
  result.elemental = false;
  struct Point {
    const Composition* composition;
    Eigen::VectorXd x;
    Eigen::VectorXd rest;  // what the span of those taken leaves of it
  };
  std::vector<Point> points;
  for (const Composition& composition : distinct) {
    const Eigen::VectorXd x = fractions(composition, elements);
    points.push_back({&composition, x, x});
  }
  std::sort(points.begin(), points.end(), [](const Point& a, const Point& b) { return larger(a.x, b.x); });
  std::vector<const Point*> taken;
  Eigen::VectorXd direction = points.front().x;
  taken.push_back(&points.front());
  for (std::size_t rank = 1;; ++rank) {
    direction.normalize();
    const Point* farthest = nullptr;
    for (Point& point : points) {
      // Twice, so that rounding does not leave a false remainder.
      for (int pass = 0; pass < 2; ++pass) point.rest -= point.rest.dot(direction) * direction;
      if (point.rest.norm() > 1e-9 && (farthest == nullptr || point.rest.norm() > farthest->rest.norm() + 1e-9))
        farthest = &point;
    }
    if (farthest == nullptr || rank == elements.size()) break;
    taken.push_back(farthest);
    direction = farthest->rest;
  }
  std::stable_sort(taken.begin(), taken.end(), [](const Point* a, const Point* b) {
    const auto kinds = [](const Point* p) { return p->composition->counts().size(); };
    return kinds(a) != kinds(b) ? kinds(a) < kinds(b) : larger(b->x, a->x);
  });
  for (const Point* point : taken) result.compositions.push_back(*point->composition);
  return result;
}

EndMemberSpace::EndMemberSpace(std::vector<Composition> members) : elements_(elements_of(members)) {
  if (members.empty()) throw InputError("no end members given");
  for (const Composition& member : members) {
    members_.push_back(member.reduced());
    if (members_.back().counts().empty()) throw InputError("an end member holds no atom");
  }
  const auto rows = static_cast<Eigen::Index>(elements_.size());
  const auto columns = static_cast<Eigen::Index>(members_.size());
  matrix_.resize(rows, columns);
  for (Eigen::Index j = 0; j < columns; ++j) {
    for (Eigen::Index i = 0; i < rows; ++i) {
      matrix_(i, j) =
          static_cast<double>(members_[static_cast<std::size_t>(j)].count(elements_[static_cast<std::size_t>(i)]));
    }
  }
  solver_.compute(matrix_);
  if (solver_.rank() < columns) {
    std::string names;
    for (const Composition& member : members_) names += (names.empty() ? "" : ", ") + member.formula();
    throw InputError("end members " + names + ": one is a mix of the others");
  }
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> by_element(matrix_.transpose());
  for (Eigen::Index k = 0; k < columns; ++k) {
    independent_.push_back(elements_[static_cast<std::size_t>(by_element.colsPermutation().indices()(k))]);
  }
  std::sort(independent_.begin(), independent_.end());
}

std::optional<std::vector<double>> EndMemberSpace::units(const Composition& composition) const {
  Eigen::VectorXd counts(matrix_.rows());
  std::int64_t seen = 0;
  for (Eigen::Index i = 0; i < matrix_.rows(); ++i) {
    const std::int64_t count = composition.count(elements_[static_cast<std::size_t>(i)]);
    counts(i) = static_cast<double>(count);
    seen += count;
  }
  if (seen != composition.atom_count()) return std::nullopt;
  Eigen::VectorXd units = solver_.solve(counts);
  units += solver_.solve(counts - matrix_ * units);
  if ((counts - matrix_ * units).norm() > 1e-9 * counts.norm()) return std::nullopt;
  std::vector<double> result(units.begin(), units.end());
  for (double& value : result) {
    if (std::abs(value - std::round(value)) < 1e-11) value = std::round(value);
  }
  return result;
}

std::optional<std::vector<double>> EndMemberSpace::shares(const Composition& composition) const {
  auto result = units(composition);
  if (!result) return std::nullopt;
  double sum = 0;
  for (const double value : *result) sum += value;
  if (sum <= 0) return std::nullopt;
  for (double& value : *result) value /= sum;
  return result;
}

}  // namespace hullscan
