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

// By hand: MgMn2O4 gains 10 eV of which the metal's -1.5 count, over the two electrons of magnesium.
TEST_CASE("the charge of a working ion is the usual one unless it is given", "[cli][hull]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "e.csv", "id,formula,energy\nhost,Mn2O4,-100\nfull,MgMn2O4,-110\nmetal,Mg,-1.5\n");

  const auto usual = run_hullscan({"hull", "e.csv", "--voltage", "Mg", "--json"}, folder.path());
  const auto given = run_hullscan({"hull", "e.csv", "--voltage", "Mg=1", "--json"}, folder.path());
  const auto wrong = run_hullscan({"hull", "e.csv", "--voltage", "Mg=two"}, folder.path());

  const Json profile = Json::parse(usual.output);
  CHECK(profile["charge"] == 2);
  CHECK(profile["average_voltage"].get<double>() == Approx(4.25));
  CHECK(profile["plateaus"][0].contains("volume_change"));
  CHECK(Json::parse(given.output)["average_voltage"].get<double>() == Approx(8.5));
  CHECK(wrong.exit_code == 2);
  CHECK_THAT(wrong.messages, Contains("--voltage: expected the charge of the ion, e.g. Mg=2, found \"two\""));
}

// By hand: hull_cut_test.cpp, the first case.
TEST_CASE("a cut between two compounds is printed, and is JSON", "[cli][hull]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "e.csv", "id,formula,energy\na,Al,0\nn,Ni,0\nc,Cu,0\nan,AlNi,-2\n");

  const auto text = run_hullscan({"hull", "e.csv", "--cut", "Al:NiCu"}, folder.path());
  const auto json = run_hullscan({"hull", "e.csv", "--cut", "Al:NiCu", "--cut", "Al:Ni", "--json"}, folder.path());

  INFO(text.messages);
  CHECK_THAT(text.output, Contains("cut from Al to ") && Contains(": crossed") && Contains("666.7"));
  const Json cuts = Json::parse(json.output)["cuts"];
  REQUIRE(cuts.size() == 2);
  CHECK(cuts[0]["points"][1]["x"].get<double>() == Approx(0.5));
  CHECK(cuts[0]["points"][1]["mix_above_hull"].get<double>() == Approx(2.0 / 3));
  CHECK(run_hullscan({"hull", "e.csv", "--cut", "Al"}, folder.path()).exit_code == 2);
}

TEST_CASE("numbers of options are reported with what was expected", "[cli]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "e.csv", "id,formula,energy\na,Al,0\n");

  const auto tolerance = run_hullscan({"hull", "e.csv", "--tolerance", "1e-3x"}, folder.path());
  const auto quota = run_hullscan({"run", "none.toml", "--quota", "soon"}, folder.path());

  CHECK(tolerance.exit_code == 2);
  CHECK_THAT(tolerance.messages, Contains("--tolerance: expected eV/atom, a number from 0 to 1, found \"1e-3x\""));
  CHECK(quota.exit_code == 2);
}
