/// @file
/// The files of `enumerate`, read by other programs: Python's zipfile and csv, h5py.

#include <catch2/catch.hpp>
#include <set>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

const fs::path kAlNiCampaign = fs::path(HULLSCAN_CAMPAIGNS) / "al-ni" / "campaign.toml";

/// Runs Debian's Python, which sees Debian's packages; @returns what it prints.
std::string python(const std::string& code, const fs::path& folder) {
  const auto result = Program({"/usr/bin/python3", "-c", code}, folder).wait();
  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  return result.output;
}

/// Sorted "occupation degeneracy" lines of every format.
const std::string kRows = R"py(
import csv, re, sys, zipfile
def rows(name):
    if name.endswith(".csv"):
        return [(r["space"], r["occupation"], int(r["degeneracy"]), r["space_group"]) for r in csv.DictReader(open(name))]
    if name.endswith(".h5"):
        import h5py
        found = []
        with h5py.File(name) as table:
            for group in table.values():
                space = group.attrs["space"]
                space = space.decode() if isinstance(space, bytes) else space
                for o, w, s in zip(group["occupation"][:], group["degeneracy"][:], group["space_group"][:]):
                    found.append((space, "".join(map(str, o)), int(w), str(s) if s else ""))
        return found
    found = []
    for line in open(name):
        if "Lattice=" in line:
            get = lambda key: (re.search(r'\b%s="?([^" ]*)' % key, line) or [None, ""])[1]
            found.append((get("space"), get("occupation"), int(get("degeneracy")), get("space_group")))
    return found
)py";

}  // namespace

TEST_CASE("every format of enumerate holds the same configurations, degeneracies and space groups",
          "[cli][enumerate]") {
  const TemporaryFolder folder;
  for (const char* name : {"x.csv", "x.h5", "x.extxyz", "x.zip"}) {
    const auto result = run_hullscan({"enumerate", kAlNiCampaign.string(), "--out", name, "--symmetry"}, folder.path());
    INFO(result.messages);
    REQUIRE(result.exit_code == 0);
  }
  const std::string verdict = python(kRows + R"py(
a = rows("x.csv")
print(len(a) > 20, a == rows("x.h5"), a == rows("x.extxyz"))
names = zipfile.ZipFile("x.zip").namelist()
print(zipfile.ZipFile("x.zip").testzip(), len(set(names)) == len(a), [int(re.search(r"_i(\d+)_w(\d+)\.cif$", n)[2]) for n in names] == [r[2] for r in a])
)py",
                                     folder.path());
  CHECK(verdict == "True True True\nNone True True\n");
}

TEST_CASE("L1_0, L1_2 and B2 have the space groups of the International Tables", "[cli][enumerate]") {
  // P4/mmm 123 and Pm-3m 221; two-atom cells of fcc are L1_0 and L1_1 (R-3m 166); of bcc B2 and the
  // ordering at the point N of the zone (1/2 1/2 0), whose little co-group mmm makes it Cmmm 65.
  const TemporaryFolder folder;
  REQUIRE(
      run_hullscan({"enumerate", kAlNiCampaign.string(), "--out", "x.csv", "--symmetry"}, folder.path()).exit_code ==
      0);
  const std::string groups = python(kRows + R"py(
a = rows("x.csv")
print(sorted(r[3] for r in a if r[0] == "fcc" and len(r[1]) == 2), sorted(r[3] for r in a if r[0] == "bcc" and len(r[1]) == 2))
print("221" in [r[3] for r in a if r[0] == "fcc" and sorted(r[1]) == list("0001")])
)py",
                                    folder.path());
  CHECK(groups == "['123', '166'] ['221', '65']\nTrue\n");
}

TEST_CASE("no output replaces a file, and a full disk leaves nothing", "[cli][enumerate]") {
  const TemporaryFolder folder;
  for (const char* name : {"x.csv", "x.h5", "x.extxyz", "x.zip"}) {
    write_file(folder.path() / name, "mine");
    CHECK(run_hullscan({"enumerate", kAlNiCampaign.string(), "--out", name}, folder.path()).exit_code == 2);
    CHECK(read_file(folder.path() / name) == "mine");
    fs::remove(folder.path() / name);
    // A limit on the size of files is a disk that is full: the signal is ignored, so that writing fails.
    const auto full =
        Program({"/bin/bash", "-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" enumerate \"$1\" --out \"$2\" 2>/dev/null",
                 HULLSCAN_PROGRAM, kAlNiCampaign.string(), name},
                folder.path())
            .wait();
    INFO(name);
    CHECK(full.exit_code == 5);
    for (const auto& entry : fs::directory_iterator(folder.path())) {
      CHECK(entry.path().filename().string().rfind(std::string(name), 0) != 0);
    }
  }
}

