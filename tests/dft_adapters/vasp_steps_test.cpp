/// @file
/// The steps of a VASP task whose cell relaxes, and k-point grids of face-centred crystals.
#include <catch2/catch.hpp>
#include <numbers>

#include "dft_adapters/vasp/centring.hpp"
#include "dft_adapters/vasp/input_sets.hpp"
#include "dft_adapters/vasp/settings.hpp"
#include "dft_adapters/vasp/steps.hpp"
#include "vasp_fixtures.hpp"

namespace hullscan::test {
namespace {

using Catch::Contains;

const std::string kMpRelax = "input_set = \"mp-relax\"\npotcar_dir = \"potcars\"\n";
const std::vector<Species> kAlNi = species_list({"Al", "Ni"});

std::string value(const DftSettings& settings, const std::string& key) { return vasp::text_value(settings, key); }

/// Names of the steps of a task whose attempts need no remedy.
std::vector<std::string> step_names(const DftSettings& asked) {
  std::vector<std::string> names;
  DftSettings done = asked;
  while (const auto next = find_dft_code("vasp")->next_step(asked, done)) {
    names.push_back(next->name);
    done = next->settings;
  }
  return names;
}

Structure crystal(const Eigen::Matrix3d& rows, const std::vector<std::string>& symbols,
                  const std::vector<Eigen::Vector3d>& positions) {
  Structure structure{Lattice(rows), {}, {}};
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    structure.species.push_back(Species::from_symbol(symbols[i]));
    structure.positions.push_back(Fractional{positions[i]});
  }
  return structure;
}

}  // namespace

