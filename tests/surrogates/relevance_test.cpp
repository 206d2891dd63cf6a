/// @file
/// Which clusters the labels speak for (selection = "ard"), and labels that count more near the hull (weights =
/// "hull").

#include "surrogates/regression/relevance.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "core/hash.hpp"
#include "surrogates/models/cluster_expansion.hpp"
#include "symmetric_crystals.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

/// Nearly normal, variance 1.
double uniform_draw(std::uint64_t seed, std::uint64_t i) {
  double sum = 0;
  for (std::uint64_t k = 0; k < 12; ++k)
    sum += std::ldexp(static_cast<double>(random_bits(seed, i * 12 + k) >> 11U), -53);
  return sum - 6;
}

/// 20 features of which the third and the eighth make the target; noise 0.1.
RidgeProblem sparse_problem(Eigen::Index labels, std::uint64_t seed) {
  RidgeProblem problem;
  problem.features.resize(labels, 20);
  for (Eigen::Index i = 0; i < labels; ++i) {
    for (Eigen::Index j = 0; j < 20; ++j)
      problem.features(i, j) = uniform_draw(seed, static_cast<std::uint64_t>(100 * i + j));
  }
  problem.targets = 3 * problem.features.col(2) - 1.5 * problem.features.col(7);
  for (Eigen::Index i = 0; i < labels; ++i)
    problem.targets[i] += 7 + 0.1 * uniform_draw(seed + 1, static_cast<std::uint64_t>(i));
  problem.weights = Eigen::VectorXd::Ones(labels);
  problem.error_scale = Eigen::VectorXd::Ones(labels);
  problem.penalty_factors = Eigen::VectorXd::Ones(20);
  return problem;
}

bool holds(const std::vector<Eigen::Index>& kept, Eigen::Index feature) {
  return std::find(kept.begin(), kept.end(), feature) != kept.end();
}

std::vector<LabelledConfiguration> labels_of(const std::shared_ptr<const ParentCrystal>& parent, std::size_t first,
                                             std::size_t count, double noise_ev) {
  const auto supercell = std::make_shared<const Supercell>(parent, Eigen::Matrix3i(2 * Eigen::Matrix3i::Identity()));
  // -0.3 eV for every unlike nearest pair of fcc, counted through a model that has this pair only.
  ClusterExpansion pairs(parent, {{2.9, 0, 0}, {}});
  std::vector<LabelledConfiguration> labels;
  for (std::size_t i = first; i < first + count; ++i) {
    std::vector<std::uint8_t> occupation;
    for (std::uint64_t s = 0; s < 8; ++s) occupation.push_back(static_cast<std::uint8_t>(random_bits(i, s) % 2));
    FeatureCounter counter(pairs.features(), *supercell);
    std::vector<double> row(pairs.features().count());
    counter.count(occupation, row);
    const double energy = -3.6 * row[0] + 0.6 * row[1] + noise_ev * uniform_draw(i, 5);
    labels.push_back({{supercell, occupation}, energy, 1, "label-" + std::to_string(1000 + i)});
  }
  return labels;
}

}  // namespace

TEST_CASE("relevance keeps the features that make the target and drops most others", "[surrogates][relevance]") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const RidgeProblem problem = sparse_problem(60, seed);

    const Relevance relevance = determine_relevance(problem, 0);

    CHECK(holds(relevance.kept, 2));
    CHECK(holds(relevance.kept, 7));
    CHECK(relevance.kept.size() <= 10);
    REQUIRE(static_cast<std::size_t>(relevance.penalties.size()) == relevance.kept.size());
    CHECK(relevance.penalties.minCoeff() > 0);
    // The two that matter are hardly held down: noise variance 0.01 over 60 labels and squared effects 9 and 2.25.
    const auto at = [&](Eigen::Index feature) {
      return relevance
          .penalties[std::find(relevance.kept.begin(), relevance.kept.end(), feature) - relevance.kept.begin()];
    };
    CHECK(at(2) == Approx(0.01 / 60 / 9).epsilon(0.6));
    CHECK(at(7) == Approx(0.01 / 60 / 2.25).epsilon(0.6));
  }
}

TEST_CASE("the composition is never dropped, and units of features do not matter", "[surrogates][relevance]") {
  RidgeProblem problem = sparse_problem(60, 4);

  const Relevance free = determine_relevance(problem, 2);
  CHECK(holds(free.kept, 0));
  CHECK(holds(free.kept, 1));

  const Relevance before = determine_relevance(problem, 0);
  for (Eigen::Index j = 0; j < 20; ++j) problem.features.col(j) *= std::pow(10.0, static_cast<double>(j % 5) - 2);
  const Relevance after = determine_relevance(problem, 0);
  CHECK(after.kept == before.kept);
}

TEST_CASE("with selection = ard a sparse expansion is learnt from fewer labels than it has clusters",
          "[surrogates][relevance]") {
  const auto parent = fcc({"Al", "Ni"});
  const ClusterExpansionSettings ridge{{6.5, 4.1, 0}, {}};
  ClusterExpansionSettings ard = ridge;
  ard.relevance = true;
  ClusterExpansion by_ridge(parent, ridge), by_ard(parent, ard);
  const auto known = labels_of(parent, 0, 24, 0.01), unseen = labels_of(parent, 500, 100, 0.0);
  const auto error_of = [&](ClusterExpansion& model) {
    (void)model.fit(known);
    double squares = 0;
    for (const LabelledConfiguration& label : unseen)
      squares += std::pow(model.predict_ev_per_atom(label.configuration) - label.formation_energy_ev_per_atom, 2);
    return std::sqrt(squares / static_cast<double>(unseen.size()));
  };

  const double ridge_error = error_of(by_ridge), ard_error = error_of(by_ard);

  CHECK(ard_error < ridge_error);
  CHECK(ard_error < 0.02);  // the noise of the labels is 0.01
  CHECK(by_ard.fit(known).features < by_ridge.fit(known).features);
}

TEST_CASE("a label counts 5 on the hull, 1 + 4/e at 20 meV, 1 far away", "[surrogates][relevance]") {
  CHECK(hull_weight(0) == 5);
  CHECK(hull_weight(0.020) == Approx(1 + 4 / std::exp(1.0)));
  CHECK(hull_weight(10) == Approx(1));
}

TEST_CASE("with weights = hull what lies near the hull is fitted closer, at the expense of the rest",
          "[surrogates][relevance]") {
  const auto parent = fcc({"Al", "Ni"});
  ClusterExpansionSettings equal{{2.9, 0, 0}, 1e-6};
  ClusterExpansionSettings weighted = equal;
  weighted.hull_weights = true;
  auto labels = labels_of(parent, 0, 120, 0.0);
  // Something that no nearest pair can express, and half of the labels on the hull.
  for (std::size_t i = 0; i < labels.size(); ++i) {
    labels[i].formation_energy_ev_per_atom += 0.05 * uniform_draw(77, i);
    labels[i].e_above_hull_ev_per_atom = i % 2 == 0 ? 0 : 0.5;
  }
  const auto errors = [&](const ClusterExpansionSettings& settings) {
    ClusterExpansion model(parent, settings);
    (void)model.fit(labels);
    std::pair<double, double> squares;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const double off = model.predict_ev_per_atom(labels[i].configuration) - labels[i].formation_energy_ev_per_atom;
      (i % 2 == 0 ? squares.first : squares.second) += off * off;
    }
    return squares;
  };

  const auto plain = errors(equal), near = errors(weighted);

  CHECK(near.first < plain.first);
  CHECK(near.second > plain.second);
}
