/// @file
/// hull, read, init, doctor as a user calls them.

#include <catch2/catch.hpp>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

TEST_CASE("hull --json of a csv file gives distances, decompositions and vertices", "[cli][hull]") {
  // NiAl -0.75, Ni3Al -0.49 eV/atom; NiAl3 at -0.22 lies 0.155 above the line from Al (0) to NiAl: -0.75 * 0.5 =
  // -0.375.
  const TemporaryFolder folder;
  write_file(folder.path() / "e.csv",
             "id,formula,energy\nal,Al,0\nni,Ni,0\nb2,NiAl,-1.5\nl12,Ni3Al,-1.96\nother,NiAl3,-0.88\n");

  const auto result = run_hullscan({"hull", "e.csv", "--json"}, folder.path());

  REQUIRE(result.exit_code == 0);
  const Json json = Json::parse(result.output);
  CHECK(json["tolerance"].get<double>() == Approx(1e-8));
  std::map<std::string, Json> by_id;
  for (const Json& entry : json["entries"]) by_id[entry["id"]] = entry;
  CHECK(by_id["other"]["e_above_hull"].get<double>() == Approx(0.375 - 0.22).margin(1e-12));
  CHECK_FALSE(by_id["other"]["on_hull"].get<bool>());
  CHECK(by_id["l12"]["vertex"].get<bool>());
  REQUIRE(by_id["other"]["decomposition"].size() == 2);
  CHECK(by_id["other"]["decomposition"][0]["fraction"].get<double>() == Approx(0.5));
}

TEST_CASE("hull --json gives energies to nine decimals and shares to twelve", "[cli][hull]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "e.csv", "id,formula,energy\nal,Al,0\nni,Ni,0\nb2,NiAl,-1\nother,Ni2Al,-0.1\n");

  const Json json = Json::parse(run_hullscan({"hull", "e.csv", "--json"}, folder.path()).output);

  REQUIRE(json["entries"].size() == 4);
  const Json& other = json["entries"][3];
  CHECK(other["formation_energy_per_atom"].get<double>() == -0.033333333);
  CHECK(other["e_above_hull"].get<double>() == 0.3);
  CHECK(other["decomposition"][0]["fraction"].get<double>() == 0.666666666667);
}

TEST_CASE("hull without an element's entry names the element and exits 2", "[cli][hull]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "e.csv", "id,formula,energy\nal,Al,0\nb2,NiAl,-1.5\n");

  const auto result = run_hullscan({"hull", "e.csv"}, folder.path());

  CHECK(result.exit_code == 2);
  CHECK_THAT(result.messages, Contains("Ni"));
}

TEST_CASE("read accepts a good pw.x run with exit code 0 and refuses an unconverged one with 4", "[cli][read]") {
  const TemporaryFolder folder;
  const fs::path samples = fs::path(HULLSCAN_TEST_DATA) / "qe_outputs";

  const auto good = run_hullscan({"read", "qe", (samples / "good_scf_al.out").string(), "--json"}, folder.path());
  const auto bad =
      run_hullscan({"read", "qe", (samples / "bad_scf_notconv_allowed.out").string(), "--json"}, folder.path());

  CHECK(good.exit_code == 0);
  CHECK(Json::parse(good.output)["converged"] == true);
  CHECK(Json::parse(good.output)["energy_ev"].is_number());
  CHECK(bad.exit_code == 4);
  CHECK(Json::parse(bad.output)["converged"] == false);
}

TEST_CASE("what init writes is a campaign that check accepts", "[cli][init]") {
  const TemporaryFolder folder;
  fs::copy_file(fs::path(HULLSCAN_CAMPAIGNS) / "al-ni" / "fcc.cif", folder.path() / "fcc.cif");

  const auto init = run_hullscan({"init", "fcc.cif", "--vary", "Al=Ni,Va", "--supercell", "2x1x1"}, folder.path());
  const auto check = run_hullscan({"check", "campaign.toml"}, folder.path());
  const auto again = run_hullscan({"init", "fcc.cif"}, folder.path());

  REQUIRE(init.exit_code == 0);
  CHECK(check.exit_code == 0);
  CHECK_THAT(check.output, Contains("no problems"));
  CHECK(again.exit_code == 2);
}

