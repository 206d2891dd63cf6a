#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <cmath>
#include <ctime>
#include <iostream>
#include <limits>
#include <random>

#include "analysis/hull/end_members.hpp"
#include "analysis/hull/hull.hpp"
#include "core/errors.hpp"

using namespace hullscan;
using Catch::Contains;

namespace {

HullEntry entry(const std::string& id, const std::string& formula, double energy_ev,
                std::map<std::string, std::string> keys = {}) {
  return {id, Composition::from_formula(formula), energy_ev, std::move(keys)};
}

const HullEntryResult& find(const HullReport& report, const std::string& id) {
  for (const HullEntryResult& result : report.entries) {
    if (result.id == id) return result;
  }
  throw std::runtime_error("no entry " + id);
}

std::string refusal(const std::vector<HullEntry>& entries, const HullOptions& options = {}) {
  try {
    (void)compute_hull(entries, options);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

const std::vector<HullEntry> kNoIronNorOxygen = {entry("Li2O", "Li2O", -14.31), entry("LiFeO2", "LiFeO2", -24.75),
                                                 entry("Li", "Li", -1.9)};

}  // namespace

// By hand: the tie line Al–AlNi passes −0.25 at x = 1/4, Al3Ni lies 0.05 above it.
TEST_CASE("a point above a tie line decomposes into its ends by the lever rule", "[analysis][hull]") {
  const auto report = compute_hull(std::vector{entry("al", "Al", -10.0), entry("ni", "Ni4", -80.0),
                                               entry("alni", "AlNi", -31.0), entry("al3ni", "Al3Ni", -50.8)});

  CHECK(find(report, "al3ni").formation_energy_ev_per_atom == Approx(-0.2));
  CHECK(find(report, "al3ni").e_above_hull_ev_per_atom == Approx(0.05));
  CHECK_FALSE(find(report, "al3ni").on_hull);
  const auto& parts = find(report, "al3ni").decomposition;
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].fraction == Approx(0.5));
  CHECK(parts[1].fraction == Approx(0.5));
  CHECK(find(report, "alni").vertex);
  CHECK(find(report, "alni").decomposition == std::vector<DecompositionPart>{{"alni", 1.0}});
}

TEST_CASE("missing elemental references are named", "[analysis][hull]") {
  CHECK_THAT(refusal(kNoIronNorOxygen), Contains("missing elemental references: Fe, O"));
}

TEST_CASE("implicit zero references stand in for elements without entries", "[analysis][hull]") {
  HullOptions options;
  options.references = HullOptions::References::kZero;

  const auto report = compute_hull(
      std::vector{entry("Li2O", "Li2O", -6.0), entry("LiFeO2", "LiFeO2", -8.0), entry("Li6O", "Li6O", -3.5)}, options);

  CHECK(find(report, "Li2O").formation_energy_ev_per_atom == Approx(-2.0));
  CHECK(find(report, "LiFeO2").vertex);
  // 3/7 Li2O (atomic) + 4/7 Li = −6/7 eV/atom against −0.5.
  CHECK(find(report, "Li6O").e_above_hull_ev_per_atom == Approx(-0.5 + 6.0 / 7.0));
  CHECK(find(report, "Li6O").decomposition.front().id == "Li (implicit reference)");
}

TEST_CASE("a pseudo-system needs no elemental references", "[analysis][hull]") {
  const std::vector entries = {entry("full", "LiNiO2", -23.0), entry("empty", "Ni2O4", -38.0),
                               entry("half", "LiNi2O4", -42.5), entry("quarter", "LiNi4O8", -80.0)};

  const auto options = hull_options_for(entries);
  const auto report = compute_hull(entries, options);

  REQUIRE(options.references == HullOptions::References::kEndMembers);
  CHECK(report.end_members.front().formula() == "NiO2");
  CHECK(report.end_members.back().formula() == "LiNiO2");
  // (−42.5 + 23 + 19) / 7 atoms.
  CHECK(find(report, "half").formation_energy_ev_per_atom == Approx(-0.5 / 7.0));
  CHECK(find(report, "half").vertex);
  // LiNi4O8 = LiNi2O4 + 2 NiO2: −80.0 + 42.5 + 38 = 0.5 eV in 13 atoms.
  CHECK(find(report, "quarter").e_above_hull_ev_per_atom == Approx(0.5 / 13.0));
  CHECK_FALSE(find(report, "full").phase_separation_ev_per_atom);
}

