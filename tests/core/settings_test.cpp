#include "core/campaign/settings.hpp"

#include <catch2/catch.hpp>

#include "core/errors.hpp"

namespace hullscan {
namespace {

std::string message_of(const std::string& toml) {
  try {
    (void)parse_settings_toml(toml, "campaign.toml");
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("every key and value knows its line and column", "[core][settings]") {
  const auto table = parse_settings_toml("name = \"a\"\n\n[dft]\n  ecutwfc = 40\n", "campaign.toml");

  const Setting* name = table.find("name");
  REQUIRE(name != nullptr);
  CHECK(name->key_where == SourcePosition{"campaign.toml", 1, 1});
  CHECK(name->where == SourcePosition{"campaign.toml", 1, 8});
  const auto& dft = std::get<SettingsTable>(table.find("dft")->value);
  CHECK(dft.find("ecutwfc")->key_where == SourcePosition{"campaign.toml", 4, 3});
  CHECK(dft.find("ecutwfc")->where == SourcePosition{"campaign.toml", 4, 13});
  CHECK(table.find("absent") == nullptr);
}

TEST_CASE("keys keep the order of the file", "[core][settings]") {
  const auto table = parse_settings_toml("zinc = 1\nalpha = 2\nmiddle = 3\n", "f");

  REQUIRE(table.entries.size() == 3);
  CHECK(table.entries[0].first == "zinc");
  CHECK(table.entries[1].first == "alpha");
  CHECK(table.entries[2].first == "middle");
}

TEST_CASE("a syntax error is reported with its place", "[core][settings]") {
  CHECK(message_of("a = 1\nb = = 2\n").rfind("campaign.toml:2:5: syntax error: ", 0) == 0);
  CHECK_THAT(message_of("a = 1\na = 2\n"), Catch::StartsWith("campaign.toml:2:") && Catch::Contains("redefine"));
  CHECK(message_of("when = 2020-01-01\n").rfind("campaign.toml:1:8: dates and times have no meaning", 0) == 0);
}

TEST_CASE("what is nested without end is refused at its place", "[core][settings]") {
  const auto refusal = [](const std::string& text) {
    try {
      (void)parse_settings_toml(text, "c.toml");
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const auto repeated = [](const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
  };
  CHECK(refusal("x = 1\n" + repeated("a.", 16) + "b = 1\n") == "c.toml:2:32: a key of more than 16 parts");
  CHECK(refusal(repeated("a.", 15) + "b = 1\n").empty());
  CHECK(refusal("[" + repeated("a . ", 300'000) + "b]\n").find("16 parts") != std::string::npos);
  CHECK(refusal(repeated("'a'.", 300'000) + "b = 1").find("16 parts") != std::string::npos);
  CHECK(refusal("x = " + repeated("[", 400'000)).find("32 deep") != std::string::npos);
  CHECK(refusal("x = " + repeated("{a=", 400'000)).find("32 deep") != std::string::npos);
  // Inside of texts and remarks there is no nesting.
  const std::string dots = repeated(".[", 100);
  CHECK(refusal("x = \"" + dots + "\\\"" + dots + "\" # " + dots + "\ny = '" + dots + "'\nz = '''\n'" + dots + "'''\n")
            .empty());
}

TEST_CASE("values are read by their types", "[core][settings]") {
  const auto table = parse_settings_toml(
      "t = \"x\"\nb = true\ni = 3\nd = 2.5\nlist = [1, 2.5]\nwords = [\"a\", \"b\"]\none = \"a\"\n"
      "[sub]\nNi = 0.5\nAl = 1\n[[many]]\nx = 1\n[[many]]\nx = 2\n",
      "f");
  Problems problems;
  SettingsReader reader(table, "", problems);

  CHECK(reader.text("t", "y") == "x");
  CHECK(reader.boolean("b", false));
  CHECK(reader.integer("i", 0, 0, 10) == 3);
  CHECK(reader.number("d", 0, 0, 10) == 2.5);
  CHECK(reader.numbers("list", {}) == std::vector<double>{1, 2.5});
  CHECK(reader.texts("words") == std::vector<std::string>{"a", "b"});
  CHECK(reader.texts("one") == std::vector<std::string>{"a"});
  CHECK(reader.number_by_name("sub") == std::map<std::string, double>{{"Al", 1}, {"Ni", 0.5}});
  CHECK(reader.tables("many").size() == 2);
  CHECK(reader.text("absent", "fallback") == "fallback");
  CHECK(reader.integer("absent too", 0, 9) == std::nullopt);
  reader.finish();
  CHECK(problems.empty());
}

TEST_CASE("an integer is a number too, but a number is not an integer", "[core][settings]") {
  const auto table = parse_settings_toml("a = 3\nb = 3.0\n", "f");
  Problems problems;
  SettingsReader reader(table, "run", problems);

  CHECK(reader.number("a", 0, 0, 10) == 3.0);
  CHECK(reader.integer("b", 7, 0, 10) == 7);
  REQUIRE(problems.lines().size() == 1);
  CHECK(problems.lines()[0] == "f:2:5: run.b: expected an integer, found number");
}

TEST_CASE("all problems of a table are reported at once, in the order of the file", "[core][settings]") {
  const auto table = parse_settings_toml(
      "code = \"quantum-expresso\"\necutwfc = -1\nsmearing = 3\nkspacing = nan\necutrhoo = 4\n", "campaign.toml");
  Problems problems;
  SettingsReader reader(table, "dft", problems);

  (void)reader.number("kspacing", 0.3, 0, 10);
  (void)reader.text("smearing", "none");
  (void)reader.number("ecutwfc", 30, 0, 1000);
  (void)reader.number("ecutrho", 240, 0, 10000);
  (void)reader.choice("code", {"quantum-espresso", "vasp"}, "vasp");
  reader.require("pseudopotentials", "where the UPF files are");
  reader.finish();

  const std::vector<std::string> expected = {
      "campaign.toml:1:1: dft.pseudopotentials: missing: where the UPF files are",
      "campaign.toml:1:8: dft.code: expected one of \"quantum-espresso\", \"vasp\", found \"quantum-expresso\" "
      "(did you mean \"quantum-espresso\"?)",
      "campaign.toml:2:11: dft.ecutwfc: -1, must be >= 0",
      "campaign.toml:3:12: dft.smearing: expected text, found integer",
      "campaign.toml:4:12: dft.kspacing: expected a finite number",
      "campaign.toml:5:1: dft.ecutrhoo: unknown key (did you mean \"ecutrho\"?)",
  };
  CHECK(problems.lines() == expected);
  CHECK_THROWS_AS(problems.throw_if_any(), InputError);
}

TEST_CASE("a wrong element of a list is reported at the element", "[core][settings]") {
  const auto table = parse_settings_toml("temperatures = [300, \"hot\", 600]\n", "f");
  Problems problems;
  SettingsReader reader(table, "report", problems);

  (void)reader.numbers("temperatures", {});

  REQUIRE(problems.lines().size() == 1);
  CHECK(problems.lines()[0] == "f:1:22: report.temperatures: expected a number, found text");
}

TEST_CASE("nothing near, nothing meant", "[core][settings]") {
  CHECK(did_you_mean("symprek", {"symprec", "supercell"}) == " (did you mean \"symprec\"?)");
  CHECK(did_you_mean("SEED", {"seed"}) == " (did you mean \"seed\"?)");
  CHECK(did_you_mean("entirely-different", {"seed", "name"}).empty());
  CHECK(did_you_mean("x", {}).empty());
}

}  // namespace hullscan
