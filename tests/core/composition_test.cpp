#include "core/composition.hpp"

#include <rapidcheck.h>

#include <array>
#include <catch2/catch.hpp>

#include "core/errors.hpp"

namespace hullscan {
namespace {

Species of(const char* symbol) { return Species::from_symbol(symbol); }

Composition composition(const std::map<std::string, std::int64_t>& counts) {
  std::map<Species, std::int64_t> by_species;
  for (const auto& [symbol, count] : counts) by_species[Species::from_symbol(symbol)] = count;
  return Composition(by_species);
}

}  // namespace

TEST_CASE("formulas are read with subscripts, brackets and repeated elements", "[core][composition]") {
  CHECK(Composition::from_formula("NiAl") == composition({{"Ni", 1}, {"Al", 1}}));
  CHECK(Composition::from_formula("Li2O") == composition({{"Li", 2}, {"O", 1}}));
  CHECK(Composition::from_formula("Ca(OH)2") == composition({{"Ca", 1}, {"O", 2}, {"H", 2}}));
  CHECK(Composition::from_formula("CH3CH2OH") == composition({{"C", 2}, {"H", 6}, {"O", 1}}));
  CHECK(Composition::from_formula("Ca3(Al(OH)6)2") == composition({{"Ca", 3}, {"Al", 2}, {"O", 12}, {"H", 12}}));
  CHECK(Composition::from_formula("Cs32 Pb26 Zn6 I96") == composition({{"Cs", 32}, {"Pb", 26}, {"Zn", 6}, {"I", 96}}));
  CHECK(Composition::from_formula("Va2Ni") == composition({{"Va", 2}, {"Ni", 1}}));
  CHECK(Composition::from_formula("Al0Ni1") == composition({{"Ni", 1}}));
}

TEST_CASE("a faulty formula is refused with the place of the fault", "[core][composition]") {
  const auto fault = [](const char* formula) -> std::string {
    try {
      (void)Composition::from_formula(formula);
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK(fault("") == "formula \"\", character 1: no element");
  CHECK(fault("Li2Qq") == "formula \"Li2Qq\", character 4: \"Qq\" is not a chemical element");
  CHECK(fault("Ca(OH2") == "formula \"Ca(OH2\", character 7: missing \")\"");
  CHECK(fault("CaO)") == "formula \"CaO)\", character 4: unexpected \")\"");
  CHECK(fault("li2O") == "formula \"li2O\", character 1: unexpected \"l\"");
  CHECK(fault("Ni0.5Al0.5") == "formula \"Ni0.5Al0.5\", character 4: subscripts must be integers");
  CHECK(fault("Ni99999999999") == "formula \"Ni99999999999\", character 12: subscript above 10^9");
  CHECK(fault("Ni-Al") == "formula \"Ni-Al\", character 3: unexpected \"-\"");
  CHECK(fault(std::string(100, '(').c_str()).find("nested too deeply") != std::string::npos);
}

TEST_CASE("counts that would not fit in 64 bits are refused", "[core][composition]") {
  CHECK_THROWS_WITH(Composition::from_formula("((Ni1000000000)1000000000)1000000000"),
                    Catch::Contains("more than 10^9 atoms"));
  CHECK(Composition::from_formula("Ni1000000000").atom_count() == 1'000'000'000);
}

TEST_CASE("a negative count is refused and a zero count is not an entry", "[core][composition]") {
  CHECK_THROWS_WITH(composition({{"Ni", -1}}), "Ni: count -1, must be >= 0");
  CHECK(composition({{"Ni", 0}}) == Composition());
  CHECK(composition({{"Ni", 0}}).counts().empty());
}

TEST_CASE("equality is of counts, reduced() compares chemistry", "[core][composition]") {
  const auto small = Composition::from_formula("Li2O"), large = Composition::from_formula("Li4O2");

  CHECK(small != large);
  CHECK(small.reduced() == large.reduced());
  CHECK(Composition().reduced() == Composition());
}

TEST_CASE("a vacancy is counted but is not an atom", "[core][composition]") {
  const auto rocksalt = composition({{"Li", 2}, {"Va", 2}, {"O", 4}});

  CHECK(rocksalt.count(Species::vacancy()) == 2);
  CHECK(rocksalt.atom_count() == 6);
  CHECK(rocksalt.atomic_fraction(of("Li")) == Approx(1.0 / 3.0));
  CHECK(rocksalt.atomic_fraction(Species::vacancy()) == 0);
  CHECK(rocksalt.without_vacancies() == composition({{"Li", 2}, {"O", 4}}));
  CHECK(rocksalt.reduced() == composition({{"Li", 1}, {"O", 2}}));
  CHECK(Composition().atomic_fraction(of("Li")) == 0);
}

TEST_CASE("a formula is written from the least electronegative element, or in the order given", "[core][composition]") {
  const auto hydroxide = Composition::from_formula("(OH)2Ca");
  const std::array order{of("O"), of("Ca")};

  CHECK(hydroxide.formula() == "CaH2O2");
  CHECK(hydroxide.formula(order) == "O2CaH2");
  CHECK(Composition::from_formula("Ni1Al3").formula() == "Al3Ni");
  CHECK(composition({{"Va", 3}}).formula().empty());
}

TEST_CASE("atoms are counted into a composition", "[core][composition]") {
  const std::array atoms{of("Ni"), of("Al"), of("Ni"), of("Ni")};

  CHECK(Composition::of(atoms) == Composition::from_formula("Ni3Al"));
}

TEST_CASE("reduced() does not depend on the size of the cell", "[core][composition][property]") {
  CHECK(rc::check("k copies of a cell reduce to the same composition", [] {
    const auto li = *rc::gen::inRange<std::int64_t>(0, 50);
    const auto o = *rc::gen::inRange<std::int64_t>(1, 50);
    const auto k = *rc::gen::inRange<std::int64_t>(1, 20);
    RC_ASSERT(composition({{"Li", k * li}, {"O", k * o}}).reduced() == composition({{"Li", li}, {"O", o}}).reduced());
  }));
}

TEST_CASE("a written formula is read back as the same composition", "[core][composition][property]") {
  CHECK(rc::check("from_formula(formula()) is the identity without vacancies", [] {
    std::map<Species, std::int64_t> counts;
    const int kinds = *rc::gen::inRange(1, 6);
    for (int i = 0; i < kinds; ++i) {
      counts[Species::from_atomic_number(*rc::gen::inRange(1, 119))] = *rc::gen::inRange<std::int64_t>(1, 1000);
    }
    RC_ASSERT(Composition::from_formula(Composition(counts).formula()) == Composition(counts));
  }));
}

}  // namespace hullscan
