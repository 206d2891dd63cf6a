#include "surrogates/models/pair_model.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/errors.hpp"
#include "symmetric_crystals.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

std::unique_ptr<Surrogate> pair_model(const std::string& more, const std::shared_ptr<const ParentCrystal>& parent,
                                      Problems& problems) {
  const SettingsTable table =
      parse_settings_toml("kind = 'marked-pair'\nlabels = 'x.csv'\ntarget = 'barrier'\n" + more, "campaign.toml");
  return make_surrogate({"marked-pair", table}, parent, problems);
}

/// Nearest neighbours of a 2x2x2 supercell of fcc copper with gold as the dopant.
struct Fcc {
  std::shared_ptr<const ParentCrystal> parent = fcc({"Cu", "Au"}, 4.0);
  Supercell supercell{parent, 2 * SupercellMatrix::Identity()};
  MarkedPair pair{0, {Eigen::Vector3d(0, 0, 0)}, {Eigen::Vector3d(2, 2, 0)}};
};

}  // namespace

// The target is 0.5 eV plus 0.1 eV for each gold atom nearer to the first end and 0.2 eV for one nearer to the
// second.
TEST_CASE("a model of marked pairs learns a sum over dopants and gives it back, stored or not",
          "[descriptors][pairs]") {
  const Fcc fcc;
  Problems problems;
  const auto made_model = pair_model("ridge = 1e-10\n", fcc.parent, problems);
  problems.throw_if_any();
  auto& model = dynamic_cast<PairModel&>(*made_model);
  const PairDescriptors descriptors(fcc.supercell, 1, {}, 12);
  const std::size_t sites = fcc.supercell.varied_sites().size();
  const auto columns = static_cast<Eigen::Index>(descriptors.columns().names.size());
  std::vector<std::vector<std::uint8_t>> occupations;
  for (std::size_t a = 0; a < sites; ++a) {
    for (std::size_t b = a; b < sites; ++b) {
      std::vector<std::uint8_t> occupation(sites, 0);
      occupation[a] = occupation[b] = 1;
      occupations.push_back(occupation);
    }
  }
  Eigen::MatrixXd features(static_cast<Eigen::Index>(occupations.size()), columns);
  Eigen::VectorXd targets(features.rows());
  std::vector<double> row(descriptors.columns().names.size());
  for (Eigen::Index r = 0; r < features.rows(); ++r) {
    descriptors.fill(fcc.pair, occupations[static_cast<std::size_t>(r)], row);
    for (Eigen::Index c = 0; c < columns; ++c) features(r, c) = row[static_cast<std::size_t>(c)];
    targets[r] = 0.5 + 0.1 * row[2] + 0.2 * row[3];  // path 1, on Cu 1, nearer end 1, nearer end 2
  }
  REQUIRE(descriptors.columns().names[2] == "nearer end 1");
  CHECK_FALSE(model.fitted());

  model.learn(descriptors.columns(), features, targets);

  REQUIRE(model.fitted());
  const auto restored = deserialise_surrogate("marked-pair", model.serialise(), fcc.parent);
  CHECK(restored->serialise() == model.serialise());
  for (const Surrogate* one : {static_cast<const Surrogate*>(&model), static_cast<const Surrogate*>(restored.get())}) {
    const auto scorer = one->pair_scorer(fcc.supercell, fcc.pair);
    for (std::size_t k = 0; k < occupations.size(); ++k)
      CHECK(scorer->score(occupations[k]) == Approx(targets[static_cast<Eigen::Index>(k)]).margin(1e-6));
  }
}

TEST_CASE("a model of marked pairs is not a model of energies", "[descriptors][pairs]") {
  const Fcc fcc;
  Problems problems;
  const auto model = pair_model("", fcc.parent, problems);
  problems.throw_if_any();

  CHECK_THROWS_WITH(model->scorer(fcc.supercell), Contains("nothing is marked here"));
  CHECK_THROWS_WITH(model->fit({}), Contains("learns from its table"));
  CHECK_THROWS_WITH(model->pair_scorer(fcc.supercell, fcc.pair), Contains("has not been fitted"));
}

TEST_CASE("the settings of a model of marked pairs are checked", "[descriptors][pairs]") {
  const Fcc fcc;
  Problems problems;

  CHECK(pair_model("method = 'rigde'\nlongest = -1\ndopants = 'Xx'\nlabel = 'y'\n", fcc.parent, problems) == nullptr);

  std::string all;
  for (const std::string& line : problems.lines()) all += line + "\n";
  CHECK_THAT(all, Contains("surrogate.method") && Contains("surrogate.longest") && Contains("surrogate.dopants") &&
                      Contains("did you mean \"labels\""));
}
