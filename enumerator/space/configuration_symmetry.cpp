#include "enumerator/space/configuration_symmetry.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>

#include "core/errors.hpp"
#include "enumerator/crystal/detail/integer_lattice.hpp"
#include "enumerator/crystal/detail/spglib.hpp"
#include "enumerator/orbits/canonical_form.hpp"
#include "enumerator/space/search_space.hpp"

namespace hullscan {
namespace {

SymmetryOperation after(const SymmetryOperation& first, const SymmetryOperation& second) {
  return {second.rotation * first.rotation, second.rotation.cast<double>() * first.translation + second.translation};
}

/// Points in general position whose images, each of its own kind, have the symmetry of the operations and no more.
constexpr int kPointKinds = 3;
Eigen::Vector3d general_point(int kind, int attempt) {
  const double i = 1 + kind + kPointKinds * attempt;
  const std::array<double, 3> roots = {std::sqrt(2.0), std::sqrt(3.0), std::sqrt(5.0)};
  Eigen::Vector3d point;
  for (std::size_t k = 0; k < 3; ++k) {
    const double x = i * roots[k];
    point[static_cast<Eigen::Index>(k)] = x - std::floor(x);
  }
  return point;
}

}  // namespace

ConfigurationSymmetry::ConfigurationSymmetry(const SearchSpace& space, std::size_t supercell)
    : ConfigurationSymmetry(space.supercells()[supercell], space.group(supercell), space.action(supercell)) {}

ConfigurationSymmetry::ConfigurationSymmetry(const SearchSpace& space, std::size_t supercell, std::size_t marker)
    : ConfigurationSymmetry(space.supercells()[supercell], *space.markers(supercell)[marker].group,
                            space.markers(supercell)[marker].action) {}

ConfigurationSymmetry::ConfigurationSymmetry(std::shared_ptr<const Supercell> supercell, const SupercellGroup& group,
                                             std::shared_ptr<const GroupAction> action)
    : supercell_(std::move(supercell)), group_(group), action_(std::move(action)) {
  const ParentCrystal& parent = supercell_->parent();
  const auto cells =
      std::abs(detail::determinant((supercell_->matrix() * parent.cell_in_primitive).cast<std::int64_t>()));
  group_is_complete_ = group_.operation_count == parent.operations.size() * static_cast<std::size_t>(cells);
}

int ConfigurationSymmetry::space_group_number(std::span<const std::uint8_t> occupation,
                                              std::uint64_t stabiliser_order) {
  std::vector<std::uint32_t> stabiliser{0};
  if (stabiliser_order != 1) stabiliser = stabiliser_of(*action_, occupation);
  // Any translation of the crystal, not only those that make a configuration superperiodic.
  const auto translates = [&](std::size_t g) {
    return g != 0 && std::binary_search(group_.translations.begin(), group_.translations.end(), g);
  };
  if (!group_is_complete_ && std::any_of(stabiliser.begin(), stabiliser.end(), translates)) {
    return number_of_structure(occupation);
  }
  const auto found = known_.find(stabiliser);
  if (found != known_.end()) return found->second;
  const int number = number_of(stabiliser);
  known_.emplace(std::move(stabiliser), number);
  return number;
}

int ConfigurationSymmetry::number_of(const std::vector<std::uint32_t>& stabiliser) const {
  if (stabiliser.size() == 1 && group_.kernel.size() == 1) return 1;
  const ParentCrystal& parent = supercell_->parent();

  // The configuration's own lattice, in primitive coordinates: the supercell's and the translations that are left.
  detail::Matrix3l lattice =
      detail::hermite_normal_form((supercell_->matrix() * parent.cell_in_primitive).cast<std::int64_t>());
  std::vector<SymmetryOperation> representatives;  // one of every rotation
  for (const std::uint32_t p : stabiliser) {
    for (const SymmetryOperation& k : group_.kernel) {
      const SymmetryOperation operation = after(k, group_.operation_of[p]);
      if (operation.rotation == Eigen::Matrix3i::Identity()) {
        detail::Vector3l translation;
        for (int i = 0; i < 3; ++i) translation[i] = std::llround(operation.translation[i]);
        lattice = detail::joined(lattice, translation);
      }
      bool fresh = true;
      for (const SymmetryOperation& r : representatives) fresh = fresh && r.rotation != operation.rotation;
      if (fresh) representatives.push_back(operation);
    }
  }

  // The commonest of all but the trivial one: an inversion alone is P-1, wherever its centre lies.
  if (representatives.size() == 2 && (representatives[0].rotation == -Eigen::Matrix3i::Identity() ||
                                      representatives[1].rotation == -Eigen::Matrix3i::Identity()))
    return 2;

  const Eigen::Matrix3d rows = lattice.cast<double>();
  const Eigen::Matrix3d into_cell = rows.inverse().transpose();
  const Lattice cell(rows * parent.primitive_lattice().rows());
  std::optional<int> number;
  for (int attempt = 0; attempt < 8; ++attempt) {
    std::vector<Fractional> positions;
    std::vector<int> kinds;
    for (int kind = 0; kind < kPointKinds; ++kind) {
      for (const SymmetryOperation& r : representatives) {
        const Eigen::Vector3d point =
            r.rotation.cast<double>() * (rows.transpose() * general_point(kind, attempt)) + r.translation;
        positions.push_back(wrapped({into_cell * point}));
        kinds.push_back(kind);
      }
    }
    std::string why;
    const auto symmetry = detail::find_symmetry(cell, positions, kinds, parent.symprec_angstrom, why);
    if (!symmetry) continue;
    number = symmetry->number;
    if (symmetry->operations.size() == representatives.size()) return *number;
  }
  if (!number)
    throw Error(fmt::format("no space group found for a configuration with {} operations", representatives.size()));
  return *number;
}

/// By spglib, of all sites with their sublattices and occupants, vacancies too: what maps them onto each other is an
/// operation of the parent crystal.
int ConfigurationSymmetry::number_of_structure(std::span<const std::uint8_t> occupation) const {
  const ParentCrystal& parent = supercell_->parent();
  std::map<std::pair<int, Species>, int> kind_of;
  std::vector<Fractional> positions;
  std::vector<int> kinds;
  std::size_t next_varied = 0;
  for (const SupercellSite& site : supercell_->sites()) {
    const ParentSite& parent_site = parent.sites[static_cast<std::size_t>(site.parent_site)];
    Species species = parent_site.fixed_species;
    if (parent_site.sublattice != kFixedSite) {
      species = parent.sublattices[static_cast<std::size_t>(parent_site.sublattice)].allowed[occupation[next_varied++]];
    }
    positions.push_back(site.position);
    kinds.push_back(
        kind_of.try_emplace({parent_site.sublattice, species}, static_cast<int>(kind_of.size()) + 1).first->second);
  }
  std::string why;
  const auto symmetry = detail::find_symmetry(supercell_->lattice(), positions, kinds, parent.symprec_angstrom, why);
  if (!symmetry) throw Error("no space group found for a configuration: " + why);
  return symmetry->number;
}

}  // namespace hullscan
