#include "enumerator/space/markers.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <algorithm>
#include <array>
#include <cmath>
#include <compare>
#include <map>
#include <numeric>  // std::accumulate
#include <optional>
#include <set>

#include "enumerator/crystal/detail/integer_lattice.hpp"

namespace hullscan {
namespace {

using detail::CellIndex;
using detail::Matrix3l;
using detail::Vector3l;

/// More take minutes and have no use.
constexpr double kMostObjects = 1e5;

/// A site or a directed line of the supercell: it starts in a primitive cell at a basis site and ends at another,
/// some primitive cells on. The smaller of the two directions of a pair is the pair's name.
struct Object {
  std::int64_t cell = 0;  ///< class modulo the supercell
  int start = 0;
  int end = -1;  ///< -1: a site
  std::array<std::int64_t, 3> on{};
  friend auto operator<=>(const Object&, const Object&) = default;
};

/// A selected site of the primitive cell.
struct BasisSite {
  Eigen::Vector3d position;  ///< primitive fractional
  int kind = 0;              ///< sublattice, or -1 - species of a fixed site
  std::string label;
};

/// A primitive site in a primitive cell.
struct PlacedSite {
  int basis = 0;
  Vector3l cell = Vector3l::Zero();
};

/// What an operation does to the basis sites: b goes to target[b], offset[b] cells on; -1: to no selected site.
struct Action {
  Matrix3l rotation;
  std::vector<int> target;
  std::vector<Vector3l> offset;
};

SymmetryOperation after(const SymmetryOperation& first, const SymmetryOperation& second) {
  return {second.rotation * first.rotation, second.rotation.cast<double>() * first.translation + second.translation};
}

Vector3l rounded(const Eigen::Vector3d& x) { return {std::llround(x[0]), std::llround(x[1]), std::llround(x[2])}; }

/// The selected sites of one supercell and its objects, in whole numbers.
class MarkedSupercell {
 public:
  MarkedSupercell(const Supercell& supercell, const MarkerSites& selected)
      : supercell_(supercell),
        primitive_(supercell.parent().primitive_lattice()),
        tolerance_(std::max(0.05, 4 * supercell.parent().symprec_angstrom)),
        cells_(detail::hermite_normal_form(
            (supercell.matrix() * supercell.parent().cell_in_primitive).cast<std::int64_t>())) {
    const ParentCrystal& parent = supercell.parent();
    placed_.resize(parent.sites.size());
    const Eigen::Matrix3d to_primitive = parent.cell_in_primitive.cast<double>().transpose();
    for (const auto& ends : selected.of_marker) {
      for (const auto& sites : ends) {
        for (const int p : sites) {
          if (placed_[static_cast<std::size_t>(p)]) continue;
          const ParentSite& site = parent.sites[static_cast<std::size_t>(p)];
          const Eigen::Vector3d x = to_primitive * site.position.x;
          const int kind = site.sublattice != kFixedSite ? site.sublattice : -1 - site.fixed_species.code();
          auto place = nearest(x, kind);
          if (!place) {
            place = PlacedSite{static_cast<int>(basis_.size()), Vector3l::Zero()};
            basis_.push_back({x, kind, site.label});
          }
          placed_[static_cast<std::size_t>(p)] = place;
        }
      }
    }
    const Matrix3l reference = parent.cell_in_primitive.cast<std::int64_t>().transpose();
    for (std::size_t s = 0; s < supercell.sites().size(); ++s) {
      const SupercellSite& site = supercell.sites()[s];
      const auto& place = placed_[static_cast<std::size_t>(site.parent_site)];
      if (!place) continue;
      site_at_[{place->basis, cells_(reference * site.cell.cast<std::int64_t>() + place->cell)}] = static_cast<int>(s);
    }
  }

  [[nodiscard]] const std::string& label(int basis) const { return basis_[static_cast<std::size_t>(basis)].label; }
  [[nodiscard]] bool is_whole() const {
    return site_at_.size() == basis_.size() * static_cast<std::size_t>(cells_.size());
  }