TEST_CASE("hull reads the table of a German spreadsheet and says how; a 0 for an O is reported with its place",
          "[cli][hull]") {
  const TemporaryFolder folder;
  for (const char* name : {"excel_de.csv", "zero.csv"}) {
    fs::copy_file(fs::path(HULLSCAN_TEST_DATA) / "csv" / name, folder.path() / name);
  }

  const auto german = run_hullscan({"hull", "excel_de.csv", "--json"}, folder.path());
  const auto zero = run_hullscan({"hull", "zero.csv"}, folder.path());

  REQUIRE(german.exit_code == 0);
  CHECK_THAT(german.messages, Contains("separated by semicolons") && Contains("decimal comma"));
  // MgO: (-12.60 + 1.50 + 4.95) / 2 eV/atom
  const Json of_german = Json::parse(german.output);
  for (const Json& entry : of_german["entries"]) {
    if (entry["id"] == "MgO") CHECK(entry["formation_energy_per_atom"].get<double>() == Approx(-3.075));
  }
  CHECK(zero.exit_code == 2);
  CHECK_THAT(zero.messages, Contains("zero.csv:4:5") && Contains("is the letter O meant?"));
}

TEST_CASE("doctor says that hullscan works here", "[cli][doctor]") {
  const TemporaryFolder folder;

  const auto result = run_hullscan({"doctor", "--json"}, folder.path());

  CHECK(result.exit_code == 0);
  CHECK(Json::parse(result.output)["works"] == true);
}

