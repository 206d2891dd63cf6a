/// @file
/// `hullscan import` as a person uses it: a campaign of sixteen calculations (tests/campaign/liars, with nobody lying)
/// brought into another directory, kills on the way, refusals.

#include <algorithm>
#include <catch2/catch.hpp>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

class ImportFolder : public TemporaryFolder {
 public:
  ImportFolder() { fs::copy(HULLSCAN_LIARS, path()); }
  [[nodiscard]] ProgramResult run(const std::string& directory) const {
    return run_hullscan({"run", "campaign.toml", "--dir", directory, "--threads", "1"}, path());
  }
  [[nodiscard]] ProgramResult import(std::vector<std::string> words) const {
    words.insert(words.begin(), "import");
    return run_hullscan(words, path());
  }
  [[nodiscard]] Json import_json(std::vector<std::string> words) const {
    words.emplace_back("--json");
    const ProgramResult result = import(std::move(words));
    INFO(result.messages);
    REQUIRE(result.exit_code == 0);
    return Json::parse(result.output);
  }
  [[nodiscard]] Json report(const std::string& directory) const {
    return Json::parse(read_file(path() / directory / "report" / "report.json"));
  }
  [[nodiscard]] std::size_t calculated(const std::string& directory) const {
    const fs::path tasks = path() / directory / "tasks";
    return fs::exists(tasks) ? static_cast<std::size_t>(std::distance(fs::directory_iterator(tasks), {})) : 0;
  }
};

TEST_CASE("one campaign imported into another is not calculated again, is verified, excluded and known again",
          "[campaign][import]") {
  const ImportFolder folder;
  REQUIRE(folder.run("a").exit_code == 0);

  const Json outcome = folder.import_json({"b", "a", "--campaign", "campaign.toml"});
  CHECK(outcome["labels"].size() == folder.calculated("a"));
  const ProgramResult ran = folder.run("b");
  INFO(ran.messages);
  REQUIRE(ran.exit_code == 0);
  // The first rounds find everything known; the rounds by policy choose eight configurations that a did not have.
  CHECK_THAT(ran.messages,
             Contains("round 0 (end members): 0 calc") && Contains("round 1 (initial, stratified): 0 calc"));
  CHECK(folder.calculated("b") == 8);
  CHECK(folder.report("b")["entries"].size() == folder.calculated("a") + 8);

  const ProgramResult verified = run_hullscan({"verify", "b"}, folder.path());
  CHECK(verified.exit_code == 0);
  CHECK_THAT(verified.output, Contains("all well"));

  const ProgramResult again = folder.import({"b", "a"});
  CHECK(again.exit_code == 0);
  CHECK_THAT(again.output, Contains("nothing new") && Contains("known already"));

  const std::string id = outcome["labels"][0]["id"].get<std::string>();
  REQUIRE(run_hullscan({"exclude", "b", id, "--because", "a test"}, folder.path()).exit_code == 0);
  REQUIRE(folder.run("b").exit_code == 0);
  const Json report = folder.report("b");
  const Json& entries = report["entries"];
  CHECK(std::none_of(entries.begin(), entries.end(), [&](const Json& entry) { return entry["id"] == id; }));
  CHECK_THAT(run_hullscan({"tasks", "b"}, folder.path()).output, Contains("imported") && Contains("(excluded)"));
  CHECK_THAT(run_hullscan({"why", "b", id}, folder.path()).output, Contains("it was imported"));
}

TEST_CASE("an import that is killed has stored all or nothing, and the same line goes on",
          "[campaign][import][crash]") {
  const ImportFolder folder;
  REQUIRE(folder.run("a").exit_code == 0);
  const std::size_t all = folder.calculated("a");
  int directory = 0;
  for (const char* point :
       {"import.files", "import.middle", "import.middle:5", "import.done", "transaction.committed:9"}) {
    INFO(point);
    const std::string b = "b" + std::to_string(++directory);
    const ProgramResult killed =
        run_hullscan({"import", b, "a", "--campaign", "campaign.toml"}, folder.path(), {{"HULLSCAN_CRASH_AT", point}});
    CHECK((killed.exit_code == 128 + SIGKILL || killed.exit_code == 0));
    const Json after = folder.import_json({b, "a", "--campaign", "campaign.toml"});
    const std::size_t now = after["labels"].size(), known = after["known"].size();
    CHECK(now + known == all);
    CHECK((now == all || now == 0));
    CHECK(run_hullscan({"verify", b}, folder.path()).exit_code == 0);
  }
}