  [[nodiscard]] std::set<int> basis_of(const std::vector<int>& parent_sites) const {
    std::set<int> found;
    for (const int p : parent_sites) found.insert(placed_[static_cast<std::size_t>(p)]->basis);
    return found;
  }

  /// About how many objects there are: for pairs, the ends in a sphere round each start.
  [[nodiscard]] double expected_objects(const MarkerSpec& marker, const std::vector<std::vector<int>>& ends) const {
    const double starts = static_cast<double>(basis_of(ends[0]).size()) * static_cast<double>(cells_.size());
    if (ends.size() == 1) return starts;
    const double reach = marker.max_distance_angstrom, sphere = 4.0 / 3 * 3.141592653589793 * reach * reach * reach;
    return starts * static_cast<double>(basis_of(ends[1]).size()) * sphere / primitive_.volume_cubic_angstrom();
  }

  [[nodiscard]] std::set<Object> objects(const MarkerSpec& marker, const std::vector<std::vector<int>>& ends) const {
    const std::set<int> first = basis_of(ends[0]);
    std::set<Object> found;
    if (ends.size() == 1) {
      for (const int b : first) {
        for (std::int64_t c = 0; c < cells_.size(); ++c) found.insert({c, b, -1, {}});
      }
      return found;
    }
    const double reach = marker.max_distance_angstrom + supercell_.parent().symprec_angstrom;
    const Eigen::Vector3i most = primitive_.cells_within(reach + 2 * tolerance_);
    for (const int a : first) {
      for (const int b : basis_of(ends[1])) {
        const Vector3l here = rounded(difference(a, b));  // cells that bring b nearest to a, componentwise
        for (int i = -most[0] - 1; i <= most[0] + 1; ++i) {
          for (int j = -most[1] - 1; j <= most[1] + 1; ++j) {
            for (int k = -most[2] - 1; k <= most[2] + 1; ++k) {
              const Vector3l on = Vector3l(i, j, k) - here;
              if (length({0, a, b, {on[0], on[1], on[2]}}) > reach) continue;
              if (a == b && cells_(on) == 0) continue;  // one site of the supercell
              for (std::int64_t c = 0; c < cells_.size(); ++c) found.insert(pair(a, cells_.cell(c), b, on));
            }
          }
        }
      }
    }
    return found;
  }

  [[nodiscard]] Action action(const SymmetryOperation& operation) const {
    Action result{operation.rotation.cast<std::int64_t>(), {}, {}};
    for (const BasisSite& site : basis_) {
      const auto place = nearest(operation.rotation.cast<double>() * site.position + operation.translation, site.kind);
      result.target.push_back(place ? place->basis : -1);
      result.offset.push_back(place ? place->cell : Vector3l::Zero());
    }
    return result;
  }

  /// Precondition: the action has a target for both ends.
  [[nodiscard]] Object image(const Object& object, const Action& g) const {
    const auto start = static_cast<std::size_t>(object.start);
    const Vector3l cell = g.rotation * cells_.cell(object.cell) + g.offset[start];
    if (object.end < 0) return {cells_(cell), g.target[start], -1, {}};
    const auto end = static_cast<std::size_t>(object.end);
    const Vector3l on =
        g.rotation * Vector3l(object.on[0], object.on[1], object.on[2]) + g.offset[end] - g.offset[start];
    return pair(g.target[start], cell, g.target[end], on);
  }

