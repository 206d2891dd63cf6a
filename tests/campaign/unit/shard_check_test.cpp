// Stored orbits are checked by the workers before a campaign goes on.
#include "scheduler/shard_check.hpp"

#include <catch2/catch.hpp>
#include <deque>
#include <set>

#include "campaign/units.hpp"
#include "scheduler/worker_errors.hpp"
#include "small_campaign.hpp"
#include "workers/thread_link.hpp"
#include "workers/worker_loop.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

/// Workers that serve a campaign directory. Not for longer than the loaded campaign lives.
std::unique_ptr<ThreadLink> workers_of(const LoadedCampaign& loaded, const fs::path& directory, std::size_t count) {
  return std::make_unique<ThreadLink>(count, [&loaded, directory](WorkerLink& link) {
    UnitRunner runner(runner_parts(loaded.campaign, loaded.spaces, directory, "", nullptr));
    serve(link, runner);
  });
}

/// Says what it was given to say, one message after the other.
class ScriptedLink final : public MasterLink {
 public:
  explicit ScriptedLink(std::vector<WorkerMessage> script) : script_(script.begin(), script.end()) {}
  [[nodiscard]] std::size_t worker_count() const override { return 1; }
  void send(std::size_t, const MasterMessage& message) override { sent.push_back(message); }
  std::optional<std::pair<std::size_t, WorkerMessage>> receive(std::chrono::milliseconds) override {
    if (script_.empty()) return std::nullopt;
    std::pair<std::size_t, WorkerMessage> said{0, script_.front()};
    script_.pop_front();
    return said;
  }
  std::vector<MasterMessage> sent;

 private:
  std::deque<WorkerMessage> script_;
};

}  // namespace

TEST_CASE("the workers find every damaged shard, and go on as if they had just come", "[campaign][shard_check]") {
  const EnumeratedCampaign campaign;
  const LoadedCampaign loaded = load_stored_campaign(campaign.directory());
  const std::vector<ShardRecord> ledger = campaign.store().shards();
  const auto shards = campaign.shards();
  REQUIRE(shards.size() > 8);
  std::mt19937 random(3);
  shards[2].flip_bit(random);
  shards[7].erase();
  for (const std::size_t workers : {1U, 3U}) {
    const auto link = workers_of(loaded, campaign.directory(), workers);

    const auto bad = check_shards(*link, campaign.directory(), ledger, {.spread_from = 0});

    REQUIRE(bad.has_value());
    REQUIRE(bad->size() == 2);
    CHECK(hullscan::name_of(bad->at(0).record.receipt) == shards[2].name());
    CHECK(hullscan::name_of(bad->at(1).record.receipt) == shards[7].name());
    CHECK(bad->at(1).reason == "its header is damaged");
    std::set<std::size_t> greeted;
    for (std::size_t i = 0; i < workers; ++i) {
      const auto said = link->receive(std::chrono::seconds(30));
      REQUIRE(said.has_value());
      if (std::holds_alternative<WorkerHello>(said->second)) greeted.insert(said->first);
    }
    CHECK(greeted.size() == workers);
  }
}

TEST_CASE("a check ends when it is asked to stop, and names a worker of another version", "[campaign][shard_check]") {
  const EnumeratedCampaign campaign;
  const std::vector<ShardRecord> ledger = campaign.store().shards();
  ScriptedLink silent({});
  CHECK_FALSE(check_shards(silent, campaign.directory(), ledger, {.stop = [] { return true; }, .spread_from = 0}));
  CHECK_THROWS_AS(check_shards(silent, campaign.directory(), ledger, {.lease_s = 0.01, .spread_from = 0}), WorkerLost);

  ScriptedLink older({WorkerHello{kProtocolVersion - 1, "node7", 4711}});
  CHECK_THROWS_WITH(check_shards(older, campaign.directory(), ledger, {.spread_from = 0}),
                    Contains("worker 0 on node7 speaks protocol"));
  CHECK(older.sent.empty());
}

TEST_CASE("only shards of files that have changed, or may have, are read again", "[campaign][shard_check]") {
  const std::vector<ShardRecord> ledger = {{{"units/a.seg", 10, "", 1, 64}, 0, {}},
                                           {{"units/a.seg", 10, "", 1, 138}, 0, {}},
                                           {{"units/b.seg", 10, "", 1, 64}, 0, {}},
                                           {{"units/c.seg", 10, "", 1, 64}, 0, {}}};
  const std::vector<ArchiveState> known = {{"units/a.seg", 148, 5}, {"units/b.seg", 74, 6}};

  const auto read =
      without_unchanged(ledger, known, {{"units/a.seg", 148, 5}, {"units/b.seg", 74, 7}, {"units/c.seg", 74, 8}});

  REQUIRE(read.size() == 2);
  CHECK(read[0].receipt.file_name == "units/b.seg");
  CHECK(read[1].receipt.file_name == "units/c.seg");
}