TEST_CASE("other settings, unknown files and missing campaigns are refused with exit code 2 and nothing is made",
          "[campaign][import]") {
  const ImportFolder folder;
  write_file(folder.path() / "x.extxyz",
             "1\nLattice=\"0 2 2 2 0 2 2 2 0\" Properties=species:S:1:pos:R:3 energy=-3\nAl 0 0 0\n");
  write_file(folder.path() / "notes.txt", "hello\n");
  const std::vector<std::pair<std::vector<std::string>, std::string>> refused = {
      {{"b", "x.extxyz", "--campaign", "campaign.toml", "--settings", "method=real"}, "the campaign has made up"},
      {{"b", "x.extxyz", "--campaign", "campaign.toml"}, "no settings are stated"},
      {{"b", "x.extxyz", "--campaign", "campaign.toml", "--settings", "PBE"}, "expected \"same\" or KEY=VALUE"},
      {{"b", "notes.txt", "--campaign", "campaign.toml"}, "no results that can be recognised"},
      {{"b", "x.extxyz"}, "--campaign FILE begins it"},
      {{"b"}, "at least one FILE"}};
  for (const auto& [words, said] : refused) {
    const ProgramResult result = folder.import(words);
    INFO(result.messages);
    CHECK(result.exit_code == 2);
    CHECK_THAT(result.messages, Contains(said));
    CHECK_FALSE(fs::exists(folder.path() / "b"));
  }
}

TEST_CASE("a campaign that has begun and names files beside its file takes an import with that file",
          "[campaign][import]") {
  const ImportFolder folder;
  std::string text = read_file(folder.path() / "campaign.toml");
  text.replace(text.find("method = "), 0, "files = [\"potential.txt\"]\n");
  write_file(folder.path() / "campaign.toml", text);
  write_file(folder.path() / "potential.txt", "made up\n");
  const auto frame = [](const std::string& species, double energy) {
    return "1\nLattice=\"0 2 2 2 0 2 2 2 0\" Properties=species:S:1:pos:R:3 energy=" + std::to_string(energy) + "\n" +
           species + " 0 0 0\n";
  };
  write_file(folder.path() / "first.extxyz", frame("Al", -3));
  write_file(folder.path() / "second.extxyz", frame("Ni", -5));
  REQUIRE(folder.import({"c", "first.extxyz", "--campaign", "campaign.toml", "--settings", "same"}).exit_code == 0);

  const ProgramResult without = folder.import({"c", "second.extxyz", "--settings", "same"});
  const ProgramResult with = folder.import({"c", "second.extxyz", "--campaign", "campaign.toml", "--settings", "same"});

  CHECK(without.exit_code == 2);
  CHECK_THAT(without.messages, Contains("say where it is: --campaign FILE"));
  INFO(with.messages);
  CHECK(with.exit_code == 0);
  CHECK_THAT(with.output, Contains("1 result"));
  text.replace(text.find("method = \"made up\""), 18, "method = \"another\"");
  write_file(folder.path() / "campaign.toml", text);
  const ProgramResult other =
      folder.import({"c", "second.extxyz", "--campaign", "campaign.toml", "--settings", "same"});
  CHECK(other.exit_code == 2);
  CHECK_THAT(other.messages, Contains("was begun with another campaign file"));
}

TEST_CASE("a table of structure files with decimal commas becomes labels", "[campaign][import]") {
  const ImportFolder folder;
  write_file(folder.path() / "data" / "al.vasp", "Al\n4.05\n0 .5 .5\n.5 0 .5\n.5 .5 0\nAl\n1\nDirect\n0 0 0\n");
  write_file(folder.path() / "data" / "ni.vasp", "Ni\n3.52\n0 .5 .5\n.5 0 .5\n.5 .5 0\nNi\n1\nDirect\n0 0 0\n");
  write_file(folder.path() / "data" / "table.csv",
             "Datei;structure;Energy (eV)\n1;al.vasp;-3,5\n2;ni.vasp;-4,25\n3;u.cif;-1\n");

  const ProgramResult result =
      folder.import({"b", "data/table.csv", "--campaign", "campaign.toml", "--settings", "same"});

  INFO(result.messages);
  CHECK(result.exit_code == 4);
  CHECK_THAT(result.output, Contains("fcc: 2 results imported") && Contains("u.cif"));
}

}  // namespace
