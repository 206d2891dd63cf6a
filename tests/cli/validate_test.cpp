/// @file
/// validate and replay as a user calls them, on data made here and on the labelled sets.

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <iostream>
#include <map>
#include <sstream>

#include "../program.hpp"
#include "../shared_data.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

constexpr const char* kCampaign = R"(name = "chain"
[[space]]
name = "fcc"
structure = "fcc.vasp"
volume = [1, 4]
[[space.sublattice]]
sites = "Al"
species = { Al = "rest", Ni = "0%..100%" }
[[surrogate]]
kind = "cluster-expansion"
pairs = 4.5
)";
constexpr const char* kFccParent = "fcc\n1.0\n0 2 2\n2 0 2\n2 2 0\nAl\n1\nDirect\n0 0 0\n";

/// Ordered fcc cells along one axis, 4 % larger than the parent; energy: -0.1 eV a nearest unlike pair in the chain.
std::string frames() {
  std::string text;
  for (const std::string word : {"A", "N", "AN", "AAN", "ANN", "AAAN", "AANN", "ANNN", "ANAN"}) {
    double energy = 0;
    for (std::size_t i = 0; i < word.size(); ++i) energy -= word[i] != word[(i + 1) % word.size()] ? 0.1 : 0;
    text += fmt::format("{}\nLattice=\"0 {} {} {} 0 {} 2.08 2.08 0\" Properties=species:S:1:pos:R:3 id={} energy={}\n",
                        word.size(), 2.08 * static_cast<double>(word.size()), 2.08 * static_cast<double>(word.size()),
                        2.08, 2.08, word, energy);
    for (std::size_t i = 0; i < word.size(); ++i) {
      text += fmt::format("{} 0 {} {}\n", word[i] == 'A' ? "Al" : "Ni", 2.08 * static_cast<double>(i),
                          2.08 * static_cast<double>(i));
    }
  }
  return text;
}

void write_case(const fs::path& folder) {
  write_file(folder / "campaign.toml", kCampaign);
  write_file(folder / "fcc.vasp", kFccParent);
  write_file(folder / "data.extxyz", frames());
}

}  // namespace

TEST_CASE("validate maps every structure and gives the fields of the contract", "[cli][validate]") {
  const TemporaryFolder folder;
  write_case(folder.path());

  const auto result =
      run_hullscan({"validate", "campaign.toml", "--data", "data.extxyz", "--folds", "3", "--json"}, folder.path());

  REQUIRE(result.exit_code == 0);
  const Json json = Json::parse(result.output);
  CHECK(json["n"] == 7);  // pure Al and Ni are in every fold: without them the others would have to extrapolate
  CHECK(json["folds"].size() == 3);
  CHECK(json["parity"].size() == 7);
  for (const Json& point : json["parity"]) CHECK((point["id"] != "A" && point["id"] != "N"));
  CHECK(json["protocol"].get<std::string>().find("2 end members learnt from in every fold") != std::string::npos);
  for (const char* field : {"rmse_mev_per_atom", "mae_mev_per_atom", "r2", "hull_vertex_recall", "low5_recall"}) {
    CHECK(json[field].is_number());
  }
  REQUIRE(json["mapping"]["kept"].size() == 9);
  for (const Json& structure : json["mapping"]["kept"]) {
    CHECK(structure["volume_ratio"].get<double>() == Approx(1.04 * 1.04 * 1.04));
    CHECK(structure["rms_displacement_angstrom"].get<double>() == Approx(0).margin(1e-6));
  }
}

TEST_CASE("validate leaves compositions out and draws a learning curve", "[cli][validate]") {
  const TemporaryFolder folder;
  write_case(folder.path());

  const auto result = run_hullscan({"validate", "campaign.toml", "--data", "data.extxyz", "--leave-composition-out",
                                    "--learning-curve", "4,7", "--json"},
                                   folder.path());

  REQUIRE(result.exit_code == 0);
  const Json json = Json::parse(result.output);
  CHECK(json["folds"].size() == 5);  // AlNi, Al2Ni, AlNi2, Al3Ni, AlNi3; Al and Ni are in all
  REQUIRE(json["learning_curve"].size() == 2);
  CHECK(json["learning_curve"][1]["labels"] == 7);
}

