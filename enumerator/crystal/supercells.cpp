#include "enumerator/crystal/supercells.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "core/errors.hpp"
#include "enumerator/crystal/detail/integer_lattice.hpp"

namespace hullscan {
namespace {

using detail::Matrix3l;

std::array<std::int64_t, 9> by_rows(const Matrix3l& m) {
  std::array<std::int64_t, 9> entries{};
  for (int i = 0; i < 9; ++i) entries[static_cast<std::size_t>(i)] = m(i / 3, i % 3);
  return entries;
}

std::vector<Matrix3l> point_operations(const ParentCrystal& parent) {
  std::vector<Matrix3l> rotations;
  for (const SymmetryOperation& operation : parent.operations) {
    const Matrix3l rotation = operation.rotation.cast<std::int64_t>();
    if (std::find(rotations.begin(), rotations.end(), rotation) == rotations.end()) rotations.push_back(rotation);
  }
  return rotations;
}

}  // namespace

SupercellMatrix hermite_normal_form(const SupercellMatrix& matrix) {
  const Matrix3l wide = matrix.cast<std::int64_t>();
  if (detail::determinant(wide) == 0) throw InputError("supercell matrix is singular (determinant 0)");
  return detail::hermite_normal_form(wide).cast<int>();
}

std::vector<SupercellMatrix> hermite_normal_forms(int volume) {
  if (volume < 1) throw InputError("supercell volume " + std::to_string(volume) + ", must be at least 1");
  std::vector<SupercellMatrix> forms;
  for (int a = 1; a <= volume; ++a) {
    if (volume % a != 0) continue;
    for (int b = 0; b < a; ++b) {
      for (int c = 1; c <= volume / a; ++c) {
        if (volume / a % c != 0) continue;
        for (int d = 0; d < a; ++d) {
          for (int e = 0; e < c; ++e) {
            SupercellMatrix form;
            form << a, 0, 0, b, c, 0, d, e, volume / a / c;
            forms.push_back(form);
          }
        }
      }
    }
  }
  return forms;
}

std::vector<SupercellMatrix> distinct_supercells(const ParentCrystal& parent, int volume) {
  const std::vector<Matrix3l> rotations = point_operations(parent);
  const Matrix3l cell = parent.cell_in_primitive.cast<std::int64_t>();
  std::set<std::array<std::int64_t, 9>> seen;
  std::vector<SupercellMatrix> distinct;
  for (const SupercellMatrix& form : hermite_normal_forms(volume)) {
    const Matrix3l in_primitive = form.cast<std::int64_t>() * cell;
    std::array<std::int64_t, 9> smallest{};
    bool first = true;
    for (const Matrix3l& rotation : rotations) {
      // A row vector s goes to (R sᵀ)ᵀ.
      const auto image = by_rows(detail::hermite_normal_form(in_primitive * rotation.transpose()));
      if (first || image < smallest) smallest = image;
      first = false;
    }
    if (seen.insert(smallest).second) distinct.push_back(form);
  }
  return distinct;
}

}  // namespace hullscan
