#include "surrogates/models/cluster_expansion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <iostream>
#include <limits>

#include "core/errors.hpp"
#include "core/hash.hpp"
#include "symmetric_crystals.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

/// A pair model: -0.3 eV for every unlike nearest pair of fcc, in eV/atom, by counting distances.
double unlike_neighbour_energy(const Configuration& configuration) {
  const Supercell& supercell = *configuration.supercell;
  const std::size_t sites = supercell.varied_sites().size();
  double energy = 0;
  for (std::size_t a = 0; a < sites; ++a) {
    for (std::size_t b = 0; b < sites; ++b) {
      if (configuration.occupation[a] == configuration.occupation[b]) continue;
      const Eigen::Vector3d from = supercell.sites()[static_cast<std::size_t>(supercell.varied_sites()[a])].position.x;
      const Eigen::Vector3d to = supercell.sites()[static_cast<std::size_t>(supercell.varied_sites()[b])].position.x;
      for (int i = -3; i <= 3; ++i) {
        for (int j = -3; j <= 3; ++j) {
          for (int k = -3; k <= 3; ++k) {
            const double distance = supercell.lattice().to_cartesian({to - from + Eigen::Vector3d(i, j, k)}).x.norm();
            if (std::abs(distance - 4.0 / std::sqrt(2.0)) < 1e-6) energy -= 0.3 / 2;
          }
        }
      }
    }
  }
  return energy / static_cast<double>(sites);
}

std::vector<LabelledConfiguration> labelled(const std::shared_ptr<const ParentCrystal>& parent, std::size_t count,
                                            double (*energy)(const Configuration&)) {
  std::vector<LabelledConfiguration> labels;
  for (std::uint64_t i = 0; i < count; ++i) {
    SupercellMatrix matrix = SupercellMatrix::Identity();
    matrix(1, 1) = static_cast<int>(random_bits(1, i) % 3) + 1;
    matrix(2, 2) = static_cast<int>(random_bits(2, i) % 3) + 1;
    matrix(2, 0) = static_cast<int>(random_bits(3, i) % 2);
    Configuration configuration{std::make_shared<const Supercell>(parent, matrix), {}};
    configuration.occupation = random_occupation(*configuration.supercell, i);
    labels.push_back({configuration, energy(configuration), 1, "s" + std::to_string(i)});
  }
  return labels;
}

SurrogateSpec spec_of(const std::string& text) {
  SurrogateSpec spec{"cluster-expansion", parse_settings_toml(text, "campaign.toml")};
  if (const Setting* kind = spec.settings.find("kind")) spec.kind = std::get<std::string>(kind->value);
  return spec;
}

std::vector<std::string> problems_of(const std::string& text) {
  Problems problems;
  CHECK(make_surrogate(spec_of(text), fcc({"Al", "Ni"}), problems) == nullptr);
  return problems.lines();
}

}  // namespace

TEST_CASE("a cluster expansion recovers a pair model exactly", "[surrogates][expansion]") {
  const auto parent = fcc({"Al", "Ni"});
  ClusterExpansion model(parent, {{4.1, 2.9, 0}, {}});

  const FitReport report = model.fit(labelled(parent, 60, unlike_neighbour_energy));

  CHECK(report.labels == 60);
  CHECK(report.features == 4);
  CHECK(report.rank == 4);
  CHECK(report.warnings.empty());
  CHECK(report.loo_rmse_mev_per_atom < 1e-3);
  // 12 unlike neighbours for a lone Ni: -0.3 * 12; each Ni-Ni pair gives two of them back: +0.6.
  REQUIRE(report.coefficients.size() == 4);
  CHECK(report.coefficients[0].cluster == "point Ni (1 per cell)");
  CHECK(report.coefficients[0].energy_ev == Approx(-3.6).epsilon(1e-4));
  CHECK(report.coefficients[1].cluster == "pair Ni-Ni 2.83 Å (6 per cell)");
  CHECK(report.coefficients[1].energy_ev == Approx(0.6).epsilon(1e-4));
  CHECK(std::abs(report.coefficients[2].energy_ev) < 1e-4);
  CHECK(std::abs(report.coefficients[3].energy_ev) < 1e-4);
  for (const LabelledConfiguration& unseen : labelled(parent, 200, unlike_neighbour_energy)) {
    CHECK(std::abs(model.predict_ev_per_atom(unseen.configuration) - unseen.formation_energy_ev_per_atom) < 1e-5);
  }
}

