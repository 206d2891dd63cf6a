/// @file
/// Migration paths from a table of labels to the report of a campaign that scores every path.

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <sstream>

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

std::vector<std::map<std::string, std::string>> rows_of(const std::string& csv) {
  std::istringstream lines(csv);
  const auto fields_of = [](const std::string& line) {
    std::vector<std::string> fields;
    std::istringstream words(line);
    for (std::string field; std::getline(words, field, ',');) fields.push_back(field);
    return fields;
  };
  std::string line;
  std::getline(lines, line);
  const std::vector<std::string> names = fields_of(line);
  std::vector<std::map<std::string, std::string>> rows;
  while (std::getline(lines, line)) {
    const std::vector<std::string> fields = fields_of(line);
    auto& row = rows.emplace_back();
    for (std::size_t i = 0; i < fields.size(); ++i) row[names.at(i)] = fields[i];
  }
  return rows;
}

/// The rule that deploy/campaigns/kfeo2-ti/barriers.toml states, on a row of descriptors. (eV)
double barrier_by_rule(const std::map<std::string, std::string>& row) {
  static const std::map<std::string, double> kRule{
      {"path type: path 1", 0.40},    {"path type: path 2", 0.43},    {"path type: path 3", 0.37},
      {"path type: path 4", 0.39},    {"path type: path 5", 0.46},    {"distance: 2.0-4.0 Å", 0.12},
      {"distance: 4.0-6.0 Å", 0.08},  {"distance: 6.0-8.0 Å", 0.04},  {"distance: 8.0-10.0 Å", 0.02},
      {"angle: 18-36 degrees", 0.01}, {"angle: 36-54 degrees", 0.02}, {"angle: 54-72 degrees", 0.03},
      {"angle: 72-90 degrees", 0.04}};
  double sum = 0;
  for (const auto& [column, value] : kRule) sum += value * std::stod(row.at(column));
  return sum;
}

struct Agreement {
  double rmse = 0, bias = 0, largest = 0, correlation = 0;  ///< eV
};

