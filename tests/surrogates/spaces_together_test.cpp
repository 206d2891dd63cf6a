// One fit over several spaces: the key `spaces` of a [[surrogate]].
#include "surrogates/spaces_together.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "surrogates/external/scorer_pool.hpp"
#include "surrogates/surrogate_set.hpp"
#include "symmetric_crystals.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

SurrogateSpec spec_of(const std::string& kind, const std::string& settings) {
  return {kind, parse_settings_toml(fmt::format("kind = '{}'\n{}", kind, settings), "campaign.toml")};
}

std::string problems_of(const std::string& settings) {
  Problems problems;
  (void)spaces_together(spec_of("ridge", settings), std::vector<std::string>{"gamma", "delta", "beta"}, problems);
  std::string all;
  for (const std::string& line : problems.lines()) all += line + "\n";
  return all;
}

SurrogateSet set_of(const SurrogateSpec& spec, const std::vector<std::shared_ptr<const ParentCrystal>>& parents,
                    Problems& problems) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < parents.size(); ++i) names.push_back(std::string(1, static_cast<char>('a' + i)));
  return SurrogateSet::make(without_spaces(spec), parents, spaces_together(spec, names, problems), problems);
}

/// Random configurations of a supercell of four, with these energies.
std::vector<LabelledConfiguration> labels_of(const std::shared_ptr<const ParentCrystal>& parent,
                                             const std::function<double(const Configuration&)>& energy,
                                             const std::string& name, std::uint64_t count = 12) {
  const auto supercell =
      std::make_shared<const Supercell>(parent, SupercellMatrix(Eigen::Vector3i(1, 2, 3).asDiagonal()));
  std::vector<LabelledConfiguration> labels;
  for (std::uint64_t seed = 0; seed < count; ++seed) {
    const Configuration configuration{supercell, random_occupation(*supercell, seed)};
    labels.push_back({configuration, energy(configuration), 1, fmt::format("{}-{:02}", name, seed)});
  }
  return labels;
}

double share_of_second(const Configuration& configuration) {
  return static_cast<double>(std::count(configuration.occupation.begin(), configuration.occupation.end(), 1)) /
         static_cast<double>(configuration.occupation.size());
}

}  // namespace

TEST_CASE("spaces of one list are fitted together, and each other space alone", "[surrogates][together]") {
  Problems problems;

  const SpacesTogether one =
      spaces_together(spec_of("ridge", "spaces = ['beta', 'gamma']"), {"gamma", "delta", "beta"}, problems);
  const SpacesTogether two =
      spaces_together(spec_of("ridge", "spaces = [['d', 'b'], ['c', 'a']]"), {"a", "b", "c", "d"}, problems);

  CHECK(problems.empty());
  CHECK(one.groups == std::vector<std::vector<std::size_t>>{{0, 2}, {1}});
  CHECK(one.name(one.with(2)) == "gamma + beta");
  CHECK(two.groups == std::vector<std::vector<std::size_t>>{{0, 2}, {1, 3}});
}

TEST_CASE("what is wrong with `spaces` is said at its place", "[surrogates][together]") {
  CHECK_THAT(problems_of("spaces = ['gamma', 'dleta']"),
             Contains("campaign.toml:2:20: surrogate.spaces") && Contains("did you mean \"delta\""));
  CHECK_THAT(problems_of("spaces = ['gamma', 'delta', 'gamma']"),
             Contains("campaign.toml:2:29") && Contains("named twice"));
  CHECK_THAT(problems_of("spaces = [['gamma', 'delta'], ['beta', 'delta']]"),
             Contains("campaign.toml:2:40") && Contains("has one model"));
  CHECK_THAT(problems_of("spaces = 'gamma'"), Contains("campaign.toml:2:10") && Contains("found text"));
  CHECK_THAT(problems_of("spaces = []"), Contains("an empty list"));
  CHECK_THAT(problems_of("spaces = [['gamma'], 'delta']"), Contains("campaign.toml:2:22"));
  CHECK_THAT(problems_of("spaces = ['gamma', 3]"), Contains("found integer"));
  CHECK_THAT(problems_of("spaces = ['gama', 7, 'gamma', 'gamma']"),
             Contains("2:11") && Contains("2:19") && Contains("2:31"));
}

TEST_CASE("one cluster expansion of two spaces of one crystal knows the labels of both", "[surrogates][together]") {
  const std::vector<std::shared_ptr<const ParentCrystal>> parents = {fcc({"Al", "Ni"}), fcc({"Al", "Ni"})};
  Problems problems;
  SurrogateSet together = set_of(spec_of("cluster-expansion", "pairs = 4\nspaces = ['a', 'b']"), parents, problems);
  SurrogateSet alone = set_of(spec_of("cluster-expansion", "pairs = 4"), parents, problems);
  REQUIRE(problems.empty());
  const auto energy = [](const Configuration& configuration) {
    const double x = share_of_second(configuration);
    return x * (1 - x);
  };
  const auto first = labels_of(parents[0], energy, "a", 8), second = labels_of(parents[1], energy, "b", 16);
  std::vector<LabelledConfiguration> all = first;
  all.insert(all.end(), second.begin(), second.end());

  const std::vector<LabelledConfiguration> of_both[] = {first, second}, of_one[] = {all};
  const FitReport report = together.fit({0, 1}, of_both);
  (void)alone.fit({0}, of_one);

  CHECK(report.labels == 24);
  CHECK(report.loo_residuals_ev_per_atom.size() == 24);
  for (const LabelledConfiguration& label : second)
    CHECK(together.space(1).predict_ev_per_atom(label.configuration) ==
          alone.space(0).predict_ev_per_atom({first.front().configuration.supercell, label.configuration.occupation}));
}