  [[nodiscard]] std::vector<int> sites(const Object& object) const {
    std::vector<int> found{site_at_.at({object.start, object.cell})};
    if (object.end >= 0) {
      const Vector3l on(object.on[0], object.on[1], object.on[2]);
      found.push_back(site_at_.at({object.end, cells_(cells_.cell(object.cell) + on)}));
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  [[nodiscard]] double length(const Object& object) const {
    if (object.end < 0) return 0;
    const Vector3l on(object.on[0], object.on[1], object.on[2]);
    return (primitive_.rows().transpose() * (difference(object.start, object.end) + on.cast<double>())).norm();
  }

 private:
  [[nodiscard]] Eigen::Vector3d difference(int a, int b) const {
    return basis_[static_cast<std::size_t>(b)].position - basis_[static_cast<std::size_t>(a)].position;
  }

  [[nodiscard]] Object pair(int a, const Vector3l& cell, int b, const Vector3l& on) const {
    const Vector3l there = cell + on;
    return std::min(Object{cells_(cell), a, b, {on[0], on[1], on[2]}},
                    Object{cells_(there), b, a, {-on[0], -on[1], -on[2]}});
  }

  [[nodiscard]] std::optional<PlacedSite> nearest(const Eigen::Vector3d& x, int kind) const {
    std::optional<PlacedSite> best;
    double least = tolerance_;
    for (std::size_t b = 0; b < basis_.size(); ++b) {
      if (basis_[b].kind != kind) continue;
      const Eigen::Vector3d apart = x - basis_[b].position;
      const Vector3l cell = rounded(apart);
      const double d = (primitive_.rows().transpose() * (apart - cell.cast<double>())).norm();
      if (d > least) continue;
      least = d;
      best = PlacedSite{static_cast<int>(b), cell};
    }
    return best;
  }

  const Supercell& supercell_;
  Lattice primitive_;
  double tolerance_;
  CellIndex cells_;
  std::vector<BasisSite> basis_;
  std::vector<std::optional<PlacedSite>> placed_;        ///< [parent site] if it is selected
  std::map<std::pair<int, std::int64_t>, int> site_at_;  ///< basis site, cell -> supercell site
};

/// An operation of the supercell's group that maps an object onto itself.
struct KeptOperation {
  std::size_t permutation;
  SymmetryOperation operation;
};

/// The group that they are. @param kept by permutation, ascending, so that the identity is first.
std::shared_ptr<const SupercellGroup> stabiliser_group(const SupercellGroup& group,
                                                       const std::vector<KeptOperation>& kept) {
  SupercellGroup sub;
  sub.permutations.degree = group.permutations.degree;
  sub.operation_count = kept.size();
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (kept[i].permutation == 0) sub.kernel.push_back(kept[i].operation);
    if (i > 0 && kept[i].permutation == kept[i - 1].permutation) continue;
    const auto element = group.permutations.element(kept[i].permutation);
    sub.permutations.images.insert(sub.permutations.images.end(), element.begin(), element.end());
    sub.operation_of.push_back(kept[i].operation);
  }
  sub.translations = {0};
  return std::make_shared<const SupercellGroup>(std::move(sub));
}

/// The stabiliser of an object on the varied sites, with the marked ones set apart.
void make_action(MarkerOrbit& orbit, const Supercell& supercell, const MarkerSites& selected) {
  const ParentCrystal& parent = supercell.parent();
  std::vector<int> sublattices;
  std::map<int, int> further;  // parent's sublattice -> the one of its marked sites
  orbit.coloured_sites.assign(parent.sublattices.size(), 0);
  for (std::size_t v = 0; v < supercell.varied_sites().size(); ++v) {
    const int site = supercell.varied_sites()[v];
    int sublattice = supercell.sublattice_of(static_cast<int>(v));
    if (std::binary_search(orbit.sites.begin(), orbit.sites.end(), site)) {
      const auto [entry, fresh] =
          further.try_emplace(sublattice, static_cast<int>(parent.sublattices.size() + further.size()));
      if (fresh) {
        orbit.marked_rows.emplace_back(parent.sublattices[static_cast<std::size_t>(sublattice)].allowed.size(), 0);
      }
      sublattice = entry->second;
      const int parent_site = supercell.sites()[static_cast<std::size_t>(site)].parent_site;
      const std::uint8_t native = selected.native[static_cast<std::size_t>(parent_site)];
      ++orbit.marked_rows[static_cast<std::size_t>(sublattice) - parent.sublattices.size()][native];
      ++orbit.marked_atoms[parent.sublattices[static_cast<std::size_t>(supercell.sublattice_of(static_cast<int>(v)))]
                               .allowed[native]];
    } else {
      ++orbit.coloured_sites[static_cast<std::size_t>(sublattice)];
    }
    sublattices.push_back(sublattice);
  }
  orbit.action = std::make_shared<const GroupAction>(orbit.group->permutations, sublattices);
}

}  // namespace

bool MarkerOrbit::holds(const CompositionCounts& counts) const {
  for (std::size_t s = 0; s < coloured_sites.size(); ++s) {
    const auto& row = counts.of_sublattice[s];
    if (std::accumulate(row.begin(), row.end(), 0) != coloured_sites[s]) return false;
  }
  return true;
}

CompositionCounts MarkerOrbit::with_marked(CompositionCounts counts) const {
  counts.of_sublattice.insert(counts.of_sublattice.end(), marked_rows.begin(), marked_rows.end());
  return counts;
}

std::vector<MarkerOrbit> marker_orbits(const Supercell& supercell, const SupercellGroup& group,
                                       std::span<const MarkerSpec> markers, const MarkerSites& selected,
                                       Problems* problems) {
  const MarkedSupercell marked(supercell, selected);
  const auto fault = [&](const MarkerSpec& marker, const std::string& what) {
    if (problems == nullptr) throw InputError(to_string(marker.where) + ": " + what);
    problems->add(marker.where, what);
    return std::vector<MarkerOrbit>{};
  };
  if (!marked.is_whole()) {
    return fault(markers.front(),
                 "space.marker: of sites that a translation of the crystal makes alike only some are named");
  }

  struct Operation {
    KeptOperation of_group;
    Action action;
  };
  std::vector<Operation> operations;
  for (std::size_t p = 0; p < group.operation_of.size(); ++p) {
    for (const SymmetryOperation& k : group.kernel) {
      const SymmetryOperation operation = after(k, group.operation_of[p]);
      operations.push_back({{p, operation}, marked.action(operation)});
    }
  }

  std::vector<MarkerOrbit> orbits;
  std::set<Object> seen;
  for (std::size_t m = 0; m < markers.size(); ++m) {
    if (const double expected = marked.expected_objects(markers[m], selected.of_marker[m]); expected > kMostObjects) {
      return fault(
          markers[m],
          fmt::format(
              "space.marker: about {:.1e} pairs of sites of a supercell lie within max_distance = {:g} Å, and at "
              "most {:.0e} can be marked; a migration path is seldom longer than 6 Å: take a smaller max_distance",
              expected, markers[m].max_distance_angstrom, kMostObjects));
    }
    const std::set<Object> objects = marked.objects(markers[m], selected.of_marker[m]);
    for (const auto& end : selected.of_marker[m]) {
      const std::set<int> named = marked.basis_of(end);
      for (const Operation& g : operations) {
        for (const int b : named) {
          if (named.count(g.action.target[static_cast<std::size_t>(b)]) != 0) continue;
          return fault(markers[m],
                       fmt::format("space.marker: site {} is named, but not all sites that the symmetry of {} makes "
                                   "like it: name them all",
                                   marked.label(b), supercell.parent().source));
        }
      }
    }
    // Distances that symmetry makes equal differ in the last digits, so an orbit may hold objects a hair too long.
    for (const Object& object : objects) {
      if (seen.count(object) != 0) continue;
      MarkerOrbit orbit;
      orbit.marker = m;
      orbit.sites = marked.sites(object);
      orbit.distance_angstrom = marked.length(object);
      std::set<Object> images;
      std::vector<KeptOperation> stabiliser;
      for (const Operation& g : operations) {
        const Object image = marked.image(object, g.action);
        images.insert(image);
        if (image == object) stabiliser.push_back(g.of_group);
      }
      orbit.size = images.size();
      seen.insert(images.begin(), images.end());
      orbit.group = stabiliser_group(group, stabiliser);
      make_action(orbit, supercell, selected);
      orbits.push_back(std::move(orbit));
    }
  }
  if (orbits.empty() && problems != nullptr) {
    problems->add(markers.front().where,
                  "space.marker: no two different sites of the supercell lie within max_distance of each other");
  }
  return orbits;
}

}  // namespace hullscan
