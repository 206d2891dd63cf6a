#include "enumerator/files/cif_writer.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>  // std::back_inserter

namespace hullscan {
namespace {

/// -0.0 and rounding noise would make equal structures differ in text.
double clean(double value) { return std::abs(value) < 1e-14 ? 0.0 : value; }

}  // namespace

std::string to_cif(const Structure& structure, const std::string& name) {
  std::string block;
  for (const char c : name)
    block += static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f ? c : '_';
  const Eigen::Vector3d lengths = structure.lattice.lengths_angstrom(), angles = structure.lattice.angles_degree();
  std::string text = "data_" + (block.empty() ? std::string("structure") : block) + "\n";
  auto out = std::back_inserter(text);
  const Composition composition = structure.composition();
  std::string formula;
  for (const auto& [species, count] : composition.counts()) {
    formula += fmt::format("{}{}{}", formula.empty() ? "" : " ", species.symbol(), count);
  }
  if (!formula.empty()) fmt::format_to(out, "_chemical_formula_sum '{}'\n_cell_formula_units_Z 1\n", formula);
  fmt::format_to(out, "_cell_length_a {:.12f}\n_cell_length_b {:.12f}\n_cell_length_c {:.12f}\n", lengths[0],
                 lengths[1], lengths[2]);
  fmt::format_to(out, "_cell_angle_alpha {:.12f}\n_cell_angle_beta {:.12f}\n_cell_angle_gamma {:.12f}\n", angles[0],
                 angles[1], angles[2]);
  text +=
      "_space_group_name_H-M_alt 'P 1'\n_space_group_IT_number 1\nloop_\n_space_group_symop_operation_xyz\n'x,y,z'\n";
  text +=
      "loop_\n_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"
      "_atom_site_occupancy\n";
  std::map<Species, int> numbers;
  for (std::size_t i = 0; i < structure.atom_count(); ++i) {
    const Species species = structure.species[i];
    const Eigen::Vector3d& x = structure.positions[i].x;
    fmt::format_to(std::back_inserter(text), "{:<8} {:<2} {:17.14f} {:17.14f} {:17.14f} 1\n",
                   fmt::format("{}{}", species.symbol(), ++numbers[species]), species.symbol(), clean(x[0]),
                   clean(x[1]), clean(x[2]));
  }
  return text;
}

}  // namespace hullscan