TEST_CASE("energies per atom are right where vacancies change the number of atoms", "[surrogates][expansion]") {
  // Every oxygen that leaves costs 2 eV, the full cell has -1 eV: linear per cell, not per atom.
  const auto parent = perovskite({"O", "Va"});
  const auto energy = [](const Configuration& c) {
    const double cells = c.supercell->volume_factor();
    const double vacancies = static_cast<double>(std::count(c.occupation.begin(), c.occupation.end(), 1));
    return (-1.0 * cells + 2.0 * vacancies) / (5.0 * cells - vacancies);
  };
  ClusterExpansion model(parent, {{4.1, 0, 0}, {}});

  const FitReport report = model.fit(labelled(parent, 40, energy));

  CHECK(report.loo_rmse_mev_per_atom < 1e-3);
  const auto supercell = std::make_shared<const Supercell>(parent, SupercellMatrix::Identity() * 2);
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const Configuration unseen{supercell, random_occupation(*supercell, seed)};
    CHECK(std::abs(model.predict_ev_per_atom(unseen) - energy(unseen)) < 1e-5);
  }
}

TEST_CASE("a configuration without atoms is never the best", "[surrogates][expansion]") {
  const auto parent = fcc({"Al", "Va"});
  ClusterExpansion model(parent, {{4.1, 0, 0}, {}});
  const auto supercell = std::make_shared<const Supercell>(parent, SupercellMatrix::Identity() * 2);
  (void)model.fit(std::vector<LabelledConfiguration>{{{supercell, random_occupation(*supercell, 1)}, -0.1, 1, "a"}});

  CHECK(model.predict_ev_per_atom({supercell, std::vector<std::uint8_t>(8, 1)}) ==
        std::numeric_limits<double>::infinity());
}

TEST_CASE("a score is the same bits alone, in a batch, and from a model that was stored", "[surrogates][expansion]") {
  const auto parent = rock_salt({"Ti", "Zr", "Va"}, {"C", "N"});
  ClusterExpansion model(parent, {{4.9, 4.1, 2.9}, {}});
  (void)model.fit(labelled(parent, 50, [](const Configuration& c) {
    return static_cast<double>(hash64(std::as_bytes(std::span(c.occupation))) % 1000) * 1e-3;
  }));
  const Supercell supercell(parent, SupercellMatrix::Identity() * 2);
  std::vector<std::uint8_t> packed;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto occupation = random_occupation(supercell, seed);
    packed.insert(packed.end(), occupation.begin(), occupation.end());
  }

  std::vector<double> batch(50);
  model.predict_batch(supercell, packed, batch);
  const auto stored = deserialise_surrogate("cluster-expansion", model.serialise(), parent);
  const auto scorer = stored->scorer(supercell);

  for (std::size_t i = 50; i-- > 0;) CHECK(scorer->score(std::span(packed).subspan(i * 16, 16)) == batch[i]);
}

TEST_CASE("a scorer agrees with the counts of the orbits", "[surrogates][expansion]") {
  const auto parent = fcc({"Cu", "Ag", "Au"});
  ClusterExpansion model(parent, {{8.1, 4.95, 4.1}, {}});
  (void)model.fit(labelled(parent, 80, [](const Configuration& c) {
    return static_cast<double>(hash64(std::as_bytes(std::span(c.occupation))) % 1000) * 1e-3;
  }));
  for (const int size : {1, 2, 3}) {  // in the smallest, every site is its own neighbour
    const auto supercell = std::make_shared<const Supercell>(parent, SupercellMatrix::Identity() * size);
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const Configuration configuration{supercell, random_occupation(*supercell, seed)};
      const auto counts = model.orbits().counts(configuration);
      double expected = model.constant_ev_per_primitive_cell() * supercell->volume_factor();
      for (std::size_t i = 0; i < counts.size(); ++i)
        expected += model.coefficients()[i] * static_cast<double>(counts[i]);
      CHECK(model.predict_ev_per_atom(configuration) == Approx(expected / supercell->volume_factor()).margin(1e-9));
    }
  }
}