TEST_CASE("training sets of low symmetry hold labels that few operations leave alone", "[cli][validate]") {
  const TemporaryFolder folder;
  write_case(folder.path());
  const auto tested = [&](const std::string& split) {
    const auto result = run_hullscan({"validate", "campaign.toml", "--data", "data.extxyz", "--split", split, "--train",
                                      "1", "--repeats", "4", "--seed", "3", "--json"},
                                     folder.path());
    INFO(result.messages);
    REQUIRE(result.exit_code == 0);
    const Json json = Json::parse(result.output);
    CHECK(json["folds"].size() == 4);
    std::map<std::string, int> times;
    for (const Json& point : json["parity"]) ++times[point["id"].get<std::string>()];
    return times;
  };

  // Two of the seven labels between the end members are 40 %. Chains of four atoms have the fewest operations per atom;
  // ANAN repeats AN, so it has as many as that.
  const auto low = tested("low-symmetry"), high = tested("high-symmetry"), any = tested("random");

  for (const auto* times : {&low, &high, &any}) {
    CHECK(times->count("A") + times->count("N") == 0);
    int all = 0;
    for (const auto& [id, n] : *times) all += n;
    CHECK(all == 4 * (7 - 1));
  }
  for (const char* chain : {"AN", "ANAN", "AAN", "ANN"}) CHECK(low.at(chain) == 4);  // never learnt from
  for (const char* chain : {"AAAN", "AANN", "ANNN"}) CHECK(high.at(chain) == 4);
}

TEST_CASE("training sets that cannot be drawn are refused with what can", "[cli][validate]") {
  const TemporaryFolder folder;
  write_case(folder.path());
  const auto refused = [&](std::vector<std::string> options, const std::string& words) {
    std::vector<std::string> command{"validate", "campaign.toml", "--data", "data.extxyz"};
    command.insert(command.end(), options.begin(), options.end());
    const auto result = run_hullscan(command, folder.path());
    CHECK(result.exit_code == 2);
    CHECK_THAT(result.messages, Contains(words));
  };

  refused({"--split", "low-symetry"}, "did you mean \"low-symmetry\"");
  refused({"--split", "low-symmetry", "--train", "5"}, "between 1 and 2 can be drawn of the 40 %");
  refused({"--train", "5"}, "--train says how --split draws");
  refused({"--split", "random", "--folds", "3"}, "give one");
}

TEST_CASE("folds of one name are repeats, and labels that only are to be learnt from are never tested",
          "[cli][validate]") {
  const TemporaryFolder folder;
  write_case(folder.path());
  write_file(folder.path() / "splits.json", R"({"folds": [["AAN"], ["ANN"], ["AAN"], ["AN"]],
    "names": ["a", "b", "a", "b"], "learn": ["A", "N", "AANN", "ANNN"]})");

  const auto result = run_hullscan(
      {"validate", "campaign.toml", "--data", "data.extxyz", "--splits", "splits.json", "--json"}, folder.path());

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  const Json json = Json::parse(result.output);
  CHECK(json["n"] == 4);
  CHECK(json["fold_names"] == Json{"a", "b", "a", "b"});
  CHECK(json["mapping"]["kept"].size() == 7);  // AAAN and ANAN are named by nothing

  write_file(folder.path() / "splits.json", R"({"folds": [["AAN"], ["ANN"]], "names": ["a"]})");
  const auto odd =
      run_hullscan({"validate", "campaign.toml", "--data", "data.extxyz", "--splits", "splits.json"}, folder.path());
  CHECK(odd.exit_code == 2);
  CHECK_THAT(odd.messages, Contains("1 names for 2 folds"));
}

