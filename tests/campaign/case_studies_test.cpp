/// @file
/// The campaigns of deploy/campaigns that compute something: what comes out is what their models say.

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "../kim_models.hpp"
#include "../program.hpp"
#include "../shared_data.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using hullscan::Json;

namespace {

fs::path study(const std::string& name) { return fs::path(HULLSCAN_CAMPAIGNS) / name; }

Json report_of_run(const fs::path& campaign, const fs::path& folder) {
  const auto result = run_hullscan({"run", campaign.string(), "--dir", "c"}, folder);
  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  return Json::parse(read_file(folder / "c" / "report" / "report.json"));
}

/// A cell of CSSlib's WSe2 example: an extXYZ frame without its place holders for vacancies (U, Np), and its formula.
struct LabelledCell {
  std::string frame, formula;
};

LabelledCell labelled_cell(const fs::path& cif, const std::string& energy_ev) {
  std::istringstream lines(read_file(cif));
  double a = 0, c = 0;
  std::map<std::string, int> counts;
  std::vector<std::pair<std::string, std::array<double, 3>>> atoms;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string label, element;
    words >> label;
    if (label == "_cell_length_a") words >> a;
    if (label == "_cell_length_c") words >> c;
    std::array<double, 3> x{};
    double occupancy = 0;
    if (!(words >> element >> x[0] >> x[1] >> x[2] >> occupancy) || occupancy < 1 || element == "U" || element == "Np")
      continue;
    atoms.emplace_back(element, x);
    ++counts[element];
  }
  const double half = a / 2, height = a * std::sqrt(3.0) / 2;
  std::ostringstream frame;
  frame.precision(10);
  frame << atoms.size() << "\nLattice=\"" << a << " 0 0 " << -half << " " << height << " 0 0 0 " << c
        << "\" Properties=species:S:1:pos:R:3 energy=" << energy_ev << " pbc=\"T T T\"\n";
  for (const auto& [element, x] : atoms)
    frame << element << " " << x[0] * a - x[1] * half << " " << x[1] * height << " " << x[2] * c << "\n";
  std::string formula;
  for (const auto& [element, n] : counts) formula += element + std::to_string(n);
  return {frame.str(), formula};
}

}  // namespace

TEST_CASE("lno: voltages, capacity and lattice parameters are those of its lattice gas", "[campaign][case-studies]") {
  const TemporaryFolder folder;

  const Json report = report_of_run(study("lno") / "voltage.toml", folder.path());

  // E(LiNiO2) - E(NiO2) per Li: -6.10 + 3 x 0.06 (six neighbours in a layer) - 3 x 0.01 (six between) = -5.95 eV
  // against -1.90 eV of the metal; 26.801 Ah/mol over 97.63 g/mol.
  REQUIRE(report["voltages"].size() == 1);
  const Json& profile = report["voltages"][0]["profile"];
  CHECK(profile["average_voltage"].get<double>() == Approx(4.05).margin(1e-6));
  CHECK(profile["capacity_mah_per_g"].get<double>() == Approx(274.5).margin(0.1));
  REQUIRE(profile["plateaus"].size() >= 2);
  CHECK(profile["plateaus"].front()["voltage"].get<double>() < 4.22);  // the first ions have no neighbours
  double before = 10;
  for (const Json& plateau : profile["plateaus"]) {
    CHECK(plateau["voltage"].get<double>() < before);
    before = plateau["voltage"].get<double>();
  }
  REQUIRE(report["ensembles"].size() == 13);
  for (const Json& ensemble : report["ensembles"]) {
    const double x = ensemble["x"];
    CHECK(ensemble["complete"] == true);
    CHECK(ensemble["cell"]["a"]["mean"].get<double>() == Approx(2.810 + 0.068 * x).margin(1e-6));
    CHECK(ensemble["cell"]["c"]["mean"].get<double>() == Approx(13.50 + 2.91 * x - 2.22 * x * x).margin(1e-6));
  }
  // Laid over: a and c of LiNiO2 and NiO2 (Ohzuku, Ueda & Nagayama 1993), which the lattice gas meets within 0.03 Å.
  std::map<std::pair<std::string, double>, double> measured;
  for (const Json& point : report["measured"]) {
    measured[{point["quantity"].get<std::string>(), point["x"].get<double>()}] = point["value"].get<double>();
    CHECK(point["source"].get<std::string>().find("140, 1862 (1993)") != std::string::npos);
  }
  CHECK(measured == std::map<std::pair<std::string, double>, double>{
                        {{"a", 0}, 2.81}, {{"a", 1}, 2.88}, {{"c", 0}, 13.47}, {{"c", 1}, 14.18}});
  for (const Json& ensemble : report["ensembles"]) {
    for (const auto& [key, value] : measured)
      if (key.second == ensemble["x"].get<double>())
        CHECK(ensemble["cell"][key.first]["mean"].get<double>() == Approx(value).margin(0.031));
  }
}

