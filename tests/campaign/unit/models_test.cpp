/// @file
/// The lowest configurations by a model, and regression on tables, called as functions.

#include <catch2/catch.hpp>
#include <limits>
#include <map>

#include "campaign/best_configurations.hpp"
#include "campaign/table_regression.hpp"
#include "chain_labels.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

/// The campaign of the chains with its model fitted to them.
ResolvedCampaign fitted_chains() {
  const TemporaryFolder folder;
  ResolvedCampaign resolved = resolve_campaign(write_fcc_campaign(folder.path(), "volume = [1, 4]\n", kPairs));
  (void)fit_to_structures(resolved, chain_labels(fifteen_words()));
  return resolved;
}

/// Two descriptors in two groups; the first alone decides.
DescriptorTable two_groups(std::size_t rows) {
  DescriptorTable table;
  table.columns = {{"decides", "does not"}, {"first", "second"}, 0};
  table.features.resize(static_cast<Eigen::Index>(rows), 2);
  for (std::size_t r = 0; r < rows; ++r) {
    const auto row = static_cast<Eigen::Index>(r);
    table.features(row, 0) = static_cast<double>(r * r % 7);
    table.features(row, 1) = static_cast<double>(r % 3);
    table.others["parity"].push_back(r % 2 == 0 ? "even" : "odd");
  }
  return table;
}

}  // namespace

TEST_CASE("the best configuration of each composition is the lowest of all that there are", "[campaign][best]") {
  const ResolvedCampaign resolved = fitted_chains();
  REQUIRE(resolved.surrogates.fitted());

  const auto found = find_best(resolved, {1, 60, {}});

  const Strata strata(resolved.spaces);
  REQUIRE(found.size() == strata.size());
  for (const BestOfComposition& best : found) {
    const Supercell& supercell = *best.stratum.space->supercells()[best.stratum.supercell()];
    const auto scorer = resolved.surrogates.space(0).scorer(supercell);
    double lowest = std::numeric_limits<double>::infinity();
    best.stratum.enumerator().run({}, {}, [&](const Orbit& orbit) {
      lowest = std::min(lowest, scorer->score(orbit.occupation));
      return true;
    });
    INFO(best.stratum.formula());
    CHECK(best.result.proven);
    CHECK(best.gap_ev_per_atom() == 0);
    CHECK(best.proven_count() == best.result.best.size());
    if (!best.result.best.empty()) CHECK(best.lowest_ev_per_atom() == Approx(lowest).margin(1e-8));
  }
}

TEST_CASE("only the compositions that are asked for are searched", "[campaign][best]") {
  const ResolvedCampaign resolved = fitted_chains();

  const auto found = find_best(resolved, {3, 60, {"AlNi"}});

  REQUIRE_FALSE(found.empty());
  for (const BestOfComposition& best : found) {
    CHECK(best.stratum.formula() == "AlNi");
    CHECK(best.result.best.size() <= 3);
  }
}

TEST_CASE("ridge finds a linear law, and leaving out what decides costs most", "[campaign][regression]") {
  const DescriptorTable table = two_groups(21);
  const Eigen::VectorXd targets = (3.0 + 2.0 * table.features.col(0).array()).matrix();
  RegressionRequest request{{TableMethod::kRidge}, 1, 5, std::string("parity"), true};

  const auto model = regress(table, targets, request, {{"itself", table, targets}}).front();

  CHECK(model.cross_validation.all.rmse < 1e-6);
  CHECK(model.cross_validation.by_level.at("even").count == 11);
  CHECK(model.cross_validation.by_level.at("odd").count == 10);
  CHECK(model.coefficients[0] == Approx(2));
  CHECK(model.coefficients[1] == Approx(0).margin(1e-6));
  REQUIRE(model.ablation.size() == 2);
  CHECK(model.ablation[0].group == "first");
  CHECK(model.ablation[0].errors.all.rmse > 1);
  CHECK(model.ablation[1].errors.all.rmse < 1e-6);
  CHECK(model.carried.front().rmse < 1e-6);
}

TEST_CASE("trees have importances and no coefficients", "[campaign][regression]") {
  const DescriptorTable table = two_groups(21);
  const Eigen::VectorXd targets = table.features.col(0);

  const auto models =
      regress(table, targets, {{TableMethod::kRandomForest, TableMethod::kRidge}, 1, 3, std::nullopt, false}, {});

  REQUIRE(models.size() == 2);
  CHECK(models[0].method == TableMethod::kRandomForest);
  CHECK(models[0].coefficients.empty());
  CHECK(models[0].importance[0] > models[0].importance[1]);
  CHECK(models[1].coefficients.size() == 2);
  CHECK(models[0].ablation.empty());
  CHECK(models[0].cross_validation.by_level.empty());
}