TEST_CASE("a fit does not depend on the order of its labels", "[surrogates][expansion]") {
  const auto parent = fcc({"Al", "Ni"});
  auto labels = labelled(parent, 30, unlike_neighbour_energy);
  ClusterExpansion model(parent, {{5.7, 4.1, 0}, {}});
  const FitReport forward = model.fit(labels);
  const auto bytes = model.serialise();
  std::reverse(labels.begin(), labels.end());

  const FitReport backward = model.fit(labels);

  CHECK(model.serialise() == bytes);
  CHECK(forward.loo_residuals_ev_per_atom.front() == backward.loo_residuals_ev_per_atom.back());
}

TEST_CASE("one, two and three labels give a composition model and a warning", "[surrogates][expansion]") {
  const auto parent = fcc({"Al", "Ni"});
  const auto one = std::make_shared<const Supercell>(parent, SupercellMatrix::Identity());
  SupercellMatrix two = SupercellMatrix::Identity();
  two(0, 0) = 2;
  const auto pair = std::make_shared<const Supercell>(parent, two);
  const std::vector<LabelledConfiguration> labels = {
      {{one, {0}}, 0.0, 1, "Al"}, {{one, {1}}, 0.2, 1, "Ni"}, {{pair, {0, 1}}, -0.5, 1, "AlNi"}};
  ClusterExpansion model(parent, {{8, 5, 0}, {}});

  const FitReport first = model.fit(std::span(labels).first(1));
  REQUIRE(first.warnings.size() == 1);
  CHECK(first.warnings[0] ==
        "1 labelled configuration: only the composition is fitted, 4 or more are needed for interactions");
  CHECK(model.predict_ev_per_atom({pair, {1, 0}}) == 0.0);

  CHECK(model.fit(std::span(labels).first(2)).warnings.size() == 1);
  CHECK(model.predict_ev_per_atom({pair, {1, 0}}) == Approx(0.1).margin(1e-6));  // between the two

  CHECK(model.fit(labels).warnings.size() == 1);
  CHECK(model.predict_ev_per_atom({pair, {1, 0}}) == Approx(-0.1).margin(1e-6));  // the least-squares line at x = 1/2
}

TEST_CASE("six labels for many coefficients give finite energies and a warning", "[surrogates][expansion]") {
  const auto parent = fcc({"Al", "Ni"});
  const auto labels = labelled(parent, 6, unlike_neighbour_energy);
  ClusterExpansion model(parent, {{8, 5, 0}, {}});

  const FitReport report = model.fit(labels);

  REQUIRE(report.warnings.size() == 1);
  CHECK(report.warnings[0] ==
        "6 labelled configurations for 17 coefficients: the penalty decides what the labels do not; label more, or "
        "choose smaller cutoffs");
  for (const LabelledConfiguration& label : labels) {
    CHECK(std::isfinite(model.predict_ev_per_atom(label.configuration)));
  }
}

TEST_CASE("copies of a label, zero weights and equal compositions are fine", "[surrogates][expansion]") {
  const auto parent = fcc({"Al", "Ni"});
  const auto label = labelled(parent, 1, unlike_neighbour_energy).front();
  std::vector<LabelledConfiguration> labels(6, label);
  labels.push_back(label);
  labels.back().formation_energy_ev_per_atom = 100;
  labels.back().weight = 0;
  ClusterExpansion model(parent, {{8, 5, 0}, {}});

  const FitReport report = model.fit(labels);

  CHECK(report.labels == 6);
  CHECK(report.rank == 0);
  CHECK(report.loo_residuals_ev_per_atom.back() == 0.0);
  CHECK(model.predict_ev_per_atom(label.configuration) == Approx(label.formation_energy_ev_per_atom));
}

