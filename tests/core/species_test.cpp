#include "core/species.hpp"

#include <catch2/catch.hpp>

#include "core/errors.hpp"

namespace hullscan {

TEST_CASE("every element is found by its symbol and by its atomic number", "[core][species]") {
  for (int z = 1; z <= 118; ++z) {
    const Species species = Species::from_atomic_number(z);
    CHECK(species.atomic_number() == z);
    CHECK(Species::from_symbol(species.symbol()) == species);
    CHECK(Species::from_code(species.code()) == species);
  }
  // Places in the periodic table that a shifted list would miss.
  CHECK(Species::from_symbol("Ni").atomic_number() == 28);
  CHECK(Species::from_symbol("I").atomic_number() == 53);
  CHECK(Species::from_symbol("Pb").atomic_number() == 82);
  CHECK(Species::from_symbol("Og").atomic_number() == 118);
}

TEST_CASE("the vacancy has several names and is not an atom", "[core][species]") {
  for (const char* name : {"Va", "Vac", "vac", "vacancy", "X"}) CHECK(Species::from_symbol(name) == Species::vacancy());
  CHECK(Species::vacancy().is_vacancy());
  CHECK(Species::vacancy().atomic_number() == 0);
  CHECK(Species::vacancy().mass_u() == 0);
  CHECK(Species::vacancy().symbol() == "Va");
}

TEST_CASE("deuterium is hydrogen twice as heavy", "[core][species]") {
  const Species deuterium = Species::from_symbol("D");

  CHECK(deuterium.atomic_number() == 1);
  CHECK(deuterium != Species::from_symbol("H"));
  CHECK(deuterium.mass_u() == Approx(2.014));  // CODATA 2018: 2.01410 u
  CHECK(Species::from_code(deuterium.code()) == deuterium);
}

TEST_CASE("standard atomic weights are IUPAC's", "[core][species]") {
  // IUPAC 2021 abridged standard atomic weights.
  CHECK(Species::from_symbol("O").mass_u() == Approx(15.999));
  CHECK(Species::from_symbol("Al").mass_u() == Approx(26.982));
  CHECK(Species::from_symbol("Ni").mass_u() == Approx(58.693));
  CHECK(Species::from_symbol("Cs").mass_u() == Approx(132.91));
  CHECK(Species::from_symbol("U").mass_u() == Approx(238.03));
}

TEST_CASE("the case of a symbol counts", "[core][species]") {
  CHECK(Species::parse("Co").has_value());
  CHECK_FALSE(Species::parse("CO").has_value());
  CHECK_FALSE(Species::parse("co").has_value());
  CHECK_FALSE(Species::parse("").has_value());
}

TEST_CASE("an unknown symbol is named together with a near one", "[core][species]") {
  CHECK_THROWS_AS(Species::from_symbol("Qx"), InputError);
  CHECK_THROWS_WITH(Species::from_symbol("NI"),
                    Catch::Contains("\"NI\" is not a chemical element") && Catch::Contains("did you mean"));
  CHECK_THROWS_AS(Species::from_atomic_number(0), InputError);
  CHECK_THROWS_AS(Species::from_atomic_number(119), InputError);
  CHECK_THROWS_AS(Species::from_code(120), InputError);
}

}  // namespace hullscan
