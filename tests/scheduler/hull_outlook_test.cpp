// What the hull may still lack, and how far a model's own deviations can be believed.
#include "scheduler/decisions/hull_outlook.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/errors.hpp"
#include "scheduler/decisions/stored_outlook.hpp"

namespace hullscan {
namespace {

std::vector<TestedPrediction> predictions_off_by(double deviations, std::size_t count) {
  return std::vector<TestedPrediction>(count, {-0.1, -0.1 + 0.004 * deviations, 0.004});
}

}  // namespace

TEST_CASE("a model that was never tested keeps its deviations", "[scheduler][outlook]") {
  CHECK(deviation_factor({}) == 1);
}

TEST_CASE("deviations follow what predictions were off by, the sooner the more there are", "[scheduler][outlook]") {
  // With four predictions off by one deviation taken for granted: sqrt((4 + 9 n) / (4 + n)) for n off by three.
  CHECK(deviation_factor(predictions_off_by(3, 1)) == Approx(std::sqrt(13.0 / 5)));
  CHECK(deviation_factor(predictions_off_by(3, 12)) == Approx(std::sqrt(112.0 / 16)));
  CHECK(deviation_factor(predictions_off_by(-3, 12)) == Approx(std::sqrt(112.0 / 16)));
  CHECK(deviation_factor(predictions_off_by(0.5, 12)) < 1);
}

TEST_CASE("what a model with few labels got wrong is forgotten after forty better predictions",
          "[scheduler][outlook]") {
  std::vector<TestedPrediction> tested = predictions_off_by(30, 10);
  for (const TestedPrediction& one : predictions_off_by(1, 40)) tested.push_back(one);

  CHECK(deviation_factor(tested) == Approx(1));
}

TEST_CASE("deviations of nearly nothing do not make the others endless", "[scheduler][outlook]") {
  const std::vector<TestedPrediction> sure_of_itself(40, TestedPrediction{-0.1, -0.05, 1e-9});
  CHECK(deviation_factor(sure_of_itself) > 9);
  CHECK(deviation_factor(sure_of_itself) <= 10);
}

TEST_CASE("scaled deviations are scaled in their covariances too", "[scheduler][outlook]") {
  std::vector<Prospect> prospects(2);
  prospects[0].deviation_ev_per_atom = 0.01;
  prospects[0].uncertainty_factor = {0.003, -0.004};

  scale_uncertainties(prospects, 2);

  CHECK(*prospects[0].deviation_ev_per_atom == Approx(0.02));
  CHECK(prospects[0].uncertainty_factor[1] == Approx(-0.008));
  CHECK_FALSE(prospects[1].deviation_ev_per_atom);
}

TEST_CASE("a prediction on the hull lies below it with a probability of one half", "[scheduler][outlook]") {
  const std::vector<OpenConfiguration> open = {{0, 0.0, 0.003}, {1, 0.0, 0.010}};

  const HullOutlook outlook = look_at_hull(open, {}, 2);

  CHECK(outlook.expected_missing == Approx(1));
  CHECK(outlook.probability_complete == Approx(0.25));
  CHECK(outlook.possible_error_ev_per_atom == Approx(0.020));  // two deviations of the wider one
  CHECK(outlook.likeliest.size() == 2);
}

TEST_CASE("predictions far above the hull leave nothing to find", "[scheduler][outlook]") {
  const std::vector<OpenConfiguration> open = {{0, 0.050, 0.005}, {1, 0.300, 0.010}};

  const HullOutlook outlook = look_at_hull(open, {}, 3);

  CHECK(outlook.possible_error_ev_per_atom == 0);
  CHECK(outlook.probability_complete > 1 - 1e-12);
  CHECK(outlook.likeliest.empty());
}

TEST_CASE("a prediction below the hull is missing until it is calculated", "[scheduler][outlook]") {
  const std::vector<OpenConfiguration> open = {{4, -0.030, 0.005}, {7, 0.001, 0.005}};

  const HullOutlook outlook = look_at_hull(open, {}, 1);

  CHECK(outlook.expected_missing > 1);
  CHECK(outlook.possible_error_ev_per_atom == Approx(0.035));
  CHECK(outlook.likeliest == std::vector<std::size_t>{4, 7});
}

TEST_CASE("what was not kept counts by its bounds, and not in the probability", "[scheduler][outlook]") {
  const std::vector<OpenConfiguration> open = {{0, 0.020, 0.005}};
  const std::vector<OpenRest> rest = {{1e9, 0.010, 0.008}};

  const HullOutlook outlook = look_at_hull(open, rest, 2);

  CHECK(outlook.possible_error_ev_per_atom == Approx(0.006));  // 2 * 0.008 - 0.010
  CHECK(outlook.bounded == 1e9);
  CHECK(outlook.looked_at == 1);
  CHECK(outlook.expected_missing == Approx(0.5 * std::erfc(4 / std::sqrt(2.0))));
}

TEST_CASE("distances are those from the hull of what was calculated, at the prospect's composition",
          "[scheduler][outlook]") {
  const std::vector<HullEntry> calculated = {{"Al", Composition::from_formula("Al"), -3, {}},
                                             {"Ni", Composition::from_formula("Ni"), -5, {}},
                                             {"AlNi", Composition::from_formula("AlNi"), -8.8, {}}};  // -0.4 eV/atom
  std::vector<Prospect> prospects(3);
  prospects[0].composition = Composition::from_formula("Al3Ni");  // the hull is at -0.2 there
  prospects[0].predicted_formation_energy_ev_per_atom = -0.25;
  prospects[0].deviation_ev_per_atom = 0.02;
  prospects[1] = prospects[0];
  prospects[1].deviation_ev_per_atom.reset();  // nothing is known of its error
  prospects[2] = prospects[0];
  prospects[2].composition = Composition::from_formula("AlNi");

  const auto open = open_configurations(compute_hull(calculated), prospects);

  REQUIRE(open.size() == 2);
  CHECK(open[0].prospect == 0);
  CHECK(open[0].above_ev_per_atom == Approx(-0.05));
  CHECK(open[1].prospect == 2);
  CHECK(open[1].above_ev_per_atom == Approx(0.15));
}

TEST_CASE("of too many prospects the lowest and the draw stay, and the rest is bounded by its lowest",
          "[scheduler][outlook]") {
  const std::vector<HullEntry> calculated = {{"Al", Composition::from_formula("Al"), -3, {}},
                                             {"Ni", Composition::from_formula("Ni"), -5, {}},
                                             {"AlNi", Composition::from_formula("AlNi"), -8.8, {}}};  // -0.4 eV/atom
  const HullReport hull = compute_hull(calculated);
  std::vector<Prospect> prospects(6);
  for (std::size_t i = 0; i < 6; ++i) {
    const double above = 0.01 * static_cast<double>(i);
    prospects[i].composition = Composition::from_formula("AlNi");
    prospects[i].candidate.occupation = {static_cast<std::uint8_t>(i)};
    prospects[i].predicted_formation_energy_ev_per_atom = -0.4 + above;
    prospects[i].predicted_e_above_hull_ev_per_atom = above;
    prospects[i].draw = 100 - i;
    prospects[i].drawn = i >= 3;
  }

  const auto rest = leave_out_high_ones(prospects, hull, 4);  // 0 and 1 are the lowest, 5 and 4 the first drawn

  REQUIRE(rest);
  CHECK(rest->count == 2);
  CHECK(rest->above_ev_per_atom == Approx(0.02));
  std::vector<int> kept;
  for (const Prospect& one : prospects) kept.push_back(one.candidate.occupation.front());
  CHECK(kept == std::vector<int>{0, 1, 4, 5});
  CHECK_FALSE(leave_out_high_ones(prospects, hull, 4));
}

TEST_CASE("what the hull may lack comes back from its text, and a damaged text is refused", "[scheduler][outlook]") {
  StoredOutlook outlook;
  outlook.round = 4;
  outlook.calculated = 61;
  outlook.sigmas = 2;
  outlook.looked_at = 1020;
  outlook.possible_error_mev_per_atom = 3.25;
  outlook.expected_missing = 0.125;
  outlook.probability_complete = 0.88;
  outlook.likeliest = {{"fcc", "Cu3Au", 1.5, 2.5}};

  const StoredOutlook back = parse_outlook(to_json_text(outlook));

  CHECK(back.round == 4);
  CHECK(back.calculated == 61);
  CHECK(back.possible_error_mev_per_atom == outlook.possible_error_mev_per_atom);
  CHECK(back.probability_complete == 0.88);
  REQUIRE(back.likeliest.size() == 1);
  CHECK(back.likeliest[0].formula == "Cu3Au");
  CHECK(outlook_text(back).find("Cu3Au of fcc, predicted 1.5 ± 2.5 meV/atom above") != std::string::npos);
  for (const char* damaged : {"", "{}", "[1]", "{\"round\": \"x\"}"})
    CHECK_THROWS_AS(parse_outlook(damaged), StorageError);
}

}  // namespace hullscan
