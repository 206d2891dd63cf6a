#include "surrogates/lattice/branch_scorer.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/hash.hpp"
#include "surrogates/models/cluster_expansion.hpp"
#include "symmetric_crystals.hpp"

using namespace hullscan;
using namespace hullscan::test;

TEST_CASE("energies along any branch are those of the whole occupation", "[surrogates][branch]") {
  const auto parent = rock_salt({"Li", "Ni", "Va"}, {"O", "F"});
  const auto supercell = std::make_shared<const Supercell>(parent, Eigen::Matrix3i(2 * Eigen::Matrix3i::Identity()));
  const std::size_t sites = supercell->varied_sites().size();
  for (const double triplets : {0.0, 3.1}) {
    ClusterExpansion model(parent, {{4.5, triplets, 0}, {}});
    std::vector<LabelledConfiguration> labels;
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      labels.push_back({{supercell, random_occupation(*supercell, seed)},
                        1e-3 * static_cast<double>(random_bits(seed, 7) % 100),
                        1,
                        ""});
    }
    (void)model.fit(labels);
    const auto scorer = model.scorer(*supercell);
    for (std::uint64_t seed = 100; seed < 106; ++seed) {
      const auto background = random_occupation(*supercell, seed);
      const auto tables = scorer->branch_tables(background);
      REQUIRE(tables != nullptr);
      BranchScorer branch(tables);

      // Walk: change a few sites one after the other, step back, take another branch.
      std::vector<std::uint16_t> at;
      std::vector<std::uint8_t> species;
      std::vector<std::uint8_t> occupation(background.begin(), background.end());
      for (std::uint64_t step = 0; step < 60; ++step) {
        if (!at.empty() && random_bits(seed, 1000 + step) % 3 == 0) {
          for (std::uint64_t back = random_bits(seed, 2000 + step) % at.size() + 1; back > 0; --back) {
            occupation[at.back()] = background[at.back()];
            at.pop_back();
            species.pop_back();
          }
        }
        const auto site = static_cast<std::uint16_t>(random_bits(seed, 3000 + step) % sites);
        const auto& allowed = parent->sublattices[static_cast<std::size_t>(supercell->sublattice_of(site))].allowed;
        const auto other = static_cast<std::uint8_t>(random_bits(seed, 4000 + step) % allowed.size());
        if (occupation[site] != background[site] || other == background[site]) continue;
        branch.move_to(at, species);
        occupation[site] = other;
        const double atoms = static_cast<double>(supercell->composition(occupation).without_vacancies().atom_count());

        CHECK(branch.energy_with_ev(site, other) == Approx(scorer->score(occupation) * atoms).margin(1e-9));
        at.push_back(site);
        species.push_back(other);
      }
    }
  }
}

TEST_CASE("quadruplets are not followed along a branch", "[surrogates][branch]") {
  const auto parent = fcc({"Al", "Ni"});
  const auto supercell = std::make_shared<const Supercell>(parent, Eigen::Matrix3i(2 * Eigen::Matrix3i::Identity()));
  ClusterExpansion model(parent, {{3.0, 3.0, 3.0}, 0.1});
  std::vector<LabelledConfiguration> labels;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    labels.push_back({{supercell, random_occupation(*supercell, seed)},
                      1e-3 * static_cast<double>(random_bits(seed, 7) % 100),
                      1,
                      ""});
  }
  (void)model.fit(labels);

  CHECK(model.scorer(*supercell)->branch_tables(labels[0].configuration.occupation) == nullptr);
}
