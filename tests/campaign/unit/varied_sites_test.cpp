// Which sites vary together in a campaign that `hullscan init` writes, and the text of their sublattices.
#include "campaign/drafts/varied_sites.hpp"

#include <catch2/catch.hpp>

#include "core/errors.hpp"
#include "diagonal_crystal.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

using Sites = std::vector<std::size_t>;
constexpr double kSymprec = 1e-3;

/// Sites as `init --vary` takes them.
VariedSites asked(const Crystal& crystal, const Sites& sites, const std::vector<std::string>& added) {
  VariedSites varied = varied_sites(crystal, sites);
  varied.added = added;
  return varied;
}

struct Written {
  std::vector<SublatticeText> sublattices;
  std::vector<std::string> remarks;
};
Written written(const Crystal& crystal, const std::vector<VariedSites>& all, int cells) {
  Written result;
  result.sublattices = sublattice_texts(crystal, all, cells, kSymprec, result.remarks);
  return result;
}

std::vector<Sites> sites_of(const std::vector<VariedSites>& all) {
  std::vector<Sites> sites;
  for (const VariedSites& varied : all) sites.push_back(varied.sites);
  return sites;
}

}  // namespace

TEST_CASE("an element names every site that holds some of it, other names what a campaign file selects",
          "[campaign][init]") {
  const auto crystal = crystal_of({{"Li"}, {"Li:0.5 Va:0.5"}, {"Ni"}, {"O"}});
  const auto named = [&](const std::string& name) { return sites_named(*crystal, name, kSymprec, "--vary"); };

  CHECK(named("Li") == Sites{0, 1});
  CHECK(named("Va") == Sites{1});
  CHECK(named("S3") == Sites{2});
  CHECK(named("#3..4") == Sites{2, 3});
  CHECK_THROWS_WITH(named("Co"), Contains("--vary: matches no site: no site \"Co\""));
}

TEST_CASE("sites that are asked for twice vary once, by all the species of both", "[campaign][init]") {
  const auto crystal = crystal_of({{"Li"}, {"Li"}, {"Ni"}, {"O"}});
  std::vector<VariedSites> all;
  add_variation(all, asked(*crystal, {0, 1}, {"Va"}));
  add_variation(all, asked(*crystal, {3}, {"F"}));
  REQUIRE(sites_of(all) == std::vector<Sites>{{0, 1}, {3}});

  add_variation(all, asked(*crystal, {1, 2}, {"Mn"}));

  REQUIRE(sites_of(all) == std::vector<Sites>{{3}, {0, 1, 2}});
  CHECK(all[1].added == std::vector<std::string>{"Va", "Mn"});
  CHECK(all[1].atoms == std::map<std::string, double>{{"Li", 2}, {"Ni", 1}});
}

TEST_CASE("mixed sites vary together if their occupancies differ by no more than 0.005", "[campaign][init]") {
  const auto crystal = crystal_of(
      {{"Ni:0.5 Co:0.5"}, {"O"}, {"Ni:0.504 Co:0.496"}, {"Ni:0.51 Co:0.49"}, {"Ni:0.5 Fe:0.5"}, {"Li:0.5 Va:0.5"}});
  std::vector<VariedSites> all;
  add_mixed_sites(*crystal, all);
  REQUIRE(sites_of(all) == std::vector<Sites>{{0, 2}, {3}, {4}, {5}});
  CHECK(all[0].atoms.at("Ni") == Approx(1.004));
  CHECK(all[3].atoms == std::map<std::string, double>{{"Li", 0.5}, {"Va", 0.5}});

  std::vector<VariedSites> others = {asked(*crystal, {2, 5}, {"Mg"})};
  add_mixed_sites(*crystal, others);
  CHECK(sites_of(others) == std::vector<Sites>{{2, 5}, {0}, {3}, {4}});
}

TEST_CASE("species take the whole range, and mixed sites show the file's own composition beside it",
          "[campaign][init]") {
  const auto crystal = crystal_of({{"Li"}, {"Li"}, {"Ni:0.7 Co:0.3"}, {"O"}});
  std::vector<VariedSites> all = {asked(*crystal, {0, 1}, {"Va", "Li"})};
  add_mixed_sites(*crystal, all);

  const Written result = written(*crystal, all, 4);

  REQUIRE(result.sublattices.size() == 2);
  CHECK(result.sublattices[0].sites == "\"Li\"");
  CHECK(result.sublattices[0].species == "Li = \"rest\", Va = \"0%..100%\"");
  CHECK(result.sublattices[0].of_file.empty());
  CHECK(result.sublattices[1].species == "Co = \"rest\", Ni = \"0%..100%\"");
  // 2.8 Ni and 1.2 Co in four cells.
  CHECK(result.sublattices[1].of_file == "Ni = \"rest\", Co = 1");
  CHECK(result.remarks.empty());
}

