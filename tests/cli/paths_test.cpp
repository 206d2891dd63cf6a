/// @file
/// Migration paths from a table of labels to the report of a campaign that scores every path.

#include <catch2/catch.hpp>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

/// One or two titanium in the given cell of KFeO2 and one vacancy less: some 7000 inequivalent (path, colouring)
/// pairs.
std::string paths_campaign(const std::string& more = "") {
  return "name = \"kfeo2\"\nseed = 3\n[[space]]\nname = \"paths\"\nstructure = \"" +
         (fs::path(HULLSCAN_TEST_DATA) / "structures/KFeO2-Pbca.cif").string() +
         "\"\nsupercell = [1, 1, 1]\nconstraints = [\"Fe.Ti - K.Va == 1\"]\n"
         "[[space.sublattice]]\nname = \"Fe\"\nsites = \"Fe\"\nspecies = { Fe = \"rest\", Ti = \"1..2\" }\n"
         "[[space.sublattice]]\nname = \"K\"\nsites = \"K\"\nspecies = { K = \"rest\", Va = \"0..1\" }\n"
         "[[space.marker]]\npair = [\"K\", \"K\"]\nmax_distance = 4.2\n" +
         more;
}

const std::string kModel = "[[surrogate]]\nkind = \"marked-pair\"\nlabels = \"some.csv\"\ntarget = \"barrier\"\n";

/// all.csv: every pair with a barrier that is a sum over its descriptors, in steps of 0.01 eV; some.csv: those of one
/// titanium and every tenth of the others; expected.json: the statistics of all.csv, by Python alone.
constexpr const char* kPython = R"py(
import csv, json, math
rows = list(csv.DictReader(open("all.csv")))
names = [c for c in rows[0] if ": " in c]
weight = {c: 0.02 * (3 * k % 7) for k, c in enumerate(names)}
for r in rows:
    r["barrier"] = round(0.3 + 0.005 + sum(weight[c] * float(r[c]) for c in names), 9)
    r["dopants"] = round(sum(float(r[c]) for c in names if c.startswith("dopant sublattice")))
    r["w"] = int(r["degeneracy"])
def write(name, some):
    keys = [k for k in rows[0] if k not in ("dopants", "w")]
    with open(name, "w", newline="") as f:
        out = csv.DictWriter(f, keys, extrasaction="ignore")
        out.writeheader()
        out.writerows(some)
write("labelled.csv", rows)
write("some.csv", [r for i, r in enumerate(rows) if r["dopants"] == 1 or i % 10 == 0])
reference = sorted((r["barrier"], r["w"]) for r in rows if r["dopants"] == 1)
total, bounds = sum(w for _, w in reference), []
for share in (1, 2):
    below = 0
    for value, w in reference:
        below += w
        if 3 * below >= share * total: break
    bounds.append(value)
groups = []
for n in (1, 2):
    for t in [None] + sorted({r["marker"] for r in rows}, key=int):
        some = [r for r in rows if r["dopants"] == n and t in (None, r["marker"])]
        if not some: continue
        all = sum(r["w"] for r in some)
        mean = sum(r["w"] * r["barrier"] for r in some) / all
        groups.append(dict(dopants=n, type=t, paths=str(len(some)), configurations=str(all), mean=mean,
            deviation=math.sqrt(sum(r["w"] * (r["barrier"] - mean) ** 2 for r in some) / all),
            minimum=min(r["barrier"] for r in some), maximum=max(r["barrier"] for r in some),
            favourable=sum(r["w"] for r in some if r["barrier"] <= bounds[0]) / all,
            unfavourable=sum(r["w"] for r in some if r["barrier"] > bounds[1]) / all))
json.dump(dict(bounds=bounds, groups=groups), open("expected.json", "w"))
)py";

/// The folder with all.csv, labelled.csv, some.csv, expected.json and the campaign.
Json prepare(const fs::path& folder) {
  write_file(folder / "plain.toml", paths_campaign());
  const auto table = run_hullscan({"descriptors", "plain.toml", "--out", "all.csv"}, folder);
  INFO(table.messages);
  REQUIRE(table.exit_code == 0);
  const auto python = Program({"/usr/bin/python3", "-c", kPython}, folder).wait();
  INFO(python.messages);
  REQUIRE(python.exit_code == 0);
  return Json::parse(read_file(folder / "expected.json"));
}

