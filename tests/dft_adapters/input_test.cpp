#include "dft_adapters/qe/input.hpp"

#include <catch2/catch.hpp>

#include "qe_fixtures.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

const Species kAl = Species::from_symbol("Al");
const Species kNi = Species::from_symbol("Ni");

Structure cubic(double a, std::vector<Species> species, const std::vector<Eigen::Vector3d>& positions) {
  Structure structure{Lattice(Eigen::Matrix3d::Identity() * a), std::move(species), {}};
  for (const auto& x : positions) structure.positions.push_back(Fractional{x});
  return structure;
}

Structure ni3al() { return cubic(3.5, {kNi, kAl, kNi, kNi}, {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}}); }

}  // namespace

TEST_CASE("the k-point grid is the smallest at or below the spacing", "[dft_adapters][qe]") {
  // |b| = 2 pi / a of a cubic cell: 2.0944 for 3 A, so 0.35 gives ceil(5.98) = 6 and 0.34 gives ceil(6.16) = 7.
  CHECK(qe::k_point_grid(Lattice(Eigen::Matrix3d::Identity() * 3.0), 0.35) == std::array{6, 6, 6});
  CHECK(qe::k_point_grid(Lattice(Eigen::Matrix3d::Identity() * 3.0), 0.34) == std::array{7, 7, 7});
  const double exact = 2 * 3.14159265358979323846 / 3.0 / 6;
  CHECK(qe::k_point_grid(Lattice(Eigen::Matrix3d::Identity() * 3.0), exact) == std::array{6, 6, 6});
  CHECK(qe::k_point_grid(Lattice::from_parameters(3, 6, 100, 90, 90, 90), 0.35) == std::array{6, 3, 1});
  // The primitive fcc cell: |b| = 2 pi sqrt(3) / a = 2.755 for 3.95 A.
  Eigen::Matrix3d fcc;
  fcc << 0, 0.5, 0.5, 0.5, 0, 0.5, 0.5, 0.5, 0;
  CHECK(qe::k_point_grid(Lattice(fcc * 3.95), 0.35) == std::array{8, 8, 8});
}

TEST_CASE("an input file asks for exactly what the settings say", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const DftSettings settings = resolved(folder, kBasic + "starting_magnetization = { Ni = 0.5 }\nmax_seconds = 3600\n");

  const qe::Request request = qe::parse_request(qe::input_text(ni3al(), settings));

  CHECK(request.calculation == "vc-relax");
  CHECK(request.prefix == "hullscan");
  CHECK(request.outdir == "./scratch");
  CHECK(request.pseudo_dir == (folder.dir.path() / "pseudo").string());
  CHECK(request.atom_count == 4);
  CHECK(request.species_count == 2);
  CHECK(request.nspin == 2);
  CHECK(request.ecutwfc_ry == 25);
  CHECK(request.ecutrho_ry == 200);
  CHECK(request.conv_thr_ry == 1e-8);
  CHECK(request.occupations == "smearing");
  CHECK(request.smearing == "mv");
  CHECK(request.degauss_ry == 0.02);
  CHECK(request.pseudo_files == std::map<std::string, std::string>{{"Al", "Al.lda.UPF"}, {"Ni", "Ni.lda.UPF"}});
  CHECK(request.k_points.kind == qe::RequestedKPoints::Kind::kGrid);
  CHECK(request.k_points.grid == std::array<std::int64_t, 6>{6, 6, 6, 0, 0, 0});
  CHECK(request.wants_forces);
  CHECK(request.wants_stress);
}

TEST_CASE("the notes of an input are the hull keys of its settings", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const DftSettings settings = resolved(folder, kBasic + "min_distance_angstrom = 1.2\n");

  auto notes = qe::parse_request(qe::input_text(ni3al(), settings)).notes;

  CHECK(notes.at("min_distance_angstrom") == "1.2");
  notes.erase("min_distance_angstrom");
  CHECK(notes == find_dft_code("qe")->hull_keys(settings));
}

TEST_CASE("species stand in order of first appearance and atoms keep theirs", "[dft_adapters][qe]") {
  const PseudoFolder folder;

  const std::string text =
      qe::input_text(ni3al(), resolved(folder, kBasic + "starting_magnetization = { Ni = 0.5 }\n"));

  CHECK(text.find("  Ni 58.693 Ni.lda.UPF\n  Al 26.982 Al.lda.UPF\n") != std::string::npos);
  CHECK(text.find("starting_magnetization(1) = 0.5") != std::string::npos);
  CHECK(text.find("CELL_PARAMETERS angstrom\n    3.500000000000     0.000000000000     0.000000000000\n") !=
        std::string::npos);
  CHECK(text.find("ATOMIC_POSITIONS crystal\n"
                  "Ni     0.000000000000     0.000000000000     0.000000000000\n"
                  "Al     0.000000000000     0.500000000000     0.500000000000\n") != std::string::npos);
}

TEST_CASE("a structure without a species that has a start moment is computed without spin", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const DftSettings settings = resolved(folder, kBasic + "starting_magnetization = { Ni = 0.5 }\n");

  const std::string text = qe::input_text(cubic(4.0, {kAl}, {{0, 0, 0}}), settings);

  CHECK(text.find("nspin") == std::string::npos);
  CHECK(text.find("starting_magnetization") == std::string::npos);
}

