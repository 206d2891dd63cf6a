#include "dft_adapters/qe/settings.hpp"

#include <catch2/catch.hpp>

#include "core/hash.hpp"
#include "qe_fixtures.hpp"

using namespace hullscan;
using namespace hullscan::test;

TEST_CASE("settings keep the code's own names and fill in defaults", "[dft_adapters][qe]") {
  const PseudoFolder folder;

  const DftSettings settings = resolved(folder, kBasic);

  CHECK(settings.code == "quantum-espresso");
  CHECK(settings.values.at("calculation") == "vc-relax");
  CHECK(settings.values.at("ecutwfc") == "25");
  CHECK(settings.values.at("ecutrho") == "200");
  CHECK(settings.values.at("kpoint_spacing") == "0.35");
  CHECK(settings.values.at("occupations") == "smearing");
  CHECK(settings.values.at("smearing") == "mv");
  CHECK(settings.values.at("degauss") == "0.02");
  CHECK(settings.values.at("conv_thr") == "1e-08");
  CHECK(settings.values.at("nspin") == "1");
  CHECK(settings.values.at("functional") == "LDA");
  CHECK(settings.values.at("pseudopotential.Ni") == "Ni.lda.UPF");
  CHECK(settings.values.at("valence_electrons.Ni") == "10");
  CHECK(settings.values.at("pseudopotential_hash.Al") == file_hash128_hex(folder.dir.path() / "pseudo/Al.lda.UPF"));
  CHECK(settings.values.at("pseudo_dir") == (folder.dir.path() / "pseudo").string());
}

TEST_CASE("the same table resolves to equal settings", "[dft_adapters][qe]") {
  const PseudoFolder folder;

  CHECK(resolved(folder, kBasic) == resolved(folder, kBasic));
  CHECK(resolved(folder, kBasic + "conv_thr = 1e-8\n") == resolved(folder, kBasic + "conv_thr = 0.00000001\n"));
}

TEST_CASE("every problem of a table is reported with its place", "[dft_adapters][qe]") {
  const PseudoFolder folder;

  const std::string text = complaint(folder,
                                     "pseudo_dir = \"pseudo\"\n"
                                     "pseudopotentials = { Al = \"Ni.lda.UPF\", Ni = \"Ni.nosuch.UPF\" }\n"
                                     "ecutwfc = -3\nocupations = \"fixed\"\nsmearing = \"cold-ish\"\nkpoints = [2, 2]\n"
                                     "starting_magnetization = { Fe = 0.5 }\n");

  for (const char* part :
       {"campaign.toml:2:27: dft.pseudopotentials.Al: expected a pseudopotential of Al, found one of Ni in "
        "\"Ni.lda.UPF\"",
        "has for Al: Al.lda.UPF, Al.pbe.UPF", "campaign.toml:2:46: dft.pseudopotentials.Ni: no file \"Ni.nosuch.UPF\"",
        "has for Ni: Ni.lda.UPF, Ni.pbe.UPF", "campaign.toml:3:11: dft.ecutwfc: -3, must be >= 1",
        "dft.ocupations: unknown key (did you mean \"occupations\"?)", "dft.smearing: expected one of \"gaussian\"",
        "dft.kpoints: expected three integers", "\"Fe\" is not a species of this campaign (Al, Ni)"}) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
  }
}

TEST_CASE("pseudopotentials of different functionals are refused, with a way out", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const std::string mixed =
      "pseudo_dir = \"pseudo\"\necutwfc = 25\npseudopotentials = { Al = \"Al.lda.UPF\", Ni = \"Ni.pbe.UPF\" }\n";

  const std::string text = complaint(folder, mixed);

  INFO(text);
  CHECK(text.find("expected one functional, found Al LDA (Al.lda.UPF), Ni PBE (Ni.pbe.UPF)") != std::string::npos);
  CHECK(text.find("for Al with PBE: Al.pbe.UPF") != std::string::npos);
  CHECK(text.find("for Ni with LDA: Ni.lda.UPF") != std::string::npos);
  CHECK(complaint(folder, mixed + "input_dft = \"PBE\"\n") == "no complaint");
}

TEST_CASE("a functional that is named must be that of the files", "[dft_adapters][qe]") {
  const PseudoFolder folder;

  CHECK(complaint(folder, kBasic + "functional = \"LDA\"\n") == "no complaint");
  CHECK(complaint(folder, kBasic + "functional = \"PBE\"\n")
            .find("PBE is asked for, but the pseudopotentials are LDA: ") != std::string::npos);
  CHECK(complaint(folder, kBasic + "functional = \"PBESOL2\"\n").find("did you mean \"PBEsol\"?") != std::string::npos);
}

TEST_CASE("a missing pseudopotential is named with what there is", "[dft_adapters][qe]") {
  const PseudoFolder folder;

  const std::string text =
      complaint(folder, "pseudo_dir = \"pseudo\"\necutwfc = 25\npseudopotentials = { Al = \"Al.lda.UPF\" }\n");

  INFO(text);
  CHECK(text.find("dft.pseudopotentials.Ni: missing: the pseudopotential file of Ni") != std::string::npos);
  CHECK(text.find("Ni.lda.UPF, Ni.pbe.UPF") != std::string::npos);
}