/// @param within of values; shares and counts are exact.
void check_same(const Json& found, const Json& expected, double within) {
  CHECK(std::abs(found["favourable_to"].get<double>() - expected["bounds"][0].get<double>()) <= within);
  CHECK(std::abs(found["neutral_to"].get<double>() - expected["bounds"][1].get<double>()) <= within);
  REQUIRE(found["groups"].size() == expected["groups"].size());
  for (std::size_t g = 0; g < expected["groups"].size(); ++g) {
    const Json &one = found["groups"][g], &other = expected["groups"][g];
    INFO(other.dump());
    INFO(one.dump());
    CHECK(one["dopants"] == other["dopants"]);
    CHECK(one["type"].is_null() == other["type"].is_null());
    CHECK(one["paths"] == other["paths"]);
    CHECK(one["configurations"] == other["configurations"]);
    for (const char* key : {"mean", "deviation", "minimum", "maximum"})
      CHECK(std::abs(one[key].get<double>() - other[key].get<double>()) <= within);
    for (const char* key : {"favourable", "unfavourable"})
      CHECK(std::abs(one[key].get<double>() - other[key].get<double>()) < 1e-9);
  }
}

}  // namespace

TEST_CASE("paths of a labelled table have the statistics that Python finds", "[cli][paths]") {
  const TemporaryFolder folder;
  const Json expected = prepare(folder.path());

  const auto result = run_hullscan({"paths", "labelled.csv", "--target", "barrier", "--json"}, folder.path());

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  check_same(Json::parse(result.output), expected, 1e-9);
  const auto csv = run_hullscan({"paths", "labelled.csv", "--target", "barrier", "--csv"}, folder.path());
  CHECK_THAT(csv.output, Contains("space,quantity,dopants,type,paths,configurations,mean"));
  const auto text =
      run_hullscan({"paths", "labelled.csv", "--target", "barrier", "--reference", "marker=1"}, folder.path());
  CHECK_THAT(text.output, Contains("thirds of the reference set, marker = 1"));
}

TEST_CASE("what a table of paths lacks is told", "[cli][paths]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "t.csv", "marker,dopants,barrier\n1,1,0.3\n1,1,none\n2,2,0.4\n");
  const auto say = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"paths", "t.csv", "--target"});
    return run_hullscan(more, folder.path());
  };

  CHECK(say({"barrier"}).exit_code == 2);
  CHECK_THAT(say({"barrier"}).messages, Contains("t.csv:3") && Contains("found \"none\""));
  CHECK_THAT(say({"barier"}).messages, Contains("did you mean \"barrier\""));
  CHECK_THAT(say({"dopants", "--reference", "dopants=9"}).messages, Contains("no path belongs to the reference set"));
  CHECK_THAT(say({"dopants", "--reference", "nine"}).messages, Contains("expected COLUMN=VALUE"));
}

TEST_CASE("a campaign scores every path by a model of labelled ones, and reports their thirds",
          "[cli][paths][campaign]") {
  const TemporaryFolder folder;
  const Json expected = prepare(folder.path());
  write_file(folder.path() / "campaign.toml", paths_campaign(kModel + "[report]\npath_reference = \"Fe.Ti == 1\"\n"));

  const auto run = run_hullscan({"run", "campaign.toml", "--dir", "out", "--threads", "2"}, folder.path());
  INFO(run.messages);
  REQUIRE(run.exit_code == 0);

  // Predictions are counted in bins of 1 meV.
  const Json report = Json::parse(read_file(folder.path() / "out/report/report.json"));
  REQUIRE(report["paths"].size() == 1);
  CHECK(report["paths"][0]["reference"] == "Fe.Ti == 1");
  CHECK(report["paths"][0]["quantity"] == "barrier");
  check_same(report["paths"][0], expected, 1.1e-3);
  CHECK(report["spaces"][0]["books"] == "closed");
  CHECK(report["spaces"][0]["supercells"][0]["compositions"].size() == 2);
  CHECK_THAT(read_file(folder.path() / "out/report/paths.csv"), Contains("path 1: K1-K"));
  const auto text = run_hullscan({"report", "out"}, folder.path());
  CHECK_THAT(text.output, Contains("barrier of paths, by degeneracy"));

  // Every path can be had with its own prediction, and the same line finds the campaign done.
  const auto orbits = run_hullscan({"export", "out", "--format", "csv", "--orbits"}, folder.path());
  INFO(orbits.messages);
  long rows = -1;
  for (const char c : orbits.output) rows += c == '\n' ? 1 : 0;
  long paths = 0;
  for (const Json& group : expected["groups"])
    if (group["type"].is_null()) paths += std::stol(group["paths"].get<std::string>());
  CHECK(rows == paths);
  const std::string before = read_file(folder.path() / "out/report/report.json");
  CHECK(run_hullscan({"run", "campaign.toml", "--dir", "out", "--threads", "1"}, folder.path()).exit_code == 0);
  CHECK(read_file(folder.path() / "out/report/report.json") == before);
  CHECK(run_hullscan({"verify", "out", "--recompute", "100"}, folder.path()).exit_code == 0);
}