TEST_CASE("nca: contact counters explain the model, and without lithium contacts they do not",
          "[campaign][case-studies]") {
  const TemporaryFolder folder;
  const std::string campaign = (study("nca") / "contacts.toml").string();
  REQUIRE(run_hullscan({"enumerate", campaign, "--out", "nca.extxyz"}, folder.path()).exit_code == 0);
  const auto labelled =
      Program({(study("nca") / "label").string(), "nca.extxyz", "labelled.extxyz"}, folder.path()).wait();
  REQUIRE(labelled.exit_code == 0);

  const auto result =
      run_hullscan({"validate", campaign, "--data", "labelled.extxyz", "--ablation", "--json"}, folder.path());

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  const Json ablation = Json::parse(result.output)["ablation"];
  std::map<std::string, double> mae;  // meV/atom, by the group that was left out
  for (const Json& one : ablation) mae[one["without"].is_null() ? "" : one["without"]] = one["mae_mev_per_atom"];
  // What is left is the term of three atoms, 0.02 eV in cells of 24 to 36 atoms.
  CHECK(mae.at("") < 1);
  CHECK(mae.at("Li-Li contacts") > 5 * mae.at(""));  // 0.06 eV each, the largest term
  CHECK(mae.at("Ni-Li contacts") > 1.5 * mae.at(""));
  CHECK(mae.at("Ni-Ni contacts") < 1.1 * mae.at(""));  // the model has none
  REQUIRE(ablation[0]["without"].is_null());
  CHECK(ablation[0]["r2"].get<double>() > 0.95);
  CHECK(ablation[0]["compositions"].size() == 13);  // 0 to 12 lithium: the delithiation
}

TEST_CASE("cspbi3: zinc stabilises the black phase by what the pair model says", "[campaign][case-studies]") {
  const TemporaryFolder folder;

  const Json report = report_of_run(study("cspbi3-cd-zn") / "phases.toml", folder.path());

  std::map<std::pair<std::string, int>, double> lowest, free_energy;
  for (const Json& ensemble : report["ensembles"]) {
    const std::string formula = ensemble["formula"];
    const int zinc = formula.find("Zn2") != std::string::npos ? 2 : formula.find("Zn") != std::string::npos ? 1 : 0;
    lowest[{ensemble["space"], zinc}] = ensemble["minimum_energy_per_atom"];
    free_energy[{ensemble["space"], zinc}] = ensemble["states"][0]["free_energy_per_atom"];
    CHECK(ensemble["complete"] == true);
  }
  // 0.065 eV a formula unit of five atoms; one of 32 Zn takes 0.07 eV off a cell of 160 atoms.
  CHECK(lowest[{"gamma", 0}] - lowest[{"delta", 0}] == Approx(0.0130).margin(1e-9));
  CHECK(lowest[{"gamma", 1}] - lowest[{"delta", 1}] == Approx(0.0125625).margin(1e-9));
  // One Zn has 32 equivalent places in either phase, so that entropy cancels; two have more where there is more room.
  CHECK(free_energy[{"gamma", 1}] - free_energy[{"delta", 1}] == Approx(0.0125625).margin(1e-9));
  CHECK(free_energy[{"gamma", 2}] < free_energy[{"gamma", 1}]);
}

