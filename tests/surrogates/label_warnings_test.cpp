// What a person is told about labels that cannot teach a model what it needs.
#include <catch2/catch.hpp>

#include "core/hash.hpp"
#include "surrogates/models/cluster_expansion.hpp"
#include "symmetric_crystals.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

std::vector<LabelledConfiguration> labels_of(const std::shared_ptr<const ParentCrystal>& parent, std::size_t count,
                                             std::uint8_t highest) {
  const auto supercell = std::make_shared<const Supercell>(parent, Eigen::Matrix3i(2 * Eigen::Matrix3i::Identity()));
  std::vector<LabelledConfiguration> labels;
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<std::uint8_t> occupation;
    double energy = 0;
    for (std::uint64_t s = 0; s < 8; ++s) {
      occupation.push_back(static_cast<std::uint8_t>(random_bits(i, s) % (highest + 1U)));
      energy += 0.01 * occupation.back();
    }
    const double noise = 1e-4 * static_cast<double>(random_bits(i, 99) % 100);
    labels.push_back({{supercell, occupation}, energy + noise, 1, "label-" + std::to_string(100 + i)});
  }
  return labels;
}

bool warns(const FitReport& report, const std::string& what) {
  for (const std::string& warning : report.warnings) {
    if (warning.find(what) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a species that no label holds is named", "[surrogates][warnings]") {
  const auto parent = fcc({"Al", "Ni", "Cu"});
  ClusterExpansion model(parent, {{3.5, 0, 0}, {}});

  CHECK(warns(model.fit(labels_of(parent, 40, 1)), "no label holds Cu on sublattice"));
  CHECK_FALSE(warns(model.fit(labels_of(parent, 40, 2)), "no label holds"));
}

TEST_CASE("compositions that vary together are named", "[surrogates][warnings]") {
  const auto parent = fcc({"Al", "Ni", "Cu"});
  auto labels = labels_of(parent, 40, 1);
  for (LabelledConfiguration& label : labels) {  // of every two Ni one becomes Cu: equal counts
    std::vector<std::size_t> nickel;
    for (std::size_t s = 0; s < 8; ++s) {
      if (label.configuration.occupation[s] == 1) nickel.push_back(s);
    }
    for (std::size_t n = 0; n < nickel.size(); ++n) {
      label.configuration.occupation[nickel[n]] =
          static_cast<std::uint8_t>(n + 1 == nickel.size() && n % 2 == 0 ? 0 : 1 + n % 2);
    }
  }
  ClusterExpansion model(parent, {{3.5, 0, 0}, {}});

  CHECK(warns(model.fit(labels), "vary together in all labels"));
}

TEST_CASE("one configuration with two energies is named", "[surrogates][warnings]") {
  const auto parent = fcc({"Al", "Ni"});
  auto labels = labels_of(parent, 40, 1);
  ClusterExpansion model(parent, {{3.5, 0, 0}, {}});
  labels.push_back(labels[3]);
  labels.back().id = "twin";
  labels.back().formation_energy_ev_per_atom += 0.025;

  const FitReport report = model.fit(labels);

  CHECK(warns(report, "are the same configuration to the model and differ by"));
  CHECK(warns(report, "twin"));
}

TEST_CASE("a label far from all others is named", "[surrogates][warnings]") {
  const auto parent = fcc({"Al", "Ni"});
  auto labels = labels_of(parent, 40, 1);
  labels[7].formation_energy_ev_per_atom += 0.8;
  ClusterExpansion model(parent, {{3.5, 0, 0}, {}});

  CHECK(warns(model.fit(labels), "label-107 is "));
}