// Of one titanium the table itself is the expectation; the numbers of paths are those of the count.
TEST_CASE("the KFeO2:Ti study scores every path round one, two and three titanium", "[cli][paths][study]") {
  const TemporaryFolder folder;
  fs::copy(fs::path(HULLSCAN_CAMPAIGNS) / "kfeo2-ti", folder.path() / "study", fs::copy_options::recursive);

  const auto run = run_hullscan({"run", "study/barriers.toml", "--dir", "out", "--threads", "2"}, folder.path());
  const auto labels = run_hullscan({"paths", "study/barriers.csv", "--target", "barrier", "--json"}, folder.path());

  INFO(run.messages);
  REQUIRE(run.exit_code == 0);
  const Json predicted = Json::parse(read_file(folder.path() / "out/report/report.json"))["paths"][0];
  const Json known = Json::parse(labels.output);
  REQUIRE(predicted["groups"].size() == 18);
  for (std::size_t g = 0; g < known["groups"].size(); ++g) {
    CHECK(predicted["groups"][g]["paths"] == known["groups"][g]["paths"]);
    for (const char* key : {"mean", "deviation"})
      CHECK(std::abs(predicted["groups"][g][key].get<double>() - known["groups"][g][key].get<double>()) < 2e-3);
  }
  CHECK(predicted["groups"][6]["paths"] == "59520");
  CHECK(predicted["groups"][12]["paths"] == "8630400");
  CHECK(predicted["groups"][12]["configurations"] == "138086400");
}

TEST_CASE("a campaign of paths that cannot be scored says why", "[cli][paths]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "some.csv", "marker,degeneracy,path type: path 1,barrier\n1,4,1,0.3\n1,8,1,0.4\n");
  const auto check = [&](const std::string& text) {
    write_file(folder.path() / "campaign.toml", text);
    return run_hullscan({"run", "campaign.toml", "--dir", "out"}, folder.path());
  };

  const auto other_columns = check(paths_campaign(kModel));
  CHECK(other_columns.exit_code == 2);
  CHECK_THAT(other_columns.messages, Contains("some.csv: its descriptors are \"path 1\""));
  const auto no_file =
      check(paths_campaign("[[surrogate]]\nkind = \"marked-pair\"\nlabels = \"none.csv\"\ntarget = \"x\"\n"));
  CHECK(no_file.exit_code == 2);
  CHECK_THAT(no_file.messages,
             Contains("campaign.toml:21:10: surrogate.labels: ") && Contains("none.csv: cannot be read"));
  const auto no_reference = check(paths_campaign("[report]\npath_reference = \"Fe.Zr == 1\"\n"));
  CHECK(no_reference.exit_code == 2);
  CHECK_THAT(no_reference.messages,
             Contains("report.path_reference: no marked path has a composition with \"Fe.Zr == 1\""));
  const auto calculated = check(paths_campaign(kModel + "[dft]\ncode = \"kim\"\nmodel = \"none\"\n"));
  CHECK_THAT(calculated.messages, Contains("space.marker: marked spaces can be enumerated and scored by a model"));
  CHECK_FALSE(fs::exists(folder.path() / "out"));
}