TEST_CASE("a sample is the same every time, without repetition over orbits", "[cli][enumerate]") {
  const TemporaryFolder folder;
  fs::copy_file(kAlNiCampaign.parent_path() / "fcc.cif", folder.path() / "fcc.cif");
  const auto campaign = [&](const std::string& method) {
    write_file(folder.path() / "c.toml",
               "name = \"c\"\nseed = 7\n[[space]]\nname = \"fcc\"\nstructure = \"fcc.cif\"\nsupercell = [2, 2, 2]\n"
               "sample = { per_composition = 20, method = \"" +
                   method +
                   "\" }\n[[space.sublattice]]\nsites = \"M1\"\n"
                   "species = { Al = 8, Ni = \"rest\" }\n");
  };
  campaign("orbit");
  for (const char* name : {"a.csv", "b.csv"}) {
    const auto result = run_hullscan({"enumerate", "c.toml", "--out", name}, folder.path());
    INFO(result.messages);
    REQUIRE(result.exit_code == 0);
  }
  CHECK(read_file(folder.path() / "a.csv") == read_file(folder.path() / "b.csv"));
  CHECK(python(kRows + "a = rows('a.csv')\nprint(len(a), len(set(a)))", folder.path()) == "20 20\n");
  campaign("stratified");
  for (const char* name : {"s.csv", "t.csv"})
    REQUIRE(run_hullscan({"enumerate", "c.toml", "--out", name}, folder.path()).exit_code == 0);
  CHECK(read_file(folder.path() / "s.csv") == read_file(folder.path() / "t.csv"));
  // 20 orbits among the degeneracies that occur for 8 of 32: many more kinds of symmetry than a uniform sample sees.
  CHECK(python(kRows + "a = rows('s.csv')\nprint(len(a), len(set(a)), len({r[2] for r in a}) > 10)", folder.path()) ==
        "20 20 True\n");
}

TEST_CASE("a sample that minimum distances cut short ends with a warning", "[cli][enumerate]") {
  const TemporaryFolder folder;
  fs::copy_file(kAlNiCampaign.parent_path() / "fcc.cif", folder.path() / "fcc.cif");
  write_file(folder.path() / "c.toml",
             "name = \"c\"\n[[space]]\nname = \"fcc\"\nstructure = \"fcc.cif\"\nsupercell = [2, 2, 2]\n"
             "min_distance = [{ pair = [\"Ni\", \"Ni\"], angstrom = 5 }]\nsample = { per_composition = 20 }\n"
             "[[space.sublattice]]\nsites = \"M1\"\nspecies = { Al = \"rest\", Ni = 2 }\n");

  const auto result = run_hullscan({"enumerate", "c.toml", "--out", "x.csv", "--json"}, folder.path());

  REQUIRE(result.exit_code == 0);
  const auto drawn = Json::parse(result.output)["inequivalent"].get<std::string>();
  CHECK(std::stoi(drawn) < 20);
  CHECK_THAT(result.messages, Contains(drawn + " of 20 drawn") && Contains("min_distance"));
}

