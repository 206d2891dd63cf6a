#include "scheduler/decisions/selection.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "core/errors.hpp"
#include "scheduler/decisions/round_selection.hpp"
#include "scheduler/decisions/start_volume.hpp"

namespace hullscan {
namespace {

Prospect prospect(std::uint32_t space, const std::string& formula, std::uint8_t which,
                  std::optional<double> distance = {}) {
  Prospect result;
  result.composition = Composition::from_formula(formula);
  result.atoms = result.composition.atom_count();
  result.candidate.stratum = {space, 0,
                              static_cast<std::uint32_t>(result.composition.count(Species::from_symbol("Ni")))};
  result.candidate.occupation = {which};
  result.family = space;
  result.end_member = result.composition.counts().size() == 1;
  result.draw = 1000U - which;
  result.predicted_e_above_hull_ev_per_atom = distance;
  return result;
}

std::vector<std::string> formulas(const std::vector<Prospect>& prospects, const std::vector<std::size_t>& chosen) {
  std::vector<std::string> result;
  for (const std::size_t i : chosen) result.push_back(prospects[i].composition.formula());
  return result;
}

}  // namespace

TEST_CASE("end members are one each of every space, the smallest cell", "[scheduler][selection]") {
  const std::vector<Prospect> prospects = {prospect(0, "Al2", 0), prospect(0, "Al", 1), prospect(0, "AlNi", 2),
                                           prospect(0, "Ni", 3), prospect(1, "Ni", 4)};

  const auto chosen = select_end_members(prospects);

  CHECK(chosen == std::vector<std::size_t>{1, 3, 4});
}

TEST_CASE("a stratified draw takes one of every composition before a second of any", "[scheduler][selection]") {
  const std::vector<Prospect> prospects = {prospect(0, "AlNi", 0), prospect(0, "AlNi", 1), prospect(0, "AlNi", 2),
                                           prospect(0, "Al3Ni", 3), prospect(0, "AlNi2", 4)};

  auto chosen = formulas(prospects, select_stratified(prospects, 3));
  std::sort(chosen.begin(), chosen.end());

  CHECK(chosen == std::vector<std::string>{"Al3Ni", "AlNi", "AlNi2"});
}

TEST_CASE("of a composition the most symmetric configuration is drawn first", "[scheduler][selection]") {
  std::vector<Prospect> prospects = {prospect(0, "AlNi", 0), prospect(0, "AlNi", 1), prospect(0, "Al2Ni2", 2)};
  prospects[0].stabiliser_order = 12;
  prospects[1].stabiliser_order = 16;
  prospects[2].stabiliser_order = 30;

  CHECK(select_stratified(prospects, 1) == std::vector<std::size_t>{1});
}

TEST_CASE("training sets of low and of high symmetry take the same share of every composition",
          "[scheduler][selection]") {
  std::vector<Prospect> prospects;
  for (std::uint8_t i = 0; i < 6; ++i) prospects.push_back(prospect(0, i < 4 ? "AlNi" : "AlNi3", i));
  const std::uint64_t orders[] = {1, 8, 1, 2, 4, 3};  // of the stabilisers
  for (std::size_t i = 0; i < 6; ++i) prospects[i].stabiliser_order = orders[i];

  // The draw decides between 0 and 2: it is smaller for later prospects.
  CHECK(find_policy("low-symmetry")(prospects, 6) == std::vector<std::size_t>{2, 5, 0, 4, 3, 1});
  CHECK(find_policy("high-symmetry")(prospects, 4) == std::vector<std::size_t>{1, 4, 3, 5});
}

TEST_CASE("symmetry is counted per atom: a larger cell of the same crystal is not more symmetric",
          "[scheduler][selection]") {
  std::vector<Prospect> prospects = {prospect(0, "Al2Ni2", 0), prospect(0, "AlNi", 1)};
  prospects[0].stabiliser_order = 32;
  prospects[1].stabiliser_order = 17;

  CHECK(find_policy("high-symmetry")(prospects, 1) == std::vector<std::size_t>{1});
  CHECK(find_policy("low-symmetry")(prospects, 1) == std::vector<std::size_t>{0});
}

TEST_CASE("the first labels of a low-symmetry training set are of low symmetry too", "[scheduler][selection]") {
  std::vector<Prospect> prospects = {prospect(0, "AlNi", 0), prospect(0, "AlNi", 1)};
  prospects[0].stabiliser_order = 8;
  SelectSpec select;
  select.initial = 1;

  select.policy = "low-symmetry";
  CHECK(choose_round(RoundKind::kInitial, prospects, select, 0) == std::vector<std::size_t>{1});
  select.policy = "mixed";  // no training set: of a composition the most symmetric one is first
  CHECK(choose_round(RoundKind::kInitial, prospects, select, 0) == std::vector<std::size_t>{0});
}

TEST_CASE("composition minima are the lowest of every composition of every space, however far from the hull",
          "[scheduler][selection]") {
  std::vector<Prospect> prospects = {prospect(0, "AlNi", 0), prospect(0, "AlNi", 1), prospect(1, "AlNi", 2),
                                     prospect(1, "AlNi", 3), prospect(1, "AlNi3", 4)};
  const double energies[] = {-0.50, -0.52, -0.10, -0.12, -0.05};
  for (std::size_t i = 0; i < 5; ++i) prospects[i].predicted_formation_energy_ev_per_atom = energies[i];

  auto chosen = find_policy("composition-minima")(prospects, 3);
  std::sort(chosen.begin(), chosen.end());

  CHECK(chosen == std::vector<std::size_t>{1, 3, 4});
  CHECK(find_policy("composition-minima")(prospects, 5).size() == 5);
}

TEST_CASE("hull distance takes the nearest, at most half of a batch from one composition", "[scheduler][selection]") {
  const std::vector<Prospect> prospects = {prospect(0, "AlNi", 0, 0.00), prospect(0, "AlNi", 1, 0.01),
                                           prospect(0, "AlNi", 2, 0.02), prospect(0, "AlNi3", 3, 0.05),
                                           prospect(0, "Al3Ni", 4, 0.30)};

  CHECK(select_hull_distance(prospects, 4) == std::vector<std::size_t>{0, 1, 3, 4});
  CHECK(select_hull_distance(prospects, 5).size() == 5);
}

TEST_CASE("exploring policies choose among the uniform draw, not among what was kept for being low",
          "[scheduler][selection]") {
  std::vector<Prospect> prospects = {prospect(0, "AlNi", 0, 0.00), prospect(0, "AlNi", 1, 0.01),
                                     prospect(0, "AlNi", 2, 0.20)};
  for (std::size_t i = 0; i < 3; ++i) prospects[i].deviation_ev_per_atom = 0.03 - 0.01 * static_cast<double>(i);
  prospects[0].drawn = prospects[1].drawn = false;

  CHECK(select_uniform(prospects, 1) == std::vector<std::size_t>{2});
  CHECK(select_maximum_variance(prospects, 1) == std::vector<std::size_t>{2});
  CHECK(select_lower_confidence_bound(prospects, 1) == std::vector<std::size_t>{0});
  for (Prospect& one : prospects) one.drawn = false;  // no draw is known: all are offered
  CHECK(select_maximum_variance(prospects, 1) == std::vector<std::size_t>{0});
}

TEST_CASE("every policy chooses the same configurations whatever the order of the prospects",
          "[scheduler][selection]") {
  std::vector<Prospect> prospects;
  for (std::uint8_t i = 0; i < 30; ++i) {
    prospects.push_back(prospect(i % 2U, i % 3 == 0 ? "AlNi" : i % 3 == 1 ? "Al3Ni" : "AlNi3", i, 0.01 * (i * 7 % 11)));
  }
  std::vector<Prospect> reversed(prospects.rbegin(), prospects.rend());
  const auto identities = [](const std::vector<Prospect>& from, const std::vector<std::size_t>& chosen) {
    std::vector<std::uint8_t> result;
    for (const std::size_t i : chosen) result.push_back(from[i].candidate.occupation[0]);
    return result;
  };

  for (const std::string name : {"hull-distance", "lower-confidence-bound", "maximum-variance", "mixed", "stratified",
                                 "uniform", "low-symmetry", "high-symmetry", "composition-minima", "all"}) {
    INFO(name);
    const SelectionPolicy policy = find_policy(name);
    const auto chosen = policy(prospects, 7);
    CHECK(identities(prospects, chosen) == identities(reversed, policy(reversed, 7)));
    CHECK(std::set<std::size_t>(chosen.begin(), chosen.end()).size() == chosen.size());
  }
}

TEST_CASE("the lower confidence bound prefers uncertainty where predictions are near", "[scheduler][selection]") {
  std::vector<Prospect> prospects = {prospect(0, "AlNi", 0, 0.010), prospect(0, "AlNi2", 1, 0.020),
                                     prospect(0, "Al2Ni", 2, 0.060)};
  for (Prospect& p : prospects) p.deviation_ev_per_atom = 0.001;
  prospects[1].deviation_ev_per_atom = 0.008;  // 0.020 - 2 * 0.008 = 0.004 < 0.010 - 2 * 0.001 = 0.008

  CHECK(select_lower_confidence_bound(prospects, 3) == std::vector<std::size_t>{1, 0, 2});
}

TEST_CASE("maximum variance does not take two that tell the same", "[scheduler][selection]") {
  std::vector<Prospect> prospects = {prospect(0, "AlNi", 0), prospect(0, "AlNi2", 1), prospect(0, "Al2Ni", 2)};
  prospects[0].uncertainty_factor = {0.030, 0.000};
  prospects[1].uncertainty_factor = {0.029, 0.001};  // nearly the same direction as the first
  prospects[2].uncertainty_factor = {0.000, 0.010};
  for (Prospect& p : prospects) p.deviation_ev_per_atom = 0.002;

  CHECK(select_maximum_variance(prospects, 2) == std::vector<std::size_t>{0, 2});

  for (Prospect& p : prospects) p.uncertainty_factor.clear();
  prospects[1].deviation_ev_per_atom = 0.005;
  CHECK(select_maximum_variance(prospects, 1) == std::vector<std::size_t>{1});
}

TEST_CASE("a mixed batch of ten is six by bound, three by variance, one drawn", "[scheduler][selection]") {
  std::vector<Prospect> prospects;
  for (std::uint8_t i = 0; i < 40; ++i) {
    prospects.push_back(prospect(0, "AlNi", i, 0.001 * i));
    prospects.back().deviation_ev_per_atom = i >= 30 ? 0.0002 * i : 0.0001;
    prospects.back().uncertainty_factor = {i >= 30 ? 0.01 * i : 0.0001, 0.0001 * (i % 3), i % 2 == 0 ? 0.1 : 0.0};
  }

  const auto chosen = select_mixed(prospects, 10);

  REQUIRE(chosen.size() == 10);
  CHECK(std::set<std::size_t>(chosen.begin(), chosen.end()).size() == 10);
  CHECK(std::vector<std::size_t>(chosen.begin(), chosen.begin() + 6) == select_lower_confidence_bound(prospects, 6));
  const auto uniform = select_uniform(prospects, 40);
  const auto drawn = std::find_if(uniform.begin(), uniform.end(), [&](std::size_t i) {
    return std::find(chosen.begin(), chosen.begin() + 9, i) == chosen.begin() + 9;
  });
  CHECK(chosen[9] == *drawn);
}

TEST_CASE("a prior that leads chooses two of five by its own hull, another one none", "[scheduler][selection]") {
  std::vector<Prospect> prospects;
  for (std::uint8_t i = 0; i < 20; ++i) {
    prospects.push_back(prospect(0, i % 2 == 0 ? "AlNi" : "Al3Ni", i, 0.001 * i));
    prospects.back().prior_e_above_hull_ev_per_atom = 0.001 * (20 - i);
  }

  CHECK(select_with_prior(select_hull_distance, prospects, 5) == select_hull_distance(prospects, 5));

  for (Prospect& one : prospects) one.prior_leads = true;
  std::vector<std::size_t> expected = select_hull_distance(prospects, 3);
  expected.insert(expected.end(), {19, 18});
  CHECK(select_with_prior(select_hull_distance, prospects, 5) == expected);
  CHECK(select_with_prior(select_hull_distance, prospects, 20).size() == 20);
  CHECK(policy_follows_hull("mixed"));
  CHECK_FALSE(policy_follows_hull("maximum-variance"));
}

TEST_CASE("a policy that does not exist is refused with the nearest that does", "[scheduler][selection]") {
  CHECK_THROWS_WITH(find_policy("lower-confidence-bond"), Catch::Contains("did you mean \"lower-confidence-bound\""));
}

TEST_CASE("start volumes of a mixture are the sum of the atoms' volumes that pure cells taught",
          "[scheduler][start_volume]") {
  const auto cube = [](double edge, std::vector<Species> species) {
    std::vector<Fractional> positions(species.size());
    for (std::size_t i = 0; i < positions.size(); ++i)
      positions[i].x = Eigen::Vector3d::Constant(0.5 * static_cast<double>(i));
    return Structure{Lattice(Eigen::Matrix3d::Identity() * edge), std::move(species), positions};
  };
  const Species al = Species::from_symbol("Al"), ni = Species::from_symbol("Ni");
  const std::vector<Structure> relaxed = {cube(2.5, {al}), cube(2.2, {ni})};

  const StartVolume volumes = StartVolume::learned_from(relaxed);
  const Structure scaled = volumes.applied_to(cube(2.0, {al, ni}));

  CHECK(scaled.lattice.volume_cubic_angstrom() == Approx(2.5 * 2.5 * 2.5 + 2.2 * 2.2 * 2.2).epsilon(1e-3));
  // A relaxed mixture teaches its own contraction and leaves the pure volumes alone.
  std::vector<Structure> with_mixture = relaxed;
  with_mixture.push_back(cube(2.8, {al, ni}));
  CHECK(StartVolume::learned_from(with_mixture).applied_to(cube(2.0, {al, ni})).lattice.volume_cubic_angstrom() ==
        Approx(2.8 * 2.8 * 2.8).epsilon(1e-3));
  CHECK(StartVolume::learned_from(std::vector<Structure>{relaxed[0]}).applied_to(cube(2.0, {al, ni})) ==
        cube(2.0, {al, ni}));
}

}  // namespace hullscan