TEST_CASE("mex2: the 36 published cells find their place, and their hull has the four pure compounds",
          "[campaign][case-studies]") {
  if (!have_shared_data("WSe2")) return;
  const fs::path data = shared_data() / "WSe2";
  const TemporaryFolder folder;
  std::istringstream table(read_file(data / "energies.csv"));
  std::string line, frames;
  // Energies per atom of the elements, PBE, rounded to 0.01 eV: they only set the zero of the four components.
  std::string entries = "id,formula,energy\nW,W,-12.96\nMo,Mo,-10.93\nS,S,-4.14\nSe,Se,-3.50\n";
  std::getline(table, line);
  int cells = 0;
  for (; std::getline(table, line); ++cells) {
    std::vector<std::string> fields;
    std::istringstream words(line);
    for (std::string field; std::getline(words, field, ',');) fields.push_back(field);
    const std::string number = (fields[0].size() == 1 ? "0" : "") + fields[0];
    const LabelledCell cell = labelled_cell(data / "cif" / (number + ".cif"), fields[7]);
    frames += cell.frame;
    entries += "cell " + number + "," + cell.formula + "," + fields[7] + "\n";
  }
  REQUIRE(cells == 36);
  write_file(folder.path() / "cells.extxyz", frames);
  write_file(folder.path() / "cells.csv", entries);
  std::string campaign = read_file(study("mex2") / "campaign.toml");
  write_file(folder.path() / "campaign.toml",
             campaign + "\n[[surrogate]]\nkind = \"cluster-expansion\"\npairs = 3.4\n");
  fs::copy_file(study("mex2") / "WSe2-monolayer.cif", folder.path() / "WSe2-monolayer.cif");

  const auto mapped = run_hullscan({"validate", "campaign.toml", "--data", "cells.extxyz"}, folder.path());
  const auto hull = run_hullscan({"hull", "cells.csv", "--json"}, folder.path());

  CHECK_THAT(mapped.messages, Catch::Contains("36 structures: 36 on the lattice"));
  REQUIRE(hull.exit_code == 0);
  std::map<std::string, double> above;
  const Json entries_of_hull = Json::parse(hull.output)["entries"];
  for (const Json& entry : entries_of_hull) {
    const std::string formula = entry["formula"];
    const double e = entry["e_above_hull"];
    above[formula] = above.count(formula) == 0 ? e : std::min(above[formula], e);
    CHECK(e >= 0);
  }
  for (const char* pure : {"W4Se8", "W4S8", "Mo4Se8", "Mo4S8"}) CHECK(above.at(pure) < 1e-9);
  CHECK(above.size() > 20);
}

TEST_CASE("mex2: the free energies of 45 compositions are sums over their structures by weight",
          "[.][long][case-studies]") {
  const TemporaryFolder folder;

  const Json report = report_of_run(study("mex2") / "ideal.toml", folder.path());

  // The four compounds of one metal and one chalcogen are the hull at 0 K: the model punishes mixed metals.
  std::set<std::string> vertices;
  std::map<std::string, std::vector<std::pair<double, double>>> structures;  // degeneracy, formation energy of the cell
  int labelled = 0;
  for (const Json& entry : report["entries"]) {
    if (entry["vertex"] == true) vertices.insert(entry["reduced_formula"]);
    const double atoms = 12;
    const int weight = std::stoi(entry["degeneracy"].get<std::string>());
    structures[entry["formula"]].emplace_back(weight, atoms * entry["formation_energy_per_atom"].get<double>());
    labelled += weight;
  }
  for (const char* pure : {"WSe2", "WS2", "MoSe2", "MoS2"}) CHECK(vertices.count(pure) == 1);
  CHECK(labelled == 4096);  // 2^4 metals times 2^8 chalcogens
  REQUIRE(report["ensembles"].size() == 45);
  double largest = 0;
  for (const Json& ensemble : report["ensembles"]) {
    for (const Json& state : ensemble["states"]) {
      const double kt = 8.617333262e-5 * state["temperature"].get<double>();
      double lowest = 1e9, sum = 0;
      for (const auto& [weight, energy] : structures.at(ensemble["formula"])) lowest = std::min(lowest, energy);
      for (const auto& [weight, energy] : structures.at(ensemble["formula"]))
        sum += weight * std::exp((lowest - energy) / kt);
      CHECK(state["free_energy_per_atom"].get<double>() == Approx((lowest - kt * std::log(sum)) / 12).margin(1e-9));
      if (state["temperature"] == 1000.0) largest = std::max(largest, state["e_above_hull"].get<double>());
    }
  }
  CHECK(largest < 1e-9);  // at 1000 K mixing wins everywhere
}

