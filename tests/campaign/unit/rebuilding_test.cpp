// A lost or damaged database made again, called as a function.
#include "campaign/rebuilding.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "campaign/verification.hpp"
#include "small_campaign.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

/// Orbits and configurations of all finished units of the survey.
std::pair<BigInteger, BigInteger> sums(const CampaignStore& store) {
  std::pair<BigInteger, BigInteger> all{0, 0};
  for (const auto& [stratum, totals] : store.unit_totals(0)) {
    all.first += totals.orbits;
    all.second += totals.labelled;
  }
  return all;
}

}  // namespace

TEST_CASE("every orbit is found again from the shards alone", "[campaign][rebuilding]") {
  const EnumeratedCampaign campaign;
  const auto before = sums(campaign.store());
  campaign.lose_database_and_backup();

  const RebuiltLedger ledger = rebuild_ledger(campaign.directory());

  CHECK_FALSE(ledger.was_sound);
  CHECK_FALSE(ledger.from_backup);
  CHECK(ledger.units == campaign.shards().size());
  CHECK(ledger.orbits == before.first);
  CHECK(ledger.given_up.empty());
  CHECK(ledger.set_aside.empty());
  CHECK(sums(campaign.store()) == before);
  CHECK(campaign.store().pass_complete(0));
  CHECK(verify_campaign(campaign.directory(), 0).faults.empty());
}

TEST_CASE("a shard that is cut short is named, and its unit is open", "[campaign][rebuilding]") {
  const EnumeratedCampaign campaign;
  const StoredShard cut = campaign.shards().back();
  const std::size_t before = campaign.shards().size();
  campaign.lose_database_and_backup();
  fs::resize_file(cut.file, cut.begin + cut.bytes / 2);
  const LogRead log;

  const RebuiltLedger ledger = rebuild_ledger(campaign.directory());

  CHECK(ledger.units == before - 1);
  CHECK(campaign.store().open_units(0).size() == 1);
  CHECK_FALSE(campaign.store().pass_complete(0));
}

TEST_CASE("a composition whose only shard is lost is searched again by the next run", "[campaign][rebuilding]") {
  const EnumeratedCampaign campaign;
  const auto before = sums(campaign.store());
  const auto totals = campaign.store().unit_totals(0);
  const auto alone = std::find_if(totals.begin(), totals.end(),
                                  [](const auto& one) { return one.second.total == 1 && one.second.orbits > 0; });
  REQUIRE(alone != totals.end());
  const auto unit = campaign.store().finished_units(0, alone->first).front();
  campaign.lose_database_and_backup();
  StoredShard{campaign.directory() / unit.shard->file_name, unit.shard->begin, unit.shard->bytes}.erase();

  rebuild_ledger(campaign.directory());

  CHECK_FALSE(campaign.store().pass_complete(0));
  CHECK(sums(campaign.store()).first == before.first - alone->second.orbits);
  run_campaign(write_enumeration(campaign.folder()), campaign.directory());
  CHECK(sums(campaign.store()) == before);
}

TEST_CASE("a shard of another campaign is named and left out", "[campaign][rebuilding]") {
  const EnumeratedCampaign campaign;
  TemporaryFolder elsewhere;
  run_campaign(write_enumeration(elsewhere.path(), 1), elsewhere.path() / "c");
  const StoredShard foreign = stored_shards(elsewhere.path() / "c").front();
  const std::size_t own = campaign.shards().size(), others = stored_shards(elsewhere.path() / "c").size();
  fs::copy_file(foreign.file, campaign.directory() / "units" / "s-elsewhere-1-0.seg");
  REQUIRE(campaign.shards().size() == own + others);
  campaign.lose_database_and_backup();
  const LogRead log;

  const RebuiltLedger ledger = rebuild_ledger(campaign.directory());

  CHECK(ledger.units == own);
  CHECK_THAT(log.text(), Contains("units/s-elsewhere-1-0.seg@64: it belongs to another campaign and is left out"));
}

TEST_CASE("a sound database is left as it is", "[campaign][rebuilding]") {
  const EnumeratedCampaign campaign;
  const auto before = sums(campaign.store());

  const RebuiltLedger ledger = rebuild_ledger(campaign.directory());

  CHECK(ledger.was_sound);
  CHECK(ledger.units == 0);
  CHECK(sums(campaign.store()) == before);
  CHECK_FALSE(fs::exists(campaign.directory() / "campaign.damaged-1.db"));
}

TEST_CASE("a damaged database is kept under another name", "[campaign][rebuilding]") {
  const EnumeratedCampaign campaign;
  campaign.lose_database_and_backup();
  write_file(campaign.directory() / "campaign.db", "not a database");

  const RebuiltLedger ledger = rebuild_ledger(campaign.directory());

  CHECK(ledger.set_aside == std::vector<std::pair<std::string, std::string>>{{"campaign.db", "campaign.damaged-1.db"}});
  CHECK(read_file(campaign.directory() / "campaign.damaged-1.db") == "not a database");
  CHECK(ledger.units == campaign.shards().size());
}

TEST_CASE("calculations come back from the backup", "[campaign][rebuilding]") {
  const CalculatedCampaign campaign;
  const auto before = campaign.store().task_counts();
  campaign.lose_database();

  const RebuiltLedger ledger = rebuild_ledger(campaign.directory());

  CHECK(ledger.from_backup);
  CHECK(campaign.store().task_counts() == before);
}

TEST_CASE("a folder without inputs is not a campaign directory", "[campaign][rebuilding]") {
  const TemporaryFolder folder;

  CHECK_THAT(refusal<StorageError>([&] { rebuild_ledger(folder.path()); }), Contains("inputs/campaign.toml"));
}
