#include "enumerator/files/poscar_reader.hpp"

#include <map>

#include "core/structure_files/poscar.hpp"

namespace hullscan {
namespace {

constexpr long kMostAtomsOfPoscar = 20000;  ///< a parent crystal is a small cell

}  // namespace

Crystal crystal_from_poscar(const std::string& text, const std::string& file_name, ReadingWarnings& warnings) {
  const auto [structure, remark] = parse_poscar(text, file_name, kMostAtomsOfPoscar);
  if (remark) warnings.add(remark->where, remark->what);
  Crystal crystal{structure.lattice, {}, file_name};
  std::map<Species, int> numbers;
  for (std::size_t i = 0; i < structure.species.size(); ++i) {
    const Species species = structure.species[i];
    const std::string label = std::string(species.symbol()) + std::to_string(++numbers[species]);
    crystal.sites.push_back({label, wrapped(structure.positions[i]), {{species, 1.0, std::nullopt}}, {}});
  }
  return crystal;
}

}  // namespace hullscan
