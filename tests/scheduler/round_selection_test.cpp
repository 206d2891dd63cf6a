/// @file
/// What a round chooses, as `run` and `replay` ask it.

#include "scheduler/decisions/round_selection.hpp"

#include <catch2/catch.hpp>

namespace hullscan {
namespace {

Prospect open_prospect(const std::string& formula, std::uint8_t which, std::optional<double> predicted = {}) {
  Prospect result;
  result.composition = Composition::from_formula(formula);
  result.atoms = result.composition.atom_count();
  result.candidate.stratum = {0, 0, static_cast<std::uint32_t>(result.composition.count(Species::from_symbol("Ni")))};
  result.candidate.occupation = {which};
  result.end_member = result.composition.counts().size() == 1;
  result.draw = 1000U - which;
  result.predicted_formation_energy_ev_per_atom = predicted;
  return result;
}

std::vector<HullEntry> elements_and(const std::string& formula, double formation_energy_ev_per_atom) {
  const Composition composition = Composition::from_formula(formula);
  return {{"Al", Composition::from_formula("Al"), 0, {}},
          {"Ni", Composition::from_formula("Ni"), 0, {}},
          {formula, composition, formation_energy_ev_per_atom * static_cast<double>(composition.atom_count()), {}}};
}

}  // namespace

TEST_CASE("initial labels are counted together with the end members", "[scheduler][rounds]") {
  const std::vector<Prospect> prospects = {open_prospect("AlNi", 0), open_prospect("Al3Ni", 1),
                                           open_prospect("AlNi3", 2), open_prospect("AlNi", 3)};
  SelectSpec select;
  select.initial = 5;

  CHECK(choose_round(RoundKind::kInitial, prospects, select, 2).size() == 3);
  CHECK(choose_round(RoundKind::kInitial, prospects, select, 9).empty());
  select.policy = "all";
  CHECK(choose_round(RoundKind::kInitial, prospects, select, 1).size() == 4);
}

TEST_CASE("a prediction lies above the hull of labels and predictions together", "[scheduler][rounds]") {
  // AlNi at -0.5: halfway to Ni the hull is at -0.25. A prediction of -0.2 there is 0.05 above, one of -0.4 is on it
  // and takes the hull at Al3Ni7 down to -0.5 + (0.7 - 0.5) / (0.75 - 0.5) * 0.1 = -0.42.
  std::vector<Prospect> prospects = {open_prospect("AlNi3", 0, -0.2), open_prospect("Al", 1)};
  place_above_hull(prospects, elements_and("AlNi", -0.5));
  CHECK(prospects[0].predicted_e_above_hull_ev_per_atom.value() == Approx(0.05));
  CHECK_FALSE(prospects[1].predicted_e_above_hull_ev_per_atom.has_value());

  prospects = {open_prospect("AlNi3", 0, -0.4), open_prospect("Al3Ni7", 1, -0.4)};
  place_above_hull(prospects, elements_and("AlNi", -0.5));
  CHECK(prospects[0].predicted_e_above_hull_ev_per_atom.value() == Approx(0).margin(1e-12));
  CHECK(prospects[1].predicted_e_above_hull_ev_per_atom.value() == Approx(0.02));
}

TEST_CASE("a wild prediction stops nothing", "[scheduler][rounds]") {
  std::vector<Prospect> prospects = {open_prospect("AlNi3", 0, 1e7)};
  place_above_hull(prospects, elements_and("AlNi", -0.5));
  CHECK(prospects[0].predicted_e_above_hull_ev_per_atom.value() == Approx(1e7 + 0.25));
}

}  // namespace hullscan