TEST_CASE("mixed sites of more than 20,000 compositions take the file's own, in whole atoms", "[campaign][init]") {
  // Three species on n sites: (n + 1)(n + 2) / 2 compositions, 19,900 for 198 and 20,100 for 199.
  const auto crystal = crystal_of({{"Ni:0.5 Co:0.3 Fe:0.2"}, {"O"}});
  std::vector<VariedSites> all;
  add_mixed_sites(*crystal, all);

  const Written some = written(*crystal, all, 198);
  CHECK(some.remarks.empty());
  CHECK(some.sublattices.at(0).species == "Co = \"rest\", Fe = \"0%..100%\", Ni = \"0%..100%\"");
  const Written many = written(*crystal, all, 199);
  REQUIRE(many.remarks.size() == 1);
  CHECK_THAT(many.remarks[0], Contains("the file's own is written, rounded to whole atoms"));
  // 99.5 Ni, 59.7 Co and 39.8 Fe: two atoms are left over after rounding down, for the largest remainders.
  CHECK(many.sublattices.at(0).species == "Ni = \"rest\", Co = 60, Fe = 40");
  CHECK(many.sublattices[0].of_file.empty());
}

TEST_CASE("species of --vary with more than 500,000 compositions take few atoms each", "[campaign][init]") {
  // Four species on n sites: (n + 1)(n + 2)(n + 3) / 6 compositions, 497,640 for 142 and 508,080 for 143. Three
  // species of 0 to 78 atoms: 79^3 = 493,039; of 0 to 79: 512,000.
  const auto crystal = crystal_of({{"Li"}, {"O"}});
  const std::vector<VariedSites> all = {asked(*crystal, {0}, {"Va", "Na", "K"})};

  CHECK(written(*crystal, all, 142).remarks.empty());
  const Written many = written(*crystal, all, 143);
  REQUIRE(many.remarks.size() == 1);
  CHECK_THAT(many.remarks[0], Contains("at most 78 atoms of each are written"));
  CHECK(many.sublattices.at(0).species == "Li = \"rest\", Va = \"0..78\", Na = \"0..78\", K = \"0..78\"");

  // Mixed sites beside them take the file's own composition then: 100.1 Ni and 42.9 Co.
  const auto both = crystal_of({{"Li"}, {"Ni:0.7 Co:0.3"}});
  std::vector<VariedSites> sites = {asked(*both, {0}, {"Va", "Na", "K"})};
  add_mixed_sites(*both, sites);
  const Written narrowed = written(*both, sites, 143);
  CHECK(narrowed.remarks.size() == 2);
  CHECK(narrowed.sublattices.at(1).species == "Ni = \"rest\", Co = 43");
}

TEST_CASE("a sublattice that its sites do not name in a word is called by its commonest element, each time anew",
          "[campaign][init]") {
  const auto crystal = crystal_of(
      {{"Li"}, {"Li"}, {"Li"}, {"Li"}, {"Li", "Li-5"}, {"Ni"}, {"Na:0.3 K:0.1 Va:0.6"}, {"Na:0.3 K:0.1 Va:0.6"}});
  std::vector<std::string> taken;
  const auto named = [&](const Sites& sites) { return named_sublattice(*crystal, sites, kSymprec, taken); };

  const SublatticeText label = named({2});
  CHECK((label.sites == "\"S3\"" && label.name.empty()));
  const SublatticeText two = named({0, 1});
  CHECK((two.sites == "[\"S1\", \"S2\"]" && two.name == "Li"));
  const SublatticeText dashed = named({4});
  CHECK((dashed.sites == "\"Li-5\"" && dashed.name == "Li_2"));
  const SublatticeText element = named({5});
  CHECK((element.sites == "\"Ni\"" && element.name.empty()));
  const SublatticeText mixed = named({6, 7});
  CHECK((mixed.sites == "\"Na\"" && mixed.name.empty()));
  CHECK(named({6, 7}).name == "Na_2");  // vacancies are commoner still
  CHECK(taken == std::vector<std::string>{"S3", "Li", "Li_2", "Ni", "Na", "Na_2"});
}

TEST_CASE("the list of sites has a line for each label and occupants, and numbers where labels are not enough",
          "[campaign][init]") {
  const auto crystal =
      crystal_of({{"Li", "M1"}, {"Li", "M1"}, {"Ni:0.5 Co:0.5", "M1"}, {"O", "O1"}, {"Li", "M1"}, {"O", "O1"}});

  CHECK(site_list(*crystal) ==
        "#   M1       3 × Li   #1..2, #5\n"
        "#   M1       1 × 0.5 Co + 0.5 Ni   #3\n"
        "#   O1       2 × O\n");
}
