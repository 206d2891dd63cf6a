#include "surrogates/models/substitution_expansion.hpp"

#include <catch2/catch.hpp>

#include "core/hash.hpp"
#include "surrogates/models/cluster_expansion.hpp"
#include "symmetric_crystals.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

/// Energy of a pair model by counting orbits: what the expansion must find again.
double pair_energy(const ClusterOrbits& orbits, const Configuration& configuration) {
  const auto counts = orbits.counts(configuration);
  double energy = 0.3;
  for (std::size_t i = 0; i < counts.size(); ++i)
    energy += 0.01 * (1 + static_cast<double>(i % 5)) * static_cast<double>(counts[i]);
  return energy;
}

LabelledConfiguration labelled(const std::shared_ptr<const Supercell>& supercell, const ClusterOrbits& orbits,
                               std::vector<std::uint8_t> occupation) {
  const double atoms = static_cast<double>(supercell->composition(occupation).atom_count());
  Configuration configuration{supercell, std::move(occupation)};
  std::string id;
  for (const std::uint8_t o : configuration.occupation) id += std::to_string(o);
  return {configuration, pair_energy(orbits, configuration) / atoms, 1, id};
}

}  // namespace

TEST_CASE("single and double substitutions give every energy of a pair model, with one label of each kind",
          "[surrogates][substitution]") {
  const auto parent = fcc({"Al", "Ni", "Cu"});
  Eigen::Matrix3i matrix;
  matrix << 2, 0, 0, 0, 2, 0, 0, 0, 2;
  const auto supercell = std::make_shared<const Supercell>(parent, matrix);
  const ClusterOrbits orbits(parent, {4.2, 0, 0});
  // The first site and, as the second, every other site: by translation every pair is among them.
  std::vector<LabelledConfiguration> labels{labelled(supercell, orbits, std::vector<std::uint8_t>(8, 0))};
  for (std::uint8_t a = 1; a <= 2; ++a) {
    std::vector<std::uint8_t> one(8, 0);
    one[0] = a;
    labels.push_back(labelled(supercell, orbits, one));
    for (std::size_t site = 1; site < 8; ++site) {
      for (std::uint8_t b = a; b <= 2; ++b) {
        std::vector<std::uint8_t> two = one;
        two[site] = b;
        labels.push_back(labelled(supercell, orbits, two));
      }
    }
  }
  SubstitutionExpansion model(parent);

  const FitReport report = model.fit(labels);
  const auto again = deserialise_surrogate("substitution-expansion", model.serialise(), parent);

  CHECK(report.warnings.empty());
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const LabelledConfiguration other = labelled(supercell, orbits, random_occupation(*supercell, seed));
    CHECK(model.predict_ev_per_atom(other.configuration) == Approx(other.formation_energy_ev_per_atom).margin(1e-12));
    CHECK(again->predict_ev_per_atom(other.configuration) == model.predict_ev_per_atom(other.configuration));
  }
}

TEST_CASE("a substitution expansion says what it lacks", "[surrogates][substitution]") {
  const auto parent = fcc({"Al", "Ni"});
  const auto supercell = std::make_shared<const Supercell>(parent, Eigen::Matrix3i(2 * Eigen::Matrix3i::Identity()));
  const ClusterOrbits orbits(parent, {3.0, 0, 0});
  SubstitutionExpansion model(parent);
  const std::vector<LabelledConfiguration> substituted_only{labelled(supercell, orbits, {1, 0, 0, 0, 0, 0, 0, 0})};
  CHECK_THROWS_WITH(model.fit(substituted_only), Catch::Contains("no label of the unsubstituted configuration"));

  const std::vector<LabelledConfiguration> no_pairs{labelled(supercell, orbits, std::vector<std::uint8_t>(8, 0)),
                                                    labelled(supercell, orbits, {1, 0, 0, 0, 0, 0, 0, 0})};
  const FitReport report = model.fit(no_pairs);
  REQUIRE(report.warnings.size() == 1);
  CHECK_THAT(report.warnings[0], Catch::StartsWith("0 inequivalent single and "));
  const auto other = std::make_shared<const Supercell>(parent, Eigen::Matrix3i(Eigen::Matrix3i::Identity()));
  CHECK_THROWS_AS(model.scorer(*other), InputError);
}

TEST_CASE("electrostatics scores without labels and learns a permittivity from them", "[surrogates][electrostatic]") {
  const auto parent = rock_salt({"Li", "Ni"}, {"O"});
  const auto supercell = std::make_shared<const Supercell>(parent, Eigen::Matrix3i(2 * Eigen::Matrix3i::Identity()));
  const Charges charges{
      {Species::from_symbol("Li"), 1}, {Species::from_symbol("Ni"), 3}, {Species::from_symbol("O"), -2}};
  const SupercellElectrostatics ewald(*supercell, charges);
  const auto model = ClusterExpansion::electrostatic(parent, charges, 4.0);
  const auto atoms = static_cast<double>(supercell->sites().size());
  const auto occupation = random_occupation(*supercell, 3);

  REQUIRE(model->fitted());
  CHECK(model->kind() == "electrostatic");
  CHECK(model->predict_ev_per_atom({supercell, occupation}) ==
        Approx(ewald.energy_ev(occupation) / 4 / atoms).margin(1e-10));

  std::vector<LabelledConfiguration> labels;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto one = random_occupation(*supercell, seed + 10);
    labels.push_back({{supercell, one}, ewald.energy_ev(one) / 10 / atoms, 1, std::to_string(seed)});
  }
  (void)model->fit(labels);
  CHECK(1 / model->coefficients().back() == Approx(10).epsilon(1e-3));
}
