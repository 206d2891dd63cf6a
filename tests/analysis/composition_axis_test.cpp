#include <catch2/catch.hpp>

#include "analysis/hull/composition_axis.hpp"
#include "analysis/hull/end_members.hpp"

using namespace hullscan;

namespace {

std::vector<Composition> formulas(const std::vector<std::string>& texts) {
  std::vector<Composition> all;
  for (const std::string& text : texts) all.push_back(Composition::from_formula(text).reduced());
  return all;
}

double x_of(const CompositionAxis& axis, const std::vector<Composition>& members, const std::string& formula) {
  return axis.x(*EndMemberSpace(members).shares(Composition::from_formula(formula)));
}

CrystalSites varied(const std::vector<std::string>& symbols) {
  CrystalSites sites;
  for (const std::string& symbol : symbols) sites.varied.insert(Species::from_symbol(symbol));
  return sites;
}

}  // namespace

TEST_CASE("x of a doped crystal is the substituted fraction of its sublattice", "[analysis][axis]") {
  const auto members = formulas({"CsPbI3", "Cs32Pb30Zn2I96"});
  const CompositionAxis axis = composition_axis(members, false);

  // One and two of 32 lead sites.
  CHECK(x_of(axis, members, "Cs32Pb32I96") == Approx(0).margin(1e-12));
  CHECK(x_of(axis, members, "Cs32Pb31ZnI96") == Approx(1.0 / 32));
  CHECK(x_of(axis, members, "Cs32Pb30Zn2I96") == Approx(2.0 / 32));
  CHECK(axis.formula == "CsZn(x)Pb(1-x)I3");
  CHECK(axis.label == "x in CsZn(x)Pb(1-x)I3");
  CHECK(axis.high == Approx(2.0 / 32));
}

TEST_CASE("an axis names what goes in, out or both", "[analysis][axis]") {
  struct Case {
    std::vector<std::string> members;
    std::string formula;
    double low, high;
  };
  for (const Case& one : std::vector<Case>{
           {{"NiO2", "LiNiO2"}, "Li(x)NiO2", 0, 1},
           {{"NaCl", "KCl"}, "K(x)Na(1-x)Cl", 0, 1},
           {{"KFeO2", "K29Fe29Ti3O64"}, "K(1-x)Ti(x)Fe(1-x)O2", 0, 3.0 / 32},
           {{"Cs8Pb7ZnI24", "Cs4Pb3ZnI12"}, "CsZn(x)Pb(1-x)I3", 1.0 / 8, 1.0 / 4},
           {{"Al", "AlNi"}, "Al(1-x)Ni(x)", 0, 0.5},
           {{"Fe2O3", "Al2O3"}, "Al(2x)Fe2(1-x)O3", 0, 1},
       }) {
    const CompositionAxis axis = composition_axis(formulas(one.members), false);
    INFO(axis.label);
    CHECK(axis.formula == one.formula);
    CHECK(axis.low == Approx(one.low).margin(1e-12));
    CHECK(axis.high == Approx(one.high));
  }
}

TEST_CASE("what is known of the sites decides where formulas are ambiguous", "[analysis][axis]") {
  // 1 of 128 S vacant: sulphur or molybdenum could be what stays.
  const auto defect = formulas({"MoS2", "Mo64S127"});
  CHECK(composition_axis(defect, false).formula.empty());
  const CompositionAxis vacant = composition_axis(defect, false, varied({"S"}));
  CHECK(vacant.formula == "MoS2(1-x)");
  CHECK(vacant.high == Approx(1.0 / 128));

  // Two Li leave for a Mg that comes: 1 of 12 sites.
  const auto magnesium = formulas({"LiNiO2", "Li10MgNi12O24"});
  CHECK(composition_axis(magnesium, false, varied({"Li", "Mg"})).high == Approx(1.0 / 12));

  // Every species on a varied sublattice: the sites say how large a cell is.
  const auto alloy = formulas({"NiAl", "Ni9Al7"});
  CrystalSites sites = varied({"Ni", "Al"});
  sites.sites_per_atom = {{alloy[0], 1.0}, {alloy[1], 1.0}};
  const CompositionAxis atoms = composition_axis(alloy, false, sites);
  CHECK(x_of(atoms, alloy, "Ni9Al7") == Approx(atoms.high));
  CHECK(atoms.high - atoms.low == Approx(1.0 / 16));
}

TEST_CASE("end members of no common crystal keep the share of formula units", "[analysis][axis]") {
  for (const auto& members : {formulas({"MgO", "Al2O3"}), formulas({"FeO", "Fe2O3"}), formulas({"Li", "NiO2"})}) {
    const CompositionAxis axis = composition_axis(members, false);
    CHECK(axis.formula.empty());
    CHECK(axis.x(std::vector{0.25, 0.75}) == Approx(0.75));
    CHECK(axis.label.starts_with("share of formula units of " + members[1].formula()));
  }
  CHECK(composition_axis(formulas({"MgO", "Al2O3", "SiO2"}), false).units == std::vector<double>{1, 1, 1});
  CHECK(composition_axis(formulas({"Al", "Ni"}), true).label == "atomic fraction of Ni");
}

TEST_CASE("a triangle between doped crystals is drawn in fractions of the sublattice", "[analysis][axis]") {
  const auto members = formulas({"CsPbI3", "Cs16Pb15ZnI48", "Cs16Pb15CdI48"});
  const CompositionAxis axis = composition_axis(members, false);

  // Halfway between the host and a doped cell lies one dopant in 32 sites.
  const auto shares = EndMemberSpace(members).shares(Composition::from_formula("Cs32Pb31ZnI96"));
  CHECK(axis.weighted(*shares)[1] == Approx(0.5));
}
