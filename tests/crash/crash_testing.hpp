/// @file
/// What the crash tests share: a campaign that needs no calculator, what it must end with, and ways to run it.
#pragma once

#include <sys/resource.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "../program.hpp"
#include "../stored_shards.hpp"
#include "core/json.hpp"

namespace hullscan::test {

using Environment = std::map<std::string, std::string>;

/// One atom in an orthorhombic box, Pmmm: a supercell a x b x c has the group of 8abc operations.
inline void write_campaign(const fs::path& folder, const std::string& supercell = "[2, 3, 4]",
                           const std::string& keep = "all", const std::string& file = "campaign.toml", int seed = 3) {
  write_file(folder / "box.cif",
             "data_box\n_cell_length_a 3\n_cell_length_b 3.3\n_cell_length_c 3.7\n_cell_angle_alpha 90\n"
             "_cell_angle_beta 90\n_cell_angle_gamma 90\n_symmetry_space_group_name_H-M 'P m m m'\nloop_\n"
             "_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"
             "M1 Al 0 0 0\n");
  write_file(folder / file,
             "name = \"box\"\nseed = " + std::to_string(seed) +
                 "\n[[space]]\nname = \"box\"\nstructure = \"box.cif\"\nsupercell = " + supercell +
                 "\n[[space.sublattice]]\nsites = \"M1\"\nspecies = { Al = \"0%..100%\", Mg = \"rest\" }\n"
                 "[run]\nkeep = \"" +
                 keep + "\"\n");
}

/// A folder with the campaign in it; its directory is "c".
class CampaignFolder : public TemporaryFolder {
 public:
  explicit CampaignFolder(const std::string& supercell = "[2, 3, 4]", const std::string& keep = "all") {
    write_campaign(path(), supercell, keep);
  }
  [[nodiscard]] fs::path directory() const { return path() / "c"; }
};

/// Many small units, so that there is always something under way.
inline std::vector<std::string> run_line(const std::string& quota = "0.001", const std::string& threads = "2") {
  return {HULLSCAN_PROGRAM, "run", "campaign.toml", "--dir", "c", "--threads", threads, "--quota", quota};
}

inline std::vector<std::string> mpi_line(int ranks, const std::string& quota = "0.001",
                                         const std::vector<std::string>& more = {}) {
  std::vector<std::string> line = {"mpirun", "-n", std::to_string(ranks)};
  for (const std::string& word : run_line(quota)) line.push_back(word);
  line.insert(line.end(), more.begin(), more.end());
  return line;
}

/// Open MPI leaves files behind when it is killed: each test's go away with its folder.
inline Environment mpi_environment(const fs::path& folder) {
  Environment environment = kMpiEnvironment;
  environment["OMPI_MCA_orte_tmpdir_base"] = folder.string();
  return environment;
}

/// What a campaign has come to: report files and every orbit, byte for byte.
inline std::map<std::string, std::string> outcome_of(const fs::path& folder, const std::string& directory = "c") {
  std::map<std::string, std::string> outcome = undated_report(folder / directory);
  const ProgramResult orbits = run_hullscan({"export", directory, "--orbits", "--format", "csv"}, folder);
  INFO(orbits.messages);
  REQUIRE(orbits.exit_code == 0);
  outcome["orbits"] = orbits.output;
  return outcome;
}

/// The outcome of an undisturbed run with one thread and whole units; computed once for each supercell.
inline const std::map<std::string, std::string>& undisturbed_outcome(const std::string& supercell = "[2, 3, 4]") {
  static std::map<std::string, std::map<std::string, std::string>> known;
  auto& outcome = known[supercell];
  if (outcome.empty()) {
    const CampaignFolder folder(supercell);
    const ProgramResult result = Program(run_line("100", "1"), folder.path()).wait();
    INFO(result.messages);
    REQUIRE(result.exit_code == 0);
    outcome = outcome_of(folder.path());
  }
  return outcome;
}

/// The campaign goes on to its end, which is the undisturbed one.
inline void resume_and_check(const fs::path& folder, const std::string& supercell = "[2, 3, 4]") {
  const ProgramResult result = Program(run_line("0.02"), folder).wait();
  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  const ProgramResult verified = run_hullscan({"verify", "c"}, folder);
  INFO(verified.output);
  CHECK(verified.exit_code == 0);
  CHECK((outcome_of(folder) == undisturbed_outcome(supercell)));
}

/// Units that the database has as done.
inline long units_done(const fs::path& folder) {
  const ProgramResult result = run_hullscan({"verify", "c", "--json"}, folder);
  if (result.output.empty()) return 0;
  return Json::parse(result.output)["shards"].get<long>();
}

inline void flip_bit(const fs::path& file, std::mt19937& random) {
  std::string bytes = read_file(file);
  const auto at = std::uniform_int_distribution<std::size_t>(0, bytes.size() - 1)(random);
  bytes[at] = static_cast<char>(bytes[at] ^ (1 << std::uniform_int_distribution<int>(0, 7)(random)));
  write_file(file, bytes);
}

/// A folder whose campaign has ended.
class FinishedCampaign : public CampaignFolder {
 public:
  explicit FinishedCampaign(const std::string& quota = "0.001") {
    const ProgramResult result = Program(run_line(quota), path()).wait();
    INFO(result.messages);
    REQUIRE(result.exit_code == 0);
  }
};

}  // namespace hullscan::test