TEST_CASE("structures that left the lattice are flagged and kept out", "[cli][validate]") {
  const TemporaryFolder folder;
  write_case(folder.path());
  std::string text = frames();
  const std::string shifted = "Ni 0 2.08 2.08\n";  // of AN: along the chain by 0.8 Å
  text.replace(text.find(shifted, text.find("id=AN ")), shifted.size(), "Ni 0.8 2.08 2.08\n");
  write_file(folder.path() / "data.extxyz", text);

  const auto without =
      run_hullscan({"validate", "campaign.toml", "--data", "data.extxyz", "--folds", "2", "--json"}, folder.path());
  const auto with = run_hullscan(
      {"validate", "campaign.toml", "--data", "data.extxyz", "--folds", "2", "--json", "--off-lattice"}, folder.path());

  REQUIRE(without.exit_code == 0);
  const Json json = Json::parse(without.output);
  CHECK(json["n"] == 6);
  REQUIRE(json["mapping"]["off_lattice"].size() == 1);
  CHECK(json["mapping"]["off_lattice"][0]["id"] == "AN");
  CHECK(json["mapping"]["off_lattice"][0]["rms_displacement_angstrom"].get<double>() > 0.25);
  CHECK(Json::parse(with.output)["n"] == 7);
}

TEST_CASE("labels that cannot be used are all named, and nothing is printed", "[cli][validate]") {
  const TemporaryFolder folder;
  write_case(folder.path());
  std::string text = frames();
  text.replace(text.find("energy=-0.2"), 11, "energy=none");
  text.replace(text.find("id=ANN "), 7, "id=AAN ");
  write_file(folder.path() / "bad.extxyz", text);
  write_file(folder.path() / "splits.json", R"({"folds": [["A", "nowhere"], ["AN"]]})");

  const auto bad = run_hullscan({"validate", "campaign.toml", "--data", "bad.extxyz"}, folder.path());
  const auto absent =
      run_hullscan({"validate", "campaign.toml", "--data", "data.extxyz", "--splits", "splits.json"}, folder.path());
  const auto no_data = run_hullscan({"validate", "campaign.toml"}, folder.path());

  CHECK(bad.exit_code == 2);
  CHECK(bad.output.empty());
  CHECK_THAT(bad.messages, Contains("energy is \"none\", expected a number of eV") && Contains("id AAN occurs twice"));
  CHECK(absent.exit_code == 2);
  CHECK_THAT(absent.messages, Contains("no frame has id nowhere, which the splits name"));
  CHECK(no_data.exit_code == 2);
}

TEST_CASE("replay finds the hull of a small set and says after how many labels", "[cli][replay]") {
  const TemporaryFolder folder;
  write_case(folder.path());

  const auto result = run_hullscan({"replay", "campaign.toml", "--data", "data.extxyz", "--initial", "4", "--per-round",
                                    "1", "--rounds", "5", "--seeds", "2", "--json"},
                                   folder.path());

  REQUIRE(result.exit_code == 0);
  const Json json = Json::parse(result.output);
  CHECK(json["pool"] == 9);
  CHECK(json["rounds"].back()["share"] == 1.0);
  CHECK(json["labels_until_all_vertices"]["each"].size() == 2);
}

TEST_CASE("the errors on the labelled sets are at or below the published ones", "[cli][validate][data]") {
  // data/PROVENANCE.md, RMSE (MAE) in meV/atom: ridge on the cluster expansion, Gaussian process on it.
  struct Baseline {
    const char* set;
    double ridge_rmse, ridge_mae, process_rmse, process_mae;
  };
  for (const Baseline& baseline :
       {Baseline{"Ag-Au", 0.26, 0.20, 0.26, 0.20}, Baseline{"SrCuOx", 4.91, 3.57, 3.41, 2.54},
        Baseline{"Cu-Ag-Au", 5.12, 3.48, 4.60, 3.05}}) {
    if (!have_shared_data(baseline.set)) continue;
    const fs::path data = shared_data() / baseline.set;
    const TemporaryFolder folder;

    const auto result =
        run_hullscan({"validate", std::string(HULLSCAN_TEST_DATA) + "/" + baseline.set + "/validate.toml", "--data",
                      (data / "structures_dft.extxyz").string(), "--splits", (data / "splits.json").string(), "--json"},
                     folder.path());

    REQUIRE(result.exit_code == 0);
    const Json models = Json::parse(result.output)["models"];
    REQUIRE(models.size() == 2);
    const double rounding = 0.005;  // the published figures have two places
    for (const auto& [model, rmse, mae] : {std::tuple{models[0], baseline.ridge_rmse, baseline.ridge_mae},
                                           std::tuple{models[1], baseline.process_rmse, baseline.process_mae}}) {
      std::cout << fmt::format("{} {}: RMSE {:.3f} (MAE {:.3f}), published {} ({})\n", baseline.set,
                               model["kind"].get<std::string>(), model["rmse_mev_per_atom"].get<double>(),
                               model["mae_mev_per_atom"].get<double>(), rmse, mae);
      CHECK(model["rmse_mev_per_atom"].get<double>() < rmse + rounding);
      CHECK(model["mae_mev_per_atom"].get<double>() < mae + rounding);
    }
  }
}

