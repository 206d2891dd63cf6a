#include "enumerator/space/search_space.hpp"

#include <catch2/catch.hpp>

#include "core/errors.hpp"
#include "enumerator/orbits/orbit_count.hpp"

namespace hullscan {
namespace {

using Catch::Contains;

SpaceSpec space_of(const std::string& file, const SupercellMatrix& supercell) {
  SpaceSpec spec;
  spec.name = "test";
  spec.structure = std::string(HULLSCAN_TEST_DATA) + "/structures/" + file;
  spec.supercell = supercell;
  spec.where = {"campaign.toml", 3, 1};
  return spec;
}

SupercellMatrix repeat(int a, int b, int c) {
  SupercellMatrix m = SupercellMatrix::Zero();
  m.diagonal() << a, b, c;
  return m;
}

CountRule rest(const std::string& species) {
  CountRule rule;
  rule.species = Species::from_symbol(species);
  rule.rest = true;
  rule.text = "rest";
  return rule;
}

CountRule between(const std::string& species, double low, double high, bool percent = false) {
  CountRule rule;
  rule.species = Species::from_symbol(species);
  rule.ranges.push_back({low, high, percent});
  rule.text = std::to_string(static_cast<int>(low)) + ".." + std::to_string(static_cast<int>(high));
  rule.where = {"campaign.toml", 9, 5};
  return rule;
}

void vary(SpaceSpec& spec, const std::string& sites, std::vector<CountRule> species) {
  spec.sublattices.push_back({sites, {sites}, std::move(species), {"campaign.toml", 8, 1}});
}

std::string problems_of(const SpaceSpec& spec) {
  try {
    (void)SearchSpace::build(spec);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

/// Burnside's numbers of every composition of supercell 0, after the enumeration has agreed with each of at most
/// `enumerate_up_to` orbits.
std::vector<std::string> inequivalent(const SearchSpace& space, std::uint64_t enumerate_up_to = 1'000'000) {
  std::vector<std::string> numbers;
  OrbitCounter counter(space.action(0), space.options(0).superperiodic);
  for (std::size_t c = 0; c < space.compositions(0).size(); ++c) {
    const OrbitCount count = counter.count(space.compositions(0)[c]);
    numbers.push_back(count.inequivalent.str());
    if (count.inequivalent > enumerate_up_to) continue;
    const auto outcome = space.enumerator(0, c).count({}, {});
    CHECK(count.inequivalent == outcome.orbits);
    CHECK(count.total == outcome.labelled);
  }
  return numbers;
}

using Numbers = std::vector<std::string>;

TEST_CASE("LiNiO2 2x2x1 has the published numbers of inequivalent lithium removals", "[enumerator][space]") {
  auto spec = space_of("LiNiO2-R-3m.cif", repeat(2, 2, 1));
  vary(spec, "Li", {rest("Li"), between("Va", 0, 12)});
  const auto space = SearchSpace::build(spec);

  Numbers by_removed = inequivalent(space);
  std::reverse(by_removed.begin(), by_removed.end());  // compositions ascend in Li

  CHECK(by_removed == Numbers{"1", "1", "3", "6", "11", "13", "17", "13", "11", "6", "3", "1", "1"});
  CHECK(space.formula(0, space.compositions(0).back()) == "Li12Ni12O24");
  CHECK(space.composition(0, space.compositions(0).front()).count(Species::vacancy()) == 12);
}

TEST_CASE("one Co and one Al on Ni couple to lithium as published", "[enumerator][space][slow]") {
  auto spec = space_of("LiNiO2-R-3m.cif", repeat(2, 2, 1));
  vary(spec, "Ni", {rest("Ni"), between("Co", 1, 1), between("Al", 1, 1)});
  vary(spec, "Li", {rest("Li"), between("Va", 0, 12)});
  const auto space = SearchSpace::build(spec);

  Numbers by_removed = inequivalent(space);
  std::reverse(by_removed.begin(), by_removed.end());

  CHECK(Numbers(by_removed.begin(), by_removed.begin() + 8) ==
        Numbers{"3", "21", "88", "258", "547", "849", "980", "849"});
  BigInteger orbits = 0, total = 0;
  OrbitCounter counter(space.action(0));
  for (const auto& counts : space.compositions(0)) {
    orbits += counter.count(counts).inequivalent;
    total += counter.count(counts).total;
  }
  CHECK(orbits == 4512);
  CHECK(total == 540'672);
}

TEST_CASE("gamma-CsPbI3 2x2x2 has the published numbers of substitutions on lead", "[enumerator][space]") {
  auto spec = space_of("gamma-CsPbI3-Pnma.cif", repeat(2, 2, 2));
  vary(spec, "Pb", {between("Cd", 0, 10), rest("Pb")});
  const auto space = SearchSpace::build(spec);

  CHECK(space.action(0)->order() == 64);
  const Numbers numbers = inequivalent(space, 200'000);
  CHECK(Numbers(numbers.begin(), numbers.begin() + 7) == Numbers{"1", "1", "15", "87", "632", "3225", "14509"});
  CHECK(numbers[8] == "165632");
  CHECK(numbers[10] == "1011295");
  CHECK(space.formula(0, space.compositions(0)[6]) == "Cs32Cd6Pb26I96");
}

TEST_CASE("gamma-CsPbI3 2x1x1 with Cd and Br closes with the published total", "[enumerator][space][slow]") {
  auto spec = space_of("gamma-CsPbI3-Pnma.cif", repeat(2, 1, 1));
  vary(spec, "Pb", {rest("Pb"), between("Cd", 0, 2)});
  vary(spec, "I", {rest("I"), between("Br", 0, 8)});
  const auto space = SearchSpace::build(spec);

  REQUIRE(space.compositions(0).size() == 27);
  CHECK(space.action(0)->order() == 16);
  std::uint64_t orbits = 0, labelled = 0;
  for (std::size_t c = 0; c < 27; ++c) {
    const auto outcome = space.enumerator(0, c).count({}, {});
    orbits += outcome.orbits;
    labelled += outcome.labelled;
  }
  CHECK(labelled == 47'050'162);
  CHECK(orbits == 2'946'709);
}

TEST_CASE("binary fcc derivative structures are as many as Hart and Forcade found", "[enumerator][space][slow]") {
  // enumlib's full list of binary fcc structures of 1 to 12 atoms has 10,850 entries.
  auto spec = space_of("Al-fcc.cif", SupercellMatrix::Identity());
  spec.primitive = true;
  spec.supercell = VolumeRange{1, 12};
  spec.superperiodic = false;
  vary(spec, "Al", {rest("Al"), between("Cu", 0, 12)});
  const auto space = SearchSpace::build(spec);

  std::map<int, BigInteger> by_volume;
  BigInteger all = 0;
  for (std::size_t i = 0; i < space.supercells().size(); ++i) {
    OrbitCounter counter(space.action(i), false);
    for (std::size_t c = 0; c < space.compositions(i).size(); ++c) {
      const auto count = counter.count(space.compositions(i)[c]);
      by_volume[space.supercells()[i]->volume_factor()] += count.inequivalent;
      all += count.inequivalent;
      const auto outcome = space.enumerator(i, c).count({}, {});
      CHECK(count == OrbitCount{outcome.labelled, outcome.orbits});
    }
  }
  Numbers numbers;
  for (const auto& [volume, n] : by_volume) numbers.push_back(n.str());
  CAPTURE(numbers);
  CHECK(all == 10'850);
}

TEST_CASE("compositions obey counts, constraints and charges", "[enumerator][space]") {
  auto spec = space_of("LiNiO2-R-3m.cif", repeat(2, 1, 1));  // 6 Li, 6 Ni, 12 O
  vary(spec, "Li", {rest("Li"), between("Va", 0, 3)});
  vary(spec, "Ni", {rest("Ni"), between("Mn", 0, 6)});
  CHECK(SearchSpace::build(spec).compositions(0).size() == 4 * 7);

  spec.constraints.push_back(parse_constraint("Li.Va == Ni.Mn", {"campaign.toml", 5, 1}));
  CHECK(SearchSpace::build(spec).compositions(0).size() == 4);

  spec.constraints = {parse_constraint("2*Va - Mn >= 1", {"campaign.toml", 5, 1})};
  const auto bounded = SearchSpace::build(spec);
  CHECK(!bounded.compositions(0).empty());
  for (const auto& c : bounded.compositions(0)) {
    CHECK(2 * c.of_sublattice[0][1] - c.of_sublattice[1][1] >= 1);
  }

  // Li+, O2-, Ni 2+..4+, Mn4+: 6 - v + (charges of Ni and Mn) = 24.
  spec.constraints.clear();
  spec.charge_neutral = true;
  spec.oxidation = {{Species::from_symbol("Li"), {1}},
                    {Species::from_symbol("O"), {-2}},
                    {Species::from_symbol("Ni"), {2, 3, 4}},
                    {Species::from_symbol("Mn"), {4}}};
  std::size_t expected = 0;
  for (int vacancies = 0; vacancies <= 3; ++vacancies) {
    for (int manganese = 0; manganese <= 6; ++manganese) {
      const int of_nickel = 24 - (6 - vacancies) - 4 * manganese;
      expected += of_nickel >= 2 * (6 - manganese) && of_nickel <= 4 * (6 - manganese) ? 1 : 0;
    }
  }
  CHECK(SearchSpace::build(spec).compositions(0).size() == expected);

  spec.oxidation.erase(Species::from_symbol("Mn"));
  CHECK_THAT(problems_of(spec), Contains("campaign.toml:3") && Contains("oxidation state of Mn"));
}

TEST_CASE("counts that cannot be met name the sites and the nearest count", "[enumerator][space]") {
  auto spec = space_of("LiNiO2-R-3m.cif", repeat(2, 2, 1));
  vary(spec, "Li", {between("Li", 4, 5), between("Va", 2, 3)});
  vary(spec, "Ni", {rest("Ni"), between("Co", 5, 7, true)});

  const std::string problems = problems_of(spec);

  CHECK_THAT(problems, Contains("campaign.toml:8:1") && Contains("12 sites") && Contains("nearest sum is 8"));
  CHECK_THAT(problems, Contains("campaign.toml:9:5") && Contains("0 (0%) and 1 (8.33333%)"));
}

TEST_CASE("unknown names in constraints are reported with what was meant", "[enumerator][space]") {
  auto spec = space_of("LiNiO2-R-3m.cif", repeat(1, 1, 1));
  vary(spec, "Li", {rest("Li"), between("Va", 0, 3)});
  spec.constraints = {parse_constraint("Lj.Va <= 1", {"campaign.toml", 5, 1}),
                      parse_constraint("Co <= 1", {"campaign.toml", 6, 1})};
  spec.markers.push_back({{"Lu"}, 0, {"campaign.toml", 12, 1}});

  const std::string problems = problems_of(spec);

  CHECK_THAT(problems, Contains("campaign.toml:5:1") && Contains("did you mean \"Li\""));
  CHECK_THAT(problems, Contains("campaign.toml:6:1") && Contains("Co is not among"));
  CHECK_THAT(problems, Contains("campaign.toml:12:1") && Contains("no site \"Lu\""));
}

TEST_CASE("constraints that nothing meets are named", "[enumerator][space]") {
  auto spec = space_of("LiNiO2-R-3m.cif", repeat(1, 1, 1));
  vary(spec, "Li", {rest("Li"), between("Va", 0, 3)});
  spec.constraints = {parse_constraint("Va >= 7", {"campaign.toml", 5, 1})};
  CHECK_THAT(problems_of(spec), Contains("campaign.toml:5:1") && Contains("none of the 4 combinations"));
}

TEST_CASE("a minimum distance leaves what looking at every structure leaves", "[enumerator][space]") {
  auto spec = space_of("Al-fcc.cif", repeat(2, 2, 2));
  vary(spec, "Al", {rest("Al"), between("Cu", 2, 4)});
  const auto free = SearchSpace::build(spec);
  const double nearest = free.parent()->lattice.lengths_angstrom()[0] / std::sqrt(2.0);
  spec.minimum_distances = {{Species::from_symbol("Cu"), Species::from_symbol("Cu"), nearest * 1.1, {}}};
  const auto space = SearchSpace::build(spec);

  for (std::size_t c = 0; c < 3; ++c) {
    std::uint64_t expected = 0;
    (void)free.enumerator(0, c).run({}, {}, [&](const Orbit& orbit) {
      const Structure structure = free.supercells()[0]->structure(orbit.occupation);
      bool allowed = true;
      for (std::size_t i = 0; i < structure.atom_count(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
          if (structure.species[i] != Species::from_symbol("Cu") || structure.species[j] != Species::from_symbol("Cu"))
            continue;
          allowed = allowed && structure.lattice.distance_angstrom(structure.positions[i], structure.positions[j]) >=
                                   nearest * 1.05;
        }
      }
      expected += allowed ? 1 : 0;
      return true;
    });
    CHECK(space.enumerator(0, c).count({}, {}).orbits == expected);
    CHECK(expected < free.enumerator(0, c).count({}, {}).orbits);
  }
}

TEST_CASE("large groups close with Burnside", "[enumerator][space][slow]") {
  auto spec = space_of("Al-fcc.cif", repeat(3, 3, 3));
  vary(spec, "Al", {rest("Al"), between("Cu", 1, 5)});
  const auto space = SearchSpace::build(spec);
  CHECK(space.action(0)->order() == 5184);
  CHECK(inequivalent(space).front() == "23435");

  auto larger = space_of("Al-fcc.cif", repeat(4, 4, 4));
  vary(larger, "Al", {rest("Al"), between("Cu", 1, 4)});
  const auto large = SearchSpace::build(larger);
  CHECK(large.action(0)->order() == 12288);
  CHECK(inequivalent(large) == Numbers{"16127", "343", "18", "1"});
}

}  // namespace
}  // namespace hullscan
