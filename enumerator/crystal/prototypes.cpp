#include "enumerator/crystal/prototypes.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>  // std::iota
#include <sstream>

#include "enumerator/crystal/detail/spglib.hpp"
#include "enumerator/crystal/standard_cell.hpp"
#include "enumerator/files/space_group_symbols.hpp"

namespace hullscan {
namespace {

/// Largest distance of an atom from its place, in units of the cube root of the volume of an atom (0.1 is about a
/// quarter of an ångström in metals).
constexpr double kPrototypeDisplacement = 0.1;
constexpr double kPrototypeAngleDegrees = 5;

/// A type as the literature gives it: the first site of every orbit, in the setting of origin choice 2 and hexagonal
/// axes where there are several. Axes and origin need not be those that spglib chooses: both are tried. `tolerance` of
/// the axial ratios leaves room for other compounds of the type and stops short of the next type with the same
/// positions.
struct PrototypeRow {
  const char* strukturbericht;
  const char* example;
  const char* label;
  double b_over_a, c_over_a, tolerance;
  const char* sites;
};

constexpr PrototypeRow kPrototypeRows[] = {
    // Elements.
    {"A1", "Cu", "A_cF4_225_a", 1, 1, 0.1, "A 0 0 0"},
    {"A2", "W", "A_cI2_229_a", 1, 1, 0.1, "A 0 0 0"},
    {"A3", "Mg", "A_hP2_194_c", 1, 1.6236, 0.15, "A 1/3 2/3 1/4"},
    {"A3'", "La", "A_hP4_194_ac", 1, 3.2175, 0.1, "A 0 0 0 A 1/3 2/3 1/4"},
    {"A4", "C (diamond)", "A_cF8_227_a", 1, 1, 0.1, "A 1/8 1/8 1/8"},
    {"A5", "Sn (white)", "A_tI4_141_a", 1, 0.5456, 0.15, "A 0 3/4 1/8"},
    {"A6", "In", "A_tI2_139_a", 1, 1.5206, 0.05, "A 0 0 0"},
    {"A7", "As", "A_hR2_166_c", 1, 2.7816, 0.1, "A 0 0 0.2276"},
    {"A9", "C (graphite)", "A_hP4_194_bc", 1, 2.7236, 0.1, "A 0 0 1/4 A 1/3 2/3 1/4"},
    {"A15", "Cr3Si", "A3B_cP8_223_c_a", 1, 1, 0.1, "A 1/4 0 1/2 B 0 0 0"},
    {"A_h", "Po", "A_cP1_221_a", 1, 1, 0.1, "A 0 0 0"},
    // One to one.
    {"B1", "NaCl", "AB_cF8_225_a_b", 1, 1, 0.1, "A 0 0 0 B 1/2 1/2 1/2"},
    {"B2", "CsCl", "AB_cP2_221_b_a", 1, 1, 0.1, "A 1/2 1/2 1/2 B 0 0 0"},
    {"B3", "ZnS (zinc blende)", "AB_cF8_216_c_a", 1, 1, 0.1, "A 1/4 1/4 1/4 B 0 0 0"},
    {"B4", "ZnS (wurtzite)", "AB_hP4_186_b_b", 1, 1.6378, 0.1, "A 1/3 2/3 0.3748 B 1/3 2/3 0"},
    {"B8_1", "NiAs", "AB_hP4_194_c_a", 1, 1.3938, 0.2, "A 1/3 2/3 1/4 B 0 0 0"},
    {"B10", "PbO", "AB_tP4_129_a_c", 1, 1.2601, 0.15, "A 3/4 1/4 0 B 1/4 1/4 0.2385"},
    {"B11", "CuTi", "AB_tP4_129_c_c", 1, 1.9051, 0.12, "A 1/4 1/4 0.1 B 1/4 1/4 0.65"},
    {"B17", "PtS", "AB_tP4_131_c_e", 1, 1.7607, 0.12, "A 0 1/2 0 B 0 0 1/4"},
    {"B19", "AuCd", "AB_oP4_51_e_f", 0.6620, 1.0210, 0.08, "A 1/4 0 0.8125 B 1/4 1/2 0.3125"},
    {"B20", "FeSi", "AB_cP8_198_a_a", 1, 1, 0.1, "A 0.1358 0.1358 0.1358 B 0.844 0.844 0.844"},
    {"B32", "NaTl", "AB_cF16_227_a_b", 1, 1, 0.1, "A 1/8 1/8 1/8 B 3/8 3/8 3/8"},
    {"B_h", "WC", "AB_hP2_187_d_a", 1, 0.976, 0.2, "A 1/3 2/3 1/2 B 0 0 0"},
    {"L1_0", "CuAu", "AB_tP2_123_a_d", 1, 1.3707, 0.13, "A 0 0 0 B 1/2 1/2 1/2"},
    {"L1_1", "CuPt", "AB_hR2_166_a_b", 1, 4.7859, 0.12, "A 0 0 0 B 0 0 1/2"},
    // One to two.
    {"C1", "CaF2", "AB2_cF12_225_a_c", 1, 1, 0.1, "A 0 0 0 B 1/4 1/4 1/4"},
    {"C2", "FeS2 (pyrite)", "AB2_cP12_205_a_c", 1, 1, 0.1, "A 0 0 0 B 0.3851 0.3851 0.3851"},
    {"C3", "Cu2O", "A2B_cP6_224_b_a", 1, 1, 0.1, "A 0 0 0 B 1/4 1/4 1/4"},
    {"C4", "TiO2 (rutile)", "A2B_tP6_136_f_a", 1, 0.644, 0.12, "A 0.3053 0.3053 0 B 0 0 0"},
    {"C5", "TiO2 (anatase)", "A2B_tI12_141_e_a", 1, 2.5136, 0.12, "A 0 1/4 0.0816 B 0 3/4 1/8"},
    {"C6", "CdI2", "AB2_hP3_164_a_d", 1, 1.6132, 0.15, "A 0 0 0 B 1/3 2/3 0.249"},
    {"C7", "MoS2", "AB2_hP6_194_c_f", 1, 3.8896, 0.12, "A 1/3 2/3 1/4 B 1/3 2/3 0.621"},
    {"C11_b", "MoSi2", "AB2_tI6_139_a_e", 1, 2.65, 0.2, "A 0 0 0 B 0 0 0.3333"},
    {"C14", "MgZn2", "AB2_hP12_194_f_ah", 1, 1.6401, 0.08, "A 1/3 2/3 0.062 B 0 0 0 B 0.8305 0.661 1/4"},
    {"C15", "MgCu2", "A2B_cF24_227_d_a", 1, 1, 0.1, "A 1/2 1/2 1/2 B 1/8 1/8 1/8"},
    {"C15_b", "AuBe5", "AB5_cF24_216_a_ce", 1, 1, 0.1, "A 0 0 0 B 1/4 1/4 1/4 B 0.625 0.625 0.625"},
    {"C16", "Al2Cu", "A2B_tI12_140_h_a", 1, 0.8046, 0.12, "A 0.158 0.658 0 B 0 0 1/4"},
    {"C32", "AlB2", "AB2_hP3_191_a_d", 1, 1.0, 0.28, "A 0 0 0 B 1/3 2/3 1/2"},
    {"", "MoPt2", "AB2_oI6_71_a_g", 3, 1.4241, 0.12, "A 0 0 0 B 0 0.3333 0"},
    {"B8_2", "Ni2In", "AB2_hP6_194_c_ad", 1, 1.2253, 0.12, "A 1/3 2/3 1/4 B 0 0 0 B 1/3 2/3 3/4"},
    // One to three.
    {"D0_3", "BiF3", "AB3_cF16_225_a_bc", 1, 1, 0.1, "A 0 0 0 B 1/2 1/2 1/2 B 1/4 1/4 1/4"},
    {"D0_9", "ReO3", "A3B_cP4_221_d_a", 1, 1, 0.1, "A 1/2 0 0 B 0 0 0"},
    {"D0_18", "Na3As", "AB3_hP8_194_c_bf", 1, 1.7653, 0.1, "A 1/3 2/3 1/4 B 0 0 1/4 B 1/3 2/3 0.583"},
    {"D0_19", "Ni3Sn", "A3B_hP8_194_h_c", 1, 0.8021, 0.1, "A 0.833 0.666 1/4 B 1/3 2/3 1/4"},
    {"D0_22", "Al3Ti", "A3B_tI8_139_bd_a", 1, 2.1, 0.13, "A 0 0 1/2 A 0 1/2 1/4 B 0 0 0"},
    {"D0_23", "Al3Zr", "A3B_tI16_139_cde_e", 1, 4.2, 0.12, "A 0 1/2 0 A 0 1/2 1/4 A 0 0 0.375 B 0 0 0.119"},
    {"D0_24", "Ni3Ti", "A3B_hP16_194_gh_ac", 1, 1.629, 0.1, "A 1/2 0 0 A 0.833 0.666 1/4 B 0 0 0 B 1/3 2/3 1/4"},
    {"L1_2", "Cu3Au", "AB3_cP4_221_a_c", 1, 1, 0.1, "A 0 0 0 B 0 1/2 1/2"},
    {"L6_0", "CuTi3", "AB3_tP4_123_a_ce", 1, 0.8644, 0.08, "A 0 0 0 B 1/2 1/2 0 B 0 1/2 1/2"},
    // Other shares of two species.
    {"D1_3", "BaAl4", "A4B_tI10_139_de_a", 1, 2.4503, 0.12, "A 0 1/2 1/4 A 0 0 0.38 B 0 0 0"},
    {"D1_a", "Ni4Mo", "AB4_tI10_87_a_h", 1, 0.6228, 0.1, "A 0 0 0 B 0.4 0.2 0"},
    {"D2_1", "CaB6", "A6B_cP7_221_f_a", 1, 1, 0.1, "A 0.2117 1/2 1/2 B 0 0 0"},
    {"D2_d", "CaCu5", "AB5_hP6_191_a_cg", 1, 0.7739, 0.12, "A 0 0 0 B 1/3 2/3 0 B 1/2 0 1/2"},
    {"D5_1", "Al2O3 (corundum)", "A2B3_hR10_167_c_e", 1, 2.7296, 0.08, "A 0 0 0.3522 B 0.3062 0 1/4"},
    {"D5_13", "Al3Ni2", "A3B2_hP5_164_ad_d", 1, 1.2141, 0.08, "A 0 0 0 A 1/3 2/3 0.648 B 1/3 2/3 0.149"},
    {"C33", "Bi2Te3", "A2B3_hR5_166_c_ac", 1, 6.9631, 0.1, "A 0 0 0.4 B 0 0 0 B 0 0 0.2097"},
    {"", "Pt8Ti", "A8B_tI18_139_hi_a", 1, 0.4688, 0.1, "A 0.3333 0.3333 0 A 0.3333 0 0 B 0 0 0"},
    // Three species.
    {"C1_b", "MgAgAs", "ABC_cF12_216_b_c_a", 1, 1, 0.1, "A 1/2 1/2 1/2 B 1/4 1/4 1/4 C 0 0 0"},
    {"E1_1", "CuFeS2", "ABC2_tI16_122_a_b_d", 1, 1.9707, 0.08, "A 0 0 0 B 0 0 1/2 C 0.2574 1/4 1/8"},
    {"E2_1", "CaTiO3 (cubic)", "AB3C_cP5_221_a_c_b", 1, 1, 0.1, "A 0 0 0 B 0 1/2 1/2 C 1/2 1/2 1/2"},
    {"F5_1", "NaCrS2", "ABC2_hR4_166_a_b_c", 1, 5.1, 0.13, "A 0 0 0 B 0 0 1/2 C 0 0 0.255"},
    {"H1_1", "Al2MgO4 (spinel)", "A2BC4_cF56_227_d_a_e", 1, 1, 0.1,
     "A 1/2 1/2 1/2 B 1/8 1/8 1/8 C 0.2624 0.2624 0.2624"},
    {"L2_1", "AlCu2Mn", "AB2C_cF16_225_a_c_b", 1, 1, 0.1, "A 0 0 0 B 1/4 1/4 1/4 C 1/2 1/2 1/2"},
};

double fraction_of(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) return std::stod(text);
  return std::stod(text.substr(0, slash)) / std::stod(text.substr(slash + 1));
}

int space_group_of_label(const std::string& label) {
  std::istringstream parts(label);
  std::string part;
  for (int i = 0; i < 3; ++i) std::getline(parts, part, '_');
  return std::stoi(part);
}

PrototypeCell cell_of(const PrototypeRow& row) {
  constexpr double kSamePlace = 1e-3;
  const int number = space_group_of_label(row.label);
  Eigen::Matrix3d axes = Eigen::Vector3d(1, row.b_over_a, row.c_over_a).asDiagonal();
  if (number >= 143 && number <= 194) axes.row(1) = Eigen::RowVector3d(-0.5, std::sqrt(0.75), 0);
  Structure cell{Lattice(axes), {}, {}};
  std::optional<int> setting = setting_of_number(number, "2", cell.lattice);
  if (!setting) setting = setting_of_number(number, "", cell.lattice);
  const auto operations = detail::operations_of_hall_number(setting.value());
  std::istringstream sites(row.sites);
  std::string letter;
  while (sites >> letter) {
    Eigen::Vector3d x;
    for (int k = 0; k < 3; ++k) {
      std::string text;
      sites >> text;
      x[k] = fraction_of(text);
    }
    const Species species = Species::from_atomic_number(letter[0] - 'A' + 1);
    const std::size_t before = cell.positions.size();
    for (const SymmetryOperation& operation : operations) {
      const Eigen::Vector3d image = wrapped({operation.rotation.cast<double>() * x + operation.translation}).x;
      const bool known = std::any_of(cell.positions.begin() + static_cast<std::ptrdiff_t>(before), cell.positions.end(),
                                     [&](const Fractional& p) {
                                       const Eigen::Vector3d off = p.x - image;
                                       return (off - off.array().round().matrix()).cwiseAbs().maxCoeff() < kSamePlace;
                                     });
      if (known) continue;
      cell.positions.push_back({image});
      cell.species.push_back(species);
    }
  }
  return {{row.strukturbericht, row.example, row.label}, std::move(cell)};
}

/// Integer matrices of determinant ±1 with elements of -1, 0, 1: what may carry one conventional cell into another.
const std::vector<Eigen::Matrix3i>& changes_of_axes() {
  static const std::vector<Eigen::Matrix3i> all = [] {
    std::vector<Eigen::Matrix3i> found;
    for (int code = 0; code < 19683; ++code) {
      Eigen::Matrix3i m;
      for (int k = 0, rest = code; k < 9; ++k, rest /= 3) m(k / 3, k % 3) = rest % 3 - 1;
      const int determinant = m(0, 0) * (m(1, 1) * m(2, 2) - m(1, 2) * m(2, 1)) -
                              m(0, 1) * (m(1, 0) * m(2, 2) - m(1, 2) * m(2, 0)) +
                              m(0, 2) * (m(1, 0) * m(2, 1) - m(1, 1) * m(2, 0));
      if (determinant == 1 || determinant == -1) found.push_back(m);
    }
    return found;
  }();
  return all;
}

bool same_shape(const Eigen::Matrix3d& metric, const Eigen::Matrix3d& other, double tolerance) {
  for (int i = 0; i < 3; ++i) {
    const int j = (i + 1) % 3;
    const double ratio = (metric(i, i) / metric(j, j)) / (other(i, i) / other(j, j));
    if (std::abs(0.5 * std::log(ratio)) > tolerance) return false;
    const auto degrees = [&](const Eigen::Matrix3d& m) {
      return std::acos(std::clamp(m(i, j) / std::sqrt(m(i, i) * m(j, j)), -1.0, 1.0)) * 180 / std::acos(-1.0);
    };
    if (std::abs(degrees(metric) - degrees(other)) > kPrototypeAngleDegrees) return false;
  }
  return true;
}

/// Atoms by species; the sets of both crystals in the order in which they are laid on each other.
using AtomSets = std::vector<std::vector<Eigen::Vector3d>>;

/// Whether all atoms find places within the tolerance when the first of the first set is laid on one of the other's.
/// @param edges rows, of the type's cell with the volume of the crystal's.
bool lie_on(const AtomSets& places, const AtomSets& atoms, const Eigen::Matrix3d& edges, double tolerance) {
  const auto nearest = [](const Eigen::Vector3d& x) -> Eigen::Vector3d { return x - x.array().round().matrix(); };
  for (const Eigen::Vector3d& first : atoms[0]) {
    const Eigen::Vector3d shift = places[0][0] - first;
    std::vector<Eigen::Vector3d> off;
    bool all = true;
    for (std::size_t s = 0; all && s < atoms.size(); ++s) {
      std::vector<bool> taken(places[s].size(), false);
      for (const Eigen::Vector3d& atom : atoms[s]) {
        double least = 2 * tolerance;
        std::size_t at = places[s].size();
        Eigen::Vector3d step = Eigen::Vector3d::Zero();
        for (std::size_t p = 0; p < places[s].size(); ++p) {
          const Eigen::Vector3d here = edges.transpose() * nearest(atom + shift - places[s][p]);
          if (taken[p] || here.norm() >= least) continue;
          least = here.norm();
          at = p;
          step = here;
        }
        all = at < places[s].size();
        if (!all) break;
        taken[at] = true;
        off.push_back(step);
      }
    }
    if (!all) continue;
    const Eigen::Vector3d mean =
        std::accumulate(off.begin(), off.end(), Eigen::Vector3d(Eigen::Vector3d::Zero())) / double(off.size());
    if (std::all_of(off.begin(), off.end(), [&](const auto& step) { return (step - mean).norm() < tolerance; }))
      return true;
  }
  return false;
}

AtomSets atom_sets(const Structure& crystal) {
  std::map<Species, std::vector<Eigen::Vector3d>> of_species;
  for (std::size_t i = 0; i < crystal.atom_count(); ++i)
    of_species[crystal.species[i]].push_back(crystal.positions[i].x);
  AtomSets sets;
  for (auto& [species, atoms] : of_species) sets.push_back(std::move(atoms));
  std::sort(sets.begin(), sets.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
  return sets;
}

bool is_of_type(const PrototypeCell& type, double ratio_tolerance, const Structure& crystal) {
  const AtomSets places = atom_sets(type.cell), atoms = atom_sets(crystal);
  if (places.size() != atoms.size()) return false;
  for (std::size_t s = 0; s < places.size(); ++s)
    if (places[s].size() != atoms[s].size()) return false;
  const double per_atom = std::abs(crystal.lattice.rows().determinant()) / double(crystal.atom_count());
  const double scale =
      std::cbrt(per_atom * double(type.cell.atom_count()) / std::abs(type.cell.lattice.rows().determinant()));
  const Eigen::Matrix3d edges = scale * type.cell.lattice.rows(), metric = edges * edges.transpose();
  const Eigen::Matrix3d own = crystal.lattice.rows() * crystal.lattice.rows().transpose();
  std::vector<std::size_t> order(atoms.size());
  for (const Eigen::Matrix3i& change : changes_of_axes()) {
    const Eigen::Matrix3d m = change.cast<double>();
    if (!same_shape(m * metric * m.transpose(), own, ratio_tolerance)) continue;
    AtomSets moved = atoms;
    for (auto& set : moved)
      for (Eigen::Vector3d& x : set) x = (m.transpose() * x).eval();
    std::iota(order.begin(), order.end(), std::size_t{0});
    do {
      AtomSets laid;
      for (std::size_t s = 0; s < order.size() && moved[order[s]].size() == places[s].size(); ++s)
        laid.push_back(moved[order[s]]);
      if (laid.size() == places.size() && lie_on(places, laid, edges, kPrototypeDisplacement * std::cbrt(per_atom)))
        return true;
    } while (std::next_permutation(order.begin(), order.end()));
  }
  return false;
}

}  // namespace

std::span<const PrototypeCell> prototype_table() {
  static const std::vector<PrototypeCell> table = [] {
    std::vector<PrototypeCell> cells;
    for (const PrototypeRow& row : kPrototypeRows) cells.push_back(cell_of(row));
    return cells;
  }();
  return table;
}

std::optional<Prototype> prototype_of(const Structure& conventional, int space_group_number) {
  static const std::multimap<std::pair<int, std::size_t>, std::size_t> rows = [] {
    std::multimap<std::pair<int, std::size_t>, std::size_t> by_symmetry;
    const auto table = prototype_table();
    for (std::size_t i = 0; i < table.size(); ++i)
      by_symmetry.emplace(std::pair(space_group_of_label(table[i].prototype.aflow_label), table[i].cell.atom_count()),
                          i);
    return by_symmetry;
  }();
  std::optional<Prototype> found;
  const auto [begin, end] = rows.equal_range({space_group_number, conventional.atom_count()});
  for (auto row = begin; row != end; ++row) {
    const PrototypeCell& type = prototype_table()[row->second];
    if (!is_of_type(type, kPrototypeRows[row->second].tolerance, conventional)) continue;
    if (found) return std::nullopt;
    found = type.prototype;
  }
  return found;
}

std::optional<CrystalDescription> describe_crystal(const Structure& structure, double symprec_angstrom) {
  const auto found = symmetric_cell(structure, symprec_angstrom);
  if (!found) return std::nullopt;
  const int number = found->space_group_number;
  return CrystalDescription{number, symbol_of_number(number), found->conventional,
                            prototype_of(found->conventional, number)};
}

}  // namespace hullscan