TEST_CASE("an orbit table of version 1 is read by the lines of its documentation", "[cli][enumerate]") {
  // Two fcc cells along c, 1 and 2 Ni of 8: written by version 1 with --symmetry.
  const TemporaryFolder folder;
  fs::copy_file(fs::path(HULLSCAN_TEST_DATA) / "storage/orbit-table-v1.h5", folder.path() / "v1.h5");
  fs::copy_file(kAlNiCampaign.parent_path() / "fcc.cif", folder.path() / "fcc.cif");
  write_file(folder.path() / "c.toml",
             "name = \"golden\"\n[[space]]\nname = \"fcc\"\nstructure = \"fcc.cif\"\nsupercell = [1, 1, 2]\n"
             "[[space.sublattice]]\nsites = \"M1\"\nspecies = { Al = \"rest\", Ni = \"1..2\" }\n");
  REQUIRE(run_hullscan({"enumerate", "c.toml", "--out", "new.h5", "--symmetry"}, folder.path()).exit_code == 0);
  CHECK(python(kRows + R"py(
import h5py
print(rows("v1.h5") == rows("new.h5"), sum(r[2] for r in rows("v1.h5")))
with h5py.File("v1.h5") as old, h5py.File("new.h5") as new:
    print(old.attrs["format_version"], new.attrs["format_version"], list(old["000000"]) == list(new["000000"]))
)py",
               folder.path()) == "True 36\n1 2 True\n");
}

TEST_CASE("an enumeration that was killed leaves nothing in the way of the next", "[cli][enumerate]") {
  const TemporaryFolder folder;
  fs::copy_file(kAlNiCampaign.parent_path() / "fcc.cif", folder.path() / "fcc.cif");
  const auto write_campaign = [&](const std::string& nickel) {
    write_file(folder.path() / "c.toml",
               "name = \"c\"\n[[space]]\nname = \"fcc\"\nstructure = \"fcc.cif\"\nsupercell = [2, 2, 2]\n"
               "[[space.sublattice]]\nsites = \"M1\"\nspecies = { Al = \"rest\", Ni = " +
                   nickel + " }\n");
  };
  const auto names = [&] {
    std::set<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder.path())) {
      const std::string name = entry.path().filename().string();
      if (name.rfind("x.", 0) == 0) found.insert(name);
    }
    return found;
  };
  write_campaign("\"0..16\"");
  Program killed({HULLSCAN_PROGRAM, "enumerate", "c.toml", "--out", "x.csv"}, folder.path());
  while (killed.running() && names().empty()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  killed.kill(SIGKILL);
  (void)killed.wait();
  REQUIRE(names().size() == 1);
  CHECK(names().begin()->find(".part") != std::string::npos);
  write_file(folder.path() / "x.csv.elsewhere.1.part", "of another host");

  write_campaign("\"0..4\"");
  for (const char* name : {"x.csv", "again.csv"})
    REQUIRE(run_hullscan({"enumerate", "c.toml", "--out", name}, folder.path()).exit_code == 0);

  CHECK(names() == std::set<std::string>{"x.csv", "x.csv.elsewhere.1.part"});
  CHECK(read_file(folder.path() / "x.csv") == read_file(folder.path() / "again.csv"));
}

// The lowest of every composition and the number of orbits as Python finds them in the export of all orbits.
TEST_CASE("the report of a campaign that is only scored shows how the model ranks", "[cli][report]") {
  const TemporaryFolder folder;
  fs::copy(fs::path(HULLSCAN_CAMPAIGNS) / "lno", folder.path() / "lno", fs::copy_options::recursive);
  REQUIRE(run_hullscan({"run", "lno/campaign.toml", "--dir", "out", "--threads", "2"}, folder.path()).exit_code == 0);
  write_file(folder.path() / "orbits.csv",
             run_hullscan({"export", "out", "--orbits", "--format", "csv"}, folder.path()).output);

  const std::string verdict = python(R"py(
import csv, json
lowest, orbits = {}, {}
for r in csv.DictReader(open("orbits.csv")):
    key = r["key"].split(".")[2]
    e = float(r["predicted_formation_energy_per_atom"])
    lowest[key] = min(e, lowest.get(key, 1e9))
    orbits[key] = orbits.get(key, 0) + 1
report = json.load(open("out/report/report.json"))
found = report["spaces"][0]["supercells"][0]["compositions"]
print(len(found),
      all(abs(c["lowest_predicted"] - lowest[str(i)]) < 1e-6 for i, c in enumerate(found)),
      all(sum(c["histogram"]["orbits"]) == orbits[str(i)] for i, c in enumerate(found)),
      sum(sum(c["histogram"]["configurations"]) for c in found),
      len(report["candidates"]), all(c["structure"] for c in report["candidates"]))
)py",
                                     folder.path());

  // Three candidates a composition, fewer where there are fewer orbits: 1 1 3 … 3 1 1.
  CHECK(verdict == "13 True True 4096 31 True\n");
}
