/// @file
/// From a campaign's labels to phase diagrams: zero kelvin is the hull, cold fields are its phases, hot ones are
/// disordered. A minute; label `long`.

#include <catch2/catch.hpp>
#include <set>
#include <sstream>

#include "../kim_models.hpp"
#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using hullscan::Json;

namespace {

struct Vertex {
  std::string formula;
  double separation = -1;  ///< eV/atom; of end members -1
};

/// Vertices of hull.csv whose calculation is of this space.
std::vector<Vertex> vertices(const std::string& csv, const std::string& space) {
  std::vector<Vertex> found;
  std::istringstream lines(csv);
  std::vector<std::string> names;
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> cells;
    std::istringstream words(line);
    for (std::string cell; std::getline(words, cell, ',');) cells.push_back(cell);
    if (names.empty()) {
      names = cells;
      continue;
    }
    const auto cell = [&](const std::string& name) {
      const auto at = static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
      return at < cells.size() ? cells[at] : std::string();
    };
    if (cell("vertex") != "true" || !cell("id").starts_with(space + "-")) continue;
    found.push_back({cell("formula"), cell("phase_separation").empty() ? -1 : std::stod(cell("phase_separation"))});
  }
  return found;
}

std::vector<std::string> single_phases(const Json& layer) {
  std::vector<std::string> names;
  for (const Json& field : layer["fields"]) {
    if (field["phases"].size() == 1) names.push_back(field["phases"][0]);
  }
  return names;
}

const std::string kWalks = R"(
[[monte_carlo]]
space = "fcc"
temperatures = [3000, 600, 50]
chemical_potentials = { SPECIES = { from = FROM, to = TO, step = STEP } }
precision_mev_per_atom = 1
sweeps = 2000
)";

Json diagram_of(const std::string& campaign, const std::string& walks, const TemporaryFolder& folder) {
  for (const auto& entry : fs::directory_iterator(fs::path(HULLSCAN_CAMPAIGNS) / campaign))
    fs::copy_file(entry.path(), folder.path() / entry.path().filename());
  std::string text = read_file(folder.path() / "campaign.toml");
  text = text.substr(0, text.find("[[monte_carlo]]")) + walks;
  write_file(folder.path() / "campaign.toml", text);
  const auto run = run_hullscan({"run", "campaign.toml", "--dir", "c"}, folder.path());
  INFO(run.messages);
  REQUIRE(run.exit_code == 0);
  return Json::parse(read_file(folder.path() / "c/monte_carlo/fcc/phase_diagram.json"));
}

std::string walks_of(const std::string& species, const std::string& from, const std::string& to,
                     const std::string& step) {
  std::string text = kWalks;
  for (const auto& [word, value] :
       {std::pair<std::string, std::string>{"SPECIES", species}, {"FROM", from}, {"TO", to}, {"STEP", step}})
    text.replace(text.find(word), word.size(), value);
  return text;
}

/// Zero kelvin: phases that were calculated to be on the hull, and every one that is well below its neighbours.
void check_zero_kelvin(const Json& diagram, const std::vector<Vertex>& hull) {
  const Json& layer = diagram["layers"][0];
  REQUIRE(layer["temperature_kelvin"] == 0);
  const auto names = single_phases(layer);
  std::set<std::string> calculated;
  for (const Vertex& vertex : hull) {
    calculated.insert(vertex.formula);
    INFO(vertex.formula);
    if (vertex.separation < -0.005) CHECK(std::find(names.begin(), names.end(), vertex.formula) != names.end());
  }
  for (const std::string& name : names) {
    INFO(name);
    CHECK(calculated.contains(name));
  }
}

}  // namespace

TEST_CASE("Cu-Au: the hull at zero kelvin, its phases when cold, one solution when hot", "[cli][monte-carlo][long]") {
  if (!have_kim_models("EAM_Dynamo_ZhouJohnsonWadley_2004NISTretabulation_CuAgAu__MO_318213562153_000")) return;
  const TemporaryFolder folder;

  const Json diagram = diagram_of("cu-au", walks_of("Au", "-0.64", "0.64", "0.08"), folder);

  check_zero_kelvin(diagram, vertices(read_file(folder.path() / "c/report/hull.csv"), "fcc"));
  REQUIRE(diagram["layers"].size() == 4);
  CHECK(single_phases(diagram["layers"][1]) == std::vector<std::string>{"Cu", "Cu3Au", "CuAu", "CuAu3", "Au"});
  CHECK(single_phases(diagram["layers"][3]) == std::vector<std::string>{"disordered"});
}

TEST_CASE("Al-Ni on fcc: the hull at zero kelvin, its phases when cold", "[cli][monte-carlo][long]") {
  if (!have_kim_models("EAM_Dynamo_PunMishin_2009_NiAl__MO_751354403791_005")) return;
  const TemporaryFolder folder;

  const Json diagram = diagram_of("al-ni-kim", walks_of("Ni", "-6", "6", "0.5"), folder);

  const auto names = single_phases(diagram["layers"][0]);
  CHECK(names.front() == "Al");
  CHECK(names.back() == "Ni");
  CHECK(std::find(names.begin(), names.end(), "AlNi3") != names.end());
}
