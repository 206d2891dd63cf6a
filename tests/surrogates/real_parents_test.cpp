// The parents that campaigns use: read from a structure, symmetry found by the enumerator, groups made by it.
#include <catch2/catch.hpp>
#include <string>

#include "core/errors.hpp"
#include "core/hash.hpp"
#include "enumerator/crystal/parent_builder.hpp"
#include "enumerator/crystal/supercell_group.hpp"
#include "enumerator/files/poscar_reader.hpp"
#include "surrogates/models/cluster_expansion.hpp"
#include "symmetric_crystals.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

constexpr const char* kRutile =
    "rutile\n1.0\n4.594 0 0\n0 4.594 0\n0 0 2.959\nTi O\n2 4\nDirect\n0 0 0\n0.5 0.5 0.5\n"
    "0.305 0.305 0\n0.695 0.695 0\n0.195 0.805 0.5\n0.805 0.195 0.5\n";
constexpr const char* kConventionalFcc =
    "fcc\n1.0\n4.05 0 0\n0 4.05 0\n0 0 4.05\nAl\n4\nDirect\n0 0 0\n0 0.5 0.5\n0.5 0 0.5\n0.5 0.5 0\n";
constexpr const char* kHexagonal =
    "hcp\n1.0\n3.2 0 0\n-1.6 2.771281292110204 0\n0 0 5.2\nMg\n2\nDirect\n"
    "0.3333333333333333 0.6666666666666667 0.25\n0.6666666666666667 0.3333333333333333 0.75\n";

std::shared_ptr<const ParentCrystal> parent_of(
    const char* poscar, const std::vector<std::pair<std::string, std::vector<std::string>>>& varied) {
  SpaceSpec spec;
  spec.name = "test";
  for (const auto& [sites, allowed] : varied) {
    SublatticeSpec sublattice{sites, {sites}, {}, {}};
    for (const std::string& symbol : allowed)
      sublattice.species.push_back({Species::from_symbol(symbol), true, {}, "", {}});
    spec.sublattices.push_back(sublattice);
  }
  Problems problems;
  ReadingWarnings warnings;
  auto parent = build_parent(crystal_from_poscar(poscar, "POSCAR", warnings), spec, problems);
  problems.throw_if_any();
  return parent;
}

}  // namespace

TEST_CASE("counts and scores do not change under the enumerator's groups", "[surrogates][orbits][enumerator]") {
  const std::vector<std::shared_ptr<const ParentCrystal>> parents = {
      parent_of(kRutile, {{"Ti", {"Ti", "V"}}, {"O", {"O", "F", "Va"}}}),
      parent_of(kConventionalFcc, {{"Al", {"Al", "Ni"}}}), parent_of(kHexagonal, {{"Mg", {"Mg", "Li", "Al"}}})};
  for (const auto& parent : parents) {
    SupercellMatrix matrix = SupercellMatrix::Identity();
    matrix(0, 0) = 2;
    matrix(1, 0) = 1;
    matrix(1, 1) = 2;
    const auto supercell = std::make_shared<const Supercell>(parent, matrix);
    const PermutationGroup group = group_of(*supercell).permutations;
    ClusterExpansion model(parent, {{5.0, 4.1, 3.0}, {}});
    std::vector<LabelledConfiguration> labels;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      labels.push_back({{supercell, random_occupation(*supercell, seed)},
                        0.01 * static_cast<double>(random_bits(9, seed) % 50),
                        1,
                        ""});
    }
    (void)model.fit(labels);
    const auto scorer = model.scorer(*supercell);

    REQUIRE(group.order() > 1);
    for (const LabelledConfiguration& label : labels) {
      const std::vector<std::uint8_t>& occupation = label.configuration.occupation;
      const auto counts = model.orbits().counts(label.configuration);
      for (std::size_t g = 0; g < group.order(); ++g) {
        const auto element = group.element(g);
        const std::vector<std::uint8_t> image = moved(occupation, {element.begin(), element.end()});
        REQUIRE(model.orbits().counts({supercell, image}) == counts);
        REQUIRE(std::abs(scorer->score(image) - scorer->score(occupation)) < 1e-10);
      }
    }
  }
}

TEST_CASE("a conventional cell has the pair orbits of its primitive one", "[surrogates][orbits][enumerator]") {
  const auto parent = parent_of(kConventionalFcc, {{"Al", {"Al", "Ni"}}});
  REQUIRE(parent->sites.size() == 4);

  // Shells at a sqrt(n / 2), n = 1 ... 4.
  const ClusterOrbits orbits(parent, {4.05 * 1.45, 0, 0});

  CHECK(orbits.sites().count() == 1);
  CHECK(orbits.orbits().size() == 1 + 4);
}