TEST_CASE("one cluster expansion of two crystals is refused at its line", "[surrogates][together]") {
  for (const std::string kind : {"cluster-expansion", "electrostatic"}) {
    Problems problems;
    const std::string settings =
        kind == "electrostatic" ? "oxidation = { Al = 3, Ni = 2, O = -2, Va = 0 }\n" : "pairs = 4\n";
    (void)set_of(spec_of(kind, settings + "spaces = ['a', 'b']"), {fcc({"Al", "Ni"}), fcc({"Al", "Ni"}, 4.1)},
                 problems);

    REQUIRE(problems.lines().size() == 1);
    CHECK_THAT(problems.lines().front(), Contains("campaign.toml:3:10: surrogate.spaces: a + b: ") && Contains(kind));
  }
}

TEST_CASE("a scorer is sent the labels of several crystals and asked for all with one model",
          "[surrogates][together][external]") {
  const std::vector<std::shared_ptr<const ParentCrystal>> parents = {fcc({"Al", "Ni"}, 3.8), fcc({"Al", "Ni"}, 4.2)};
  const std::string scorers = HULLSCAN_TEST_SCORERS;
  const auto spec_with = [&](const std::string& flag) {
    SurrogateSpec spec = spec_of(
        "external", fmt::format("needs = 'labels'\nspaces = ['a', 'b']\ncommand = ['{0}/python', '{0}/composition.py', "
                                "'{1}']",
                                scorers, flag));
    Problems ignored;
    permit_scorer(SettingsReader(spec.settings, "", ignored).texts("command"));
    return spec;
  };
  Problems problems;
  SurrogateSet set = set_of(spec_with("--several"), parents, problems);
  REQUIRE(problems.empty());
  // Linear in composition and in the volume of a site, 0.25 a^3 in fcc.
  const auto energy_in = [](double a) {
    return [a](const Configuration& one) { return 0.3 * share_of_second(one) - 0.2 + 0.1 * a * a * a / 400; };
  };
  const std::vector<LabelledConfiguration> labels[] = {labels_of(parents[0], energy_in(3.8), "a"),
                                                       labels_of(parents[1], energy_in(4.2), "b", 5)};

  const FitReport report = set.fit({0, 1}, labels);

  CHECK(report.labels == 17);
  CHECK(report.warnings == std::vector<std::string>{"17 labels of 2 crystals"});
  const SurrogateSet restored = SurrogateSet::deserialise(set.serialise(), parents);
  for (std::size_t space = 0; space < 2; ++space) {
    for (const LabelledConfiguration& label : labels[space]) {
      const double predicted = set.space(space).predict_ev_per_atom(label.configuration);
      CHECK(predicted == Approx(label.formation_energy_ev_per_atom).margin(1e-9));
      CHECK(restored.space(space).predict_ev_per_atom(label.configuration) == predicted);
    }
  }

  SurrogateSet unable = set_of(spec_with("--fit"), parents, problems);
  CHECK_THROWS_WITH(unable.fit({0, 1}, labels), Contains("several_crystals = True"));
}

namespace {

/// Energies of pairs closer than `reach`: each pair of the second species (of the sublattice's list) counts exp(-r).
double pair_energy(const Configuration& configuration, double reach, double offset) {
  const Supercell& cell = *configuration.supercell;
  double sum = 0;
  for (std::size_t i = 0; i < configuration.occupation.size(); ++i) {
    for (std::size_t j = 0; j < configuration.occupation.size(); ++j) {
      if (configuration.occupation[i] == 0 || configuration.occupation[j] == 0) continue;
      const auto position = [&](std::size_t site) {
        return cell.lattice().rows().transpose() *
               cell.sites()[static_cast<std::size_t>(cell.varied_sites()[site])].position.x;
      };
      for (int a = -3; a <= 3; ++a) {
        for (int b = -3; b <= 3; ++b) {
          for (int c = -3; c <= 3; ++c) {
            const Eigen::Vector3d shift = cell.lattice().rows().transpose() * Eigen::Vector3d(a, b, c);
            const double distance = (position(j) + shift - position(i)).norm();
            if (distance > 0.1 && distance <= reach) sum += 0.5 * (6 - distance);
          }
        }
      }
    }
  }
  return 0.02 * sum / static_cast<double>(configuration.occupation.size()) + offset;
}

double largest_error(const SurrogateSet& set, std::size_t space, const std::vector<LabelledConfiguration>& labels) {
  double largest = 0;
  for (const LabelledConfiguration& label : labels)
    largest = std::max(largest, std::abs(set.space(space).predict_ev_per_atom(label.configuration) -
                                         label.formation_energy_ev_per_atom));
  return largest;
}

}  // namespace