TEST_CASE("a reciprocal system may hold points outside the end members' simplex", "[analysis][hull]") {
  // LiF + NaCl against LiCl + NaF: four corners, three of them end members; the middle is decided by the deeper
  // diagonal.
  const std::vector entries = {entry("lif", "LiF", -10.0), entry("nacl", "NaCl", -7.0), entry("licl", "LiCl", -7.5),
                               entry("naf", "NaF", -8.5), entry("mid", "LiNaFCl", -16.9)};

  const auto report = compute_hull(entries, hull_options_for(entries));

  CHECK(report.end_members.size() == 3);
  CHECK(find(report, "mid").e_above_hull_ev_per_atom == Approx(0.1 / 4.0));
  REQUIRE(find(report, "mid").decomposition.size() == 2);
  CHECK(find(report, "mid").decomposition[0].id == "lif");
  CHECK(find(report, "mid").decomposition[1].id == "nacl");
  for (const auto* corner : {"lif", "nacl", "licl", "naf"}) CHECK(find(report, corner).vertex);
}

TEST_CASE("entries outside the span of the end members are refused by name", "[analysis][hull]") {
  HullOptions options;
  options.references = HullOptions::References::kEndMembers;
  options.end_members = {Composition::from_formula("NiO2"), Composition::from_formula("LiNiO2")};
  CHECK_THAT(refusal({entry("a", "NiO2", -1), entry("b", "LiNiO2", -1), entry("rock", "NiO", -1)}, options),
             Contains("\"rock\": NiO is not a mix of the end members NiO2, LiNiO2"));
  CHECK_THAT(refusal({entry("b", "LiNiO2", -1)}, options), Contains("no entry for end member NiO2"));
}

TEST_CASE("what cannot be on a hull is refused by name", "[analysis][hull]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THAT(refusal({entry("al", "Al", nan), entry("al", "Al", 1)}),
             Contains("\"al\": energy is nan") && Contains("\"al\" is given twice"));
  CHECK_THAT(refusal({entry("al", "Al", -1), entry("far", "Al2", -1e9)}),
             Contains("formation energy") || Contains("far"));
  CHECK_THAT(refusal({entry("al", "Al", -1), entry("ni", "Ni", -1), entry("far", "AlNi", 1e9)}),
             Contains("\"far\": formation energy"));
  CHECK_THAT(refusal({}), Contains("no entries"));
}

TEST_CASE("entries computed differently never share a hull", "[analysis][hull]") {
  const auto message = refusal({entry("al", "Al", -1, {{"functional", "PBE"}, {"ecutwfc", "30"}}),
                                entry("ni", "Ni", -1, {{"ecutwfc", "40"}}), entry("mp", "AlNi", -3)});
  CHECK_THAT(message,
             Contains("differ in ecutwfc") && Contains("\"30\" in al") && Contains("\"40\" in ni") && !Contains(" mp"));
  CHECK_THAT(message, Contains("differ in functional") && Contains("\"PBE\" in al") && Contains("not stated in ni"));
}

TEST_CASE("a key of an element concerns the entries that hold it", "[analysis][hull]") {
  const std::map<std::string, std::string> with_u = {{"functional", "PBE"}, {"U.Fe", "5.3"}},
                                           without = {{"functional", "PBE"}};
  CHECK(compute_hull(
            std::vector{entry("fe", "Fe", -1, with_u), entry("o", "O", -1, without), entry("feo", "FeO", -4, with_u)})
            .entries.size() == 3);
  CHECK_THAT(refusal({entry("fe", "Fe", -1, with_u), entry("o", "O", -1, without), entry("feo", "FeO", -4, without)}),
             Contains("differ in U.Fe") && Contains("not stated in feo"));
}

TEST_CASE("a vertex of 1e-7 eV/atom depth between 1000-atom cells is found", "[analysis][hull]") {
  const auto report = compute_hull(std::vector{entry("li", "Li", 0), entry("cs", "Cs", 0),
                                               entry("dilute", "Li999Cs", -1e-4), entry("other", "Li998Cs2", -1e-5)});
  CHECK(find(report, "dilute").vertex);
  CHECK(*find(report, "dilute").phase_separation_ev_per_atom == Approx(-1e-7 + 0.5e-8).epsilon(1e-6));
}

