/// @file
/// hullscan plot as a user calls it.

#include <catch2/catch.hpp>
#include <set>
#include <sstream>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

constexpr const char* kEntries = "id,formula,energy\nal,Al,0\nni,Ni,0\nb2,NiAl,-1.2\nl12,Ni3Al,-1.8\nhigh,NiAl,-0.4\n";

}  // namespace

TEST_CASE("plot draws a list of entries as SVG, PDF and PNG, the same bytes in every run", "[cli][plot]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "e.csv", kEntries);
  for (const std::string suffix : {"svg", "pdf", "png"}) {
    INFO(suffix);
    const auto first = run_hullscan({"plot", "e.csv", "hull", "--out", "a." + suffix}, folder.path());
    const auto second = run_hullscan({"plot", "e.csv", "hull", "--out", "b." + suffix}, folder.path());

    REQUIRE(first.exit_code == 0);
    REQUIRE(second.exit_code == 0);
    CHECK_THAT(first.output, Contains("a." + suffix) && Contains("86 x 65 mm"));
    const std::string bytes = read_file(folder.path() / ("a." + suffix));
    CHECK(bytes.size() > 1000);
    CHECK(bytes == read_file(folder.path() / ("b." + suffix)));
  }
}

TEST_CASE("plot draws a file whose name is no text", "[cli][plot]") {
  const TemporaryFolder folder;
  const std::string name = "e\xff\n.csv";
  write_file(folder.path() / name, kEntries);

  CHECK(run_hullscan({"plot", name, "hull", "--out", "a.pdf"}, folder.path()).exit_code == 0);
}

TEST_CASE("plot names elements that have no entry: they are the zero of formation energies", "[cli][plot]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "e.csv", "id,formula,formation_energy_per_atom\na,AlNi,-0.5\nb,Al3Ni,-0.3\n");
  if (std::system("command -v pdftotext > /dev/null") != 0) return;

  REQUIRE(run_hullscan({"plot", "e.csv", "hull", "--out", "a.pdf"}, folder.path()).exit_code == 0);
  const auto words = Program({"pdftotext", "-raw", "a.pdf", "-"}, folder.path()).wait();

  std::istringstream text(words.output);
  std::multiset<std::string> all;
  for (std::string word; text >> word;) all.insert(word);
  CHECK(all.count("Al") == 1);
  CHECK(all.count("Ni") == 2);  // once in the label of the axis
  CHECK(all.count("AlNi") == 1);
}

TEST_CASE("plot without a kind says what can be drawn and why the rest cannot", "[cli][plot]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "e.csv", kEntries);

  const auto text = run_hullscan({"plot", "e.csv"}, folder.path());
  const auto json = run_hullscan({"plot", "e.csv", "--json"}, folder.path());

  CHECK(text.exit_code == 0);
  CHECK_THAT(text.output, Contains("can be drawn:\n  hull ") && Contains("the hull has 2 end members"));
  REQUIRE(json.exit_code == 0);
  const Json parsed = Json::parse(json.output);
  std::size_t possible = 0;
  for (const Json& figure : parsed["figures"]) {
    possible += figure["possible"].get<bool>() ? 1 : 0;
    CHECK(figure["possible"].get<bool>() == figure["problem"].is_null());
  }
  CHECK(possible == 1);
}

TEST_CASE("plot refuses before any work what it could not finish, and replaces nothing unasked", "[cli][plot]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "e.csv", kEntries);
  write_file(folder.path() / "mine.pdf", "a figure of my own");
  const auto refused = [&](std::vector<std::string> arguments, const std::string& words) {
    arguments.insert(arguments.begin(), "plot");
    const auto result = run_hullscan(arguments, folder.path());
    INFO(result.messages);
    CHECK(result.exit_code == 2);
    CHECK_THAT(result.messages, Contains(words));
    CHECK(result.output.empty());
  };

  // The source is not looked at: it does not exist.
  refused({"none", "hul", "--out", "x.pdf"}, "did you mean \"hull\"");
  refused({"none", "hull", "--out", "x.jpg"}, "ends in .svg, .pdf or .png, found \"x.jpg\"");
  refused({"none", "hull", "--out", "x"}, "ends in .svg");
  refused({"none", "hull", "--out", "absent/x.pdf"}, "does not exist");
  refused({"none", "hull"}, "--out X.svg");
  refused({"none", "hull", "--out", "x.pdf", "--width", "3"}, "40 to 400");
  refused({"none", "hull", "--out", "x.pdf"}, "none: there is no campaign directory");
  refused({"e.csv", "hull", "--out", "mine.pdf"}, "--overwrite");
  refused({"e.csv", "ternary", "--out", "x.pdf"}, "this figure is of 3");
  CHECK(read_file(folder.path() / "mine.pdf") == "a figure of my own");

  const auto replaced = run_hullscan({"plot", "e.csv", "hull", "--out", "mine.pdf", "--overwrite"}, folder.path());
  CHECK(replaced.exit_code == 0);
  CHECK(read_file(folder.path() / "mine.pdf").starts_with("%PDF"));
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder.path()))
    files += entry.path().filename().string().starts_with(".") ? 0 : 1;
  CHECK(files == 2);
}
