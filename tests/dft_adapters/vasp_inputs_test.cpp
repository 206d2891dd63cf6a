#include <array>
#include <catch2/catch.hpp>

#include "dft_adapters/detail/sha256.hpp"
#include "dft_adapters/vasp/incar.hpp"
#include "dft_adapters/vasp/input_sets.hpp"
#include "dft_adapters/vasp/kpoints.hpp"
#include "dft_adapters/vasp/poscar.hpp"
#include "dft_adapters/vasp/settings.hpp"
#include "vasp_fixtures.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

const std::string kMpRelax = "input_set = \"mp-relax\"\npotcar_dir = \"potcars\"\n";

std::string complaint(const PotcarFolder& folder, const std::string& toml, const std::vector<std::string>& species) {
  try {
    (void)folder.resolved(toml, species_list(species));
  } catch (const InputError& error) {
    return error.what();
  }
  return "no complaint";
}

/// Rock salt cell: Ni at the origin and O in the middle, given as O, Ni, Ni, O to need sorting.
Structure nickel_oxide() {
  const Species ni = Species::from_symbol("Ni"), o = Species::from_symbol("O");
  Structure structure{Lattice(4.2 * Eigen::Matrix3d::Identity()), {o, ni, ni, o}, {}};
  for (const Eigen::Vector3d& x :
       {Eigen::Vector3d(0.5, 0, 0), Eigen::Vector3d(0, 0, 0), Eigen::Vector3d(0.5, 0.5, 0), Eigen::Vector3d(0, 0.5, 0)})
    structure.positions.push_back({x});
  return structure;
}

std::map<std::string, std::string> written_incar(const fs::path& dir) {
  vasp::IncarRemarks remarks;
  return vasp::parse_incar(text_of(dir / "INCAR"), remarks);
}

}  // namespace

