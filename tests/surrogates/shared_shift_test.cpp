// Shifts of one potential's energies in several crystals.
#include "surrogates/regression/shared_shift.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <map>

#include "core/errors.hpp"
#include "surrogates/models/single_structure.hpp"
#include "surrogates/surrogate_set.hpp"
#include "symmetric_crystals.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

/// A crystal, its labels, and the shift that is fitted.
struct ShiftedCrystal {
  std::shared_ptr<const ParentCrystal> parent;
  std::vector<LabelledConfiguration> labels = {};
  CompositionShift shift = {};
  std::shared_ptr<LatticeFeatures> points = std::make_shared<LatticeFeatures>(parent, FeatureSettings{});

  void label(std::uint64_t count, const std::function<double(const Configuration&)>& formation) {
    const auto supercell =
        std::make_shared<const Supercell>(parent, SupercellMatrix(Eigen::Vector3i(1, 2, 3).asDiagonal()));
    for (std::uint64_t seed = 0; seed < count; ++seed) {
      const Configuration configuration{supercell, random_occupation(*supercell, seed)};
      labels.push_back({configuration, formation(configuration), 1, fmt::format("{}-{}", parent->source, seed)});
    }
  }
  [[nodiscard]] ShiftMember member(const std::function<double(const Configuration&)>& energy) {
    return {points.get(), labels, [this, energy](std::size_t i) { return energy(labels[i].configuration); }, &shift};
  }
};

double atoms_of(const Configuration& one) {
  return static_cast<double>(one.supercell->structure(one.occupation).atom_count());
}

/// A potential: something of each atom and of each configuration, per supercell.
double potential(const Configuration& one) {
  const Structure structure = one.supercell->structure(one.occupation);
  double energy = 0;
  for (std::size_t i = 0; i < structure.atom_count(); ++i)
    energy += 0.01 * static_cast<double>(i) * (structure.species[i] == *Species::parse("Al") ? 1.0 : 2.0);
  return energy;
}

/// What the potential lacks: a number for each atom.
const std::map<std::string, double> kNumbers = {{"Al", 3.5}, {"Ni", 4.25}};

double label_of(const Configuration& one) {
  double energy = potential(one);
  for (const Species species : one.supercell->structure(one.occupation).species)
    energy += kNumbers.at(std::string(species.symbol()));
  return energy / atoms_of(one);
}

double predicted(const ShiftedCrystal& crystal, const Configuration& one) {
  return ShiftedEnergies(crystal.points, crystal.shift, *one.supercell).per_atom(one.occupation, potential(one));
}

}  // namespace

TEST_CASE("crystals without labels, and of one configuration, take what each species lacks in the others",
          "[surrogates][together]") {
  ShiftedCrystal alloy{fcc({"Al", "Ni"}, 3.8)}, unlabelled{fcc({"Ni", "Al"}, 2.9)}, single{fcc({"Al"}, 4.1)};
  alloy.label(12, label_of);
  single.label(1, label_of);
  const ShiftMember members[] = {alloy.member(potential), unlabelled.member(potential), single.member(potential)};

  const FitReport report = fit_shifts(members);

  CHECK(report.labels == 13);
  CHECK(report.loo_residuals_ev_per_atom.size() == 13);
  CHECK(report.rmse_mev_per_atom < 1e-4);
  for (const ShiftedCrystal* crystal : {&alloy, &unlabelled, &single}) {
    const auto supercell =
        std::make_shared<const Supercell>(crystal->parent, SupercellMatrix(Eigen::Vector3i(2, 2, 1).asDiagonal()));
    const Configuration one{supercell, random_occupation(*supercell, 77)};
    CHECK(predicted(*crystal, one) == Approx(label_of(one)).margin(1e-6));
  }
}

TEST_CASE("a crystal with labels keeps a shift of its own beside others", "[surrogates][together]") {
  // The second lies 0.2 eV/atom higher than the potential says, which no number for a species can tell.
  ShiftedCrystal first{fcc({"Al", "Ni"}, 3.8)}, second{fcc({"Al", "Ni"}, 2.9)}, third{fcc({"Al", "Ni"}, 3.1)};
  first.label(12, label_of);
  second.label(12, [](const Configuration& one) { return label_of(one) + 0.2; });
  const ShiftMember members[] = {first.member(potential), second.member(potential), third.member(potential)};

  (void)fit_shifts(members);

  const auto error = [](const ShiftedCrystal& crystal) {
    const auto supercell =
        std::make_shared<const Supercell>(crystal.parent, SupercellMatrix(Eigen::Vector3i(2, 2, 1).asDiagonal()));
    const Configuration one{supercell, random_occupation(*supercell, 5)};
    return predicted(crystal, one) - label_of(one);
  };
  CHECK(error(first) == Approx(0).margin(1e-6));
  CHECK(error(second) == Approx(0.2).margin(1e-6));
  CHECK(error(third) == Approx(0.1).margin(0.03));  // between the two
}

TEST_CASE("a crystal of one configuration has its own energy for a model", "[surrogates][together]") {
  const auto alloy = fcc({"Al", "Ni"}, 3.8), single = fcc({"Al"}, 4.1);
  const SurrogateSpec ridge{"ridge", parse_settings_toml("kind = 'ridge'\ncontacts = 3.0", "campaign.toml")};
  Problems problems;
  SurrogateSet set = SurrogateSet::make(ridge, {alloy, single}, problems);
  REQUIRE(problems.empty());
  REQUIRE(set.space(1).kind() == std::string(SingleStructure::kKind));
  const auto supercell = std::make_shared<const Supercell>(single, SupercellMatrix(SupercellMatrix::Identity()));
  const Configuration one{supercell, std::vector<std::uint8_t>(supercell->varied_sites().size(), 0)};
  CHECK_FALSE(set.space(1).fitted());
  CHECK_THROWS_AS(set.space(1).scorer(*supercell), InputError);

  const std::vector<LabelledConfiguration> labels[] = {{{one, -0.25, 1, "x"}}};
  const FitReport report = set.fit({1}, labels);

  CHECK(report.labels == 1);
  CHECK(set.space(1).predict_ev_per_atom(one) == -0.25);
  const SurrogateSet again = SurrogateSet::deserialise(set.serialise(), {alloy, single});
  CHECK(again.space(1).predict_ev_per_atom(one) == -0.25);
  CHECK_FALSE(again.space(0).fitted());

  SpacesTogether together{{}, {"alloy", "list"}, {{0, 1}}};
  (void)SurrogateSet::make(ridge, {alloy, single}, together, problems);
  REQUIRE(problems.lines().size() == 1);
  CHECK_THAT(problems.lines().front(), Contains("alloy + list") && Contains("\"external\" or \"kim\""));
}
