// tests/data/storage/shard-v*.h5 and archive-v*.seg were written by the hullscans whose shards have these formats.
// Every later one must read in them what their README says.
#include "storage/shard_files.hpp"
#include "storage/shard_reader.hpp"
#include "storage_testing.hpp"

using namespace hullscan;
using namespace hullscan::test;

TEST_CASE("the shards of an archive file are those that were put into it", "[storage][shard][golden]") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "units");
  const auto data = std::filesystem::path(HULLSCAN_TEST_DATA) / "storage";
  std::filesystem::copy_file(data / "archive-v1.seg", folder.path() / "units" / "a.seg");
  const std::string alone = file_text(data / "shard-v2.h5");

  const std::vector<FoundShard> found = find_shards(folder.path());

  REQUIRE(found.size() == 2);
  CHECK(found[0].receipt.begin == 64);
  CHECK(found[1].receipt.begin == 64 + alone.size() + 64);
  for (const FoundShard& shard : found) {
    CHECK(shard.fault.empty());
    const auto bytes = bytes_of(folder.path(), shard.receipt);
    CHECK(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()) == alone);
    CHECK(read_shard(folder.path(), shard.receipt).degeneracies == read_shard(data / "shard-v2.h5").degeneracies);
  }
}

TEST_CASE("a shard of every format is read as what was written to it", "[storage][shard][golden]") {
  const Stratum stratum{1, 2, 3};
  for (const int version : {1, 2}) {
    INFO("format " << version);
    const auto file =
        std::filesystem::path(HULLSCAN_TEST_DATA) / "storage" / ("shard-v" + std::to_string(version) + ".h5");

    const Shard shard = read_shard(file);
    const std::vector<Candidate> best = ShardReader(file).best();

    CHECK(shard.header.campaign_identity == "6f1c");
    CHECK(shard.header.pass == 3);
    CHECK(shard.header.unit == WorkUnit{42, stratum, {}, {7, 0xffffffffU, 1}});
    CHECK(shard.header.model_hash == kModel);
    REQUIRE(shard.degeneracies.size() == 1000);
    REQUIRE(shard.energies.size() == 1000);
    int wrong = 0;
    for (std::size_t i = 0; i < 1000; ++i) {
      wrong += shard.degeneracies[i] == 1 + i % 48 && shard.energies[i] == static_cast<int>(13 * i) - 500000 ? 0 : 1;
    }
    CHECK(wrong == 0);
    CHECK(best == (version == 1
                       ? std::vector<Candidate>{}
                       : std::vector<Candidate>{{stratum, {0, 1, 1}, 6, -1234567890123}, {stratum, {1, 0, 1}, 3, 5}}));
  }
}
