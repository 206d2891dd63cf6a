#include "enumerator/crystal/parent_builder.hpp"

#include <Eigen/Geometry>
#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <set>

#include "crystals.hpp"
#include "enumerator/crystal/site_selection.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

std::vector<std::string> problems_of(const std::string& file, const SpaceSpec& spec) {
  Problems problems;
  CHECK(build_parent(read_crystal(structure_file(file)), spec, problems) == nullptr);
  return problems.lines();
}

/// The same crystal repeated along its vectors.
Crystal repeated(const Crystal& crystal, const Eigen::Vector3i& times) {
  const Eigen::Vector3d scale = times.cast<double>();
  Crystal result{Lattice(scale.asDiagonal() * crystal.lattice.rows()), {}, crystal.source};
  for (const CrystalSite& site : crystal.sites) {
    for (int i = 0; i < times[0]; ++i) {
      for (int j = 0; j < times[1]; ++j) {
        for (int k = 0; k < times[2]; ++k) {
          CrystalSite copy = site;
          copy.position = wrapped({(site.position.x + Eigen::Vector3d(i, j, k)).cwiseQuotient(scale)});
          result.sites.push_back(copy);
        }
      }
    }
  }
  return result;
}

void check_is_exact_group(const ParentCrystal& parent) {
  REQUIRE(parent.operations[0].rotation.isIdentity());
  REQUIRE(parent.operations[0].translation.isZero());
  for (const SymmetryOperation& a : parent.operations) {
    for (const SymmetryOperation& b : parent.operations) {
      const Eigen::Matrix3i rotation = a.rotation * b.rotation;
      const Eigen::Vector3d translation = a.rotation.cast<double>() * b.translation + a.translation;
      const bool closed =
          std::any_of(parent.operations.begin(), parent.operations.end(), [&](const SymmetryOperation& c) {
            const Eigen::Vector3d difference = c.translation - translation;
            return c.rotation == rotation && (difference.array() - difference.array().round()).abs().maxCoeff() < 1e-9;
          });
      REQUIRE(closed);
    }
  }
}

}  // namespace

TEST_CASE("the space group is found from the coordinates and the sublattices", "[enumerator][parent]") {
  const auto al = parent_of("Al-fcc.cif", space({{{"Al"}, {"Al", "Ni"}}}));
  CHECK(al->space_group_number == 225);
  CHECK(al->space_group_symbol == "Fm-3m");
  CHECK(al->operations.size() == 48);
  CHECK(std::abs(al->cell_in_primitive.cast<double>().determinant()) == Approx(4));
  CHECK(al->sites[0].wyckoff_letter == 'a');

  CHECK(parent_of("gamma-CsPbI3-Pnma.cif", space({{{"Pb"}, {"Pb", "Zn"}}}))->space_group_number == 62);
  CHECK(parent_of("gamma-CsPbI3-Pbnm.cif", space({{{"Pb"}, {"Pb", "Zn"}}}))->space_group_number == 62);
  CHECK(parent_of("LiNiO2-R-3m.cif", space({{{"Ni"}, {"Ni", "Mn"}}}))->space_group_number == 166);
  CHECK(parent_of("MoS2-monolayer.cif", space({{{"S"}, {"S", "Se"}}}))->space_group_number == 187);
}

TEST_CASE("sites of one sublattice are alike, whatever the file puts on them", "[enumerator][parent]") {
  const auto ordered = parent_of("NiAl-B2.vasp", space({{{"Ni"}, {"Ni", "Va"}}}));
  const auto alloy = parent_of("NiAl-B2.vasp", space({{{"Ni", "Al"}, {"Al", "Ni"}}}));

  CHECK(ordered->space_group_number == 221);
  CHECK(ordered->operations.size() == 48);
  CHECK(alloy->space_group_number == 229);
  CHECK(std::abs(alloy->cell_in_primitive.cast<double>().determinant()) == Approx(2));
}

