#include "dft_adapters/vasp/poscar.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <numeric>  // std::iota

#include "core/errors.hpp"
#include "dft_adapters/detail/words.hpp"

namespace hullscan::vasp {
namespace {

constexpr std::int64_t kMostAtoms = 1'000'000;

std::optional<Eigen::Vector3d> first_vector_of(const std::string& line) {
  const auto parts = detail::words(line);
  if (parts.size() < 3) return std::nullopt;
  Eigen::Vector3d x;
  for (int i = 0; i < 3; ++i) {
    const auto number = detail::to_number(parts[static_cast<std::size_t>(i)]);
    if (!number) return std::nullopt;
    x[i] = *number;
  }
  return x;
}

/// "Ni_pv", "Ni/abc" -> Ni: VASP 6 writes such names into CONTCAR.
std::optional<Species> species_of_name(const std::string& name) {
  const auto species = Species::parse(name.substr(0, name.find_first_of("_/")));
  return species && !species->is_vacancy() ? species : std::nullopt;
}

}  // namespace

std::vector<std::size_t> file_order(const Structure& structure) {
  std::vector<std::size_t> order(structure.atom_count());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return structure.species[a].code() < structure.species[b].code();
  });
  return order;
}

std::vector<Species> file_species(const Structure& structure) {
  std::vector<Species> blocks;
  for (const std::size_t i : file_order(structure)) {
    if (blocks.empty() || blocks.back() != structure.species[i]) blocks.push_back(structure.species[i]);
  }
  return blocks;
}

std::string poscar_text(const Structure& structure, const std::string& title) {
  const double sign = structure.lattice.rows().determinant() < 0 ? -1 : 1;
  std::string text = title + "\n1.0\n";
  const auto line = [](const Eigen::Vector3d& x) {
    return fmt::format("{:22.16f} {:22.16f} {:22.16f}\n", x[0] + 0.0, x[1] + 0.0, x[2] + 0.0);
  };
  for (int i = 0; i < 3; ++i) text += line(sign * structure.lattice.rows().row(i).transpose());
  std::string counts;
  for (const Species species : file_species(structure)) {
    text += fmt::format(" {}", species.symbol() == "D" ? "H" : species.symbol());
    counts += fmt::format(" {}", std::count(structure.species.begin(), structure.species.end(), species));
  }
  text += "\n" + counts + "\nDirect\n";
  for (const std::size_t i : file_order(structure))
    text += line(wrapped(Fractional{sign * structure.positions[i].x}).x);
  return text;
}

std::optional<Structure> parse_poscar(std::string_view text, std::string& problem) {
  const auto all = detail::lines(text);
  const auto fail = [&](const std::string& what) {
    problem = what;
    return std::nullopt;
  };
  if (all.size() < 8) return fail("ends early");
  auto scale = detail::to_number(all[1]);
  Eigen::Matrix3d rows;
  for (int i = 0; i < 3; ++i) {
    const auto row = first_vector_of(all[static_cast<std::size_t>(i) + 2]);
    if (!row) return fail(fmt::format("line {}: expected a lattice vector", i + 3));
    rows.row(i) = *row;
  }
  if (!scale || *scale == 0) return fail("line 2: expected a scale");
  if (*scale < 0) scale = std::cbrt(-*scale / std::abs(rows.determinant()));
  std::vector<Species> species;
  const auto names = detail::words(all[5]), counts = detail::words(all[6]);
  if (names.empty() || counts.size() < names.size()) return fail("line 6: expected species and their counts");
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto one = species_of_name(names[i]);
    const auto count = detail::to_integer(counts[i]);
    if (!one) return fail(fmt::format("line 6: \"{}\" is not an element", names[i]));
    if (!count || *count < 0 || *count > kMostAtoms) return fail("line 7: expected counts of atoms");
    species.insert(species.end(), static_cast<std::size_t>(*count), *one);
  }
  std::size_t at = 7;
  const auto begins_with = [&](const char* letters) {
    const std::string line = detail::trimmed(all[at]);
    return !line.empty() && std::string_view(letters).find(line[0]) != std::string_view::npos;
  };
  if (begins_with("Ss")) ++at;
  if (at >= all.size()) return fail("ends early");
  const bool cartesian = begins_with("CcKk");
  if (all.size() < at + 1 + species.size()) return fail("ends before the last atom");
  try {
    Structure structure{Lattice(*scale * rows), species, {}};
    for (std::size_t i = 0; i < species.size(); ++i) {
      const auto x = first_vector_of(all[at + 1 + i]);
      if (!x) return fail(fmt::format("line {}: expected three coordinates", at + 2 + i));
      structure.positions.push_back(cartesian ? structure.lattice.to_fractional(Cartesian{*scale * *x})
                                              : Fractional{*x});
    }
    return structure;
  } catch (const FormatError& no_cell) {
    return fail(no_cell.what());
  }
}

Structure in_given_order(const Structure& structure, const std::vector<std::size_t>& order) {
  std::vector<bool> seen(structure.atom_count(), false);
  if (order.size() != structure.atom_count()) return structure;
  for (const std::size_t i : order) {
    if (i >= seen.size() || seen[i]) return structure;
    seen[i] = true;
  }
  Structure given = structure;
  for (std::size_t i = 0; i < order.size(); ++i) {
    given.species[order[i]] = structure.species[i];
    given.positions[order[i]] = structure.positions[i];
  }
  return given;
}

}  // namespace hullscan::vasp
