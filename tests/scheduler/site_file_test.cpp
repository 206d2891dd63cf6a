// What a cluster asks of every job: which file is read, what is refused, and what stands over it.
#include <catch2/catch.hpp>

#include "../files.hpp"
#include "core/errors.hpp"
#include "scheduler/executors/pbs_options.hpp"
#include "scheduler/executors/site_file.hpp"
#include "scheduler/executors/slurm_options.hpp"

namespace hullscan {
namespace {

using Catch::Contains;
using test::write_file;
namespace fs = std::filesystem;

struct TwoSites {
  test::TemporaryFolder folder;
  fs::path of_machine = folder.path() / "etc" / "site.toml", of_user = folder.path() / "hullscan" / "site.toml";
  Environment environment = {{"XDG_CONFIG_HOME", folder.path().string()}, {"USER", "ann"}};

  TwoSites(const std::string& machine, const std::string& user) {
    fs::create_directories(of_machine.parent_path());
    fs::create_directories(of_user.parent_path());
    if (!machine.empty()) write_file(of_machine, machine);
    if (!user.empty()) write_file(of_user, user);
  }
  [[nodiscard]] Site read() const { return read_site(environment, of_machine); }
};

RunSpec run_of(const std::string& executor, std::vector<SettingsEntry> entries = {}) {
  RunSpec run;
  run.executor = executor;
  run.settings = {{"campaign.toml", 9, 1}, std::move(entries)};
  return run;
}

SettingsEntry text(const std::string& key, const std::string& value) {
  return {key, Setting{{"campaign.toml", 10, 1}, {"campaign.toml", 10, 1}, value}};
}

std::string refusal(const TwoSites& sites) {
  try {
    (void)sites.read();
    return "";
  } catch (const InputError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("the user's site file stands over the machine's, key by key, and the campaign's table over both",
          "[scheduler][site]") {
  const TwoSites sites("account = \"all\"\npartition = \"long\"\nmodules = [\"openmpi/4.1\", \"hdf5\"]\n",
                       "partition = \"short\"\nlauncher = \"srun --mpi=pmix\"\nscratch = \"/scratch/${USER}/hs\"\n");

  const Site site = sites.read();

  CHECK(site.files == std::vector<fs::path>{sites.of_user, sites.of_machine});
  CHECK(site.scratch == "/scratch/ann/hs");
  Problems none;
  const SlurmOptions slurm = read_slurm_options(with_site(run_of("slurm", {text("account", "mine")}), site), none);
  CHECK(slurm.account == "mine");
  CHECK(slurm.partition == "short");
  CHECK(slurm.setup == std::vector<std::string>{"module load openmpi/4.1", "module load hdf5"});
  CHECK(slurm.mpi_launcher == std::vector<std::string>{"srun", "--mpi=pmix"});
  const PbsOptions pbs = read_pbs_options(with_site(run_of("pbs"), site), none);
  CHECK(pbs.queue == "short");
  CHECK(pbs.account == "all");
  CHECK(with_site(run_of("local"), site).settings.entries.empty());
  CHECK_NOTHROW(none.throw_if_any());
}

TEST_CASE("HULLSCAN_SITE is read instead of the others, and must be there", "[scheduler][site]") {
  TwoSites sites("account = \"all\"\n", "account = \"ann\"\n");
  const fs::path named = sites.folder.path() / "mine.toml";
  write_file(named, "constraint = \"rome|milan\"\n");

  sites.environment["HULLSCAN_SITE"] = named.string();
  CHECK(sites.read().settings.find("account") == nullptr);
  CHECK(sites.read().files == std::vector<fs::path>{named});
  sites.environment["HULLSCAN_SITE"] = "";
  CHECK(sites.read().files.empty());
  sites.environment["HULLSCAN_SITE"] = (sites.folder.path() / "absent.toml").string();
  CHECK_THAT(refusal(sites),
             Contains("absent.toml: a site file, named by HULLSCAN_SITE, that cannot be read (no such"));
}

TEST_CASE("every fault of every site file is named at its place", "[scheduler][site]") {
  const TwoSites sites(
      "acount = \"p1\"\npartition = \"x; rm -rf ~\"\n",
      "modules = [\"a b\"]\nconstraint = 3\nscratch = \"here\"\nlauncher = \" \"\nsetup = [\"a\\nb\"]\n");

  const std::string said = refusal(sites);

  const std::string machine = sites.of_machine.string(), user = sites.of_user.string();
  CHECK_THAT(said, Contains(machine + ":1:1: acount: unknown key (did you mean \"account\"?)"));
  CHECK_THAT(said, Contains(machine + ":2:13: partition: expected letters, digits and _ . , : @ + -, found"));
  CHECK_THAT(said, Contains(user + ":1:11: modules: expected the name of a module"));
  CHECK_THAT(said, Contains(user + ":2:14: constraint: expected text, found integer"));
  CHECK_THAT(said, Contains(user + ":3:11: scratch: expected a folder that begins with /, found \"here\""));
  CHECK_THAT(said, Contains(user + ":4:12: launcher: expected the words of a command"));
  CHECK_THAT(said, Contains(user + ":5:9: setup: expected one line of shell"));
  const TwoSites unknown("", "scratch = \"/scratch/$NOBODY\"\n");
  CHECK_THAT(refusal(unknown), Contains(":1:11: scratch: the environment has no NOBODY"));
  const TwoSites broken("", "account = \n");
  CHECK_THAT(refusal(broken), Contains(broken.of_user.string() + ":1:"));
}

}  // namespace hullscan
