#include "surrogates/models/gaussian_process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <iostream>

#include "../shared_data.hpp"
#include "core/hash.hpp"
#include "labelled_data.hpp"
#include "surrogates/models/cluster_expansion.hpp"
#include "surrogates/regression/cross_validation.hpp"
#include "symmetric_crystals.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

/// Random occupations of one supercell of fcc; the energy is a pair expansion bent by a square, plus a little noise.
std::vector<LabelledConfiguration> bent_labels(const std::shared_ptr<const ParentCrystal>& parent, std::size_t count) {
  Eigen::Matrix3i matrix;
  matrix << 2, 0, 0, 0, 2, 0, 0, 0, 2;
  const auto supercell = std::make_shared<const Supercell>(parent, matrix);
  const ClusterOrbits orbits(parent, {3.5, 0, 0});
  std::vector<LabelledConfiguration> labels;
  for (std::size_t i = 0; i < count; ++i) {
    Configuration configuration{supercell, {}};
    for (std::uint64_t s = 0; s < 8; ++s)
      configuration.occupation.push_back(static_cast<std::uint8_t>(random_bits(i, s) & 1U));
    const auto counts = orbits.counts(configuration);
    const double pairs = static_cast<double>(counts[1]) / 8;
    const double noise = 1e-4 * (static_cast<double>(random_bits(i, 99) >> 11U) * 0x1p-53 - 0.5);
    labels.push_back({configuration,
                      0.02 * pairs - 0.004 * pairs * pairs + 0.1 * static_cast<double>(counts[0]) / 8 + noise, 1,
                      fmt::format("label-{:03}", i)});
  }
  return labels;
}

}  // namespace

TEST_CASE("a Gaussian process learns what a pair expansion cannot", "[surrogates][gaussian-process]") {
  const auto parent = fcc({"Al", "Ni"});
  const auto labels = bent_labels(parent, 80);
  const auto folds = random_folds(labels.size(), 8, 1);
  GaussianProcess process(parent, {{3.5, 0, 0}, false, {}});
  ClusterExpansion expansion(parent, {{3.5, 0, 0}, {}});

  const double of_process = cross_validate(process, labels, folds).total.rmse_mev_per_atom;
  const double of_expansion = cross_validate(expansion, labels, folds).total.rmse_mev_per_atom;

  CHECK(of_process < 0.2 * of_expansion);
  CHECK(of_process < 0.1);  // the noise is 0.03 meV
}

TEST_CASE("a stored Gaussian process predicts the same and knows its parent", "[surrogates][gaussian-process]") {
  const auto parent = fcc({"Al", "Ni"});
  const auto labels = bent_labels(parent, 30);
  GaussianProcess process(parent, {{3.5, 0, 0}, false, {}});
  (void)process.fit(labels);
  const std::vector<std::byte> bytes = process.serialise();

  const auto again = deserialise_surrogate("gaussian-process", bytes, parent);

  for (const LabelledConfiguration& label : labels) {
    CHECK(again->predict_ev_per_atom(label.configuration) == process.predict_ev_per_atom(label.configuration));
    CHECK(again->uncertainty_ev_per_atom(label.configuration) == process.uncertainty_ev_per_atom(label.configuration));
  }
  CHECK(again->serialise() == bytes);
  CHECK_THROWS_AS(deserialise_surrogate("gaussian-process", bytes, fcc({"Al", "Ni", "Cu"})), StorageError);
  CHECK_THROWS_AS(deserialise_surrogate("gaussian-process", std::span(bytes).first(bytes.size() - 3), parent),
                  StorageError);
}

TEST_CASE("a Gaussian process is surer near its labels than far from them", "[surrogates][gaussian-process]") {
  // Labels hold at most two Ni among eight; a cell of six Ni is far from all of them.
  const auto parent = fcc({"Al", "Ni"});
  auto labels = bent_labels(parent, 200);
  std::erase_if(labels, [](const LabelledConfiguration& label) {
    const auto& o = label.configuration.occupation;
    return std::count(o.begin(), o.end(), std::uint8_t{1}) > 2;
  });
  GaussianProcess process(parent, {{3.5, 0, 0}, false, {}});
  (void)process.fit(labels);

  const double near = *process.uncertainty_ev_per_atom(labels.front().configuration);
  const double far =
      *process.uncertainty_ev_per_atom({labels.front().configuration.supercell, {1, 1, 1, 1, 1, 1, 0, 0}});

  CHECK(far > 3 * near);
}

TEST_CASE("ten-fold errors and intervals of the Gaussian process are at the published baseline",
          "[.][long][surrogates][data]") {
  // data/PROVENANCE.md: 0.26 (Ag-Au) and 3.41 meV/atom (SrCuOx); Cu-Ag-Au takes longer: tests/cli/validate_test.cpp.
  for (const auto& [name, triplets, rmse] : {std::tuple{"Ag-Au", 4.95, 0.265}, std::tuple{"SrCuOx", 5.7, 3.415}}) {
    if (!have_shared_data(name)) continue;
    const LabelledSet set = read_labelled_set(name);
    GaussianProcess model(set.parent, {{8.1, triplets, 0}, false, {}});

    const CrossValidation result = cross_validate(model, set.labels, set.folds);

    std::size_t within = 0;
    for (std::size_t i = 0; i < set.labels.size(); ++i) {
      const double error = std::abs(result.predictions_ev_per_atom[i] - set.labels[i].formation_energy_ev_per_atom);
      within += error <= result.uncertainties_ev_per_atom[i] ? 1 : 0;
    }
    const double coverage = static_cast<double>(within) / static_cast<double>(set.labels.size());
    std::cout << fmt::format("{} gaussian process: RMSE {:.3f} (MAE {:.3f}) meV/atom, one deviation covers {:.3f}\n",
                             name, result.total.rmse_mev_per_atom, result.total.mae_mev_per_atom, coverage);
    CHECK(result.total.rmse_mev_per_atom < rmse);
    CHECK(coverage > 0.6);  // nominal 0.683
    CHECK(coverage < 0.77);
  }
}
