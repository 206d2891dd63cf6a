// Stored facts against themselves, their files and a second computation, called as a function.
#include "campaign/verification.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>

#include "small_campaign.hpp"
#include "storage/detail/sqlite.hpp"
#include "storage/shard_reader.hpp"
#include "storage/shard_writer.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

sqlite::Database database_of(const FinishedCopy& campaign) {
  return {campaign.directory() / "campaign.db", sqlite::Access::kReadWrite};
}

TaskRecord a_task(const FinishedCopy& campaign) { return campaign.store().tasks().back(); }

std::string name_of(const TaskRecord& task) { return task.short_id + " (" + task.task.formula + ")"; }

}  // namespace

TEST_CASE("a finished campaign has no fault, and every unit computed again is the same", "[campaign][verification]") {
  const EnumeratedCampaign campaign;

  const Verification found = verify_campaign(campaign.directory(), 1);

  CHECK(found.faults.empty());
  CHECK(found.shards == campaign.shards().size());
  CHECK(found.recomputed == campaign.shards().size());
  CHECK(found.results == 0);
}

TEST_CASE("every result is compared with the files of its attempt", "[campaign][verification]") {
  const CalculatedCampaign campaign;

  const Verification found = verify_campaign(campaign.directory(), 0);

  CHECK(found.faults.empty());
  CHECK(found.results == 10);
  CHECK(found.compared == 10);
  CHECK(found.recomputed == 0);
}

TEST_CASE("one flipped byte of a stored energy is found, and its task is named", "[campaign][verification]") {
  const CalculatedCampaign campaign;
  const TaskRecord task = a_task(campaign);
  double energy_ev = task.result->converged.energy_ev;
  unsigned char bytes[sizeof(double)];
  std::memcpy(bytes, &energy_ev, sizeof bytes);
  bytes[0] ^= 1;  // the last digit, too small to be seen in a report
  std::memcpy(&energy_ev, bytes, sizeof bytes);
  database_of(campaign)
      .query("UPDATE result SET energy_ev = ? WHERE task = (SELECT id FROM task WHERE key = ?)", energy_ev,
             task.task.key)
      .run();

  const Verification found = verify_campaign(campaign.directory(), 0);

  REQUIRE(found.faults.size() == 1);
  CHECK(found.faults[0].what == name_of(task));
  CHECK_THAT(found.faults[0].why, Contains("the checksum differs"));
}

TEST_CASE("a result whose file says another energy is found, and its task is named", "[campaign][verification]") {
  const CalculatedCampaign campaign;
  const TaskRecord task = a_task(campaign);
  write_file(campaign.directory() / task.attempts.back().directory / "result.json",
             R"({"converged": true, "energy_ev": -1.25})");

  const Verification found = verify_campaign(campaign.directory(), 0);

  REQUIRE(found.faults.size() == 1);
  CHECK(found.faults[0].what == name_of(task));
  CHECK_THAT(found.faults[0].why, Contains("its files say -1.25000000"));
}

TEST_CASE("one flipped byte of a shard is found, and the shard is named", "[campaign][verification]") {
  const EnumeratedCampaign campaign;
  const StoredShard shard = campaign.shards().front();
  std::string bytes = shard.record();
  bytes[bytes.size() / 3] = static_cast<char>(bytes[bytes.size() / 3] ^ 4);
  shard.replace_record(bytes);

  const Verification found = verify_campaign(campaign.directory(), 0);

  REQUIRE(found.faults.size() == 1);
  CHECK(found.faults[0].what == shard.name());
  CHECK(found.faults[0].why == "its checksum differs");
}

TEST_CASE("a shard that is sound but not what its unit gives is found by computing it again",
          "[campaign][verification]") {
  const EnumeratedCampaign campaign;
  const std::vector<ShardRecord> ledger = campaign.store().shards();
  const auto not_empty =
      std::find_if(ledger.begin(), ledger.end(), [](const ShardRecord& one) { return one.receipt.orbits > 0; });
  REQUIRE(not_empty != ledger.end());
  const ShardRecord record = *not_empty;
  const Shard shard = read_shard(campaign.directory(), record.receipt);
  ShardWriter writer(campaign.directory(), shard.header.campaign_identity, shard.header.pass);
  writer.begin(shard.header.unit, shard.header.model_hash);
  for (std::size_t row = 0; row < shard.degeneracies.size(); ++row)
    writer.add(shard.degeneracies[row] + (row == 0 ? 1 : 0), {});
  const ShardReceipt other = writer.publish(shard.header.unit);
  database_of(campaign)
      .query("UPDATE shard SET file = ?, begin_byte = ?, bytes = ?, checksum = ? WHERE file = ? AND begin_byte = ?",
             other.file_name, other.begin, other.bytes, other.checksum, record.receipt.file_name, record.receipt.begin)
      .run();

  const Verification read = verify_campaign(campaign.directory(), 0);
  const Verification computed = verify_campaign(campaign.directory(), 1);

  CHECK(read.faults.empty());
  REQUIRE(computed.faults.size() == 1);
  CHECK(computed.faults[0].what == hullscan::name_of(other));
  CHECK_THAT(computed.faults[0].why, Contains("orbit 0: degeneracy"));
}