TEST_CASE("all 15 vertices of Cu-Ag-Au are labelled with at most 150 of 1057 labels", "[cli][replay][data]") {
  if (!have_shared_data("Cu-Ag-Au")) return;
  const fs::path data = shared_data() / "Cu-Ag-Au";
  const TemporaryFolder folder;

  const auto result =
      run_hullscan({"replay", std::string(HULLSCAN_TEST_DATA) + "/Cu-Ag-Au/validate.toml", "--data",
                    (data / "structures_dft.extxyz").string(), "--only", (data / "splits.json").string(), "--initial",
                    "30", "--per-round", "10", "--rounds", "17", "--seeds", "6", "--json"},
                   folder.path());

  REQUIRE(result.exit_code == 0);
  const Json json = Json::parse(result.output);
  CHECK(json["pool"] == 1057);
  CHECK(json["vertices"] == 15);
  REQUIRE(json["labels_until_all_vertices"]["mean"].is_number());
  std::cout << "Cu-Ag-Au: all vertices with " << json["labels_until_all_vertices"]["mean"] << " labels\n";
  CHECK(json["labels_until_all_vertices"]["mean"].get<double>() <= 150);
}

namespace {

/// The frames of data.extxyz as a packed table of ids and energies, and a file each.
void write_table_of(const fs::path& folder) {
  std::istringstream lines(frames());
  std::string table = "_id,group,energy,energy_per_atom\n", count, head, atom;
  fs::create_directory(folder / "initial");
  while (std::getline(lines, count)) {
    std::getline(lines, head);
    const std::string id = head.substr(head.find(" id=") + 4, head.find(" energy=") - head.find(" id=") - 4);
    const double energy = std::stod(head.substr(head.find("energy=") + 7));
    const int atoms = std::stoi(count);
    table += fmt::format("{},{},{:.6f},{:.6f}\n", id, atoms, energy, energy / atoms);
    std::string file = count + "\n" + head + "\n";
    for (int i = 0; i < atoms; ++i) {
      std::getline(lines, atom);
      file += atom + "\n";
    }
    write_file(folder / "initial" / (id + ".extxyz"), file);
  }
  write_file(folder / "targets.csv", table);
  REQUIRE(std::system(("gzip '" + (folder / "targets.csv").string() + "'").c_str()) == 0);
}

}  // namespace

TEST_CASE("validate reads a packed table of energies whose structures are files called by their ids",
          "[cli][validate]") {
  const TemporaryFolder folder;
  write_case(folder.path());
  write_table_of(folder.path());
  const auto errors = [&](const std::string& data) {
    const auto result =
        run_hullscan({"validate", "campaign.toml", "--data", data, "--folds", "3", "--json"}, folder.path());
    INFO(result.messages);
    REQUIRE(result.exit_code == 0);
    return Json::parse(result.output);
  };

  const Json frames = errors("data.extxyz"), table = errors("targets.csv.gz");

  CHECK(table["n"] == frames["n"]);
  CHECK(table["rmse_mev_per_atom"].get<double>() == Approx(frames["rmse_mev_per_atom"].get<double>()).epsilon(1e-3));

  fs::remove_all(folder.path() / "initial");
  const auto none = run_hullscan({"validate", "campaign.toml", "--data", "targets.csv.gz"}, folder.path());
  CHECK(none.exit_code == 2);
  CHECK_THAT(none.messages, Contains("targets.csv.gz") && Contains("A.cif"));
}

