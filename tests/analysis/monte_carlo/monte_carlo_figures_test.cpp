#include "analysis/figures/monte_carlo_figures.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "analysis/figures/rendering.hpp"

using namespace hullscan;

namespace {

std::multiset<std::string> words_in(const Picture& picture) {
  std::multiset<std::string> words;
  for (const PictureItem& item : picture.items) {
    if (const auto* text = std::get_if<PictureText>(&item)) words.insert(letters_of(text->text));
  }
  return words;
}

template <typename Item>
std::size_t number_of(const Picture& picture) {
  std::size_t number = 0;
  for (const PictureItem& item : picture.items) number += std::holds_alternative<Item>(item) ? 1 : 0;
  return number;
}

PhaseField field(std::vector<std::string> phases, double from, double to) {
  return {std::move(phases), {from, 0}, {to, 0}, 0, 0};
}

PhaseDiagram with_a_compound() {
  PhaseDiagram diagram{"Au",
                       {ground_state_layer(std::vector<GroundState>{{"Cu", 0, 0}, {"CuAu", 0.5, -1}, {"Au", 1, 0}})}};
  for (const double t : {100.0, 200.0, 300.0}) {
    const double open = 0.1 * t / 100;
    diagram.layers.push_back({t,
                              {field({"Cu"}, 0, open), field({"Cu", "CuAu"}, open, 0.48), field({"CuAu"}, 0.48, 0.52),
                               field({"CuAu", "Au"}, 0.52, 1 - open), field({"Au"}, 1 - open, 1)}});
  }
  diagram.layers.push_back({400, {field({"solution"}, 0, 1)}});
  return diagram;
}

}  // namespace

TEST_CASE("a phase diagram names every field once and marks the phases of the hull",
          "[analysis][figures][monte-carlo]") {
  const Picture picture = phase_diagram_picture(with_a_compound(), {"Cu", "Au"}, {});

  const auto words = words_in(picture);
  for (const char* phase : {"Cu", "CuAu", "Au", "solution"}) {
    INFO(phase);
    CHECK(words.count(phase) == 1);
  }
  CHECK(words.count("Atomic fraction of Au") == 1);
  CHECK(words.count("Temperature (K)") == 1);
  CHECK(words.count("Calculated, on the hull") == 1);
  CHECK(words.count("Predicted, on the hull") == 1);
  CHECK(number_of<PictureMark>(picture) == 3 + 2);  // and two in the legend
  CHECK(picture.remarks.empty());
  CHECK(rendered(picture, PictureFormat::kPdf) ==
        rendered(phase_diagram_picture(with_a_compound(), {"Cu", "Au"}, {}), PictureFormat::kPdf));
}

TEST_CASE("averages against temperature have bars of their errors", "[analysis][figures][monte-carlo]") {
  std::vector<TemperatureCurve> curves = {{"x = 0.5", {{100, {-0.3, 0.01}}, {200, {-0.2, 0.01}}, {300, {-0.1, 0}}}}};
  const Picture with = temperature_picture(AverageKind::kEnergy, "Energy", curves, {});
  for (TemperaturePoint& point : curves[0].points) point.value.standard_error = std::numeric_limits<double>::infinity();
  const Picture without = temperature_picture(AverageKind::kEnergy, "Energy", curves, {});
  std::vector<TemperatureCurve> many(20, curves[0]);

  CHECK(number_of<PictureMark>(with) == 3);
  // Two points have a bar: two halves, and a cap at each end.
  CHECK(number_of<PictureLine>(with) >= number_of<PictureLine>(without) + 8 - 4);  // ticks may differ
  CHECK(words_in(with).count("Energy (eV/atom)") == 1);
  CHECK(words_in(temperature_picture(AverageKind::kHeatCapacity, "", curves, {})).count("Heat capacity (kB/atom)") ==
        1);
  CHECK(temperature_picture(AverageKind::kShortRangeOrder, "", many, {}).remarks ==
        std::vector<std::string>{"6 of 20 curves are shown"});
}
