/// @file
/// Counting and enumerating a campaign, called as functions.

#include "campaign/enumeration.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "campaign/counting.hpp"
#include "campaign/resolved_campaign.hpp"
#include "chain_labels.hpp"
#include "core/errors.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

LoadedCampaign fcc(const std::string& space, const std::string& rest = "") {
  const TemporaryFolder folder;
  return load_campaign(write_fcc_campaign(folder.path(), space, rest));
}

/// Keeps what it is given.
class Collector final : public OrbitWriter {
 public:
  struct Row {
    std::size_t supercell, composition;
    std::optional<std::size_t> marker;
    std::vector<std::uint8_t> occupation;
    auto operator<=>(const Row&) const = default;
  };
  void add(const OrbitRow& row) override {
    CHECK(row.index == rows.size());
    rows.push_back({row.supercell, row.composition, row.marker, {row.occupation.begin(), row.occupation.end()}});
    degeneracy += row.degeneracy;
    with_space_group += row.space_group ? 1 : 0;
  }
  void finish() override { ++finished; }

  std::vector<Row> rows;
  std::uint64_t degeneracy = 0;
  std::size_t with_space_group = 0;
  int finished = 0;
};

constexpr const char* kNoNeighbours =
    "supercell = [[-1, 1, 1], [1, -1, 1], [1, 1, -1]]\nmin_distance = [{ pair = [\"Ni\", \"Ni\"], angstrom = 3.0 }]\n";
constexpr const char* kMarkedPair = "[[space.marker]]\npair = [\"Al\", \"Al\"]\nmax_distance = 3.0\n";

}  // namespace

TEST_CASE("fcc of two to four atoms has the 17 superstructures of Hart and Forcade", "[campaign][counting]") {
  // Phys. Rev. B 77, 224115 (2008), figure 2: 2, 3 and 12, one of two that differ by an exchange of the elements. So
  // with at most half Ni: the structures of half Al and half Ni are their own partners.
  const LoadedCampaign loaded = fcc("volume = [2, 4]\n");

  const CampaignCount counted = count_campaign(loaded.spaces, false);

  std::map<std::int64_t, BigInteger> by_atoms;
  for (const SupercellCount& supercell : counted.spaces.front().supercells) {
    for (const CompositionCount& one : supercell.compositions) {
      const std::int64_t aluminium = one.first.named_counts().at("Al.Al"),
                         nickel = one.first.named_counts().at("Al.Ni");
      if (nickel <= aluminium) by_atoms[aluminium + nickel] += one.count.inequivalent;
    }
  }
  CHECK(by_atoms == std::map<std::int64_t, BigInteger>{{2, 2}, {3, 3}, {4, 12}});
}

TEST_CASE("counts of compositions sum to those of supercells, and these to all", "[campaign][counting]") {
  const LoadedCampaign loaded = fcc("supercell = [2, 2, 2]\n");

  const CampaignCount counted = count_campaign(loaded.spaces, false);

  const SupercellCount& supercell = counted.spaces.front().supercells.front();
  BigInteger total = 0, inequivalent = 0;
  for (const CompositionCount& one : supercell.compositions) {
    total += one.count.total;
    inequivalent += one.count.inequivalent;
  }
  CHECK(supercell.compositions.size() == 9);
  CHECK(total == 256);  // 2^8
  CHECK(supercell.count == OrbitCount{total, inequivalent});
  CHECK(counted.count == supercell.count);
  CHECK(counted.space_groups.empty());
}

TEST_CASE("space groups and marked orbits share each composition out", "[campaign][counting]") {
  const LoadedCampaign loaded = fcc("supercell = [2, 2, 2]\n", kMarkedPair);
  std::vector<BigInteger> progress;

  const CampaignCount counted =
      count_campaign(loaded.spaces, true, [&](const BigInteger& done) { progress.push_back(done); });

  OrbitCount of_groups{0, 0};
  for (const auto& [number, count] : counted.space_groups) {
    of_groups.total += count.total;
    of_groups.inequivalent += count.inequivalent;
  }
  CHECK(of_groups == counted.count);
  for (const CompositionCount& one : counted.spaces.front().supercells.front().compositions) {
    OrbitCount of_markers{0, 0};
    for (const MarkerCount& marker : one.markers) {
      REQUIRE(marker.count.has_value());
      of_markers.total += marker.count->total;
      of_markers.inequivalent += marker.count->inequivalent;
    }
    CHECK(of_markers == one.count);
  }
  CHECK(std::is_sorted(progress.begin(), progress.end()));
  CHECK(progress.back() == counted.count.inequivalent);
}