TEST_CASE("a relaxed cell is closed by a single point unless the file says otherwise", "[dft_adapters][vasp][steps]") {
  const PotcarFolder folder;
  const std::string closing = "closing single point";
  struct Row {
    std::string text;
    std::vector<std::string> steps;
  };
  const std::vector<Row> rows = {
      {"", {closing}},
      {"closing = \"single-point\"\n", {closing}},
      {"closing = \"none\"\n", {}},
      {"relaxations = 2\n", {"relaxation 2"}},
      {"relaxations = 3\nclosing = \"single-point\"\n", {"relaxation 2", "relaxation 3", closing}},
      {"incar = { ISIF = 2 }\n", {}},
      {"incar = { ISIF = 4 }\n", {closing}},
      {"incar = { ISIF = 7 }\n", {closing}},
      {"incar = { ISIF = 8 }\n", {closing}},
      {"incar = { NSW = 0 }\n", {}},
      {"incar = { IBRION = -1 }\n", {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(step_names(folder.resolved(kMpRelax + row.text, kAlNi)) == row.steps);
  }
}

TEST_CASE("the closing single point moves nothing and computes as the relaxation was asked to",
          "[dft_adapters][vasp][steps]") {
  const PotcarFolder folder;
  const DftSettings asked = folder.resolved(kMpRelax + "incar = { EDIFFG = -0.02, POTIM = 0.3 }\n", kAlNi);
  DftSettings done = asked;  // what remedies made of it
  done.values["incar.ALGO"] = "Normal";
  done.values["incar.NBANDS"] = "24";
  done.values["incar.ISMEAR"] = "0";
  done.values["incar.NSW"] = "40";

  const auto step = vasp::next_step(asked, done);

  REQUIRE(step.has_value());
  CHECK(value(step->settings, kStepKey) == step->name);
  CHECK(value(step->settings, "incar.NSW") == "0");
  CHECK(value(step->settings, "incar.IBRION") == "-1");
  CHECK(vasp::calculation_of(vasp::incar_of(step->settings)) == "scf");
  CHECK_FALSE(step->settings.values.contains("incar.EDIFFG"));
  CHECK_FALSE(step->settings.values.contains("incar.POTIM"));
  CHECK(value(step->settings, "incar.ALGO") == "Normal");  // how the electrons were brought to converge
  CHECK(value(step->settings, "incar.NBANDS") == "24");
  CHECK(value(step->settings, "incar.ISMEAR") == "-5");  // what the energies of the hull have
  CHECK(value(step->settings, "incar.ENCUT") == value(asked, "incar.ENCUT"));
  CHECK(value(step->settings, "ediff_per_atom") == value(asked, "ediff_per_atom"));
}

TEST_CASE("closing_incar is of the single point alone, and decides the hull keys", "[dft_adapters][vasp][steps]") {
  const PotcarFolder folder;
  const auto& code = *find_dft_code("vasp");
  const DftSettings asked = folder.resolved(
      kMpRelax + "incar = { ISMEAR = 1, SIGMA = 0.2 }\nclosing_incar = { ISMEAR = -5, ediff = 1e-6 }\n", kAlNi);

  const DftSettings closing = vasp::last_step(asked);

  CHECK(value(asked, "incar.ISMEAR") == "1");
  CHECK(value(closing, "incar.ISMEAR") == "-5");
  CHECK(value(closing, "incar.EDIFF") == "1e-06");
  CHECK_FALSE(closing.values.contains("ediff_per_atom"));
  CHECK(code.hull_keys(asked).at("smearing") == "extrapolated to zero width");
  CHECK(code.hull_keys(asked).at("closing") == "single-point");
  CHECK(code.hull_keys(asked) == vasp::hull_keys_of(closing));
  CHECK_FALSE(vasp::hull_keys_of(asked).contains("closing"));  // of the relaxation by itself
}

TEST_CASE("hull keys tell energies in the basis of the final cell from others", "[dft_adapters][vasp][steps]") {
  const PotcarFolder folder;
  const auto& code = *find_dft_code("vasp");
  const auto keys = [&](const std::string& text) { return code.hull_keys(folder.resolved(kMpRelax + text, kAlNi)); };

  CHECK(keys("") != keys("closing = \"none\"\n"));
  CHECK(keys("relaxations = 2\n") != keys("closing = \"none\"\n"));
  CHECK(keys("relaxations = 2\nclosing = \"single-point\"\n") == keys(""));
  CHECK_FALSE(keys("incar = { NSW = 0 }\n").contains("closing"));
}

TEST_CASE("a campaign of before closing single points is recognised by what it was begun with",
          "[dft_adapters][vasp][steps]") {
  const PotcarFolder folder;
  const auto& code = *find_dft_code("vasp");
  const auto earlier = [&](const std::string& text) {
    const SettingsTable table = folder.table(kMpRelax + text);
    Problems problems;
    const DftSettings now = code.resolve(table, kAlNi, problems);
    problems.throw_if_any();
    return code.earlier_defaults(table, now);
  };

  REQUIRE(earlier("").size() == 1);
  CHECK_FALSE(earlier("")[0].values.contains("closing"));
  CHECK_FALSE(earlier("")[0].values.contains("gamma_for"));
  CHECK(step_names(earlier("")[0]).empty());
  // Who asks for it in words does not get the campaign without it.
  REQUIRE(earlier("closing = \"single-point\"\n").size() == 1);
  CHECK(earlier("closing = \"single-point\"\n")[0].values.contains("closing"));
}

TEST_CASE("mistakes about steps are reported at their places, all of them", "[dft_adapters][vasp][steps]") {
  const PotcarFolder folder;
  const auto problems_of = [&](const std::string& text) {
    try {
      (void)folder.resolved(text, kAlNi);
      return std::string();
    } catch (const InputError& error) {
      return std::string(error.what());
    }
  };

  CHECK_THAT(problems_of(kMpRelax + "closing = \"static\"\n"), Contains("dft.closing") && Contains("single-point"));
  CHECK_THAT(problems_of(kMpRelax + "relaxations = 0\n"), Contains("dft.relaxations"));
  CHECK_THAT(problems_of(kMpRelax + "incar = { NSW = 0 }\nclosing = \"single-point\"\nrelaxations = 2\n"),
             Contains("dft.closing: has no effect") && Contains("dft.relaxations: has no effect"));
  CHECK_THAT(problems_of(kMpRelax + "closing_incar = { NSW = 5, ISMEER = 0, MAGMOM = 3, ENCUT = 100 }\n"),
             Contains("closing_incar.NSW: a single point moves nothing") && Contains("closing_incar.ISMEER") &&
                 Contains("ISMEAR") && Contains("closing_incar.MAGMOM: depends on the structure") &&
                 Contains("closing_incar: ENCUT: 100 eV"));
  CHECK_THAT(problems_of(kMpRelax + "closing = \"none\"\nclosing_incar = { ISMEAR = -5 }\n"),
             Contains("there is no closing single point"));
}

TEST_CASE("the grid of the closing single point is of the cell it is given", "[dft_adapters][vasp][steps]") {
  const PotcarFolder folder;
  const TemporaryDirectory small, large;
  const DftSettings closing = vasp::last_step(folder.resolved(kMpRelax, kAlNi));
  const auto nickel_aluminide = [](double edge) {
    return crystal(Eigen::Matrix3d::Identity() * edge, {"Al", "Ni"}, {{0, 0, 0}, {0.5, 0.5, 0.5}});
  };

  find_dft_code("vasp")->write_inputs(nickel_aluminide(2.7), closing, small.path());
  find_dft_code("vasp")->write_inputs(nickel_aluminide(3.2), closing, large.path());

  // cbrt(64) 2π / a: 9.3 and 7.85.
  CHECK_THAT(text_of(small.path() / "KPOINTS"), Contains("9 9 9"));
  CHECK_THAT(text_of(large.path() / "KPOINTS"), Contains("7 7 7"));
}

TEST_CASE("a lattice is face-centred where its space group begins with F, in any cell",
          "[dft_adapters][vasp][kpoints]") {
  using Rows = Eigen::Matrix3d;
  const Rows cube = Rows::Identity() * 4.05;
  const std::vector<Eigen::Vector3d> fcc = {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};
  const std::vector<Eigen::Vector3d> rocksalt = {{0, 0, 0},   {0, 0.5, 0.5},   {0.5, 0, 0.5}, {0.5, 0.5, 0},
                                                 {0.5, 0, 0}, {0.5, 0.5, 0.5}, {0, 0, 0.5},   {0, 0.5, 0}};
  const std::vector<std::string> al4(4, "Al");
  std::vector<std::string> nio(4, "Ni");
  nio.insert(nio.end(), 4, "O");
  Rows primitive;
  primitive << 0, 2.025, 2.025, 2.025, 0, 2.025, 2.025, 2.025, 0;
  Rows orthorhombic = Rows::Zero();
  orthorhombic.diagonal() << 4.0, 5.0, 6.0;
  Rows tetragonal = Rows::Zero();
  tetragonal.diagonal() << 4.0, 4.0, 6.0;

  CHECK(vasp::is_face_centred(crystal(cube, al4, fcc)));  // Fm-3m
  CHECK(vasp::is_face_centred(crystal(primitive, {"Al"}, {{0, 0, 0}})));
  CHECK(vasp::is_face_centred(crystal(cube, nio, rocksalt)));                                     // Fm-3m
  CHECK(vasp::is_face_centred(crystal(orthorhombic, al4, fcc)));                                  // Fmmm
  CHECK_FALSE(vasp::is_face_centred(crystal(tetragonal, al4, fcc)));                              // I4/mmm
  CHECK_FALSE(vasp::is_face_centred(crystal(cube, {"Ni", "Al", "Al", "Al"}, fcc)));               // Pm-3m, L1_2
  CHECK_FALSE(vasp::is_face_centred(crystal(cube, {"Al", "Al"}, {{0, 0, 0}, {0.5, 0.5, 0.5}})));  // Im-3m
  CHECK_FALSE(vasp::is_face_centred(crystal(cube, {"Al"}, {{0, 0, 0}})));                         // Pm-3m
}

TEST_CASE("grids of named sets are Gamma-centred for face-centred crystals in their cubic cell",
          "[dft_adapters][vasp][kpoints]") {
  const PotcarFolder folder;
  const DftSettings set = folder.resolved(kMpRelax, kAlNi);
  const DftSettings own =
      folder.resolved("potcar_dir = \"potcars\"\nincar = { ENCUT = 520 }\nreciprocal_density = 64\n", kAlNi);
  // a with cbrt(64) 2π / a = 6.2, an even grid.
  const Eigen::Matrix3d cube = Eigen::Matrix3d::Identity() * (4 * 2 * std::numbers::pi / 6.2);
  const std::vector<Eigen::Vector3d> fcc = {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};
  const Structure aluminium = crystal(cube, {"Al", "Al", "Al", "Al"}, fcc);
  const Structure ordered = crystal(cube, {"Ni", "Al", "Al", "Al"}, fcc);

  CHECK(vasp::grid_for(aluminium, set) == vasp::KPointGrid{{6, 6, 6}, true});
  CHECK(vasp::grid_for(ordered, set) == vasp::KPointGrid{{6, 6, 6}, false});
  CHECK(vasp::grid_for(aluminium, own) == vasp::KPointGrid{{6, 6, 6}, false});
}

TEST_CASE("static and r2SCAN sets are those of their databases", "[dft_adapters][vasp]") {
  const auto* mp_static = vasp::find_input_set("mp-static");
  const auto* r2scan = vasp::find_input_set("mp-r2scan-relax");
  const auto* r2scan_static = vasp::find_input_set("mp-r2scan-static");
  const auto* matpes = vasp::find_input_set("matpes-r2scan-static");
  REQUIRE((mp_static && r2scan && r2scan_static && matpes));

  // pymatgen: MPStaticSet.
  CHECK(mp_static->incar.at("NSW") == "0");
  CHECK(mp_static->incar.at("ISMEAR") == "-5");
  CHECK(mp_static->incar.at("LREAL") == ".FALSE.");
  CHECK(mp_static->incar.at("ENCUT") == "520");
  CHECK(mp_static->reciprocal_density == 100);
  CHECK(mp_static->hubbard_u_ev.at("O").at("Ni") == 6.2);
  CHECK(vasp::calculation_of(mp_static->incar) == "scf");
  // pymatgen: MPSCANRelaxSet.yaml, PBE54Base.yaml.
  CHECK(r2scan->incar.at("METAGGA") == "R2SCAN");
  CHECK(r2scan->incar.at("ENAUG") == "1360");
  CHECK(r2scan->functional == "PBE_54");
  CHECK(vasp::potential_name(*r2scan, Species::from_symbol("W")) == "W_sv");
  CHECK(vasp::calculation_of(r2scan->incar) == "vc-relax");
  CHECK_FALSE(r2scan_static->incar.contains("EDIFFG"));
  CHECK(vasp::calculation_of(r2scan_static->incar) == "scf");
  // pymatgen: MatPESStaticSet with xc_functional = "R2SCAN".
  CHECK(matpes->incar.at("METAGGA") == "R2SCAN");
  CHECK_FALSE(matpes->incar.contains("GGA"));
  CHECK(matpes->functional == "PBE_64");
}

TEST_CASE("a meta-GGA refuses a POTCAR without kinetic energy density", "[dft_adapters][vasp]") {
  const PotcarFolder folder;
  CHECK_THROWS_WITH(folder.resolved(kMpRelax + "incar = { METAGGA = \"R2SCAN\" }\n", kAlNi),
                    Contains("kinetic energy density"));
}

}  // namespace hullscan::test