TEST_CASE("species keep the order of the campaign file and sites the order of the structure file",
          "[enumerator][parent]") {
  const auto parent = parent_of("LiNiO2-R-3m.cif", space({{{"Li1"}, {"Va", "Li"}}, {{"3b"}, {"Ni", "Mn", "Co"}}}));

  REQUIRE(parent->sublattices.size() == 2);
  CHECK(parent->sublattices[0].allowed == std::vector<Species>{Species::vacancy(), Species::from_symbol("Li")});
  CHECK(parent->sublattices[0].sites == std::vector<int>{0, 1, 2});
  CHECK(parent->sublattices[1].sites == std::vector<int>{3, 4, 5});
  CHECK(parent->sites[3].label == "Ni1");
  CHECK(parent->sites[6].sublattice == kFixedSite);
  CHECK(parent->sites[6].fixed_species == Species::from_symbol("O"));
}

TEST_CASE("a selector that names nothing is told what there is", "[enumerator][parent]") {
  const auto lines = problems_of("gamma-CsPbI3-Pnma.cif", space({{{"Pb2"}, {"Pb", "Zn"}}, {{"8c"}, {"I", "Br"}}}));
  const std::string file = structure_file("gamma-CsPbI3-Pnma.cif").string();

  REQUIRE(lines.size() == 2);
  CHECK(
      lines[0] ==
      "campaign.toml:10:9: no site \"Pb2\" in " + file +
          " (gamma-CsPbI3) (did you mean \"Pb1\"?); labels: Cs1, Pb1, I1, I2; elements: Cs, Pb, I; Wyckoff positions: "
          "4b, 4c, 8d");
  CHECK(lines[1].find("campaign.toml:11:9: no site \"8c\"") == 0);
}

TEST_CASE("a Wyckoff position names every site of that multiplicity and letter", "[enumerator][parent]") {
  const auto parent = parent_of("gamma-CsPbI3-Pnma.cif", space({{{"4b"}, {"Pb", "Zn"}}, {{"8d", "I1"}, {"I", "Br"}}}));

  CHECK(parent->sublattices[0].sites.size() == 4);
  CHECK(parent->sublattices[1].sites.size() == 12);
  // The letter holds for the conventional cell, whatever cell the file has.
  auto spec = space({{{"4a"}, {"Al", "Ni"}}});
  spec.primitive = true;
  const auto al = parent_of("Al-fcc.cif", spec);
  CHECK(al->sites.size() == 1);
}

TEST_CASE("a site belongs to one sublattice", "[enumerator][parent]") {
  const auto lines = problems_of("LiNiO2-R-3m.cif", space({{{"Ni"}, {"Ni", "Mn"}}, {{"Li", "Ni1"}, {"Li", "Va"}}}));

  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == "campaign.toml:11:9: site Ni1 belongs to sublattice Ni already");
}

TEST_CASE("a mixed site that nothing varies is a problem; one that is varied may be named by any of its labels",
          "[enumerator][parent]") {
  const auto lines = problems_of("traps/mixed-and-vacant.cif", space({{{"O"}, {"O", "F"}}}));

  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == "campaign.toml:4:13: site Ni1 is 0.05 Va + 0.15 Li + 0.8 Ni and no sublattice varies it");
  for (const char* selector : {"Ni1", "Li1", "Ni", "Li", "4a"}) {
    INFO(selector);
    CHECK(parent_of("traps/mixed-and-vacant.cif", space({{{selector}, {"Ni", "Li", "Va"}}}))
              ->sublattices[0]
              .sites.size() == 4);
  }
}

TEST_CASE("a label that is also an element of other sites is not guessed", "[enumerator][parent]") {
  Crystal crystal = read_crystal(structure_file("gamma-CsPbI3-Pnma.cif"));
  for (CrystalSite& site : crystal.sites) {
    if (site.label == "I1") site.label = "I";
  }
  Problems problems;

  CHECK(build_parent(crystal, space({{{"I"}, {"I", "Br"}}}), problems) == nullptr);

  REQUIRE(problems.lines().size() == 1);
  CHECK(problems.lines()[0].find("\"I\" is a label (4 sites) and an element (12 sites)") != std::string::npos);
}

