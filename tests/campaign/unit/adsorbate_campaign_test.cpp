// The campaign of an adsorbate on a slab: its files are read again, and distances in it follow from the geometry.
#include "campaign/drafts/adsorbate_campaign.hpp"

#include <catch2/catch.hpp>

#include "../../files.hpp"
#include "core/campaign/campaign.hpp"
#include "core/errors.hpp"
#include "enumerator/files/crystal_reader.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

constexpr double kHeight = 20;  ///< Å, of the cell
constexpr double kBond = 1.13;  ///< Å, of CO

/// One atom of copper in a square cell, 5 Å above its floor.
Structure copper(double a) {
  return {Lattice::from_parameters(a, a, kHeight, 90, 90, 90),
          {Species::from_symbol("Cu")},
          {Fractional{{0, 0, 5 / kHeight}}}};
}

/// @param z Å above the floor of the cell.
Surface::AdsorptionSite site(const std::string& name, double x, double y, double z) {
  return {name, 1, 0, Fractional{{x, y, z / kHeight}}};
}

Adsorbate molecule(const std::vector<std::string>& symbols, const std::vector<double>& heights) {
  Adsorbate result{"molecule", {}, {}};
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    result.species.push_back(Species::from_symbol(symbols[i]));
    result.offsets.emplace_back(0, 0, heights[i]);
  }
  return result;
}
Adsorbate carbon_monoxide() { return molecule({"C", "O"}, {0, kBond}); }

Campaign campaign_in(const AdsorbateCampaign& written) {
  return parse_campaign(written.files.at("campaign.toml"), "campaign.toml");
}

/// The distance of the only rule about this species and a vacancy.
double distance_to_vacancies(const SpaceSpec& space, const std::string& symbol) {
  for (const MinimumDistance& rule : space.minimum_distances) {
    if (rule.a == Species::from_symbol(symbol) && rule.b.is_vacancy()) return rule.angstrom;
  }
  return 0;
}

}  // namespace

TEST_CASE("an adsorbate is an element or a structure file, whose box may cut the molecule", "[campaign][slab]") {
  const Adsorbate oxygen = read_adsorbate("O");
  CHECK((oxygen.name == "O" && oxygen.species == std::vector{Species::from_symbol("O")}));
  CHECK(oxygen.offsets.at(0).norm() == 0);
  CHECK_THROWS_AS(read_adsorbate("Qx"), InputError);

  const TemporaryFolder folder;
  const fs::path file = folder.path() / "CO.vasp";
  write_file(file, "CO\n1.0\n10 0 0\n0 10 0\n0 0 10\nC O\n1 1\nDirect\n0.05 0 0.99\n0.95 0 0.103\n");
  const Adsorbate cut = read_adsorbate(file.string());
  CHECK(cut.name == "CO");
  CHECK(cut.species == std::vector{Species::from_symbol("C"), Species::from_symbol("O")});
  CHECK(cut.offsets.at(0).norm() == 0);
  // From 9.9 Å through the top of the box to 1.03 Å, and from 0.5 Å through its side to 9.5 Å.
  CHECK((cut.offsets.at(1) - Eigen::Vector3d(-1, 0, 1.13)).norm() < 1e-9);
}

TEST_CASE("a molecule stands on its site, within the cell", "[campaign][slab]") {
  const Structure one = with_adsorbate(copper(4), Fractional{{0.5, 0, 19.5 / kHeight}}, carbon_monoxide());

  REQUIRE(one.atom_count() == 3);
  CHECK(one.composition() == Composition::from_formula("CuCO"));
  CHECK((one.positions[1].x - Eigen::Vector3d(0.5, 0, 0.975)).norm() < 1e-9);
  CHECK((one.positions[2].x - Eigen::Vector3d(0.5, 0, 0.63 / kHeight)).norm() < 1e-9);
}

TEST_CASE("an atom has one space over all classes of sites", "[campaign][slab]") {
  const AdsorbateCampaign written = adsorbate_campaign(
      "Cu", copper(4), {site("top1", 0, 0, 7), site("bridge1", 0.5, 0, 6.5), site("bridge1", 0, 0.5, 6.5)},
      read_adsorbate("O"));

  CHECK(written.remarks.empty());
  REQUIRE(written.files.size() == 2);
  const Campaign campaign = campaign_in(written);
  CHECK(campaign.name == "Cu-O");
  REQUIRE(campaign.spaces.size() == 1);
  const SpaceSpec& space = campaign.spaces[0];
  CHECK(space.structure == "slab-sites.cif");
  CHECK(space.sublattices.at(0).sites == std::vector<std::string>{"bridge1", "top1"});
  CHECK(space.sublattices[0].species.at(0).rest);
  CHECK(space.sublattices[0].species.at(1).counts(12) == std::vector<int>{0, 1, 2});
  CHECK(space.minimum_distances.at(0).angstrom == 2);

  const TemporaryFolder folder;
  write_file(folder.path() / "slab-sites.cif", written.files.at("slab-sites.cif"));
  const Crystal crystal = read_crystal(folder.path() / "slab-sites.cif");
  std::map<std::string, int> labels;
  for (const CrystalSite& one : crystal.sites) ++labels[one.label];
  CHECK(labels == std::map<std::string, int>{{"Cu_slab1", 1}, {"top1", 1}, {"bridge1", 2}});
  CHECK(crystal.lattice.lengths_angstrom().isApprox(Eigen::Vector3d(4, 4, kHeight)));
}

