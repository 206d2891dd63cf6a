// Parts of a campaign joined, called as a function.
#include "campaign/merging.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <set>

#include "campaign/verification.hpp"
#include "small_campaign.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

/// The enumeration of fcc supercells, searched in two parts.
struct TwoParts {
  TemporaryFolder folder;
  fs::path first = folder.path() / "p1", second = folder.path() / "p2", target = folder.path() / "joined";
  explicit TwoParts(int largest = 4) {
    const fs::path file = write_enumeration(folder.path(), largest);
    run_campaign(file, first, Part{1, 2});
    run_campaign(file, second, Part{2, 2});
  }
};

/// Places and contents.
std::set<std::string> shard_names(const fs::path& directory) {
  std::set<std::string> names;
  for (const ShardRecord& record : CampaignStore::open_read_only(directory).shards())
    names.insert(fmt::format("{} {} {}", record.receipt.begin, record.receipt.bytes, record.receipt.checksum));
  return names;
}

/// Orbits and configurations of every stratum.
std::map<Stratum, std::pair<BigInteger, BigInteger>> books(const fs::path& directory) {
  std::map<Stratum, std::pair<BigInteger, BigInteger>> sums;
  for (const auto& [stratum, totals] : CampaignStore::open_read_only(directory).unit_totals(0))
    sums[stratum] = {totals.orbits, totals.labelled};
  return sums;
}

}  // namespace

TEST_CASE("two parts joined have the shards of both and the books of a whole run", "[campaign][merging]") {
  const TwoParts parts;
  const EnumeratedCampaign whole;

  const MergedCampaign merged = merge_parts({parts.first, parts.second}, parts.target);

  CHECK(merged.parts == 2);
  CHECK_FALSE(merged.computes);
  std::set<std::string> both = shard_names(parts.first);
  both.merge(shard_names(parts.second));
  CHECK(shard_names(parts.target) == both);
  CHECK(books(parts.target) == books(whole.directory()));
  CHECK(CampaignStore::open_read_only(parts.target).pass_complete(0));
  CHECK(verify_campaign(parts.target, 1).faults.empty());
}

TEST_CASE("the order in which parts are given does not change the report", "[campaign][merging]") {
  const TwoParts parts(3);
  merge_parts({parts.first, parts.second}, parts.target);

  merge_parts({parts.second, parts.first}, parts.folder.path() / "other");

  CHECK(read_file(parts.folder.path() / "other" / "report" / "report.json") ==
        read_file(parts.target / "report" / "report.json"));
}

TEST_CASE("what a missing part leaves out is named, and nothing is made", "[campaign][merging]") {
  const TwoParts parts;

  const std::string said = refusal<InputError>([&] { merge_parts({parts.second}, parts.target); });

  CHECK_THAT(said, Contains("the parts given (2/2) are not the whole campaign"));
  CHECK_THAT(said, Contains("is missing"));
  CHECK_FALSE(fs::exists(parts.target));
}

TEST_CASE("parts of two campaigns are refused, and both are named", "[campaign][merging]") {
  const TwoParts parts(4), others(3);

  const std::string said = refusal<InputError>([&] { merge_parts({parts.first, others.second}, parts.target); });

  CHECK(said == others.second.string() + ": it belongs to another campaign than " + parts.first.string());
  CHECK_FALSE(fs::exists(parts.target));
}

TEST_CASE("everything that is wrong with the directories is said at once", "[campaign][merging]") {
  const TwoParts parts(3);
  const EnumeratedCampaign whole;

  const std::string said = refusal<InputError>([&] {
    merge_parts({parts.first, parts.first, whole.directory()}, parts.target);
  });

  CHECK_THAT(said, Contains(parts.first.string() + ": part 1/2 was given already"));
  CHECK_THAT(said, Contains(whole.directory().string() + ": it is not a part"));
}

TEST_CASE("a part with a damaged shard is refused by the name of the shard", "[campaign][merging]") {
  const TwoParts parts(3);
  const StoredShard shard = stored_shards(parts.second).front();
  std::string bytes = shard.record();
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  shard.replace_record(bytes);

  const std::string said = refusal<StorageError>([&] { merge_parts({parts.first, parts.second}, parts.target); });

  CHECK(said == (parts.second / shard.name()).string() + ": its checksum differs; run that part again first");
  CHECK_FALSE(fs::exists(parts.target));
}