TEST_CASE("what minimum distances leave is counted by enumeration", "[campaign][counting]") {
  const LoadedCampaign loaded = fcc(kNoNeighbours);

  const CampaignCount counted = count_campaign(loaded.spaces, false);

  // The conventional cell of four atoms that are all neighbours: no Ni, or one on any of the four.
  CHECK(counted.count == OrbitCount{5, 2});
}

TEST_CASE("everything that is counted is enumerated once, numbered through, and the file finished",
          "[campaign][enumeration]") {
  for (const auto& [space, rest] : {std::pair{"volume = [1, 4]\n", ""}, std::pair{"supercell = [2, 2, 2]\n", ""},
                                    std::pair{kNoNeighbours, ""}, std::pair{"supercell = [2, 2, 2]\n", kMarkedPair}}) {
    const LoadedCampaign loaded = fcc(space, rest);
    const auto strata = list_strata(loaded.spaces, loaded.campaign.seed);
    Collector writer;

    const CampaignEnumeration result = enumerate_strata(strata, {loaded.campaign.seed, &writer, false, {}});

    INFO(space << rest);
    CHECK(result.sums == count_campaign(loaded.spaces, false).count);
    CHECK(writer.rows.size() == result.sums.inequivalent);
    CHECK(writer.degeneracy == result.sums.total);
    CHECK(std::set(writer.rows.begin(), writer.rows.end()).size() == writer.rows.size());
    CHECK(writer.finished == 1);
    CHECK(writer.with_space_group == 0);
    CHECK(result.samples.empty());
  }
}

TEST_CASE("without a writer the same is counted, with space groups every row has one", "[campaign][enumeration]") {
  const LoadedCampaign loaded = fcc("volume = [1, 4]\n");
  const auto strata = list_strata(loaded.spaces, 0);
  Collector writer;

  const CampaignEnumeration counted = enumerate_strata(strata, {});
  const CampaignEnumeration written = enumerate_strata(strata, {0, &writer, true, {}});

  CHECK(counted.sums == written.sums);
  CHECK(writer.with_space_group == 29);
  CHECK(expected_configurations(strata) == 29);
}

TEST_CASE("a sample draws what it asks for, from the seed, and takes whole what has no more",
          "[campaign][enumeration]") {
  const LoadedCampaign loaded = fcc("supercell = [2, 2, 2]\nsample = { per_composition = 2 }\n");
  const auto strata = list_strata(loaded.spaces, 5);
  Collector first, again, other;

  const CampaignEnumeration result = enumerate_strata(strata, {5, &first, false, {}});
  (void)enumerate_strata(strata, {5, &again, false, {}});
  (void)enumerate_strata(strata, {6, &other, false, {}});

  CHECK(first.rows == again.rows);
  CHECK(first.rows != other.rows);
  std::size_t with_more = 0;
  BigInteger rows = 0;
  const CampaignCount counted = count_campaign(loaded.spaces, false);
  for (const CompositionCount& one : counted.spaces.front().supercells.front().compositions) {
    with_more += one.count.inequivalent > 2 ? 1 : 0;
    rows += std::min<BigInteger>(2, one.count.inequivalent);
  }
  REQUIRE(with_more > 0);
  CHECK(result.samples.size() == with_more);
  for (const DrawnSample& sample : result.samples) CHECK(sample.outcome.drawn == 2);
  CHECK(first.rows.size() == rows);
  CHECK(expected_configurations(strata) == rows.convert_to<double>());
}

TEST_CASE("a sample of a whole space is shared out among its compositions", "[campaign][enumeration]") {
  const LoadedCampaign loaded = fcc("supercell = [2, 2, 2]\nsample = { per_space = 7 }\n");

  const auto strata = list_strata(loaded.spaces, 5);

  std::uint64_t asked = 0;
  for (const ListedStratum& stratum : strata) asked += stratum.asked.value();
  CHECK(asked == 7);
}

TEST_CASE("what cannot be finished is refused unless it costs what it may; samples never are",
          "[campaign][enumeration]") {
  const LoadedCampaign small = fcc("supercell = [2, 2, 2]\n"), large = fcc("supercell = [5, 5, 5]\n"),
                       drawn = fcc("supercell = [5, 5, 5]\nsample = { per_composition = 2 }\n");
  const auto of_large = list_strata(large.spaces, 0);

  CHECK_NOTHROW(require_possible(list_strata(small.spaces, 0), small.spaces, std::nullopt, false));
  CHECK_THROWS_AS(require_possible(of_large, large.spaces, std::nullopt, false), InputError);
  CHECK_NOTHROW(require_possible(of_large, large.spaces, std::nullopt, true));
  CHECK_NOTHROW(require_possible(list_strata(drawn.spaces, 0), drawn.spaces, std::nullopt, true));
}
