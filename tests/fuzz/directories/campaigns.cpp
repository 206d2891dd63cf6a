#include "campaigns.hpp"

#include <csignal>
#include <stdexcept>

#include "../../files.hpp"

namespace hullscan::test {
namespace {

std::string cif(const std::string& group, const std::string& edges, const std::string& sites) {
  return "data_x\n" + edges +
         "_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma 90\n_symmetry_space_group_name_H-M '" + group +
         "'\nloop_\n_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_"
         "z\n" +
         sites;
}

std::string edges(const std::string& a, const std::string& b, const std::string& c) {
  return "_cell_length_a " + a + "\n_cell_length_b " + b + "\n_cell_length_c " + c + "\n";
}

const std::string kFcc = cif("F m -3 m", edges("3.85", "3.85", "3.85"), "M1 Al 0 0 0\n");
const std::string kRockSalt = cif("F m -3 m", edges("4.2", "4.2", "4.2"), "M1 Mg 0 0 0\nX1 O 0.5 0.5 0.5\n");
const std::string kBox = cif("P m m m", edges("3", "3.3", "3.7"), "M1 Al 0 0 0\nK1 K 0.5 0.5 0.5\n");

std::string calculated(const std::string& calculation, const std::string& fails) {
  return "[dft]\ncode = \"command\"\ncommand = [\"" HULLSCAN_STAND_IN_CALCULATOR "\", \"" + fails +
         "\"]\nmethod = \"made up\"\ncalculation = \"" + calculation + "\"\n[run]\nslots = 2\nkeep = \"all\"\n";
}

const std::string kAlloy =
    "structure = \"fcc.cif\"\nprimitive = true\n[[space.sublattice]]\nsites = \"M1\"\n"
    "species = { Al = \"0%..100%\", Ni = \"rest\" }\n";

const std::string kLabelled =
    "name = \"labelled\"\nseed = 1\n[[space]]\nname = \"fcc\"\nvolume = [1, 3]\n" + kAlloy +
    "[[surrogate]]\nkind = \"cluster-expansion\"\npairs = 4.2\n"
    "[select]\npolicy = \"hull-distance\"\ninitial = 4\nper_round = 2\nrounds = 2\nasynchronous = false\n" +
    calculated("vc-relax", "Al2Ni");

const std::string kScored =
    "name = \"scored\"\nseed = 2\n[[space]]\nname = \"salt\"\nstructure = \"salt.cif\"\nsupercell = [2, 1, "
    "1]\n[[space.sublattice]]\nsites = \"M1\"\nspecies = { Mg = \"0..8\", Li = \"rest\" }\n"
    "[[surrogate]]\nkind = \"electrostatic\"\noxidation = { Mg = 2, Li = 1, O = -2 }\n[report]\ntemperatures = [300, "
    "600]\n[run]\nkeep = \"all\"\n";

const std::string kSeveral =
    "name = \"several\"\nseed = 3\n[[space]]\nname = \"one\"\nvolume = [1, 2]\n" + kAlloy +
    "[[space]]\nname = \"box\"\nstructure = \"box.cif\"\nsupercell = [2, 1, 1]\n[[space.sublattice]]\nsites = \"M1\"\n"
    "species = { Al = \"0..2\", Mg = \"rest\" }\n"
    "[select]\npolicy = \"all\"\ninitial = 20\nrounds = 0\n" +
    calculated("scf", "none");

const std::string kMarked =
    "name = \"marked\"\nseed = 3\n[[space]]\nname = \"pairs\"\nstructure = \"box.cif\"\nsupercell = [2, 2, "
    "1]\n[[space.sublattice]]\n"
    "sites = \"M1\"\nspecies = { Al = \"2..4\", Mg = \"rest\" }\n[[space.marker]]\npair = [\"K\", \"K\"]\nmax_distance "
    "= 4.2\n"
    "[run]\nkeep = \"all\"\n";

const std::string kParts =
    "name = \"parts\"\nseed = 4\n[[space]]\nname = \"box\"\nstructure = \"box.cif\"\nsupercell = [2, 3, "
    "1]\n[[space.sublattice]]\n"
    "sites = \"M1\"\nspecies = { Al = \"0%..100%\", Mg = \"rest\" }\n[run]\nkeep = \"all\"\n";

}  // namespace

std::vector<std::string> make_campaigns(const fs::path& folder, const RunHullscan& run) {
  const auto begin = [&](const std::string& name, const std::string& text) {
    write_file(folder / name / "campaign.toml", text);
    write_file(folder / name / "fcc.cif", kFcc);
    write_file(folder / name / "salt.cif", kRockSalt);
    write_file(folder / name / "box.cif", kBox);
  };
  const auto search = [&](const std::string& name, const std::string& directory, const std::vector<std::string>& more,
                          const std::string& crash_at = "") {
    std::vector<std::string> line = {"run", "campaign.toml", "--dir", directory, "--threads", "1"};
    line.insert(line.end(), more.begin(), more.end());
    const int code = run(line, folder / name, crash_at);
    if (crash_at.empty() ? code != 0 && code != 4 : code != 128 + SIGKILL)
      throw std::runtime_error("the campaign " + name + " ended with exit code " + std::to_string(code));
  };
  begin("labelled", kLabelled);
  search("labelled", "c", {});
  begin("scored", kScored);
  search("scored", "c", {"--quota", "0.0005"});
  begin("several", kSeveral);
  search("several", "c", {});
  begin("marked", kMarked);
  search("marked", "c", {});
  begin("parts", kParts);
  search("parts", "c", {"--part", "1/2"});
  search("parts", "other", {"--part", "2/2"});
  begin("open", kLabelled);
  search("open", "c", {}, "task.event-appended:14");
  return {"labelled", "scored", "several", "marked", "parts", "open"};
}

}  // namespace hullscan::test