TEST_CASE("contacts of two crystals are learnt together, with the offset of the second", "[surrogates][together]") {
  // The energy of a pair is linear in its length, which shares of two multiples of a width reproduce exactly.
  const std::vector<std::shared_ptr<const ParentCrystal>> parents = {fcc({"Al", "Ni"}, 4.0), fcc({"Al", "Ni"}, 4.6)};
  const std::string settings = "contacts = 4.7\nspaces = ['a', 'b']\nfeatures = 'contacts'\n";
  for (const std::string kind : {"ridge", "gaussian-process"}) {
    INFO(kind);
    Problems problems;
    SurrogateSet set = set_of(spec_of(kind, settings + "contact_bins = 0.6"), parents, problems);
    REQUIRE(problems.empty());
    const auto energy = [](double offset) {
      return [offset](const Configuration& one) { return pair_energy(one, 4.7, offset); };
    };
    const std::vector<LabelledConfiguration> labels[] = {labels_of(parents[0], energy(0), "a", 30),
                                                         labels_of(parents[1], energy(0.04), "b", 30)};

    const FitReport report = set.fit({0, 1}, labels);

    CHECK(report.labels == 60);
    CHECK(report.loo_residuals_ev_per_atom.size() == 60);
    CHECK(report.loo_rmse_mev_per_atom < 2);
    CHECK(largest_error(set, 0, labels[0]) < 3e-3);
    CHECK(largest_error(set, 1, labels[1]) < 3e-3);
    const SurrogateSet restored = SurrogateSet::deserialise(set.serialise(), parents);
    CHECK(restored.hash() == set.hash());
    for (std::size_t space = 0; space < 2; ++space)
      CHECK(restored.space(space).predict_ev_per_atom(labels[space].front().configuration) ==
            set.space(space).predict_ev_per_atom(labels[space].front().configuration));

    (void)set_of(spec_of(kind, settings), parents, problems);
    REQUIRE(problems.lines().size() == 1);
    CHECK_THAT(problems.lines().front(),
               Contains("campaign.toml:3:10: surrogate.spaces: a + b") && Contains("contact_bins = 0.5"));
  }
}

TEST_CASE("clusters of one crystal with other species are one table", "[surrogates][together]") {
  const std::vector<std::shared_ptr<const ParentCrystal>> parents = {fcc({"Al", "Ni"}), fcc({"Al", "Cu", "Ni"})};
  Problems problems;
  SurrogateSet set =
      set_of(spec_of("ridge", "features = 'clusters'\npairs = 4\nspaces = ['a', 'b']"), parents, problems);
  REQUIRE(problems.empty());
  // Copper and nickel differ: Ni is 1 of the first space and 2 of the second.
  const auto energy_of = [](std::uint8_t nickel) {
    return [nickel](const Configuration& one) {
      double energy = 0;
      for (const std::uint8_t occupant : one.occupation) energy += occupant == nickel ? 0.3 : occupant == 0 ? 0 : -0.1;
      return energy / static_cast<double>(one.occupation.size());
    };
  };
  const std::vector<LabelledConfiguration> labels[] = {{}, labels_of(parents[1], energy_of(2), "b", 40)};

  (void)set.fit({0, 1}, labels);

  // The first space has no label of its own: what it knows of nickel it knows from the second.
  CHECK(largest_error(set, 0, labels_of(parents[0], energy_of(1), "a")) < 2e-3);
  const SurrogateSet restored = SurrogateSet::deserialise(set.serialise(), parents);
  CHECK(restored.space(0).predict_ev_per_atom(labels_of(parents[0], energy_of(1), "a").front().configuration) ==
        set.space(0).predict_ev_per_atom(labels_of(parents[0], energy_of(1), "a").front().configuration));
}

TEST_CASE("clusters of different crystals and contacts of other sublattices are not one table",
          "[surrogates][together]") {
  const auto said = [](const std::string& settings, const std::vector<std::shared_ptr<const ParentCrystal>>& parents) {
    Problems problems;
    (void)set_of(spec_of("gaussian-process", settings + "\nspaces = ['a', 'b']"), parents, problems);
    REQUIRE(problems.lines().size() == 1);
    return problems.lines().front();
  };

  CHECK_THAT(said("pairs = 4", {fcc({"Al", "Ni"}), fcc({"Al", "Ni"}, 4.4)}),
             Contains("campaign.toml:3:10") && Contains("the clusters of one crystal are not those of another"));
  CHECK_THAT(said("pairs = 4", {fcc({"Al", "Ni"}), fcc({"Ni", "Al"})}), Contains("first species"));
  CHECK_THAT(said("features = 'contacts'", {fcc({"Al", "Ni"}), fcc({"Ni", "Al"})}), Contains("the same first species"));
}
