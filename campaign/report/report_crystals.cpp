#include "campaign/report/report_crystals.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

#include "enumerator/crystal/prototypes.hpp"

namespace hullscan {
namespace {

constexpr std::size_t kMostCrystals = 100;
/// A search for symmetry in a cell of hundreds of atoms takes as long as a hundred in small ones.
constexpr std::size_t kMostAtoms = 10'000;

ReportCrystal crystal_of(const CrystalDescription& described, const Structure& structure) {
  const auto rounded = [](double value) { return std::round(value * 1e5) / 1e5; };
  const Lattice& cell = described.conventional.lattice;
  const Eigen::Vector3d lengths = cell.lengths_angstrom(), angles = cell.angles_degree();
  ReportCrystal crystal;
  crystal.space_group_number = described.space_group_number;
  crystal.space_group_symbol = described.space_group_symbol;
  crystal.a = rounded(lengths(0));
  crystal.b = rounded(lengths(1));
  crystal.c = rounded(lengths(2));
  crystal.alpha = rounded(angles(0));
  crystal.beta = rounded(angles(1));
  crystal.gamma = rounded(angles(2));
  crystal.volume_per_atom_cubic_angstrom =
      rounded(structure.lattice.volume_cubic_angstrom() / static_cast<double>(structure.atom_count()));
  if (described.prototype) {
    crystal.strukturbericht = described.prototype->strukturbericht;
    crystal.example = described.prototype->example;
    crystal.aflow_label = described.prototype->aflow_label;
  }
  return crystal;
}

}  // namespace

void add_crystals(Report& report) {
  if (!report.hull) return;
  ReportContent& content = report.content;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < content.entries.size(); ++i) {
    const HullEntryResult& hull = report.of_entry(i);
    if (content.entries[i].structure && (hull.vertex || hull.e_above_hull_ev_per_atom <= content.near_hull_ev_per_atom))
      order.push_back(i);
  }
  const auto rank = [&](std::size_t i) {
    return std::tuple(!report.of_entry(i).vertex, report.of_entry(i).e_above_hull_ev_per_atom, i);
  };
  const std::size_t count = std::min(order.size(), kMostCrystals);
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
  content.crystal_symprec_angstrom = kCrystalSymprecAngstrom;
  std::size_t atoms = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const ReportEntry& entry = content.entries[order[k]];
    if (k > 0 && atoms + entry.structure->atom_count() > kMostAtoms) break;
    atoms += entry.structure->atom_count();
    if (const auto described = describe_crystal(*entry.structure, kCrystalSymprecAngstrom))
      content.crystals.emplace(entry.id, crystal_of(*described, *entry.structure));
  }
}

}  // namespace hullscan