TEST_CASE("a molecule has a space for each class of sites, and its atoms come and go together", "[campaign][slab]") {
  const AdsorbateCampaign written =
      adsorbate_campaign("Cu", copper(4), {site("top1", 0, 0, 7), site("hollow1", 0.5, 0.5, 6.5)}, carbon_monoxide());

  CHECK(written.remarks.empty());
  CHECK(written.files.count("slab-top1.cif") + written.files.count("slab-hollow1.cif") == 2);
  const Campaign campaign = campaign_in(written);
  REQUIRE(campaign.spaces.size() == 2);
  for (const SpaceSpec& space : campaign.spaces) {
    INFO(space.name);
    CHECK(space.structure == "slab-" + space.name + ".cif");
    REQUIRE(space.constraints.size() == 1);
    CHECK(space.constraints[0].text == space.name + ".C == " + space.name + "_2.O");
    REQUIRE(space.sublattices.size() == 2);
    CHECK(space.sublattices[1].sites == std::vector<std::string>{space.name + "_2"});
    // The other atom's place is 1.13 Å away, the next molecule's at least 4 - 1.13 Å.
    CHECK(distance_to_vacancies(space, "O") == Approx(kBond + 0.2));
    CHECK(distance_to_vacancies(space, "C") == 0);
    CHECK(space.minimum_distances.size() == 2);  // and C from C
  }
}

TEST_CASE("where molecules stand close the distance lies halfway between within and without", "[campaign][slab]") {
  const std::vector<Surface::AdsorptionSite> sites = {site("top1", 0, 0, 7)};
  // Across the cell of 2.6 Å the next one is no nearer than 2.6 - 1.13 = 1.47 Å.
  const Campaign close = campaign_in(adsorbate_campaign("Cu", copper(2.6), sites, carbon_monoxide()));
  CHECK(distance_to_vacancies(close.spaces.at(0), "O") == Approx((1.13 + 1.47) / 2));

  // Two of one class that are 1.4 Å apart, in a cell of 6 Å.
  const std::vector<Surface::AdsorptionSite> pair = {site("bridge1", 0, 0, 7), site("bridge1", 1.4 / 6, 0, 7)};
  const Campaign paired = campaign_in(adsorbate_campaign("Cu", copper(6), pair, carbon_monoxide()));
  CHECK(distance_to_vacancies(paired.spaces.at(0), "O") == Approx((1.13 + 1.4) / 2).margin(1e-4));
}

TEST_CASE("between atoms of one element in a molecule there is no rule that would forbid it", "[campaign][slab]") {
  const Campaign campaign =
      campaign_in(adsorbate_campaign("Cu", copper(4), {site("top1", 0, 0, 7)}, molecule({"O", "O"}, {0, 1.2})));

  REQUIRE(campaign.spaces.at(0).minimum_distances.size() == 1);
  CHECK(distance_to_vacancies(campaign.spaces[0], "O") == Approx(1.4));
}

TEST_CASE("a class of sites on which whole molecules cannot be told from mixed ones is left out, with the reason",
          "[campaign][slab]") {
  // The next molecule's places are 2.3 - 1.13 = 1.17 Å away, 0.04 Å farther than the own.
  const AdsorbateCampaign tight = adsorbate_campaign("Cu", copper(2.3), {site("top1", 0, 0, 7)}, carbon_monoxide());
  CHECK(tight.files.empty());
  REQUIRE(tight.remarks.size() == 2);
  CHECK_THAT(tight.remarks[0], Contains("top1: molecule is left out of the campaign: its O lies up to 1.13 Å") &&
                                   Contains("1.17 Å from a place of another molecule"));
  CHECK_THAT(tight.remarks[1], Contains("no campaign.toml is written"));

  // An atom of the slab on the second atom's place: the molecule is upside down. On the other class it fits.
  const AdsorbateCampaign reversed = adsorbate_campaign(
      "Cu", copper(4), {site("top1", 0, 0, 6.2), site("hollow1", 0.5, 0.5, 6.2)}, molecule({"C", "O"}, {0, -kBond}));
  REQUIRE(reversed.remarks.size() == 1);
  CHECK_THAT(reversed.remarks[0], Contains("top1: molecule is left out") && Contains("0.07 Å from each other"));
  CHECK(campaign_in(reversed).spaces.size() == 1);
  CHECK(campaign_in(reversed).spaces[0].name == "hollow1");
}

TEST_CASE("atoms of the slab that are of the molecule's element count as places of others", "[campaign][slab]") {
  // An oxygen of the slab 1.2 Å beside the molecule's: nearer than the rule for its own places may be.
  Structure slab = copper(6);
  slab.species.push_back(Species::from_symbol("O"));
  slab.positions.push_back(Fractional{{1.2 / 6, 0, (7 + kBond) / kHeight}});

  const AdsorbateCampaign written = adsorbate_campaign("CuO", slab, {site("top1", 0, 0, 7)}, carbon_monoxide());

  REQUIRE_FALSE(written.remarks.empty());
  CHECK_THAT(written.remarks[0], Contains("1.20 Å from a place of another molecule or of the slab"));
}
