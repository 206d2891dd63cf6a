/// @file
/// Tables of columns against the orbits of a campaign: what is refused, and what the models are given.

#include "campaign/column_tables.hpp"

#include <catch2/catch.hpp>

#include "campaign/resolved_campaign.hpp"
#include "chain_labels.hpp"
#include "small_campaign.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

/// Three colourings of two fcc sites, in one supercell.
constexpr const char* kHeader = "space,supercell,degeneracy,occupation,net,size\n";
constexpr const char* kRows[] = {"fcc,2×1×1,1,00,b,1.5\n", "fcc,2 0 0; 0 1 0; 0 0 1,2,10,a,2\n",
                                 "fcc,2×1×1,1,11,b,3\n"};

std::string whole_table() { return std::string(kHeader) + kRows[0] + kRows[1] + kRows[2]; }

/// What resolving the campaign says of the table. @param key of the [[surrogate]].
std::string said_of(const std::string& table, const std::string& key = "columns = \"t.csv\"",
                    const std::string& kind = "ridge") {
  const TemporaryFolder folder;
  write_file(folder.path() / "t.csv", table);
  const fs::path file = write_fcc_campaign(folder.path(), "supercell = [2, 1, 1]\n",
                                           "[[surrogate]]\nkind = \"" + kind + "\"\n" + key + "\n");
  return refusal<InputError>([&] { (void)resolve_campaign(file); });
}

}  // namespace

TEST_CASE("a table of every orbit is taken, whatever columns hullscan wrote besides", "[campaign][columns]") {
  CHECK(said_of(whole_table()) == "");
  CHECK(said_of(whole_table(), "columns = { file = \"t.csv\", only = \"net\" }\nleave_out = \"net\"") == "");
  CHECK(said_of(whole_table(), "columns = { file = \"t.csv\", categories = [\"size\"] }", "gaussian-process") == "");
}

TEST_CASE("a row that is no orbit of the campaign, or the second of one, is named with its line",
          "[campaign][columns]") {
  CHECK_THAT(said_of(whole_table() + kRows[1]), Contains("t.csv:5: a second row for the orbit of line 3"));
  CHECK_THAT(
      said_of(std::string(kHeader) + kRows[0] + kRows[1]),
      Contains("surrogate.columns: ") && Contains("has no row for 1 orbit of the campaign; the first: space \"fcc\""));
  CHECK_THAT(said_of(std::string(kHeader) + kRows[0] + "fcc,2×1×1,2,01,a,2\n" + kRows[2]),
             Contains("has no row for 1 orbit") &&
                 Contains("t.csv:3: no orbit as hullscan enumerate writes it: expected the occupation 10, found 01"));
  CHECK_THAT(said_of(whole_table() + "fcc,2×1×1,1,0,a,2\n"),
             Contains("t.csv:5:15: occupation: expected 2 characters") && Contains("spreadsheet"));
  CHECK_THAT(said_of(whole_table() + "fcc,2×1×1,1,12,a,2\n"),
             Contains("t.csv:5:16: occupation: expected 0 to 1 at site 2"));
  CHECK_THAT(said_of(whole_table() + "Fcc,2×1×1,1,11,a,2\n"), Contains("t.csv:5:1: space: expected one of \"fcc\""));
  CHECK_THAT(said_of(whole_table() + "fcc,3×1×1,1,11,a,2\n"), Contains("t.csv:5:5: supercell: \"3×1×1\" is none of"));
  CHECK_THAT(said_of(std::string(kHeader) + kRows[0] + "fcc,2×1×1,4,10,a,2\n" + kRows[2]),
             Contains("t.csv:3: degeneracy: the orbit of this occupation has 2, and the row says 4"));
}

TEST_CASE("an orbit of a composition that the campaign does not search is named", "[campaign][columns]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "t.csv", whole_table());
  const fs::path file = write_fcc_campaign(folder.path(), "supercell = [2, 1, 1]\nconstraints = [\"Al >= 1\"]\n",
                                           "[[surrogate]]\nkind = \"ridge\"\ncolumns = \"t.csv\"\n");

  CHECK_THAT(refusal<InputError>([&] { (void)resolve_campaign(file); }),
             Contains("an orbit of composition Ni2, which space \"fcc\" does not search"));
}

TEST_CASE("a column is of numbers or of words, and both at once is refused where it begins", "[campaign][columns]") {
  const std::string mixed = std::string(kHeader) + kRows[0] + "fcc,2×1×1,2,10,7,2\n" + kRows[2];
  CHECK_THAT(said_of(mixed), Contains("t.csv:3:18: net: expected a word, as in line 2 (\"b\"), found \"7\"") &&
                                 Contains("categories = [\"net\"]"));
  CHECK(said_of(mixed, "columns = { file = \"t.csv\", categories = \"net\" }") == "");
  CHECK_THAT(said_of(std::string(kHeader) + kRows[0] + "fcc,2×1×1,2,10,a,\n" + kRows[2]),
             Contains("t.csv:3:20: size: expected a number, found \"\""));
  CHECK_THAT(said_of(std::string(kHeader) + kRows[0] + "fcc,2×1×1,2,10,,2\n" + kRows[2],
                     "columns = { file = \"t.csv\", categories = \"net\" }"),
             Contains("t.csv:3:18: net: expected a word, found nothing"));
}

TEST_CASE("a model that takes no columns is refused by name, a wrong column with what there is",
          "[campaign][columns]") {
  CHECK_THAT(
      said_of(whole_table(), "pairs = 4.5\ncolumns = \"t.csv\"", "cluster-expansion"),
      Contains("surrogate.columns: a model of kind \"cluster-expansion\" takes no columns from a table; \"ridge\""));
  CHECK_THAT(said_of(whole_table(), "columns = { file = \"t.csv\", only = [\"nte\"] }"),
             Contains("no column \"nte\" that a model could take") && Contains("did you mean \"net\""));
  CHECK_THAT(said_of("space,supercell,occupation\ns,2×1×1,00\n"), Contains("no column besides those"));
  CHECK_THAT(said_of(whole_table(), "columns = \"nothing.csv\""),
             Contains("nothing.csv: cannot be read: no such file"));
  CHECK_THAT(said_of(whole_table(), "columns = 3"), Contains("surrogate.columns: expected the name of a table"));
}
