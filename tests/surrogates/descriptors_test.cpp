#include "surrogates/features/descriptors.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/errors.hpp"
#include "surrogates/features/polar_descriptors.hpp"
#include "surrogates/models/descriptor_model.hpp"
#include "symmetric_crystals.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

std::vector<double> counts(const ContactCounters& counters, const Supercell& supercell,
                           const std::vector<std::uint8_t>& occupation) {
  std::vector<double> row(counters.names().size(), 0.0);
  SupercellContacts(counters, supercell).count(occupation, row);
  return row;
}

std::unique_ptr<Surrogate> made(const std::string& toml, const std::shared_ptr<const ParentCrystal>& parent,
                                Problems& problems) {
  const SettingsTable table = parse_settings_toml(toml, "campaign.toml");
  return make_surrogate({std::get<std::string>(table.find("kind")->value), table}, parent, problems);
}

}  // namespace

TEST_CASE("contacts of a full fcc lattice are its coordination numbers", "[descriptors]") {
  // Half of 12 nearest and 6 second neighbours per atom. In a cell of one atom every contact is with its own images.
  const auto parent = fcc({"Cu", "Au"}, 4.0);
  const ContactCounters counters(*parent, {4.1, {ContactImages::kAll, ContactImages::kClose, ContactImages::kFar}});
  REQUIRE(counters.names().size() == 6);
  CHECK(counters.names()[0] == "Au-Au 2.83 Å");
  CHECK(counters.names()[4] == "Au-Au 4.00 Å close");

  const Supercell one(parent, SupercellMatrix::Identity()), eight(parent, 2 * SupercellMatrix::Identity());
  CHECK(counts(counters, one, {1}) == std::vector<double>{6, 0, 6, 3, 0, 3});
  // 2x2x2 primitive cells: 12 nearest neighbours are 6 pairs of images of 6 sites; the 6 second ones are one site's.
  CHECK(counts(counters, eight, std::vector<std::uint8_t>(8, 1)) == std::vector<double>{48, 48, 0, 24, 24, 0});
  CHECK(counts(counters, eight, std::vector<std::uint8_t>(8, 0)) == std::vector<double>(6, 0.0));
}

TEST_CASE("close and far contacts sum to all, and symmetry changes none", "[descriptors]") {
  const auto parent = rock_salt({"Li", "Ni", "Va"}, {"O", "F"});
  const ContactCounters counters(*parent, {5.0, {ContactImages::kAll, ContactImages::kClose, ContactImages::kFar}});
  SupercellMatrix matrix;
  matrix << 1, 1, 0, 0, 2, 0, 0, 0, 2;
  const Supercell supercell(parent, matrix);
  const auto group = supercell_group(supercell);
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto occupation = random_occupation(supercell, seed);
    const auto row = counts(counters, supercell, occupation);
    double all = 0, parts = 0;
    for (std::size_t i = 0; i < row.size(); ++i)
      (counters.groups()[i].ends_with("close") || counters.groups()[i].ends_with("far") ? parts : all) += row[i];
    CHECK(all == parts);
    CHECK(all > 0);
    for (const auto& permutation : group) CHECK(counts(counters, supercell, moved(occupation, permutation)) == row);
  }
}

TEST_CASE("ridge on cluster descriptors learns an energy that is a sum over pairs", "[descriptors]") {
  // Energy of the cell: -30 meV a nearest Ni-Ni pair; contact counters and clusters both hold it.
  const auto parent = fcc({"Al", "Ni"}, 4.0);
  const auto supercell = std::make_shared<const Supercell>(parent, 2 * SupercellMatrix::Identity());
  const ContactCounters nearest(*parent, {3.0, {ContactImages::kAll}});
  std::vector<LabelledConfiguration> labels;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Configuration configuration{supercell, random_occupation(*supercell, seed)};
    const double energy = -0.03 * counts(nearest, *supercell, configuration.occupation)[0] / 8;
    labels.push_back({configuration, energy, 1, fmt::format("{:02}", seed)});
  }
  for (const std::string settings :
       {"kind = 'ridge'\nfeatures = 'clusters'\npairs = 4.1", "kind = 'ridge'\ncontacts = 4.1"}) {
    Problems problems;
    const auto model = made(settings, parent, problems);
    REQUIRE(model);
    const FitReport fit = model->fit(labels);
    CHECK(fit.rmse_mev_per_atom < 0.01);
    const Configuration unseen{supercell, {1, 1, 0, 1, 0, 0, 1, 1}};
    CHECK(model->predict_ev_per_atom(unseen) ==
          Approx(-0.03 * counts(nearest, *supercell, unseen.occupation)[0] / 8).margin(1e-5));
    CHECK(model->uncertainty_ev_per_atom(unseen).value() < 1e-3);
    const auto restored = deserialise_surrogate(model->kind(), model->serialise(), parent);
    CHECK(restored->predict_ev_per_atom(unseen) == model->predict_ev_per_atom(unseen));
    CHECK_THROWS_AS(deserialise_surrogate(model->kind(), model->serialise(), fcc({"Al", "Ni"}, 4.1)), StorageError);
  }
}