TEST_CASE("sc-pt: the approximant lies on the hull between scandium and Sc2Pt", "[campaign][case-studies]") {
  const TemporaryFolder folder;
  const auto result = run_hullscan({"hull", (study("sc-pt") / "references.csv").string(), "--formation-energies",
                                    "--end-members", "Sc,Sc2Pt", "--json"},
                                   folder.path());
  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  const Json entries = Json::parse(result.output)["entries"];
  REQUIRE(entries.size() == 5);
  for (const Json& entry : entries) {
    // The exchanged approximant is 17 meV/atom above the ordered one of the same composition.
    CHECK(entry["e_above_hull"].get<double>() == Approx(entry["id"] == "exchanged" ? 0.017 : 0.0).margin(1e-9));
    CHECK(entry["vertex"] == (entry["id"] != "exchanged"));
  }
  // 104.8 kJ per mole of atoms were measured for ScPt, and the others are on -4.345 x (1 - x), to 1 meV.
  const std::string references = read_file(study("sc-pt") / "references.csv");
  const auto energy_of = [&](const std::string& id) {
    const auto at = references.find("\n" + id + ",");
    return std::stod(references.substr(references.find(',', at + id.size() + 2) + 1));
  };
  CHECK(energy_of("ScPt") == Approx(-104.8 / 96.4853).margin(6e-4));
  for (const auto& [id, x] : {std::pair("ScPt", 0.5), {"Sc2Pt", 1.0 / 3}, {"Sc57Pt13", 13.0 / 70}})
    CHECK(energy_of(id) == Approx(-4.345 * x * (1 - x)).margin(6e-4));
}

TEST_CASE("every command that a campaign's README prints runs as it lies there", "[.][long][case-studies]") {
  if (!have_kim_models()) return;
  const TemporaryFolder folder;
  const fs::path campaigns = folder.path() / "campaigns";  // beside the scorers, as they are installed
  fs::copy(HULLSCAN_CAMPAIGNS, campaigns, fs::copy_options::recursive);
  fs::copy(fs::path(HULLSCAN_CAMPAIGNS).parent_path() / "scorers", folder.path() / "scorers");
  const std::string path = fs::path(HULLSCAN_PROGRAM).parent_path().string() + ":" + std::getenv("PATH");
  int commands = 0;
  std::set<std::string> without;
  for (const auto& entry : fs::directory_iterator(campaigns)) {
    if (!entry.is_directory()) continue;
    const std::string study = entry.path().filename().string();
    if (!fs::exists(entry.path() / "README.md")) {
      without.insert(study);
      continue;
    }
    std::istringstream lines(read_file(entry.path() / "README.md"));
    int length = 0;
    for (std::string line; std::getline(lines, line); ++length) {
      if (!line.starts_with("    hullscan ") && !line.starts_with("    ./")) continue;
      if (study == "al-ni" && line.find("hullscan run") != std::string::npos)
        continue;  // pw.x: tests/slurm, quickstart
      INFO(study << ":" << line);
      const auto result = Program({"/bin/sh", "-c", line}, entry.path(), {{"PATH", path}}).wait();
      INFO(result.messages);
      CHECK(result.exit_code == 0);
      ++commands;
    }
    CHECK(length < 25);
  }
  CHECK(without.empty());
  CHECK(commands >= 30);
}
