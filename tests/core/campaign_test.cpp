/// @file
/// What a campaign file says, and how it is refused. Expected values follow from docs/campaign-file.md.

#include "core/campaign/campaign.hpp"

#include <catch2/catch.hpp>

#include "core/errors.hpp"

namespace hullscan {
namespace {

using Catch::Contains;
using Counts = std::vector<int>;

const std::string kSublattice = "[[space.sublattice]]\nsites = \"Pb\"\nspecies = { Pb = \"rest\", Zn = \"0..2\" }\n";

/// A campaign of one space. @param space its own keys. @param others tables besides it.
std::string text_with(const std::string& space, const std::string& others = "") {
  return "name = \"t\"\n[[space]]\nstructure = \"x.cif\"\n" + space + "\n" + kSublattice + others;
}
Campaign parsed(const std::string& text) { return parse_campaign(text, "folder/c.toml"); }
SpaceSpec space_with(const std::string& space) { return parsed(text_with(space)).spaces.at(0); }

std::string refusal(const std::string& text) {
  try {
    (void)parsed(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}
std::string refusal_of_space(const std::string& space) { return refusal(text_with(space)); }

std::string with_count(const std::string& zinc) {
  return "name = \"t\"\n[[space]]\nstructure = \"x.cif\"\n[[space.sublattice]]\nsites = \"Pb\"\n"
         "species = { Pb = \"0..6\", Zn = " +
         zinc + " }\n";
}
Counts counts(const std::string& zinc, int sites) {
  return parsed(with_count(zinc)).spaces.at(0).sublattices.at(0).species.at(1).counts(sites);
}

/// "2 A.Ti - 1 B.Va >= 1"
std::string line_of(const LinearConstraint& constraint) {
  std::string line;
  for (const auto& term : constraint.terms) {
    line += (term.coefficient < 0 ? " - " : " + ") + std::to_string(std::abs(term.coefficient)) + " " +
            (term.sublattice.empty() ? "" : term.sublattice + ".") + std::string(term.species.symbol());
  }
  const bool equal = constraint.relation == LinearConstraint::Relation::kEqual;
  const bool less = constraint.relation == LinearConstraint::Relation::kLessEqual;
  return line + (equal ? " == " : less ? " <= " : " >= ") + std::to_string(constraint.bound);
}
std::string constraint(const std::string& text) { return line_of(parse_constraint(text, {"c.toml", 3, 4})); }

}  // namespace

TEST_CASE("counts are numbers, ranges and shares of the sublattice's sites", "[core][campaign]") {
  CHECK(counts("3", 6) == Counts{3});
  CHECK(counts("9", 6).empty());
  CHECK(counts("\"0..2\"", 6) == Counts{0, 1, 2});
  CHECK(counts("\" 4 .. 9 \"", 6) == Counts{4, 5, 6});
  CHECK(counts("\"50%\"", 6) == Counts{3});
  CHECK(counts("\"50%\"", 5).empty());  // 2.5 sites
  CHECK(counts("\"5%..10%\"", 40) == Counts{2, 3, 4});
  CHECK(counts("\"5%..10%\"", 16) == Counts{1});           // 0.8 to 1.6
  CHECK(counts("\"33.3%..100%\"", 3) == Counts{1, 2, 3});  // from 0.999
  CHECK(counts("[3, \"0..1\", \"50%\"]", 6) == Counts{0, 1, 3});
  const CountRule list = parsed(with_count("[3, \"0..1\"]")).spaces[0].sublattices[0].species[1];
  CHECK((list.text == "3, 0..1" && !list.rest));
}

TEST_CASE("what is no count is refused where it stands", "[core][campaign]") {
  for (const char* zinc : {"-1", "\"-1..2\"", "\"3..1\"", "\"5%..7\"", "\"101%\"", "\"1.5\"", "\"few\"", "\"\"", "2.5",
                           "true", "[]", "[1, \"few\"]", "\"nan\"", "\"1..\""}) {
    INFO(zinc);
    const std::string message = refusal(with_count(zinc));
    CHECK_THAT(message, Catch::StartsWith("folder/c.toml:6:"));
    CHECK_THAT(message, Contains("space.sublattice.species.Zn: expected a number of sites"));
  }
  CHECK_THAT(refusal(with_count("[\"rest\", 1]")), Contains("found \"rest\" inside a list"));
  CHECK_THAT(refusal(text_with("") + "[[space.sublattice]]\nsites = \"O\"\nspecies = { O = \"rest\", F = \"rest\" }\n"),
             Contains("only one species can take the rest"));
}

TEST_CASE("a constraint has everything with a species on the left and the number on the right", "[core][campaign]") {
  CHECK(constraint("Fe.Ti == K.Va") == " + 1 Fe.Ti - 1 K.Va == 0");
  CHECK(constraint("Zn + Cd <= 4") == " + 1 Zn + 1 Cd <= 4");
  CHECK(constraint("2*A.Ti - B.Va>=1") == " + 2 A.Ti - 1 B.Va >= 1");
  CHECK(constraint("2 <= Zn") == " - 1 Zn <= -2");
  CHECK(constraint("3 Zn + 1 == 2Cd - 5") == " + 3 Zn - 2 Cd == -6");
  CHECK(constraint(" -Zn >= - 2 ") == " - 1 Zn >= -2");
}

TEST_CASE("a constraint that cannot be read says at which character", "[core][campaign]") {
  const auto fault = [](const std::string& text) {
    try {
      return constraint(text);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
  };
  CHECK(fault("Zn < 4") == "c.toml:3:4: constraint \"Zn < 4\", character 4: expected ==, <= or >=");
  CHECK_THAT(fault("Zn <= 4 )"), Contains("character 9: expected the end"));
  CHECK_THAT(fault("Zn <= 4 <= Cd"), Contains("character 9: expected the end"));
  CHECK_THAT(fault("Zn + Qq <= 4"), Contains("character 6: \"Qq\" is not a species"));
  CHECK_THAT(fault("A. == 1"), Contains("is not a species"));
  CHECK_THAT(fault("2* <= 1"), Contains("character 4: expected a species after the number"));
  CHECK_THAT(fault("+ <= 1"), Contains("character 3: expected a species, as in"));
  CHECK_THAT(fault("1000001 Zn <= 1"), Contains("number above 10^6"));
  CHECK_THAT(fault("4 <= 5"), Contains("names no species"));
}

TEST_CASE("a space has one constraint or a list of them, all of them texts", "[core][campaign]") {
  CHECK(space_with("constraints = \"Zn <= 4\"").constraints.size() == 1);
  const SpaceSpec two = space_with("constraints = [\"Zn <= 4\", \"Pb.Zn >= 1\"]");
  REQUIRE(two.constraints.size() == 2);
  CHECK(line_of(two.constraints[1]) == " + 1 Pb.Zn >= 1");
  const std::string both = refusal_of_space("constraints = [\"Zn < 4\", 3]");
  CHECK_THAT(both, Contains("c.toml:4:16: constraint \"Zn < 4\", character 4"));
  CHECK_THAT(both, Contains("c.toml:4:26: space.constraints: expected text such as \"Zn + Cd <= 4\", found integer"));
}

TEST_CASE("a supercell is three multiples, three rows or a range of volumes", "[core][campaign]") {
  const SpaceSpec diagonal = space_with("supercell = [2, 3, 1]");
  CHECK(std::get<SupercellMatrix>(diagonal.supercell) == SupercellMatrix(Eigen::Vector3i(2, 3, 1).asDiagonal()));
  CHECK(diagonal.superperiodic);
  const SpaceSpec rows = space_with("supercell = [[1, 1, 0], [0, 1, 1], [-1, 0, 2]]");
  CHECK(std::get<SupercellMatrix>(rows.supercell).row(2) == Eigen::RowVector3i(-1, 0, 2));
  CHECK(std::get<SupercellMatrix>(space_with("").supercell) == SupercellMatrix::Identity());
  const SpaceSpec volumes = space_with("volume = [2, 4]");
  CHECK(std::get<VolumeRange>(volumes.supercell) == VolumeRange{2, 4});
  CHECK_FALSE(volumes.superperiodic);  // smaller cells have them already
  CHECK(space_with("volume = 3\nsuperperiodic = true").superperiodic);
}

TEST_CASE("supercells and volumes that are none are refused", "[core][campaign]") {
  const std::string form = "space.supercell: expected three numbers >= 1";
  for (const char* cell : {"[2, 2]", "[2, 0, 1]", "2", "[2, 2, \"1\"]", "[[1, 0], [0, 1], [0, 0]]", "[2000000, 1, 1]",
                           "[[1, 0, 0], [0, -9223372036854775808, 0], [0, 0, 1]]"}) {
    INFO(cell);
    CHECK_THAT(refusal_of_space(std::string("supercell = ") + cell), Contains(form));
  }
  CHECK_THAT(refusal_of_space("supercell = [[1, 1, 0], [2, 2, 0], [0, 0, 1]]"), Contains("span no volume"));
  CHECK_THAT(refusal_of_space("supercell = [1, 1, 1]\nvolume = 2"), Contains("either supercell or volume"));
  CHECK_THAT(refusal_of_space("volume = 0"), Contains("lower bound 0, must be >= 1"));
  CHECK_THAT(refusal_of_space("volume = [4, 2]"), Contains("upper bound 2, must be >= 4"));
  CHECK_THAT(refusal_of_space("volume = 201"), Contains("upper bound 201, must be <= 200"));
  for (const char* volume : {"\"2\"", "[1]", "[1, 2, 3]", "1.5", "-9223372036854775808"}) {
    INFO(volume);
    CHECK_THAT(refusal_of_space(std::string("volume = ") + volume), Contains("space.volume: expected a number or"));
  }
}

TEST_CASE("oxidation states are integers, one or several, in ascending order", "[core][campaign]") {
  const SpaceSpec space = space_with("oxidation = { Pb = 2, Mn = [4, 3] }\ncharge_neutral = true");
  CHECK(space.charge_neutral);
  CHECK(space.oxidation.at(Species::from_symbol("Pb")) == std::vector<int>{2});
  CHECK(space.oxidation.at(Species::from_symbol("Mn")) == std::vector<int>{3, 4});
  for (const char* state : {"\"2\"", "2.5", "[]", "[2, \"3\"]", "-9223372036854775808"}) {
    INFO(state);
    CHECK_THAT(refusal_of_space(std::string("oxidation = { Pb = ") + state + " }"),
               Contains("space.oxidation.Pb: expected an integer or a list of integers"));
  }
  CHECK_THAT(refusal_of_space("charge_neutral = true"), Contains("space.charge_neutral: needs oxidation"));
}

TEST_CASE("a model with point charges takes those it does not name from the spaces", "[core][campaign]") {
  const auto charges = [](const std::string& surrogate) {
    const Campaign campaign =
        parsed(text_with("oxidation = { Pb = 2, Mn = [4, 3], Va = 0 }", "[[surrogate]]\n" + surrogate));
    std::map<std::string, std::vector<std::int64_t>> found;
    const Setting* table = campaign.surrogates.at(0).settings.find("oxidation");
    if (table == nullptr) return found;
    for (const auto& [symbol, setting] : std::get<SettingsTable>(table->value).entries) {
      if (const auto* list = std::get_if<std::vector<Setting>>(&setting.value)) {
        for (const Setting& one : *list) found[symbol].push_back(std::get<std::int64_t>(one.value));
      } else {
        found[symbol] = {std::get<std::int64_t>(setting.value)};
      }
    }
    return found;
  };
  using Charges = std::map<std::string, std::vector<std::int64_t>>;

  CHECK(charges("kind = \"electrostatic\"") == Charges{{"Pb", {2}}, {"Mn", {3, 4}}});
  CHECK(charges("kind = \"electrostatic\"\noxidation = { Mn = 2 }") == Charges{{"Pb", {2}}, {"Mn", {2}}});
  CHECK(charges("kind = \"cluster-expansion\"").empty());
  CHECK(charges("kind = \"cluster-expansion\"\nelectrostatic = false").empty());
  CHECK(charges("kind = \"cluster-expansion\"\nelectrostatic = true").size() == 2);
}

TEST_CASE("names of spaces and sublattices are made where there are none, and unique", "[core][campaign]") {
  const std::string another =
      "[[space]]\nstructure = \"y.cif\"\n[[space.sublattice]]\nsites = [\"O1\", \"O2\"]\n"
      "species = { O = \"rest\", F = 1 }\n";
  const Campaign two = parsed(text_with("", another));
  CHECK((two.spaces.at(0).name == "space1" && two.spaces.at(1).name == "space2"));
  CHECK(two.spaces[1].sublattices.at(0).name == "O1+O2");
  CHECK(two.spaces[1].structure == std::filesystem::path("folder/y.cif"));

  CHECK_THAT(refusal(text_with("name = \"space2\"", another)), Contains("\"space2\" is the name of an earlier space"));
  CHECK_THAT(refusal(text_with("", kSublattice)), Contains("\"Pb\" is the name of an earlier sublattice"));
  for (const char* name : {"a.b", "a b", "a,b"}) {
    INFO(name);
    CHECK_THAT(
        refusal(text_with("") + "[[space.sublattice]]\nname = \"" + name + "\"\nsites = \"O\"\nspecies = { O = 1 }"),
        Contains("a name is one word without dots"));
  }
}

TEST_CASE("distances, markers and samples are read, or refused", "[core][campaign]") {
  const SpaceSpec space = space_with(
      "min_distance = [{ pair = [\"Zn\", \"Va\"], angstrom = 3.5 }]\nsample = { per_space = 12, method = "
      "\"stratified\" }\n"
      "marker = [{ pair = [\"K\", \"K\"], max_distance = 4 }, { site = \"K\" }]");
  CHECK(space.minimum_distances.at(0).b.is_vacancy());
  CHECK(space.minimum_distances[0].angstrom == 3.5);
  CHECK((space.sample->per_space && space.sample->number == 12 && space.sample->method == "stratified"));
  CHECK(space.markers.at(0).sites == std::vector<std::string>{"K", "K"});
  CHECK(space.markers.at(1).sites == std::vector<std::string>{"K"});

  CHECK_THAT(refusal_of_space("min_distance = [{ pair = [\"Zn\"], angstrom = 3 }]"), Contains("expected two species"));
  CHECK_THAT(refusal_of_space("min_distance = [{ pair = [\"Zn\", \"Zn\"] }]"), Contains("angstrom: missing"));
  CHECK_THAT(refusal_of_space("marker = [{ pair = [\"K\", \"K\"] }]"), Contains("max_distance: missing"));
  CHECK_THAT(refusal_of_space("marker = [{ pair = [\"K\"], max_distance = 4 }]"), Contains("expected two entries"));
  CHECK_THAT(refusal_of_space("marker = [{ pair = [\"K\", \"K\"], site = \"K\" }]"),
             Contains("a marker is either pair"));
  CHECK_THAT(refusal_of_space("sample = { }"), Contains("space.sample.per_composition: missing"));
  CHECK_THAT(refusal_of_space("sample = { per_space = 3, per_composition = 2 }"), Contains("set this or"));
}

}  // namespace hullscan