TEST_CASE("labels that cannot be used are refused by name", "[surrogates][expansion]") {
  const auto parent = fcc({"Al", "Ni"});
  auto labels = labelled(parent, 5, unlike_neighbour_energy);
  ClusterExpansion model(parent, {{4.1, 0, 0}, {}});

  CHECK_THROWS_WITH(model.fit({}), "no labelled configuration to fit a model to");
  labels[2].formation_energy_ev_per_atom = std::nan("");
  CHECK_THROWS_WITH(model.fit(labels), "s2: the energy is not a finite number");
  labels[2].formation_energy_ev_per_atom = 0;
  labels[3].weight = -1;
  CHECK_THROWS_WITH(model.fit(labels), "s3: weight -1, must be >= 0");
  labels[3].weight = 1;
  labels[4].configuration =
      labelled(perovskite({"O", "Va"}), 1, [](const Configuration&) { return 0.0; })[0].configuration;
  CHECK_THROWS_WITH(model.fit(labels), "s4: belongs to another parent crystal than the model");
  CHECK_THROWS_AS(ClusterExpansion(parent, {{4.1, 0, 0}, {}}).scorer(*labels[0].configuration.supercell), InputError);
}

TEST_CASE("settings of a surrogate are checked where they stand", "[surrogates][settings][slow]") {
  Problems problems;
  const auto model = make_surrogate(spec_of("kind = 'cluster-expansion'\npairs = 8\ntriplets = 5.0\nridge = 1e-3"),
                                    fcc({"Al", "Ni"}), problems);
  CHECK(problems.empty());
  REQUIRE(model != nullptr);
  CHECK(model->kind() == "cluster-expansion");
  CHECK_FALSE(model->fitted());

  CHECK(problems_of("kind = 'cluster-expansion'\ntriplet = 5.0\npairs = 'far'") ==
        std::vector<std::string>{"campaign.toml:2:1: surrogate.triplet: unknown key (did you mean \"triplets\"?)",
                                 "campaign.toml:3:9: surrogate.pairs: expected a number, found text"});
  CHECK(problems_of("kind = 'cluster-expansoin'") ==
        std::vector<std::string>{fmt::format("campaign.toml:1:8: surrogate.kind: expected one of \"{}\", found "
                                             "\"cluster-expansoin\" (did you mean \"cluster-expansion\"?)",
                                             fmt::join(surrogate_kinds(), "\", \""))});
  CHECK(problems_of("kind = 'cluster-expansion'\nquadruplets = 49").front().find("choose smaller cutoffs") !=
        std::string::npos);
}

TEST_CASE("a pair expansion scores a million 32-site configurations a second", "[surrogates][speed]") {
  const auto parent = fcc({"Al", "Ni"});
  ClusterExpansion model(parent, {{8.1, 0, 0}, {}});
  (void)model.fit(labelled(parent, 40, unlike_neighbour_energy));
  SupercellMatrix matrix = SupercellMatrix::Identity() * 2;
  matrix(2, 2) = 8;
  const Supercell supercell(parent, matrix);
  REQUIRE(supercell.varied_sites().size() == 32);
  std::vector<std::vector<std::uint8_t>> occupations;
  for (std::uint64_t seed = 0; seed < 256; ++seed) occupations.push_back(random_occupation(supercell, seed));
  const auto scorer = model.scorer(supercell);

  double lowest = 0;
  const auto start = std::chrono::steady_clock::now();
  constexpr int kScores = 2'000'000;
  for (std::size_t i = 0; i < kScores; ++i) lowest = std::min(lowest, scorer->score(occupations[i % 256]));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  std::cout << "pair expansion, 32 sites, half full: " << kScores / seconds << " scores/s (lowest " << lowest << ")\n";
#ifdef NDEBUG
  CHECK(kScores / seconds > 3e5);  // the machine may be shared
#endif
}

TEST_CASE("a potential, a penalty and relevance that do not go together are distinguished", "[surrogates][settings]") {
  CHECK(problems_of("kind = 'cluster-expansion'\npairs = 4\nkim = 'EAM'")
            .front()
            .find("take kind = \"ridge\" with features = \"clusters\"") != std::string::npos);
  CHECK(problems_of("kind = 'cluster-expansion'\npairs = 4\nridge = 1e-3\nselection = 'ard'")
            .front()
            .find("set one of the two") != std::string::npos);
  CHECK(problems_of("kind = 'cluster-expansion'\npairs = 4\nselection = 'lasso'\nweights = 'hul'").size() == 2);
}
