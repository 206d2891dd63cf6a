#include "enumerator/files/structure_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <iterator>  // std::back_inserter

namespace hullscan {
namespace {

/// Without control characters: a line must stay a line.
std::string one_line(const std::string& text) {
  std::string line = text;
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20; }, ' ');
  return line;
}

/// -0.0 and rounding noise would make equal structures differ in text.
double clean(double value) { return std::abs(value) < 1e-14 ? 0.0 : value; }

std::string vector_text(const Eigen::Vector3d& x) {
  return fmt::format("{:20.14f} {:20.14f} {:20.14f}", clean(x[0]), clean(x[1]), clean(x[2]));
}

bool plain(const std::string& value) {
  return !value.empty() && std::all_of(value.begin(), value.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '+' || c == '_' || c == ':' || c == '/';
  });
}

std::string quoted_value(const std::string& value) {
  if (plain(value)) return value;
  std::string result = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') result += '\\';
    result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return result + "\"";
}

std::vector<Species> species_order(const Structure& structure, std::span<const Species> order) {
  std::vector<Species> result;
  const auto append = [&](Species species) {
    if (std::find(result.begin(), result.end(), species) != result.end()) return;
    if (std::find(structure.species.begin(), structure.species.end(), species) != structure.species.end()) {
      result.push_back(species);
    }
  };
  for (const Species species : order) append(species);
  for (const Species species : structure.species) append(species);
  return result;
}

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

std::string to_poscar(const Structure& structure, const std::string& comment, std::span<const Species> order) {
  std::string text = one_line(comment) + "\n1.0\n";
  for (int i = 0; i < 3; ++i) text += vector_text(structure.lattice.rows().row(i).transpose()) + "\n";
  std::string symbols, counts, positions;
  for (const Species species : species_order(structure, order)) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < structure.atom_count(); ++i) {
      if (structure.species[i] != species) continue;
      ++count;
      positions += vector_text(structure.positions[i].x) + "\n";
    }
    const std::size_t width = std::max<std::size_t>(4, std::to_string(count).size() + 1);
    symbols += fmt::format("{:>{}}", species.symbol(), width);
    counts += fmt::format("{:>{}}", count, width);
  }
  return text + symbols + "\n" + counts + "\nDirect\n" + positions;
}

std::string to_extxyz(const Structure& structure, const std::map<std::string, std::string>& info,
                      const std::vector<Eigen::Vector3d>& forces_ev_per_angstrom) {
  const bool with_forces = !forces_ev_per_angstrom.empty() && forces_ev_per_angstrom.size() == structure.atom_count();
  std::string text = std::to_string(structure.atom_count()) + "\nLattice=\"";
  for (int i = 0; i < 9; ++i) {
    text += fmt::format("{}{:.14f}", i == 0 ? "" : " ", clean(structure.lattice.rows()(i / 3, i % 3)));
  }
  text += "\" Properties=species:S:1:pos:R:3" + std::string(with_forces ? ":forces:R:3" : "");
  for (const auto& [key, value] : info) {
    if (key != "Lattice" && key != "Properties" && key != "pbc")
      text += " " + quoted_value(key) + "=" + quoted_value(value);
  }
  text += " pbc=\"T T T\"\n";
  for (std::size_t i = 0; i < structure.atom_count(); ++i) {
    text += fmt::format("{:<2} {}", structure.species[i].symbol(),
                        vector_text(structure.lattice.to_cartesian(structure.positions[i]).x));
    if (with_forces) text += " " + vector_text(forces_ev_per_angstrom[i]);
    text += "\n";
  }
  return text;
}

}  // namespace hullscan