TEST_CASE("sites are named by their numbers in the cell too, and numbers beyond it are a problem",
          "[enumerator][parent]") {
  const Crystal crystal = read_crystal(structure_file("gamma-CsPbI3-Pnma.cif"));
  const SiteSelection selection(crystal, 1e-3);
  Problems problems;

  CHECK(selection.sites("#2", {}, problems) == std::vector<std::size_t>{1});
  CHECK(selection.sites("#3..5", {}, problems) == std::vector<std::size_t>{2, 3, 4});
  CHECK(problems.empty());
  for (const char* wrong : {"#0", "#21", "#5..3", "#", "#1..", "#1-3"})
    CHECK(selection.sites(wrong, {}, problems).empty());
  CHECK(problems.lines().size() == 6);
}

TEST_CASE("the names of a set of sites select that set and no other", "[enumerator][parent]") {
  Crystal crystal = read_crystal(structure_file("gamma-CsPbI3-Pnma.cif"));
  std::vector<std::size_t> iodine, first;
  for (std::size_t i = 0; i < crystal.sites.size(); ++i) {
    if (crystal.sites[i].label.starts_with("I")) iodine.push_back(i);
    if (crystal.sites[i].label == "I1") first.push_back(i);
  }
  const auto named = [&](const std::vector<std::size_t>& sites) {
    return SiteSelection(crystal, 1e-3).names_of(sites);
  };
  const std::vector<std::size_t> some = {first[0], first[1], iodine.back()};

  CHECK(named(first) == std::vector<std::string>{"I1"});
  CHECK(named(iodine) == std::vector<std::string>{"I"});
  CHECK(named(some).size() == 2);  // "#a..b", "#c"
  for (const std::size_t i : first) crystal.sites[i].label = "I";
  // The label is an element's now, and the caesium is on 4c too: only their numbers are left.
  CHECK(named(first).size() == 1);
  CHECK(named(first).front().starts_with("#"));

  for (const auto& sites : {first, iodine, some}) {
    std::set<std::size_t> selected;
    Problems problems;
    for (const std::string& name : named(sites)) {
      for (const std::size_t site : SiteSelection(crystal, 1e-3).sites(name, {}, problems)) selected.insert(site);
    }
    CHECK(selected == std::set<std::size_t>(sites.begin(), sites.end()));
    CHECK(problems.empty());
  }
}

TEST_CASE("the operations are those of the primitive crystal, however the cell is typed", "[enumerator][parent]") {
  const Crystal fcc = read_crystal(structure_file("Al-fcc.cif"));
  const auto spec = space({{{"Al"}, {"Al", "Ni"}}});

  for (const Eigen::Vector3i& times : {Eigen::Vector3i(1, 1, 1), Eigen::Vector3i(2, 1, 1), Eigen::Vector3i(1, 2, 3)}) {
    const auto parent = parent_of(repeated(fcc, times), spec);
    CHECK(parent->space_group_number == 225);
    CHECK(parent->operations.size() == 48);
    CHECK(std::abs(parent->cell_in_primitive.cast<double>().determinant()) == Approx(4.0 * times.prod()));
    const Eigen::Matrix3d rebuilt = parent->cell_in_primitive.cast<double>() * parent->primitive_lattice().rows();
    CHECK((rebuilt - parent->lattice.rows()).cwiseAbs().maxCoeff() < 1e-10);
    CHECK(parent->primitive_lattice().rows().determinant() > 0);
    check_is_exact_group(*parent);
  }
}