TEST_CASE("each calculation has the namelists that pw.x wants", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const auto text = [&](const std::string& calculation) {
    return qe::input_text(ni3al(), resolved(folder, kBasic + "calculation = \"" + calculation + "\"\n"));
  };

  CHECK(text("scf").find("&IONS") == std::string::npos);
  CHECK(text("scf").find("nstep") == std::string::npos);
  CHECK(text("relax").find("&IONS") != std::string::npos);
  CHECK(text("relax").find("&CELL") == std::string::npos);
  CHECK(text("vc-relax").find("&CELL\n  press_conv_thr = 0.5\n  cell_dofree = 'all'\n/\n") != std::string::npos);
}

TEST_CASE("the same arguments give the same bytes and the scratch folder", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const DftSettings settings = resolved(folder, kBasic);
  const TemporaryDirectory first, second;

  find_dft_code("qe")->write_inputs(ni3al(), settings, first.path());
  find_dft_code("qe")->write_inputs(ni3al(), settings, second.path());

  CHECK(text_of(first.path() / "pw.in") == text_of(second.path() / "pw.in"));
  CHECK(fs::is_directory(first.path() / "scratch"));
}

TEST_CASE("what cannot be asked for is refused", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const DftSettings settings = resolved(folder, kBasic);

  CHECK_THROWS_AS(qe::input_text(cubic(4.0, {}, {}), settings), InputError);
  CHECK_THROWS_WITH(qe::input_text(cubic(4.0, {Species::from_symbol("Cu")}, {{0, 0, 0}}), settings),
                    "no pseudopotential is set for Cu");
}

TEST_CASE("inputs of other hands are understood", "[dft_adapters][qe]") {
  const qe::Request request = qe::parse_request(
      "&control calculation = \"relax\", outdir='/scratch/a!b' ! a comment, prefix='no'\n PREFIX='x'\n/\n"
      "&system\n nat=3 , ntyp = 2, ecutwfc = 3.0d1 occupations='smearing' degauss=1d-2\n starting_magnetization( 1 ) "
      "= 0.5, nspin=2\n/\n"
      "&electrons\n/\n"
      "ATOMIC_SPECIES\n Fe1 55.8 Fe.UPF\n O 16 O.UPF\n\nK_POINTS {gamma}\nATOMIC_POSITIONS (alat)\nFe1 0 0 0\n");

  CHECK(request.calculation == "relax");
  CHECK(request.outdir == "/scratch/a!b");
  CHECK(request.prefix == "x");
  CHECK(request.atom_count == 3);
  CHECK(request.ecutwfc_ry == 30);
  CHECK(request.ecutrho_ry == 120);
  CHECK(request.smearing == "gaussian");
  CHECK(request.degauss_ry == 0.01);
  CHECK(request.nspin == 2);
  CHECK(request.k_points.kind == qe::RequestedKPoints::Kind::kGamma);
  CHECK(request.pseudo_files.at("Fe1") == "Fe.UPF");
}

TEST_CASE("a species label may carry more than the element", "[dft_adapters][qe]") {
  for (const char* label : {"Fe", "Fe1", "FE", "fe_up", "Fe-a"})
    CHECK(qe::species_of_label(label) == Species::from_symbol("Fe"));
  CHECK(qe::species_of_label("O2") == Species::from_symbol("O"));
  CHECK_FALSE(qe::species_of_label("12"));
  CHECK_FALSE(qe::species_of_label(""));
}

TEST_CASE("spin is polarised only where the magnetic species' share is above the asked one", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const std::string moment = kBasic + "starting_magnetization = { Ni = 0.5 }\n";
  const Structure nickel = cubic(3.5, {Species::from_symbol("Ni")}, {{0, 0, 0}});

  const DftSettings always = resolved(folder, moment);
  const DftSettings rich = resolved(folder, moment + "spin_polarised_above = 0.75\n");

  CHECK(qe::is_spin_polarised(ni3al(), always));
  CHECK_FALSE(qe::is_spin_polarised(ni3al(), rich));  // exactly three quarters is not above
  CHECK(qe::is_spin_polarised(nickel, rich));
  CHECK(qe::input_text(ni3al(), rich).find("nspin") == std::string::npos);
  CHECK(qe::input_text(nickel, rich).find("nspin = 2") != std::string::npos);
}

TEST_CASE("cost grows with electrons, k-points and spin", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const DftCode& code = *find_dft_code("qe");
  const DftSettings plain = resolved(folder, kBasic);
  const DftSettings spin = resolved(folder, kBasic + "starting_magnetization = { Ni = 0.5 }\n");
  const Structure al = cubic(4.0, {kAl}, {{0, 0, 0}});

  CHECK(code.relative_cost(ni3al(), plain) > code.relative_cost(al, plain));
  CHECK(code.relative_cost(ni3al(), spin) == Approx(2 * code.relative_cost(ni3al(), plain)));
  CHECK(code.relative_cost(al, spin) == code.relative_cost(al, plain));
}
