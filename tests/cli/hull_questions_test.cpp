/// @file
/// hull --windows, --open and --voltage as a user calls them.

#include <catch2/catch.hpp>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

TEST_CASE("hull --windows gives the chemical potentials at which two compounds are in equilibrium", "[cli][hull]") {
  // NiAl and Ni3Al: mu_Al + mu_Ni = -1.5 and mu_Al + 3 mu_Ni = -1.96, so mu_Ni = -0.23, mu_Al = -1.27.
  const TemporaryFolder folder;
  write_file(folder.path() / "e.csv", "id,formula,energy\nal,Al,0\nni,Ni,0\nb2,NiAl,-1.5\nl12,Ni3Al,-1.96\n");

  const auto json = run_hullscan({"hull", "e.csv", "--windows", "--json"}, folder.path());
  const auto text = run_hullscan({"hull", "e.csv", "--windows"}, folder.path());

  REQUIRE(json.exit_code == 0);
  const Json windows = Json::parse(json.output)["windows"];
  REQUIRE(windows.size() == 2);
  CHECK(windows["b2"]["Al"][0].get<double>() == Approx(-1.27));
  CHECK(windows["b2"]["Al"][1].get<double>() == Approx(0).margin(1e-12));
  CHECK(windows["l12"]["Ni"][0].get<double>() == Approx(-0.23));
  CHECK(windows["l12"]["Al"][0].get<double>() == Approx(-1.96));
  CHECK_THAT(text.output, Contains("-1.270 … 0.000"));
}

TEST_CASE("hull --open compares oxides per metal atom at the oxygen's chemical potential", "[cli][hull]") {
  // At -1.5 eV: FeO -2 + 1.5 = -0.5, Fe2O3 (-6 + 4.5) / 2 = -0.75 eV per iron; at -2.5: +0.5 and +0.75.
  const TemporaryFolder folder;
  write_file(folder.path() / "e.csv", "id,formula,energy\nfe,Fe,0\no,O,-5\nfeo,FeO,-7\nfe2o3,Fe2O3,-21\n");

  const auto distance = [&](const std::string& potential, const std::string& id) {
    const auto result = run_hullscan({"hull", "e.csv", "--open", "O=" + potential, "--json"}, folder.path());
    REQUIRE(result.exit_code == 0);
    const Json json = Json::parse(result.output);
    for (const Json& entry : json["entries"])
      if (entry["id"] == id) return entry["e_above_hull"].get<double>();
    return -1.0;
  };

  CHECK(distance("-1.5", "fe2o3") == Approx(0).margin(1e-12));
  CHECK(distance("-1.5", "feo") == Approx(0.25));
  CHECK(distance("-1.5", "fe") == Approx(0.75));
  CHECK(distance("-2.5", "fe") == Approx(0).margin(1e-12));
  CHECK(distance("-2.5", "fe2o3") == Approx(0.75));
}

TEST_CASE("hull --voltage gives volts and mAh/g of an electrode", "[cli][hull]") {
  // (25.9 - 20 - 1.9) eV for one lithium; F / 3.6 / 97.87 g/mol.
  const TemporaryFolder folder;
  write_file(folder.path() / "e.csv", "id,formula,energy\nli,Li,-1.9\na,CoO2,-20\nb,LiCoO2,-25.9\n");

  const auto result = run_hullscan({"hull", "e.csv", "--voltage", "Li", "--json"}, folder.path());

  REQUIRE(result.exit_code == 0);
  const Json json = Json::parse(result.output);
  REQUIRE(json["plateaus"].size() == 1);
  CHECK(json["plateaus"][0]["voltage"].get<double>() == Approx(4.0));
  CHECK(json["capacity_mah_per_g"].get<double>() == Approx(273.84).epsilon(1e-4));
}

TEST_CASE("hull names what is wrong with a question", "[cli][hull]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "e.csv", "id,formula,energy\nal,Al,0\nni,Ni,0\nb2,NiAl,-1.5\n");
  const auto said = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"hull", "e.csv"});
    const auto result = run_hullscan(words, folder.path());
    CHECK(result.exit_code == 2);
    return result.messages;
  };

  CHECK_THAT(said({"--open", "O=-1"}), Contains("no entry of O alone"));
  CHECK_THAT(said({"--open", "Ni"}), Contains("expected ELEMENT=EV"));
  CHECK_THAT(said({"--open", "Ni=low"}), Contains("found \"low\""));
  CHECK_THAT(said({"--voltage", "Li"}), Contains("no entry of Li alone"));
  CHECK_THAT(said({"--open", "Ni=-1", "--windows"}), Contains("closed system"));
}