TEST_CASE("the hull does not depend on the order of its entries", "[analysis][hull][property]") {
  CHECK(rc::check("shuffled entries get the same numbers", [] {
    const auto seed = *rc::gen::arbitrary<unsigned>();
    std::mt19937 random(seed);
    std::uniform_int_distribution<int> amount(0, 4);
    std::vector<HullEntry> entries = {entry("Al", "Al", -1), entry("Ni", "Ni", -2), entry("Cu", "Cu", -3)};
    for (int i = 0; i < 40; ++i) {
      const Composition c({{Species::from_symbol("Al"), amount(random)},
                           {Species::from_symbol("Ni"), amount(random)},
                           {Species::from_symbol("Cu"), amount(random) + 1}});
      entries.push_back({std::to_string(i),
                         c,
                         -1e-3 * static_cast<double>(random() % 1000) * static_cast<double>(c.atom_count()),
                         {}});
    }
    const auto first = compute_hull(entries);
    std::shuffle(entries.begin(), entries.end(), random);
    const auto second = compute_hull(entries);
    for (const auto& result : first.entries) {
      const auto& other = find(second, result.id);
      RC_ASSERT(result.e_above_hull_ev_per_atom == other.e_above_hull_ev_per_atom);
      RC_ASSERT(result.on_hull == other.on_hull);
    }
  }));
}

TEST_CASE("end members are the elements where all have entries", "[analysis][end members]") {
  const std::vector compositions = {Composition::from_formula("Ni4"), Composition::from_formula("AlNi3"),
                                    Composition::from_formula("Al")};
  const auto members = choose_end_members(compositions);
  CHECK(members.elemental);
  REQUIRE(members.compositions.size() == 2);
  CHECK(members.compositions[0].formula() == "Al");
}

TEST_CASE("end members of a perovskite exchange are its pure compounds", "[analysis][end members]") {
  const std::vector compositions = {Composition::from_formula("Cs4Pb3ZnI12"), Composition::from_formula("CsPbI3"),
                                    Composition::from_formula("CsZnI3"), Composition::from_formula("Cs2PbZnI6")};
  const auto members = choose_end_members(compositions);
  CHECK_FALSE(members.elemental);
  REQUIRE(members.compositions.size() == 2);
  const EndMemberSpace space(members.compositions);
  const auto shares = space.shares(Composition::from_formula("Cs4Pb3ZnI12"));
  REQUIRE(shares);
  CHECK((*shares)[0] + (*shares)[1] == Approx(1.0));
  CHECK(std::max((*shares)[0], (*shares)[1]) == Approx(0.75));
}

TEST_CASE("hull of 1e5 entries of 4 components", "[analysis][.bench]") {
  const double noise_ev = GENERATE(0.2, 0.02, 0.0);  // 0: every composition a vertex, the worst case
  const bool smooth = noise_ev == 0;
  const int components = GENERATE(2, 3, 4);
  const char* symbols[] = {"Li", "Co", "Ni", "O", "Mn"};
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<HullEntry> entries;
  for (int k = 0; k < components; ++k) entries.push_back(entry(symbols[k], symbols[k], 0));
  const int count = smooth ? 10000 : 100000;
  while (static_cast<int>(entries.size()) < count) {
    std::map<Species, std::int64_t> counts;
    double energy = 0;
    int left = 64;
    for (int k = 0; k < components; ++k) {
      const int n = k + 1 == components ? left : static_cast<int>(static_cast<double>(left + 1) * uniform(random));
      left -= n;
      counts[Species::from_symbol(symbols[k])] = n;
      energy -= n / 64.0 * (1 - n / 64.0);
    }
    energy += noise_ev * uniform(random);
    entries.push_back({std::to_string(entries.size()), Composition(counts), energy * 64, {}});
  }
  const std::clock_t start = std::clock();  // of this core: the machine may be busy
  const auto report = compute_hull(entries);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  std::size_t vertices = 0;
  for (const auto& result : report.entries) vertices += result.vertex ? 1 : 0;
  std::cout << "noise " << noise_ev << " eV/atom, " << components << " components, " << count << " entries: " << seconds
            << " s, " << vertices << " vertices\n";
  CHECK(vertices > 0);
}
