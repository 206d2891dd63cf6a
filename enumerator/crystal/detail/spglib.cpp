#include "enumerator/crystal/detail/spglib.hpp"

#include <spglib.h>

#include <array>
#include <memory>

#include "core/plain_text.hpp"

namespace hullscan::detail {
namespace {

struct FreeDataset {
  void operator()(SpglibDataset* dataset) const noexcept { spg_free_dataset(dataset); }
};

using Dataset = std::unique_ptr<SpglibDataset, FreeDataset>;
using Rows = double[3][3];

/// spglib's lattice has the vectors as columns.
void to_columns(const Eigen::Matrix3d& rows, Rows& columns) {
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) columns[i][j] = rows(j, i);
  }
}

SymmetryOperation operation(const int rotation[3][3], const double translation[3]) {
  SymmetryOperation result;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) result.rotation(i, j) = rotation[i][j];
    result.translation[i] = translation[i];
  }
  return result;
}

/// @returns nothing where no symmetry is found, with the reason in `why`.
Dataset dataset_of(const Lattice& lattice, const std::vector<Fractional>& positions, const std::vector<int>& types,
                   double symprec_angstrom, std::string& why) {
  if (positions.empty()) {
    why = "no atoms";
    return {};
  }
  Rows columns;
  to_columns(lattice.rows(), columns);
  std::vector<std::array<double, 3>> points;
  for (const Fractional& position : positions) points.push_back({position.x[0], position.x[1], position.x[2]});
  // std::array<double, 3> is laid out as double[3]; spglib only reads.
  Dataset dataset(spg_get_dataset(columns, reinterpret_cast<double(*)[3]>(points.data()), types.data(),
                                  static_cast<int>(points.size()), symprec_angstrom));
  if (dataset && dataset->spacegroup_number != 0) return dataset;
  why = spg_get_error_message(spg_get_error_code());
  return {};
}

StandardisedCell cell_of(const Rows& columns, const double (*points)[3], const int* types, int atoms) {
  Eigen::Matrix3d rows;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) rows(j, i) = columns[i][j];
  }
  StandardisedCell cell{Lattice(rows), {}, {}};
  for (int i = 0; i < atoms; ++i) {
    cell.positions.push_back({Eigen::Vector3d(points[i][0], points[i][1], points[i][2])});
    cell.types.push_back(types[i]);
  }
  return cell;
}

/// 0 -> 'a', …, 26 -> 'A' (only Pmmm has that many).
char letter(int wyckoff) {
  if (wyckoff < 0) return '?';
  return static_cast<char>(wyckoff < 26 ? 'a' + wyckoff : 'A' + (wyckoff - 26));
}

}  // namespace

SpaceGroupSetting space_group_setting(int hall_number) {
  const SpglibSpacegroupType type = spg_get_spacegroup_type(hall_number);
  return {hall_number,
          type.number,
          trimmed(type.international_short),
          trimmed(type.international_full),
          trimmed(type.international),
          trimmed(type.hall_symbol),
          trimmed(type.choice)};
}

std::vector<SymmetryOperation> operations_of_hall_number(int hall_number) {
  int rotations[192][3][3];
  double translations[192][3];
  const int count = spg_get_symmetry_from_database(rotations, translations, hall_number);
  std::vector<SymmetryOperation> operations;
  for (int i = 0; i < count; ++i) operations.push_back(operation(rotations[i], translations[i]));
  return operations;
}