TEST_CASE("a file that is not a UPF file is refused", "[dft_adapters][qe]") {
  const PseudoFolder folder;

  const std::string text = complaint(folder,
                                     "pseudo_dir = \"pseudo\"\necutwfc = 25\npseudopotentials = { Al = \"Si.bhs\", "
                                     "Ni = \"../pseudo/Ni.lda.UPF\" }\n");

  CHECK(text.find("\"Si.bhs\": no UPF file") != std::string::npos);
  CHECK(text.find("expected the name of a file in pseudo_dir") != std::string::npos);
}

TEST_CASE("cutoffs come from the files where every file suggests one", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const std::string pbe = "pseudo_dir = \"pseudo\"\npseudopotentials = { Al = \"Al.pbe.UPF\", Ni = \"Ni.pbe.UPF\" }\n";
  const std::string lda = "pseudo_dir = \"pseudo\"\npseudopotentials = { Al = \"Al.lda.UPF\", Ni = \"Ni.lda.UPF\" }\n";

  CHECK(resolved(folder, pbe).values.at("ecutwfc") == "35");
  CHECK(resolved(folder, pbe).values.at("ecutrho") == "300");
  CHECK(complaint(folder, lda).find("dft.ecutwfc: missing") != std::string::npos);
  CHECK(resolved(folder, lda + "ecutwfc = 25\n").values.at("ecutrho") == "200");  // ultrasoft: 8 times
  CHECK(complaint(folder, lda + "ecutwfc = 25\necutrho = 90\n").find("90, must be >= 4 * ecutwfc = 100") !=
        std::string::npos);
}

TEST_CASE("spin and start moments must go together", "[dft_adapters][qe]") {
  const PseudoFolder folder;

  CHECK(resolved(folder, kBasic + "starting_magnetization = { Ni = 0.5 }\n").values.at("nspin") == "2");
  CHECK(resolved(folder, kBasic + "starting_magnetization = { Ni = 0.0 }\n").values.at("nspin") == "1");
  CHECK(complaint(folder, kBasic + "nspin = 2\n").find("finds the non-magnetic state") != std::string::npos);
  CHECK(complaint(folder, kBasic + "nspin = 1\nstarting_magnetization = { Ni = 0.5 }\n").find("must be 2") !=
        std::string::npos);
  CHECK(complaint(folder, kBasic + "occupations = \"fixed\"\nstarting_magnetization = { Ni = 0.5 }\n")
            .find("does not go with") != std::string::npos);
}

TEST_CASE("smearing has no place beside fixed occupations", "[dft_adapters][qe]") {
  const PseudoFolder folder;

  CHECK(complaint(folder, kBasic + "occupations = \"fixed\"\ndegauss = 0.01\n").find("has no effect") !=
        std::string::npos);
  CHECK_FALSE(resolved(folder, kBasic + "occupations = \"fixed\"\n").values.contains("degauss"));
  CHECK(resolved(folder, kBasic + "smearing = \"marzari-vanderbilt\"\n").values.at("smearing") == "mv");
}

TEST_CASE("a command is split into words, or taken as a list", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const DftCode& code = *find_dft_code("qe");

  CHECK(code.command(resolved(folder, kBasic)) == std::vector<std::string>{"pw.x", "-in", "pw.in"});
  CHECK(code.command(resolved(folder, kBasic + "command = \"mpirun -np 2 pw.x\"\n")) ==
        std::vector<std::string>{"mpirun", "-np", "2", "pw.x", "-in", "pw.in"});
  CHECK(code.command(resolved(folder, kBasic + "command = [\"/opt/my codes/pw.x\", \"-nk\", \"2\"]\n")) ==
        std::vector<std::string>{"/opt/my codes/pw.x", "-nk", "2", "-in", "pw.in"});
  CHECK(complaint(folder, kBasic + "command = \"\"\n").find("dft.command: expected a program") != std::string::npos);
}

TEST_CASE("hull keys hold the physics and the identity leaves out the way there", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const DftCode& code = *find_dft_code("qe");
  const DftSettings settings = resolved(folder, kBasic + "starting_magnetization = { Ni = 0.5 }\n");
  const DftSettings elsewhere = resolved(
      folder,
      kBasic +
          "starting_magnetization = { Ni = 0.5 }\ncommand = \"srun pw.x\"\nmixing_beta = 0.3\nmax_seconds = 600\n");

  const auto keys = code.hull_keys(settings);

  CHECK(keys.at("functional") == "LDA");
  CHECK(keys.at("ecutwfc") == "25");
  CHECK(keys.at("degauss") == "0.02");
  CHECK(keys.at("spin") == "collinear");
  CHECK(keys.at("pseudopotential.Ni") == settings.values.at("pseudopotential_hash.Ni"));
  CHECK(keys == code.hull_keys(elsewhere));
  CHECK(settings != elsewhere);
  CHECK(code.identity(settings) == code.identity(elsewhere));
  CHECK(code.relaxes_cell(settings));
  CHECK_FALSE(code.relaxes_cell(resolved(folder, kBasic + "calculation = \"relax\"\n")));
  CHECK(code.identity(settings) != code.identity(resolved(folder, kBasic + "starting_magnetization = { Ni = 0.4 }\n")));
}