TEST_CASE("a structure file of a table that is none is named with its line, and nothing is validated",
          "[cli][validate][bad]") {
  const TemporaryFolder folder;
  write_case(folder.path());
  write_table_of(folder.path());
  write_file(folder.path() / "initial/AN.extxyz", "not a structure\n");
  fs::remove(folder.path() / "initial/AAN.extxyz");

  const auto result = run_hullscan({"validate", "campaign.toml", "--data", "targets.csv.gz"}, folder.path());

  CHECK(result.exit_code == 3);
  CHECK_THAT(result.messages, Contains("targets.csv.gz:4: AN") && Contains("targets.csv.gz:5: AAN") &&
                                  Contains("no structure file called AAN"));
}

TEST_CASE("validate repeats random folds, gives their spread by group, and draws a page", "[cli][validate]") {
  const TemporaryFolder folder;
  write_case(folder.path());

  const auto result = run_hullscan({"validate", "campaign.toml", "--data", "data.extxyz", "--folds", "3", "--repeats",
                                    "4", "--seed", "7", "--report", "page.html", "--json"},
                                   folder.path());

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  const Json json = Json::parse(result.output);
  CHECK(json["repeats"] == 4);
  bool all = false;
  for (const Json& spread : json["spread"]) {
    if (spread["by"] != "all") continue;
    all = true;
    CHECK(spread["repeats"] == 4);
    // The mean of four runs, each asked for by its own seed.
    double mean = 0;
    for (const char* seed : {"7", "8", "9", "10"}) {
      const auto one =
          run_hullscan({"validate", "campaign.toml", "--data", "data.extxyz", "--folds", "3", "--seed", seed, "--json"},
                       folder.path());
      mean += Json::parse(one.output)["rmse_mev_per_atom"].get<double>() / 4;
    }
    CHECK(spread["rmse_mev_per_atom"].get<double>() == Approx(mean));
    CHECK(spread["rmse_deviation_mev_per_atom"].get<double>() >= 0);
  }
  CHECK(all);
  const std::string page = read_file(folder.path() / "page.html");
  CHECK_THAT(page, Contains("Model errors by group") && Contains("3-fold, random, seed 10"));

  const auto there =
      run_hullscan({"validate", "campaign.toml", "--data", "data.extxyz", "--report", "page.html"}, folder.path());
  CHECK(there.exit_code == 2);
  CHECK(read_file(folder.path() / "page.html") == page);
}

TEST_CASE("the 200 defect cells of MoS2 are read from their published tables and mapped", "[cli][validate][data]") {
  if (!have_shared_data("MoS2/targets.csv.gz")) return;
  const fs::path data = shared_data() / "MoS2" / "targets.csv.gz";
  const TemporaryFolder folder;
  write_file(folder.path() / "campaign.toml", fmt::format(R"(name = "MoS2"
[[space]]
name = "MoS2"
structure = "{}"
[[space.sublattice]]
name = "Mo"
sites = "Mo"
species = {{ Mo = "rest", W = "0..1", Va = "0..1" }}
[[space.sublattice]]
name = "S"
sites = "S"
species = {{ S = "rest", Se = "0..1", Va = "0..1" }}
[[surrogate]]
kind = "ridge"
contacts = 9.5
)",
                                                          (data.parent_path() / "MoS2.cif").string()));

  const auto result =
      run_hullscan({"validate", "campaign.toml", "--data", data.string(), "--off-lattice", "--json"}, folder.path());

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  const Json json = Json::parse(result.output);
  CHECK(json["mapping"]["structures"] == 200);
  CHECK(json["mapping"]["kept"].size() == 200);
}
