#include "storage/campaign_store.hpp"

#include "storage_testing.hpp"

using namespace hullscan;
using namespace hullscan::test;

TEST_CASE("a campaign directory is begun once and opened again", "[storage][campaign_store]") {
  const TemporaryFolder folder;
  const auto directory = folder.path() / "run";
  {
    auto store = CampaignStore::create_or_open(directory, sample_campaign());
    store.remember("counts", "{}");
    store.remember("counts", "{\"total\":\"64512240\"}");
  }

  auto store = CampaignStore::create_or_open(directory / "", sample_campaign());

  CHECK(store.identity() == sample_campaign());
  CHECK(store.recall("counts") == "{\"total\":\"64512240\"}");
  CHECK_FALSE(store.recall("nothing").has_value());
  CHECK(store.check_integrity().empty());
}

TEST_CASE("a text with any bytes is remembered exactly", "[storage][campaign_store]") {
  auto store = CampaignStore::in_memory(sample_campaign());
  const std::string text = std::string("a\0b", 3) + "Å\n";

  store.remember("", text);
  store.remember("", text);

  CHECK(store.recall("") == text);
}

TEST_CASE("a directory of another campaign is refused, both named", "[storage][campaign_store]") {
  const TemporaryFolder folder;
  (void)CampaignStore::create_or_open(folder.path(), sample_campaign());
  auto other = sample_campaign();
  other.name = "Cu-Au";

  const auto message = message_of<InputError>([&] { (void)CampaignStore::create_or_open(folder.path(), other); });

  CHECK_THAT(message, Catch::Contains("\"Al-Ni\""));
  CHECK_THAT(message, Catch::Contains("\"Cu-Au\""));
  CHECK_THAT(message, Catch::Contains("use another --dir"));
}

TEST_CASE("a campaign file that was changed is refused with the line that differs", "[storage][campaign_store]") {
  const TemporaryFolder folder;
  (void)CampaignStore::create_or_open(folder.path(), sample_campaign());
  auto changed = sample_campaign();
  changed.identity = "0000";
  changed.text = "name = \"Al-Ni\"\nseed = 8\n";

  const auto message = message_of<InputError>([&] { (void)CampaignStore::create_or_open(folder.path(), changed); });

  CHECK_THAT(message, Catch::Contains("line 2 was \"seed = 7\" and is \"seed = 8\""));
  CHECK_THAT(message, Catch::Contains("use another --dir, or restore the file"));
}

TEST_CASE("a comment in the campaign file changes nothing", "[storage][campaign_store]") {
  const TemporaryFolder folder;
  (void)CampaignStore::create_or_open(folder.path(), sample_campaign());
  auto commented = sample_campaign();  // same identity: the lead hashes what matters
  commented.text += "# a remark\n";

  CHECK_NOTHROW(CampaignStore::create_or_open(folder.path(), commented));
}

TEST_CASE("the parent of a campaign directory must exist", "[storage][campaign_store]") {
  const TemporaryFolder folder;

  const auto message = message_of<StorageError>(
      [&] { (void)CampaignStore::create_or_open(folder.path() / "a" / "b", sample_campaign()); });

  CHECK_THAT(message, Catch::Contains("a does not exist"));
  CHECK(names_in(folder.path()).empty());
}

TEST_CASE("a file in the place of the directory is refused", "[storage][campaign_store]") {
  const TemporaryFolder folder;
  overwrite(folder.path() / "run", "text");

  const auto message =
      message_of<StorageError>([&] { (void)CampaignStore::create_or_open(folder.path() / "run", sample_campaign()); });

  CHECK_THAT(message, Catch::Contains("is not a directory"));
}

TEST_CASE("a file that is not a database is refused and left alone", "[storage][campaign_store]") {
  const TemporaryFolder folder;
  const std::string text(5000, 'x');
  overwrite(folder.path() / "campaign.db", text);

  const auto message =
      message_of<StorageError>([&] { (void)CampaignStore::create_or_open(folder.path(), sample_campaign()); });

  CHECK_THAT(message, Catch::Contains("not a campaign database"));
  CHECK(file_text(folder.path() / "campaign.db") == text);
}

TEST_CASE("on a network file system nobody else can open the store", "[storage][campaign_store]") {
  const TemporaryFolder folder;
  {
    auto store = CampaignStore::create_or_open(folder.path(), sample_campaign(), {.network_file_system = true});
    store.remember("a", "1");
    CHECK_FALSE(std::filesystem::exists(folder.path() / "campaign.db-wal"));
    // A child: POSIX locks do not act within one process.
    CHECK(ended_with(in_child("", [&] { (void)CampaignStore::open_read_only(folder.path()); }), 5));
  }
  CHECK(CampaignStore::open_read_only(folder.path()).recall("a") == "1");
}

TEST_CASE("a store moves between local and network file systems", "[storage][campaign_store]") {
  const TemporaryFolder folder;
  for (const bool network : {false, true, false}) {
    auto store = CampaignStore::create_or_open(folder.path(), sample_campaign(), {.network_file_system = network});
    store.remember(network ? "network" : "local", "yes");
  }
  const auto store = CampaignStore::open_read_only(folder.path());
  CHECK(store.recall("network") == "yes");
  CHECK(store.recall("local") == "yes");
}

TEST_CASE("a store can be read while the master writes", "[storage][campaign_store]") {
  const TemporaryFolder folder;
  auto master = CampaignStore::create_or_open(folder.path(), sample_campaign());
  auto reader = CampaignStore::open_read_only(folder.path());

  master.remember("a", "1");

  CHECK(reader.recall("a") == "1");
  CHECK_THROWS_AS(reader.remember("a", "2"), StorageError);
}

TEST_CASE("a directory without a campaign is not made one by reading", "[storage][campaign_store]") {
  const TemporaryFolder folder;

  CHECK_THAT(message_of<StorageError>([&] { (void)CampaignStore::open_read_only(folder.path()); }),
             Catch::Contains("not a campaign directory"));
  CHECK_THAT(message_of<StorageError>([&] { (void)CampaignStore::open_existing(folder.path()); }),
             Catch::Contains("not a campaign directory"));
  CHECK(names_in(folder.path()).empty());
}
