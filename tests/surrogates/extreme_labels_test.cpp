#include "surrogates/features/extreme_labels.hpp"

#include <catch2/catch.hpp>

#include "surrogates/models/cluster_expansion.hpp"
#include "symmetric_crystals.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

/// Chains of fcc cells along one vector; each digit is an occupant.
std::vector<LabelledConfiguration> chains(const std::shared_ptr<const ParentCrystal>& parent,
                                          const std::vector<std::string>& words) {
  std::vector<LabelledConfiguration> labels;
  for (const std::string& word : words) {
    SupercellMatrix matrix = SupercellMatrix::Identity();
    matrix(0, 0) = static_cast<int>(word.size());
    Configuration configuration{std::make_shared<const Supercell>(parent, matrix), {}};
    for (const char digit : word) configuration.occupation.push_back(static_cast<std::uint8_t>(digit - '0'));
    labels.push_back({configuration, -0.1, 1, word});
  }
  return labels;
}

}  // namespace

TEST_CASE("the pure ends of an alloy are extreme, each label once and once only", "[surrogates][labels]") {
  using Flags = std::vector<bool>;
  const auto binary = fcc({"Al", "Ni"}), ternary = fcc({"Al", "Ni", "Cu"});

  CHECK(extreme_labels(chains(binary, {"0", "01", "001", "1", "011"})) == Flags{true, false, false, true, false});
  CHECK(extreme_labels(chains(ternary, {"0", "1", "2", "01", "12", "012"})) ==
        Flags{true, true, true, false, false, false});
  // Two labels of one composition predict each other.
  CHECK(extreme_labels(chains(binary, {"0", "00", "01", "001", "1", "011"})) ==
        Flags{false, false, false, false, true, false});
  // A range that does not reach the pure crystals has ends of its own.
  CHECK(extreme_labels(chains(binary, {"0001", "01", "0011", "0101", "0111"})) ==
        Flags{true, false, false, false, true});
  // Too few others to go by.
  CHECK(extreme_labels(chains(binary, {"0", "1", "01"})) == Flags{false, false, false});
  CHECK(extreme_labels({}).empty());
}

TEST_CASE("what has no weight is no label and makes nothing extreme or usual", "[surrogates][labels]") {
  auto labels = chains(fcc({"Al", "Ni"}), {"0", "00", "01", "001", "1", "011"});
  labels[1].weight = 0;

  CHECK(extreme_labels(labels) == std::vector<bool>{true, false, false, false, true, false});
}

TEST_CASE("the leave-one-out error of an expansion is that of the labels that can be predicted",
          "[surrogates][expansion]") {
  const auto parent = fcc({"Al", "Ni"});
  auto labels = chains(parent, {"0", "1", "01", "001", "011", "0001", "0011", "0111", "00011", "00111"});
  for (LabelledConfiguration& label : labels) label.formation_energy_ev_per_atom = label.id.size() < 2 ? 0 : -0.1;
  ClusterExpansion model(parent, {{3.0, 0, 0}, {}});

  const FitReport report = model.fit(labels);

  REQUIRE(report.loo_residuals_ev_per_atom.size() == labels.size());
  CHECK(report.loo_residuals_ev_per_atom[0] == 0);
  CHECK(report.loo_residuals_ev_per_atom[1] == 0);
  double squares = 0;
  for (std::size_t i = 2; i < labels.size(); ++i) {
    CHECK(report.loo_residuals_ev_per_atom[i] != 0);
    squares += std::pow(report.loo_residuals_ev_per_atom[i], 2);
  }
  CHECK(report.loo_rmse_mev_per_atom == Approx(1e3 * std::sqrt(squares / 8)));
}