// FIPS 180-4 and NIST's example values.
TEST_CASE("SHA-256 gives the published digests", "[dft_adapters][vasp]") {
  CHECK(detail::sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(detail::sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(detail::sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(detail::sha256_hex(std::string(1000000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("the Materials Project set writes its published values", "[dft_adapters][vasp]") {
  const PotcarFolder folder;
  const DftSettings settings = folder.resolved(kMpRelax, species_list({"Ni", "O"}));
  TemporaryDirectory run;

  find_dft_code("vasp")->write_inputs(nickel_oxide(), settings, run.path());

  const auto incar = written_incar(run.path());
  CHECK(incar.at("ENCUT") == "520");
  CHECK(incar.at("EDIFF") == "0.0002");  // 5e-5 eV per atom, four atoms
  CHECK(incar.at("ISMEAR") == "-5");
  CHECK(incar.at("LDAUU") == "0 6.2");  // O before Ni: by atomic number
  CHECK(incar.at("LDAUL") == "-1 2");
  CHECK(incar.at("LMAXMIX") == "4");
  CHECK(incar.at("MAGMOM") == "2*0.6 2*5");
  // p = 64 (2π)^3 / 4.2^3 gives cbrt(p 4.2^3) / 4.2 = 4 · 2π / 4.2 = 5.98 in every direction: 5, odd.
  CHECK(text_of(run.path() / "KPOINTS") == "hullscan\n0\nGamma\n5 5 5\n0 0 0\n");
  const std::string potcar = text_of(run.path() / "POTCAR");
  CHECK(potcar.find("PAW_PBE O ") < potcar.find("PAW_PBE Ni_pv"));
  CHECK((fs::status(run.path() / "POTCAR").permissions() & fs::perms::others_read) == fs::perms::none);
}

TEST_CASE("U of an input set goes by the most electronegative element", "[dft_adapters][vasp]") {
  const PotcarFolder folder;
  const DftSettings settings = folder.resolved(kMpRelax, species_list({"Ni", "O", "Al"}));
  Structure alloy = nickel_oxide();
  for (Species& one : alloy.species) {
    if (one.symbol() == "O") one = Species::from_symbol("Al");
  }

  CHECK_FALSE(vasp::incar_for(alloy, settings).contains("LDAU"));
  CHECK(vasp::incar_for(nickel_oxide(), settings).at("LDAU") == ".TRUE.");
  const DftSettings without = folder.resolved(kMpRelax + "hubbard = false\n", species_list({"Ni", "O"}));
  CHECK_FALSE(vasp::incar_for(nickel_oxide(), without).contains("LDAU"));
  const DftSettings own = folder.resolved(kMpRelax + "hubbard_u = { Ni = 4.5 }\n", species_list({"Ni", "O", "Al"}));
  CHECK(vasp::incar_for(alloy, own).at("LDAUU") == "0 4.5");
  const auto& code = *find_dft_code("vasp");
  CHECK(code.hull_keys(own) != code.hull_keys(settings));
}

TEST_CASE("the three input sets differ where their databases do", "[dft_adapters][vasp]") {
  const auto* mp = vasp::find_input_set("mp-relax");
  const auto* mit = vasp::find_input_set("mit-relax");
  const auto* matpes = vasp::find_input_set("matpes-static");
  REQUIRE(mp != nullptr);
  REQUIRE(mit != nullptr);
  REQUIRE(matpes != nullptr);

  CHECK(vasp::potential_name(*mp, Species::from_symbol("Ni")) == "Ni_pv");
  CHECK(vasp::potential_name(*mit, Species::from_symbol("Ni")) == "Ni");
  CHECK(vasp::potential_name(*mp, Species::from_symbol("W")) == "W_pv");
  CHECK(vasp::potential_name(*matpes, Species::from_symbol("W")) == "W_sv");
  CHECK(vasp::potential_name(*mp, Species::from_symbol("O")) == "O");
  CHECK(mit->hubbard_u_ev.at("S").at("Mn") == 2.5);
  CHECK(mit->kpoint_length == 25);
  CHECK(matpes->incar.at("KSPACING") == "0.22");
  CHECK(matpes->incar.at("NSW") == "0");
  CHECK(matpes->functional == "PBE_64");
}

TEST_CASE("atoms are written species by species and come back as they were given", "[dft_adapters][vasp]") {
  const Structure given = nickel_oxide();
  std::string problem;

  const auto read = vasp::parse_poscar(vasp::poscar_text(given, "NiO"), problem);

  INFO(problem);
  REQUIRE(read);
  CHECK(vasp::file_order(given) == std::vector<std::size_t>{0, 3, 1, 2});
  CHECK(read->species[0].symbol() == "O");
  CHECK(read->species[3].symbol() == "Ni");
  const Structure back = vasp::in_given_order(*read, vasp::file_order(given));
  CHECK(back == given);
}

TEST_CASE("a left-handed cell is written right-handed and is the same crystal", "[dft_adapters][vasp]") {
  Eigen::Matrix3d rows;
  rows << 0, 3, 0, 2.5, 0.1, 0, 0, 0, 4;
  const Species al = Species::from_symbol("Al"), ni = Species::from_symbol("Ni");
  const Structure left{Lattice(rows), {al, ni}, {{Eigen::Vector3d(0.1, 0.2, 0.3)}, {Eigen::Vector3d(0.6, 0.6, 0.9)}}};
  std::string problem;

  const auto read = vasp::parse_poscar(vasp::poscar_text(left, "x"), problem);

  REQUIRE(read);
  CHECK(read->lattice.rows().determinant() > 0);
  for (int k = 0; k < 2; ++k) {
    const auto i = static_cast<std::size_t>(k);
    const Eigen::Vector3d moved = read->lattice.to_cartesian(read->positions[i]).x;
    const auto again = left.lattice.to_fractional(Cartesian{moved});
    CHECK(left.lattice.distance_angstrom(again, left.positions[i]) < 1e-9);
  }
}

TEST_CASE("POSCAR with a volume, Cartesian coordinates and selective dynamics is read", "[dft_adapters][vasp]") {
  std::string problem;

  const auto read = vasp::parse_poscar(
      "x\n-64.0\n1 0 0\n0 1 0\n0 0 1\nAl Ni_pv\n1 1\nSelective dynamics\nCartesian\n0 0 0 T T T\n0.5 0.5 0.5 F F F\n",
      problem);

  INFO(problem);
  REQUIRE(read);
  CHECK(read->lattice.volume_cubic_angstrom() == Approx(64));
  CHECK(read->positions[1].x[0] == Approx(0.5));
  CHECK(read->species[1].symbol() == "Ni");
  CHECK_FALSE(vasp::parse_poscar("", problem));
}

TEST_CASE("INCAR is read with comments, several tags in a line and every spelling of a value", "[dft_adapters][vasp]") {
  vasp::IncarRemarks remarks;

  const auto incar = vasp::parse_incar(
      "encut = 520 ! eV\nISMEAR=0; SIGMA = 5d-2 # small\nLREAL = .true.\nDIPOL = 0.5 0.5 \\\n 0.5\nALGO : Fast\n",
      remarks);

  CHECK(incar.at("ENCUT") == "520");
  CHECK(incar.at("SIGMA") == "0.05");
  CHECK(incar.at("LREAL") == ".TRUE.");
  CHECK(incar.at("DIPOL") == "0.5 0.5 0.5");
  REQUIRE(remarks.problems.size() == 1);
  CHECK(remarks.problems[0].starts_with("6: expected TAG = value"));
}

TEST_CASE("a campaign may start from the user's own INCAR and KPOINTS", "[dft_adapters][vasp]") {
  const PotcarFolder folder;
  write_text(folder.dir.path() / "INCAR", "ENCUT = 400\nISMEAR = 1\nSIGMA = 0.1\nNSW = 0\n");
  write_text(folder.dir.path() / "KPOINTS", "mine\n0\nMonkhorst-Pack\n4 4 2\n0 0 0\n");
  const std::string toml =
      "incar_file = \"INCAR\"\nkpoints_file = \"KPOINTS\"\npotcar_dir = \"potcars\"\nincar = { SIGMA = 0.2 }\n";

  const DftSettings settings = folder.resolved(toml, species_list({"Al", "Ni"}));

  CHECK(settings.values.at("incar.ENCUT") == "400");
  CHECK(settings.values.at("incar.SIGMA") == "0.2");  // the table changes the template
  const auto grid = vasp::written_grid(nickel_oxide(), settings);
  REQUIRE(grid);
  CHECK(grid->n == std::array<int, 3>{4, 4, 2});
  CHECK_FALSE(grid->gamma_centred);
}

TEST_CASE("k-point rules give the numbers of their formulas", "[dft_adapters][vasp]") {
  const Lattice cubic(4.0 * Eigen::Matrix3d::Identity());

  CHECK(vasp::grid_by_length(cubic, 25).n == std::array<int, 3>{6, 6, 6});     // floor(25/4 + 0.5)
  CHECK(vasp::grid_by_spacing(cubic, 0.22).n == std::array<int, 3>{8, 8, 8});  // ceil(2π/4/0.22) = ceil(7.14)
  CHECK(vasp::grid_by_density(cubic, 64).n == std::array<int, 3>{6, 6, 6});    // floor(4 · 2π / 4)
  CHECK_FALSE(vasp::grid_by_density(cubic, 64).gamma_centred);
}

TEST_CASE("a POTCAR of another element or functional is refused", "[dft_adapters][vasp]") {
  const PotcarFolder folder;
  write_text(folder.dir.path() / "potcars/potpaw_PBE/Al/POTCAR",
             stub_potcar("Si", "Al", "PAW_PBE", "PE", "240.3", "3.0"));
  write_text(folder.dir.path() / "potcars/potpaw_PBE/Ni_pv/POTCAR",
             stub_potcar("Ni", "Ni_pv", "PAW", "CA", "367.986", "16.0"));

  const std::string text = complaint(folder, kMpRelax, {"Al", "Ni"});

  INFO(text);
  CHECK(text.find("expected a potential of Al, found one of Si (VRHFIN)") != std::string::npos);
  CHECK(text.find("expected LEXCH = PE for PBE, found CA") != std::string::npos);
}

TEST_CASE("potentials are found in pymatgen's layout too, gzipped or not, and never stored", "[dft_adapters][vasp]") {
  TemporaryDirectory dir;
  const std::string text = stub_potcar("Al", "Al", "PAW_PBE", "PE", "240.3", "3.0");
  write_text(dir.path() / "lib/POT_GGA_PAW_PBE_54/POTCAR.Al", text);
  REQUIRE(std::system(("gzip '" + (dir.path() / "lib/POT_GGA_PAW_PBE_54/POTCAR.Al").string() + "'").c_str()) == 0);
  Problems problems;
  const auto table = parse_settings_toml("input_set = \"mp-relax\"\nfunctional = \"PBE_54\"\npotcar_dir = \"lib\"\n",
                                         (dir.path() / "campaign.toml").string());

  const DftSettings settings = find_dft_code("vasp")->resolve(table, species_list({"Al"}), problems);

  CHECK(problems.lines() == std::vector<std::string>{});
  CHECK(settings.values.at("potcar_titel.Al") == "PAW_PBE Al 01Jan2000");
  CHECK(settings.values.at("potcar_sha256.Al") == detail::sha256_hex(text));
  for (const auto& [key, value] : settings.values) CHECK(value.find("End of Dataset") == std::string::npos);
}

TEST_CASE("a POTCAR that changed since it was checked is not used", "[dft_adapters][vasp]") {
  const PotcarFolder folder;
  const DftSettings settings = folder.resolved(kMpRelax, species_list({"Ni", "O"}));
  write_text(folder.dir.path() / "potcars/potpaw_PBE/O/POTCAR", stub_potcar("O", "O", "PAW_PBE", "PE", "300", "6.0"));
  TemporaryDirectory run;

  CHECK_THROWS_WITH(find_dft_code("vasp")->write_inputs(nickel_oxide(), settings, run.path()),
                    Catch::Contains("is not the file that was checked"));
  CHECK_FALSE(fs::exists(run.path() / "INCAR"));
}

TEST_CASE("every problem of a VASP table is reported at once", "[dft_adapters][vasp]") {
  const PotcarFolder folder;

  const std::string text = complaint(folder,
                                     "input_set = \"mp-relaxx\"\npotcar_dir = \"potcars\"\nfunctional = \"PBEE\"\n"
                                     "incar = { ENCUTT = 500, MAGMOM = 3, IBRION = 0 }\nkpoints = [2, 2]\n"
                                     "magmom = { Fe = 5 }\nwrong = 1\n",
                                     {"Al"});

  INFO(text);
  for (const char* part :
       {"did you mean \"mp-relax\"?",
        "dft.incar.ENCUTT: is not a tag of INCAR that hullscan knows (did you mean \"ENCUT\"?)",
        "dft.incar.MAGMOM: depends on the structure: set magmom", "expected three integers",
        "\"Fe\" is not a species of this campaign", "dft.wrong: unknown key", "ENCUT: missing", "IBRION"}) {
    INFO(part);
    CHECK(text.find(part) != std::string::npos);
  }
}

TEST_CASE("a cutoff below a potential's ENMAX is refused", "[dft_adapters][vasp]") {
  const PotcarFolder folder;

  CHECK(
      complaint(folder, kMpRelax + "incar = { ENCUT = 300 }\n", {"Ni", "O"}).find("ENCUT: 300 eV, must be >= 400 eV") !=
      std::string::npos);
  CHECK(complaint(folder, kMpRelax + "potentials = { Ni = \"Ni_xx\" }\n", {"Ni", "O"}).find("there are: Ni, Ni_pv") !=
        std::string::npos);
}

TEST_CASE("the way to a VASP result does not make another task of it", "[dft_adapters][vasp]") {
  const PotcarFolder folder;
  const auto& code = *find_dft_code("vasp");
  const auto species = species_list({"Al", "Ni"});
  const DftSettings one = folder.resolved(kMpRelax, species);
  const DftSettings other =
      folder.resolved(kMpRelax + "command = \"srun vasp_std\"\nincar = { ALGO = \"Normal\", NCORE = 4 }\n", species);
  const DftSettings physics = folder.resolved(kMpRelax + "incar = { ENCUT = 600 }\n", species);

  CHECK(code.identity(one) == code.identity(other));
  CHECK(code.hull_keys(one) == code.hull_keys(other));
  CHECK(code.hull_keys(one) != code.hull_keys(physics));
  CHECK(code.command(other) == std::vector<std::string>{"srun", "vasp_std"});
}