TEST_CASE("trees and batches: a packed batch gives each configuration its own score", "[descriptors]") {
  const auto parent = fcc({"Al", "Ni"}, 4.0);
  const auto supercell = std::make_shared<const Supercell>(parent, 2 * SupercellMatrix::Identity());
  std::vector<LabelledConfiguration> labels;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    labels.push_back({{supercell, random_occupation(*supercell, seed)},
                      0.01 * static_cast<double>(seed * seed % 11),
                      1,
                      std::to_string(seed)});
  }
  for (const std::string kind : {"random-forest", "gradient-boosting"}) {
    Problems problems;
    const auto model = made("trees = 20\nkind = '" + kind + "'", parent, problems);
    REQUIRE(model);
    (void)model->fit(labels);
    std::vector<std::uint8_t> packed;
    for (const auto& label : labels)
      packed.insert(packed.end(), label.configuration.occupation.begin(), label.configuration.occupation.end());
    std::vector<double> energies(labels.size());
    model->predict_batch(*supercell, packed, energies);
    for (std::size_t i = 0; i < labels.size(); ++i)
      CHECK(energies[i] == model->predict_ev_per_atom(labels[i].configuration));
    CHECK(model->uncertainty_ev_per_atom(labels[0].configuration).value() > 0);
  }
}

TEST_CASE("wrong settings of descriptor models are all named", "[descriptors]") {
  Problems problems;
  CHECK_FALSE(made("kind = 'ridge'\nimages = 'near'\ntrees = 5", fcc({"Al", "Ni"}), problems));
  CHECK_FALSE(
      made("kind = 'gradient-boosting'\nleave_out = 'pair'\nfeatures = 'clusters'", fcc({"Al", "Ni"}), problems));
  CHECK_FALSE(made("kind = 'kim'\nmodel = 'none'\n", fcc({"Al", "Ni"}), problems));
  CHECK_FALSE(made("kind = 'kim'\nmodel = 'EAM_Dynamo_PunMishin_2009_NiAl__MO_751354403791_005'\n", fcc({"Al", "Cu"}),
                   problems));
  CHECK_FALSE(made("kind = 'kim'\nrelax = 'none'\n", fcc({"Al", "Cu"}), problems));
  CHECK_THROWS_WITH(problems.throw_if_any(), Contains("found \"near\"") && Contains("trees") &&
                                                 Contains("no group \"pair\"") && Contains("did you mean") &&
                                                 Contains("KIM model none") && Contains("does not know Cu") &&
                                                 Contains("surrogate.model"));
}

TEST_CASE("a potential scores without labels, and labels change its reference only", "[descriptors][kim]") {
  const auto parent = fcc({"Al", "Ni"}, 3.8);
  Problems problems;
  const auto model =
      made("kind = 'kim'\nmodel = 'EAM_Dynamo_PunMishin_2009_NiAl__MO_751354403791_005'", parent, problems);
  REQUIRE(model);
  const auto cube =
      std::make_shared<const Supercell>(parent, (SupercellMatrix() << -1, 1, 1, 1, -1, 1, 1, 1, -1).finished());
  // L1_2 Ni3Al: formation energy against the relaxed elements, Pun & Mishin 2009: -0.448 eV/atom with the cohesive
  // energies 4.632, 4.45 and 3.36 eV of their tables 2 and 3.
  const double ni3al = model->predict_ev_per_atom({cube, {0, 1, 1, 1}});
  const double al = model->predict_ev_per_atom({cube, {0, 0, 0, 0}}),
               ni = model->predict_ev_per_atom({cube, {1, 1, 1, 1}});
  CHECK(al == Approx(-3.36).margin(0.005));
  CHECK(ni == Approx(-4.45).margin(0.005));
  CHECK(ni3al - 0.25 * al - 0.75 * ni == Approx(-0.45).margin(0.01));

  (void)model->fit(
      std::vector<LabelledConfiguration>{{{cube, {0, 0, 0, 0}}, 0.0, 1, "al"}, {{cube, {1, 1, 1, 1}}, 0.0, 1, "ni"}});
  CHECK(model->predict_ev_per_atom({cube, {1, 1, 1, 1}}) == Approx(0.0).margin(1e-6));
  CHECK(model->predict_ev_per_atom({cube, {0, 1, 1, 1}}) == Approx(ni3al - 0.25 * al - 0.75 * ni).margin(1e-6));
  const auto restored = deserialise_surrogate("kim", model->serialise(), parent);
  CHECK(restored->predict_ev_per_atom({cube, {0, 1, 1, 1}}) == model->predict_ev_per_atom({cube, {0, 1, 1, 1}}));
}

TEST_CASE("a dopant falls into the bins that geometry says", "[descriptors][polar]") {
  // Cubic cell of 12 Å: the pair along x at (0,0,0)-(4,0,0), middle (2,0,0). Dopants: (2,6,0): 6 Å, 90 degrees,
  // equally far from both ends; (7,0,0): 5 Å, 0 degrees, nearer to the end.
  std::vector<VariedSite> sites;
  for (const Eigen::Vector3d& x : {Eigen::Vector3d(2, 6, 0), Eigen::Vector3d(7, 0, 0)})
    sites.push_back({x / 12, species({"Fe", "Ti"})});
  const auto parent = primitive_parent(12 * Eigen::Matrix3d::Identity(), sites);
  const Supercell supercell(parent, SupercellMatrix::Identity());
  const PolarDescriptors polar({.path_types = 5,
                                .class_of_site = {0, 1},
                                .site_classes = 2,
                                .distance_bins = 6,
                                .angle_bins = 5,
                                .longest_angstrom = 12});
  REQUIRE(polar.count() == 20);
  const MarkedPair pair{2, {{0, 0, 0}}, {{4, 0, 0}}};
  std::vector<double> row(20);

  polar.fill(supercell, pair, std::vector<std::size_t>{0, 1}, row);

  CHECK(row == std::vector<double>{0,   0,
                                   1,   0,
                                   0,   /* sublattice */ 1,
                                   1,   /* nearer end */ 0.5,
                                   1.5, /* distance */ 0,
                                   0,   1,
                                   1,   0,
                                   0,   /* angle */ 1,
                                   0,   0,
                                   0,   1});
  CHECK(polar.groups()[5] == "dopant sublattice");
}
