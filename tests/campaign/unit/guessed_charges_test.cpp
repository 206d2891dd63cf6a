// The charges that `hullscan init` guesses. Expected states are those that textbooks give these compounds.
#include <catch2/catch.hpp>
#include <cmath>
#include <memory>

#include "campaign/drafts/common_oxidation_states.hpp"
#include "campaign/drafts/guessed_charges.hpp"
#include "core/campaign/campaign.hpp"
#include "diagonal_crystal.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

/// @param species of the first site's element, TOML.
ChargeGuess guess_of(const std::vector<Atom>& atoms, const std::string& sites, const std::string& species) {
  const auto crystal = crystal_of(atoms);
  const Campaign campaign =
      parse_campaign("name = \"g\"\n[[space]]\nstructure = \"x.cif\"\n[[space.sublattice]]\nsites = \"" + sites +
                         "\"\nspecies = { " + species + " }\n",
                     "g.toml");
  return guess_charges(*crystal, SearchSpace::build(campaign.spaces.front(), crystal));
}

double charge_of(const ChargeGuess& guess, const std::string& symbol) {
  for (const GuessedCharge& one : guess.charges) {
    if (one.species == Species::from_symbol(symbol)) return one.charge;
  }
  return std::nan("");
}

}  // namespace

TEST_CASE("compounds get the states that make them neutral", "[campaign][init]") {
  const ChargeGuess nickelate = guess_of({{"Li"}, {"Ni"}, {"O"}, {"O"}}, "Li", "Li = \"rest\", Va = \"0..1\"");
  CHECK(charge_of(nickelate, "Li") == 1);
  CHECK(charge_of(nickelate, "Ni") == 3);
  CHECK(charge_of(nickelate, "O") == -2);
  CHECK(nickelate.why_none.empty());

  const ChargeGuess halide = guess_of({{"Cs"}, {"Pb"}, {"I"}, {"I"}, {"I"}}, "Pb", "Pb = \"rest\", Bi = \"0..1\"");
  CHECK(charge_of(halide, "Pb") == 2);
  CHECK(charge_of(halide, "Bi") == 3);

  const ChargeGuess phosphate =
      guess_of({{"Li"}, {"Fe"}, {"P"}, {"O"}, {"O"}, {"O"}, {"O"}}, "Li", "Li = \"rest\", Va = \"0..1\"");
  CHECK(charge_of(phosphate, "Fe") == 2);
  CHECK(charge_of(phosphate, "P") == 5);

  const ChargeGuess disulfide = guess_of({{"Mo"}, {"S"}, {"S"}}, "S", "S = \"rest\", Va = \"0..1\"");
  CHECK(charge_of(disulfide, "Mo") == 4);
  CHECK(charge_of(disulfide, "S") == -2);
}

TEST_CASE("a mixed valence is a mean, and where there is none a composition of the space decides", "[campaign][init]") {
  // Fe3O4: two of three iron are 3+.
  const ChargeGuess magnetite =
      guess_of({{"Fe"}, {"Fe"}, {"Fe"}, {"O"}, {"O"}, {"O"}, {"O"}}, "O", "O = \"rest\", F = \"0..1\"");
  CHECK(charge_of(magnetite, "O") == -2);
  CHECK(charge_of(magnetite, "F") == -1);
  // With one F instead of O the metal has 7 electrons to give: still a mean.
  CHECK(charge_of(magnetite, "Fe") == Approx(8.0 / 3));

  // Na_{2/3}CoO2: cobalt is between 3+ and 4+.
  const ChargeGuess cobaltate =
      guess_of({{"Na:0.667 Va:0.333"}, {"Co"}, {"O"}, {"O"}}, "Na", "Na = \"rest\", Va = \"0..1\"");
  CHECK(charge_of(cobaltate, "Co") == Approx(10.0 / 3).margin(1e-3));

  // CsPbI2.5 leaves Pb 1.5 electrons, below all of its states; CsPbI3 lies in the space.
  const ChargeGuess iodide =
      guess_of({{"Cs"}, {"Pb"}, {"I"}, {"I"}, {"I:0.5 Va:0.5"}}, "I", "I = \"rest\", Va = \"0..1\"");
  CHECK(charge_of(iodide, "Pb") == 2);
  CHECK_THAT(iodide.neutral, Contains("CsPbI3 is neutral"));
}

TEST_CASE("alloys, and species of one charge, have no guess and a reason", "[campaign][init]") {
  for (const char* pair : {"Ni Al", "Si Ge", "Cu Au", "Pb Sn", "Bi Sb", "Fe Si"}) {
    std::istringstream words(pair);
    std::string a, b;
    words >> a >> b;
    const ChargeGuess guess = guess_of({{a}, {b}}, a, a + " = \"rest\", " + b + " = \"0..1\"");
    INFO(pair);
    CHECK(guess.charges.empty());
    CHECK_THAT(guess.why_none, Contains("no common oxidation states of these elements make a neutral crystal"));
  }
  const ChargeGuess halides = guess_of({{"Na"}, {"Br"}}, "Br", "Br = \"rest\", I = \"0..1\"");
  CHECK(halides.charges.empty());
  CHECK_THAT(halides.why_none, Contains("Br and I have the same charge (-1)"));
  const ChargeGuess argon = guess_of({{"Ar"}, {"O"}}, "O", "O = \"rest\", F = \"0..1\"");
  CHECK_THAT(argon.why_none, Contains("Ar has no common oxidation state"));
}

TEST_CASE("every element up to californium but the noble gases has a common oxidation state", "[campaign][init]") {
  for (int z = 1; z <= 98; ++z) {
    const Species species = Species::from_atomic_number(z);
    const bool noble = z == 2 || z == 10 || z == 18 || z == 36 || z == 54 || z == 86;
    INFO(species.symbol());
    CHECK(common_oxidation_states(species).empty() == noble);
    for (const int state : common_oxidation_states(species)) CHECK((state >= -4 && state <= 8 && state != 0));
  }
  CHECK(common_oxidation_states(Species::vacancy()).empty());
}