std::vector<SymmetryOperation> operations_of_bns_number(const std::string& number) {
  constexpr int kMagneticSpaceGroups = 1651, kMostOperations = 384;
  std::vector<SymmetryOperation> operations;
  for (int uni = 1; uni <= kMagneticSpaceGroups; ++uni) {
    if (trimmed(spg_get_magnetic_spacegroup_type(uni).bns_number) != number) continue;
    std::vector<std::array<std::array<int, 3>, 3>> rotations(kMostOperations);
    std::vector<std::array<double, 3>> translations(kMostOperations);
    std::vector<int> time_reversals(kMostOperations);
    // Nested std::arrays are laid out as int[3][3] and double[3].
    const int count = spg_get_magnetic_symmetry_from_database(reinterpret_cast<int(*)[3][3]>(rotations.data()),
                                                              reinterpret_cast<double(*)[3]>(translations.data()),
                                                              time_reversals.data(), uni, 0);
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      operations.push_back(operation(reinterpret_cast<const int(*)[3]>(rotations[i].data()), translations[i].data()));
    }
    break;
  }
  return operations;
}

std::optional<FoundSymmetry> find_symmetry(const Lattice& lattice, const std::vector<Fractional>& positions,
                                           const std::vector<int>& types, double symprec_angstrom, std::string& why) {
  const Dataset dataset = dataset_of(lattice, positions, types, symprec_angstrom, why);
  if (!dataset) return std::nullopt;
  FoundSymmetry found;
  found.number = dataset->spacegroup_number;
  found.hall_number = dataset->hall_number;
  found.symbol = trimmed(dataset->international_symbol);
  for (int i = 0; i < dataset->n_operations; ++i) {
    found.operations.push_back(operation(dataset->rotations[i], dataset->translations[i]));
  }
  for (int i = 0; i < dataset->n_atoms; ++i) {
    found.wyckoff_letters.push_back(letter(dataset->wyckoffs[i]));
    found.orbit_of.push_back(dataset->crystallographic_orbits[i]);
  }
  found.standard_cells = static_cast<double>(dataset->n_atoms) / dataset->n_std_atoms;
  return found;
}

std::optional<SymmetryAndCell> symmetry_and_conventional_cell(const Lattice& lattice,
                                                              const std::vector<Fractional>& positions,
                                                              const std::vector<int>& types, double symprec_angstrom,
                                                              std::string& why) {
  const Dataset dataset = dataset_of(lattice, positions, types, symprec_angstrom, why);
  if (!dataset) return std::nullopt;
  return SymmetryAndCell{dataset->spacegroup_number, cell_of(dataset->std_lattice, dataset->std_positions,
                                                             dataset->std_types, dataset->n_std_atoms)};
}

std::optional<StandardisedCell> standardised_cell(const Lattice& lattice, const std::vector<Fractional>& positions,
                                                  const std::vector<int>& types, bool to_primitive,
                                                  double symprec_angstrom, std::string& why) {
  constexpr std::size_t kMostPoints = 4;  // lattice points of a conventional cell (F)
  if (positions.empty()) {
    why = "no atoms";
    return std::nullopt;
  }
  Rows columns;
  to_columns(lattice.rows(), columns);
  std::vector<std::array<double, 3>> points(kMostPoints * positions.size());
  std::vector<int> kinds(points.size());
  for (std::size_t i = 0; i < positions.size(); ++i) {
    points[i] = {positions[i].x[0], positions[i].x[1], positions[i].x[2]};
    kinds[i] = types[i];
  }
  const int atoms = spg_standardize_cell(columns, reinterpret_cast<double(*)[3]>(points.data()), kinds.data(),
                                         static_cast<int>(positions.size()), to_primitive ? 1 : 0, 0, symprec_angstrom);
  if (atoms <= 0) {
    why = spg_get_error_message(spg_get_error_code());
    return std::nullopt;
  }
  return cell_of(columns, reinterpret_cast<const double(*)[3]>(points.data()), kinds.data(), atoms);
}

std::optional<Eigen::Matrix3d> niggli_reduced(const Eigen::Matrix3d& rows) {
  Rows columns;
  to_columns(rows, columns);
  if (spg_niggli_reduce(columns, 1e-5) == 0) return std::nullopt;
  Eigen::Matrix3d reduced;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) reduced(j, i) = columns[i][j];
  }
  return reduced;
}

}  // namespace hullscan::detail
