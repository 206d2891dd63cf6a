// bench_enumeration [PART OF A NAME | =NAME | --list]; run_enumeration calls it once a row, so that memory is the
// row's. Prints orbits per second of CPU time for the spaces that the project's targets name, with Burnside's count
// beside.
#include <fmt/format.h>
#include <sys/resource.h>

#include <ctime>
#include <string>
#include <vector>

#include "enumerator/files/crystal_reader.hpp"
#include "enumerator/orbits/orbit_count.hpp"
#include "enumerator/space/search_space.hpp"

namespace {

using namespace hullscan;

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

struct Row {
  std::string name, file, sites;
  int repeat[3];
  std::vector<std::pair<std::string, std::string>> species;  ///< of the first sublattice
  std::string second_sites;
  std::vector<std::pair<std::string, std::string>> second_species;
};

CountRule rule(const std::string& species, const std::string& count) {
  CountRule r;
  r.species = Species::from_symbol(species);
  r.rest = count == "rest";
  r.text = count;
  if (!r.rest) r.ranges.push_back({std::stod(count), std::stod(count), false});
  return r;
}

SpaceSpec spec_of(const Row& row) {
  SpaceSpec spec;
  spec.name = row.name;
  spec.structure = std::string(HULLSCAN_TEST_DATA) + "/structures/" + row.file;
  SupercellMatrix matrix = SupercellMatrix::Zero();
  for (int i = 0; i < 3; ++i) matrix(i, i) = row.repeat[i];
  spec.supercell = matrix;
  const auto add = [&](const std::string& sites, const auto& species) {
    SublatticeSpec sublattice;
    sublattice.name = sites;
    sublattice.sites = {sites};
    for (const auto& [symbol, count] : species) sublattice.species.push_back(rule(symbol, count));
    spec.sublattices.push_back(sublattice);
  };
  add(row.sites, row.species);
  if (!row.second_sites.empty()) add(row.second_sites, row.second_species);
  return spec;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<Row> rows = {
      {"CsPbI3 2x2x2 Cd6", "gamma-CsPbI3-Pnma.cif", "Pb", {2, 2, 2}, {{"Pb", "rest"}, {"Cd", "6"}}, "", {}},
      {"CsPbI3 2x2x2 Cd8", "gamma-CsPbI3-Pnma.cif", "Pb", {2, 2, 2}, {{"Pb", "rest"}, {"Cd", "8"}}, "", {}},
      {"CsPbI3 2x2x2 Cd10", "gamma-CsPbI3-Pnma.cif", "Pb", {2, 2, 2}, {{"Pb", "rest"}, {"Cd", "10"}}, "", {}},
      {"CsPbI3 2x2x2 Cd16", "gamma-CsPbI3-Pnma.cif", "Pb", {2, 2, 2}, {{"Pb", "rest"}, {"Cd", "16"}}, "", {}},
      {"CsPbI3 2x2x2 Cd3 Zn3",
       "gamma-CsPbI3-Pnma.cif",
       "Pb",
       {2, 2, 2},
       {{"Pb", "rest"}, {"Cd", "3"}, {"Zn", "3"}},
       "",
       {}},
      {"CsPbI3 2x2x2 Cd3 Br2",
       "gamma-CsPbI3-Pnma.cif",
       "Pb",
       {2, 2, 2},
       {{"Pb", "rest"}, {"Cd", "3"}},
       "I",
       {{"I", "rest"}, {"Br", "2"}}},
      {"CsPbI3 2x2x2 Cd6 Br3",
       "gamma-CsPbI3-Pnma.cif",
       "Pb",
       {2, 2, 2},
       {{"Pb", "rest"}, {"Cd", "6"}},
       "I",
       {{"I", "rest"}, {"Br", "3"}}},
      {"MoS2 8x8 Se4", "MoS2-monolayer.cif", "S", {8, 8, 1}, {{"S", "rest"}, {"Se", "4"}}, "", {}},
      {"MoS2 8x8 Se5", "MoS2-monolayer.cif", "S", {8, 8, 1}, {{"S", "rest"}, {"Se", "5"}}, "", {}},
      {"MoS2 8x8 Se6", "MoS2-monolayer.cif", "S", {8, 8, 1}, {{"S", "rest"}, {"Se", "6"}}, "", {}},
      {"fcc 2x2x2 Cu16", "Al-fcc.cif", "Al", {2, 2, 2}, {{"Al", "rest"}, {"Cu", "16"}}, "", {}},
      {"fcc 3x3x3 Cu4", "Al-fcc.cif", "Al", {3, 3, 3}, {{"Al", "rest"}, {"Cu", "4"}}, "", {}},
      {"fcc 3x3x3 Cu5", "Al-fcc.cif", "Al", {3, 3, 3}, {{"Al", "rest"}, {"Cu", "5"}}, "", {}},
      {"fcc 3x3x3 Cu6", "Al-fcc.cif", "Al", {3, 3, 3}, {{"Al", "rest"}, {"Cu", "6"}}, "", {}},
      {"fcc 4x4x4 Cu3", "Al-fcc.cif", "Al", {4, 4, 4}, {{"Al", "rest"}, {"Cu", "3"}}, "", {}},
      {"fcc 4x4x4 Cu4", "Al-fcc.cif", "Al", {4, 4, 4}, {{"Al", "rest"}, {"Cu", "4"}}, "", {}},
      {"fcc 4x4x4 Cu5", "Al-fcc.cif", "Al", {4, 4, 4}, {{"Al", "rest"}, {"Cu", "5"}}, "", {}},
  };
  const std::string wanted = argc > 1 ? argv[1] : "";
  if (wanted == "--list") {
    for (const Row& row : rows) fmt::print("{}\n", row.name);
    return 0;
  }
  fmt::print("{:<22} {:>7} {:>16} {:>12} {:>8} {:>8} {:>9} {:>9} {:>10} {:>7}\n", "space", "group", "labelled",
             "orbits", "setup s", "count s", "search s", "orbits/s", "labelled/s", "MB");
  for (const Row& row : rows) {
    if (wanted[0] == '=' ? "=" + row.name != wanted : row.name.find(wanted) == std::string::npos) continue;
    double start = cpu_seconds();
    const SearchSpace space = SearchSpace::build(spec_of(row));
    (void)space.action(0);  // the tables are made when they are first asked for
    const double setup = cpu_seconds() - start;
    start = cpu_seconds();
    const auto expected = OrbitCounter(space.action(0)).count(space.compositions(0)[0]);
    const double counting = cpu_seconds() - start;
    const OrbitEnumerator enumerator = space.enumerator(0, 0);
    EnumerationOutcome outcome;
    double search = 0;
    int repeats = 0;
    start = cpu_seconds();
    do {
      outcome = enumerator.count({}, {});
      ++repeats;
      search = (cpu_seconds() - start) / repeats;
    } while (search * repeats < 0.3);
    const bool closes = expected.inequivalent == outcome.orbits && expected.total == outcome.labelled;
    fmt::print("{:<22} {:>7} {:>16} {:>12} {:>8.3f} {:>8.4f} {:>9.5f} {:>9.2e} {:>10.2e} {:>7.0f}{}\n", row.name,
               space.action(0)->order(), outcome.labelled, outcome.orbits, setup, counting, search,
               static_cast<double>(outcome.orbits) / search, static_cast<double>(outcome.labelled) / search,
               peak_megabytes(), closes ? "" : "  DOES NOT CLOSE WITH BURNSIDE");
    std::fflush(stdout);
  }
}