TEST_CASE("the operations are an exact group also where coordinates are noisy and the origin is anywhere",
          "[enumerator][parent]") {
  for (const char* name : {"Al-fcc.cif", "LiNiO2-R-3m.cif", "gamma-CsPbI3-Pnma.cif", "MoS2-monolayer.cif"}) {
    Crystal crystal = read_crystal(structure_file(name));
    const std::string element(crystal.sites.back().occupants[0].species.symbol());
    const std::size_t expected = parent_of(crystal, space({{{element}, {"Cd", "Zn"}}}))->operations.size();
    const Eigen::Matrix3d turn = Eigen::AngleAxisd(0.7, Eigen::Vector3d(1, 2, 3).normalized()).toRotationMatrix();
    crystal.lattice = Lattice(crystal.lattice.rows() * turn.transpose());
    double wobble = 1;
    for (CrystalSite& site : crystal.sites) {
      wobble = std::fmod(wobble * 7.31 + 0.37, 1.0);
      site.position = wrapped({site.position.x + Eigen::Vector3d(0.1234, 0.0377, 0.2911) +
                               Eigen::Vector3d(wobble - 0.5, 0.5 - wobble, wobble * wobble - 0.3) * 2e-5});
    }
    const auto parent = parent_of(crystal, space({{{element}, {"Cd", "Zn"}}}));
    INFO(name);
    CHECK(parent->operations.size() == expected);
    check_is_exact_group(*parent);
    // The sites lie exactly where the operations say.
    const Eigen::Matrix3d to_primitive = parent->cell_in_primitive.cast<double>().transpose();
    for (const SymmetryOperation& operation : parent->operations) {
      for (const ParentSite& site : parent->sites) {
        const Eigen::Vector3d image =
            operation.rotation.cast<double>() * (to_primitive * site.position.x) + operation.translation;
        const bool found = std::any_of(parent->sites.begin(), parent->sites.end(), [&](const ParentSite& other) {
          const Eigen::Vector3d difference = to_primitive * other.position.x - image;
          return (difference.array() - difference.array().round()).abs().maxCoeff() < 1e-9;
        });
        REQUIRE(found);
      }
    }
  }
}

TEST_CASE("primitive = true makes the primitive cell the reference cell, in the given orientation",
          "[enumerator][parent]") {
  auto spec = space({{{"Ni"}, {"Ni", "Mn"}}});
  spec.primitive = true;

  const auto parent = parent_of("LiNiO2-R-3m.cif", spec);

  CHECK(parent->sites.size() == 4);
  CHECK(parent->cell_in_primitive.isIdentity());
  CHECK(parent->sublattices[0].sites == std::vector<int>{1});
  CHECK(parent->lattice.rows().determinant() > 0);
  const Crystal given = read_crystal(structure_file("LiNiO2-R-3m.cif"));
  CHECK(parent->lattice.volume_cubic_angstrom() == Approx(given.lattice.volume_cubic_angstrom() / 3));
  const Eigen::Matrix3d ratio = given.lattice.rows() * parent->lattice.rows().inverse();
  CHECK((ratio.array() - ratio.array().round()).abs().maxCoeff() < 1e-9);
}

TEST_CASE("a primitive cell keeps the vectors it was given", "[enumerator][parent]") {
  auto spec = space({{{"S"}, {"S", "Se"}}});
  spec.primitive = true;

  CHECK(parent_of("MoS2-monolayer.cif", spec)->lattice == read_crystal(structure_file("MoS2-monolayer.cif")).lattice);
}

TEST_CASE("empty sites that nothing varies are left out; varied ones are sites", "[enumerator][parent]") {
  Crystal crystal = read_crystal(structure_file("NiAl-B2.vasp"));
  crystal.sites.push_back({"X1", {{0.5, 0.5, 0.0}}, {{Species::vacancy(), 1.0, std::nullopt}}, {}});

  CHECK(parent_of(crystal, space({{{"Ni"}, {"Ni", "Va"}}}))->sites.size() == 2);
  const auto interstitial = parent_of(crystal, space({{{"X1"}, {"Va", "H"}}}));
  CHECK(interstitial->sites.size() == 3);
  CHECK(interstitial->space_group_number == 123);
}

TEST_CASE("a tolerance that finds no symmetry is named", "[enumerator][parent]") {
  auto spec = space({{{"Pb"}, {"Pb", "Zn"}}});
  spec.symprec_angstrom = 20;

  const auto lines = problems_of("gamma-CsPbI3-Pnma.cif", spec);

  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("campaign.toml:3:1: ") == 0);
  CHECK(lines[0].find("symprec = 20") != std::string::npos);
}