/// How the predictions of a campaign of kfeo2-ti, of two titanium, agree with the rule.
Agreement agreement_with_rule(const fs::path& folder, const std::string& campaign,
                              const std::map<std::pair<std::string, std::string>, double>& rule) {
  const auto run = run_hullscan({"run", campaign, "--dir", campaign + ".out", "--threads", "2"}, folder);
  INFO(run.messages);
  REQUIRE(run.exit_code == 0);
  const auto exported = run_hullscan({"export", campaign + ".out", "--format", "csv", "--orbits"}, folder);
  std::vector<std::pair<double, double>> pairs;  // predicted, by the rule
  for (const auto& row : rows_of(exported.output)) {
    const auto found = rule.find({std::to_string(std::stoi(row.at("marker")) + 1), row.at("occupation")});
    if (found != rule.end())
      pairs.emplace_back(std::stod(row.at("predicted_formation_energy_per_atom")), found->second);
  }
  REQUIRE(pairs.size() == rule.size());
  Agreement agreement;
  const auto n = static_cast<double>(pairs.size());
  double mean_a = 0, mean_b = 0, ab = 0, aa = 0, bb = 0;
  for (const auto& [a, b] : pairs) mean_a += a / n, mean_b += b / n;
  for (const auto& [a, b] : pairs) {
    agreement.rmse += (a - b) * (a - b) / n;
    agreement.largest = std::max(agreement.largest, std::abs(a - b));
    ab += (a - mean_a) * (b - mean_b);
    aa += (a - mean_a) * (a - mean_a);
    bb += (b - mean_b) * (b - mean_b);
  }
  agreement.rmse = std::sqrt(agreement.rmse);
  agreement.bias = mean_a - mean_b;
  agreement.correlation = ab / std::sqrt(aa * bb);
  return agreement;
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

TEST_CASE("what a table of paths lacks is reported", "[cli][paths]") {
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
  // Every path with one titanium has its place on the map, and the model says its labels.
  double mapped = 0, counted = 0;
  for (const Json& place : report["paths"][0]["map"]) {
    mapped += std::stod(place["configurations"].get<std::string>());
    CHECK(place["distance"].get<double>() > 0);
    CHECK((place["angle"].get<double>() >= 0 && place["angle"].get<double>() <= 90));
  }
  for (const Json& group : report["paths"][0]["groups"]) {
    if (group["dopants"] == 1 && group["type"].is_null())
      counted = std::stod(group["configurations"].get<std::string>());
  }
  CHECK(counted > 0);
  CHECK(mapped == counted);
  REQUIRE(report["path_models"].size() == 1);
  const Json model = report["path_models"][0];
  CHECK(model["target"] == "barrier");
  CHECK(model["parity"].size() == model["labels"].get<std::size_t>());
  double squares = 0;
  for (const Json& point : model["parity"]) squares += std::pow(point[0].get<double>() - point[1].get<double>(), 2);
  CHECK(std::sqrt(squares / model["labels"].get<double>()) ==
        Approx(model["out_of_sample_rmse"].get<double>()).margin(1e-9));
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

// For one titanium the table itself is the expectation; the numbers of paths are those of the count. The rule of the
// labels is a sum over titanium, which stands on any of the 32 iron sites alike, so n of them, drawn without
// replacement, have n times the mean of what one adds, and n (32 - n) / 31 times its variance: exact for every type of
// path.
TEST_CASE("the KFeO2:Ti study scores every path round one, two and three titanium", "[cli][paths][study]") {
  const TemporaryFolder folder;
  fs::copy(fs::path(HULLSCAN_CAMPAIGNS) / "kfeo2-ti", folder.path() / "study", fs::copy_options::recursive);

  const auto run = run_hullscan({"run", "study/barriers.toml", "--dir", "out", "--threads", "2"}, folder.path());
  const auto labels = run_hullscan(
      {"paths", "study/barriers.csv", "--target", "barrier", "--json", "--reference", "formula=K32Fe31TiO64"},
      folder.path());

  INFO(run.messages);
  REQUIRE(run.exit_code == 0);
  const Json predicted = Json::parse(read_file(folder.path() / "out/report/report.json"))["paths"][0];
  const Json known = Json::parse(labels.output);
  REQUIRE(predicted["groups"].size() == 18);
  REQUIRE(known["groups"].size() == 12);  // no and one titanium: all types, and each of five
  for (std::size_t type = 0; type < 6; ++type) {
    const double host = known["groups"][type]["mean"], one = known["groups"][6 + type]["mean"];
    const double deviation = known["groups"][6 + type]["deviation"];
    CHECK(predicted["groups"][type]["paths"] == known["groups"][6 + type]["paths"]);
    for (const int n : {1, 2, 3}) {
      const Json& group = predicted["groups"][static_cast<std::size_t>(6 * (n - 1)) + type];
      INFO(group.dump());
      CHECK(group["dopants"] == n);
      CHECK(std::abs(group["mean"].get<double>() - (host + n * (one - host))) < 1e-3);  // bins of 1 meV
      if (type == 0) continue;                                                          // types differ
      CHECK(std::abs(group["deviation"].get<double>() - deviation * std::sqrt(n * (32 - n) / 31.0)) < 1e-3);
    }
  }
  CHECK(predicted["groups"][6]["paths"] == "59520");
  CHECK(predicted["groups"][12]["paths"] == "8630400");
  CHECK(predicted["groups"][12]["configurations"] == "138086400");
}

TEST_CASE("models of the barriers round no and one titanium give those of two as the rule of the labels does",
          "[cli][paths][study]") {
  const TemporaryFolder folder;
  fs::copy(fs::path(HULLSCAN_CAMPAIGNS) / "kfeo2-ti", folder.path(), fs::copy_options::recursive);
  const std::string text = read_file(folder.path() / "two-ti.toml");
  const std::string method = "method = \"random-forest\"", labels = "labels = \"barriers.csv\"";
  const auto campaign = [&](const std::string& name, const std::string& model, const std::string& table) {
    std::string changed = text;
    changed.replace(changed.find(method), method.size(), "method = \"" + model + "\"");
    changed.replace(changed.find(labels), labels.size(), "labels = \"" + table + "\"");
    write_file(folder.path() / name, changed);
    return name;
  };
  const auto table = run_hullscan({"descriptors", "two-ti.toml", "--out", "two.csv"}, folder.path());
  INFO(table.messages);
  REQUIRE(table.exit_code == 0);
  std::map<std::pair<std::string, std::string>, double> rule;  // type of path, occupation
  std::size_t all = 0;
  for (const auto& row : rows_of(read_file(folder.path() / "two.csv"))) {
    ++all;
    if (row.at("formula") == "K31Fe30Ti2O64") rule[{row.at("marker"), row.at("occupation")}] = barrier_by_rule(row);
  }
  CHECK(all == 59648);
  REQUIRE(rule.size() == 59520);
  std::string one_titanium;
  std::istringstream lines(read_file(folder.path() / "barriers.csv"));
  for (std::string line; std::getline(lines, line);)
    if (line.find("K32Fe32O64") == std::string::npos) one_titanium += line + "\n";
  write_file(folder.path() / "one.csv", one_titanium);

  const Agreement ridge = agreement_with_rule(folder.path(), campaign("ridge.toml", "ridge", "barriers.csv"), rule);
  const Agreement forest =
      agreement_with_rule(folder.path(), campaign("forest.toml", "random-forest", "barriers.csv"), rule);
  const Agreement boosting =
      agreement_with_rule(folder.path(), campaign("boosting.toml", "gradient-boosting", "barriers.csv"), rule);
  const Agreement without_host = agreement_with_rule(folder.path(), campaign("one.toml", "ridge", "one.csv"), rule);

  CHECK(ridge.largest < 1e-5);  // the rule is a sum over the descriptors
  for (const Agreement& trees : {forest, boosting}) {
    INFO(trees.rmse << " " << trees.bias << " " << trees.correlation);
    CHECK(std::abs(trees.bias) < 0.02);
    CHECK(trees.rmse < 0.03);
    CHECK(trees.correlation > 0.9);
  }
  // Every path round one titanium has exactly one: what a second adds is open, and the same for all paths.
  CHECK(without_host.correlation > 0.999999);
  CHECK(std::abs(without_host.bias) > 0.05);
  CHECK(std::abs(std::abs(without_host.bias) - without_host.rmse) < 1e-5);
}

// Barriers of the rule and of its models do not ask for vacancies: without them three titanium are 4960 x 64 / 16
// paths.
TEST_CASE("trees give the barriers round three titanium in their order and in the mean", "[cli][paths][study]") {
  const TemporaryFolder folder;
  fs::copy(fs::path(HULLSCAN_CAMPAIGNS) / "kfeo2-ti", folder.path(), fs::copy_options::recursive);
  std::string text = read_file(folder.path() / "one-ti.toml");
  text.replace(text.find("Ti = 1 "), 7, "Ti = 3 ");
  write_file(folder.path() / "three.toml", text);
  const auto table = run_hullscan({"descriptors", "three.toml", "--out", "three.csv"}, folder.path());
  INFO(table.messages);
  REQUIRE(table.exit_code == 0);
  std::map<std::pair<std::string, std::string>, double> rule;
  for (const auto& row : rows_of(read_file(folder.path() / "three.csv")))
    rule[{row.at("marker"), row.at("occupation")}] = barrier_by_rule(row);
  REQUIRE(rule.size() == 19840);

  for (const char* model : {"random-forest", "gradient-boosting"}) {
    const std::string name = std::string(model) + ".toml";
    write_file(folder.path() / name, text + "\n[[surrogate]]\nkind = \"marked-pair\"\nmethod = \"" + model +
                                         "\"\nlabels = \"barriers.csv\"\ntarget = \"barrier\"\n");
    const Agreement agreement = agreement_with_rule(folder.path(), name, rule);
    INFO(model << " " << agreement.rmse << " " << agreement.bias << " " << agreement.correlation);
    CHECK(std::abs(agreement.bias) < 0.03);
    CHECK(agreement.rmse < 0.05);
    CHECK(agreement.correlation > 0.85);
  }
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