TEST_CASE("ranks with threads leave the same bytes as one thread", "[cli][mpi]") {
  const TemporaryFolder folder;
  const fs::path data = fs::path(HULLSCAN_CAMPAIGNS) / ".." / ".." / "tests" / "slurm";
  fs::copy(data / "box.cif", folder.path());
  std::string text = read_file(data / "campaign.toml");
  text.replace(text.find("[2, 3, 5]"), 9, "[2, 2, 5]");
  write_file(folder.path() / "campaign.toml", text);

  const auto alone = run_hullscan({"run", "campaign.toml", "--dir", "alone", "--threads", "1"}, folder.path());
  const auto ranks = run_hullscan_on(2, {"run", "campaign.toml", "--dir", "ranks", "--threads", "2"}, folder.path());

  INFO(ranks.messages);
  REQUIRE(alone.exit_code == 0);
  REQUIRE(ranks.exit_code == 0);
  CHECK(undated_report(folder.path() / "ranks") == undated_report(folder.path() / "alone"));
  const auto orbits = [&](const char* directory) {
    return run_hullscan({"export", directory, "--orbits", "--format", "csv"}, folder.path()).output;
  };
  CHECK(orbits("ranks").size() > 100'000);
  CHECK(orbits("ranks") == orbits("alone"));
}

TEST_CASE("a job of several nodes is ranks with threads on all of them, a job of one node a process", "[cli][sbatch]") {
  const TemporaryFolder folder;
  const std::string file = (fs::path(HULLSCAN_CAMPAIGNS) / "al-ni-kim" / "campaign.toml").string();
  write_file(folder.path() / "site.toml", "launcher = \"srun --mpi=pmix\"\n");
  const std::map<std::string, std::string> srun = {{"HULLSCAN_SITE", (folder.path() / "site.toml").string()}};
  const auto script = [&](std::vector<std::string> options,
                          const std::map<std::string, std::string>& environment = {}) {
    options.insert(options.begin(), {"sbatch", file});
    return run_hullscan(options, folder.path(), environment);
  };
  const auto has = [](const ProgramResult& printed, const std::string& part) {
    INFO(part);
    CHECK(printed.output.find(part) != std::string::npos);
  };

  has(script({"--nodes", "4", "--cores", "128"}),
      "#SBATCH --nodes=4\n#SBATCH --ntasks=4\n#SBATCH --cpus-per-task=128\n");
  has(script({"--nodes", "4", "--cores", "128"}), " -n $((SLURM_JOB_NUM_NODES * 8)) ");
  has(script({"--nodes", "4", "--cores", "128"}), " --threads 16 \"${limit[@]}\"\n");
  has(script({"--nodes", "2", "--cores", "40"}, srun),
      " srun --mpi=pmix --overlap --mem=0 --cpu-bind=none --ntasks-per-node=4 --cpus-per-task=10 -n "
      "$((SLURM_JOB_NUM_NODES * 4)) ");
  has(script({"--cores", "128", "--threads", "32"}), " -n $((SLURM_JOB_NUM_NODES * 4)) ");
  has(script({"--cores", "128"}), "\nrun_to_its_end " + std::string(HULLSCAN_PROGRAM) + " run ");
  const auto refused = script({"--cores", "8", "--threads", "9"});
  CHECK(refused.exit_code == 2);
  CHECK(refused.messages.find("--threads: 9 threads of a rank on nodes of 8 cores") != std::string::npos);
}

TEST_CASE("the site's file is under what the line and the campaign say of a job, and doctor tells it", "[cli][site]") {
  const TemporaryFolder folder;
  const std::string file = (fs::path(HULLSCAN_CAMPAIGNS) / "al-ni-kim" / "campaign.toml").string();
  const std::string site = (folder.path() / "site.toml").string();
  write_file(site, "account = \"p1\"\npartition = \"long\"\nmodules = [\"openmpi\"]\nscratch = \"/scratch/x\"\n");
  const std::map<std::string, std::string> environment = {{"HULLSCAN_SITE", site}};

  const auto script = run_hullscan({"sbatch", file, "--partition", "short"}, folder.path(), environment);
  const auto doctor = run_hullscan({"doctor"}, folder.path(), environment);

  CHECK(script.exit_code == 0);
  for (const char* part : {"#SBATCH --account=p1\n", "#SBATCH --partition=short\n", "\nmodule load openmpi\n",
                           " --dir /scratch/x/al-ni-kim-"}) {
    INFO(part);
    CHECK(script.output.find(part) != std::string::npos);
  }
  CHECK(run_hullscan({"sbatch", file, "--dir", "d"}, folder.path(), environment).output.find("/scratch/x") ==
        std::string::npos);
  CHECK(
      doctor.output.find("account = \"p1\", partition = \"long\", modules = [\"openmpi\"], scratch = \"/scratch/x\"") !=
      std::string::npos);

  write_file(site, "acount = \"p1\"\n");
  const auto refused = run_hullscan({"sbatch", file}, folder.path(), environment);
  CHECK(refused.exit_code == 2);
  CHECK(refused.output.empty());
  CHECK(refused.messages.find("site.toml:1:1: acount: unknown key") != std::string::npos);
  CHECK(run_hullscan({"doctor"}, folder.path(), environment).output.find("BROKEN") != std::string::npos);
}

TEST_CASE("the job script asks for what the line asks for, and no word can become another option", "[cli][sbatch]") {
  const TemporaryFolder folder;
  const std::string file = (fs::path(HULLSCAN_CAMPAIGNS) / "al-ni-kim" / "campaign.toml").string();

  const auto printed = run_hullscan({"sbatch",        file,
                                     "--partition",   "short",
                                     "--account",     "mat-01",
                                     "--qos",         "high",
                                     "--constraint",  "icelake&ib",
                                     "--reservation", "r7",
                                     "--gres",        "gpu:2",
                                     "--mail",        "a@b.example",
                                     "--setup",       "module load openmpi",
                                     "--setup",       "ulimit -s unlimited"},
                                    folder.path());

  REQUIRE(printed.exit_code == 0);
  for (const char* line : {"#SBATCH --partition=short\n", "#SBATCH --account=mat-01\n", "#SBATCH --qos=high\n",
                           "#SBATCH --constraint=icelake&ib\n", "#SBATCH --reservation=r7\n", "#SBATCH --gres=gpu:2\n",
                           "#SBATCH --mail-user=a@b.example\n", "\nmodule load openmpi\nulimit -s unlimited\n"}) {
    INFO(line);
    CHECK(printed.output.find(line) != std::string::npos);
  }
  write_file(folder.path() / "job", printed.output);
  CHECK(Program({"bash", "-n", "job"}, folder.path()).wait().exit_code == 0);

  for (const char* word : {"a b", "", "x\ny", "\"q", "it's"}) {
    INFO(word);
    const auto refused = run_hullscan({"sbatch", file, "--account", word}, folder.path());
    CHECK(refused.exit_code == 2);
    CHECK(refused.output.empty());
    CHECK(refused.messages.find("--account: expected a word") != std::string::npos);
  }
}
