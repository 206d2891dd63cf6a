// Disks that are full or read-only. Needs root (for a small tmpfs, and to become nobody); says so where it is not.
#include <sys/mount.h>
#include <sys/stat.h>

#include <iostream>

#include "storage/campaign_lock.hpp"
#include "storage/durable_file.hpp"
#include "storage/shard_ledger.hpp"
#include "storage/shard_reader.hpp"
#include "storage/shard_writer.hpp"
#include "storage_testing.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

class SmallDisk {
 public:
  explicit SmallDisk(const std::string& size) {
    mounted_ = ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
    if (!mounted_) std::cout << "SKIPPED: cannot mount a small tmpfs here (needs root)\n";
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }
  /// Leaves about this many bytes.
  void fill_up_to(std::uintmax_t left) const {
    const auto available = std::filesystem::space(path()).available;
    if (available > left) overwrite(path() / "filler", std::string(available - left, 'x'));
  }
  void make_room() const { std::filesystem::remove(path() / "filler"); }

 private:
  TemporaryFolder folder_;
  bool mounted_ = false;
};

}  // namespace

TEST_CASE("on a full disk no campaign is half begun", "[storage][disk]") {
  for (const std::uintmax_t left : {0U, 4096U, 16384U, 40960U, 65536U}) {
    const SmallDisk disk("1m");
    if (!disk.mounted()) return;
    disk.fill_up_to(left);

    const auto message =
        message_of<StorageError>([&] { (void)CampaignStore::create_or_open(disk.path() / "run", sample_campaign()); });

    INFO(left << ": " << message);
    CHECK_FALSE(message.empty());
    CHECK(names_in(disk.path()) == std::vector<std::string>{"filler"});
    disk.make_room();
    CHECK_NOTHROW(CampaignStore::create_or_open(disk.path() / "run", sample_campaign()));
  }
}

TEST_CASE("a disk that fills up costs nothing that was stored, and the campaign goes on when there is room",
          "[storage][disk]") {
  for (const bool network : {false, true}) {
    const SmallDisk disk("2m");
    if (!disk.mounted()) return;
    auto store = std::make_unique<CampaignStore>(
        CampaignStore::create_or_open(disk.path(), sample_campaign(), {.network_file_system = network}));
    disk.fill_up_to(200'000);
    int stored = 0;
    const auto message = message_of<StorageError>([&] {
      for (;; ++stored) store->remember("text " + std::to_string(stored), std::string(10'000, 'x'));
    });
    CHECK_THAT(message, Catch::Contains("full"));

    CHECK(store->recall("text 0").has_value());
    CHECK_FALSE(store->recall("text " + std::to_string(stored)).has_value());
    disk.make_room();
    store->remember("text " + std::to_string(stored), "now there is room");
    store.reset();

    auto again = CampaignStore::create_or_open(disk.path(), sample_campaign());
    CHECK(again.check_integrity().empty());
    for (int i = 0; i <= stored; ++i) CHECK(again.recall("text " + std::to_string(i)).has_value());
  }
}

TEST_CASE("a shard that does not fit is a clear error and leaves the earlier ones", "[storage][disk]") {
  for (const std::uintmax_t left : {2048U, 60'000U, 150'000U, 400'000U}) {
    const SmallDisk disk("2m");
    if (!disk.mounted()) return;
    ShardWriter writer(disk.path(), "6f1c", 0);
    const WorkUnit unit = whole_stratum(0);
    writer.begin(unit, kModel);
    writer.add(1, 1);
    const ShardReceipt earlier = writer.publish(unit);
    disk.fill_up_to(left);

    const auto message = message_of<StorageError>([&] {
      writer.begin(unit, kModel);
      std::uint64_t noise = 1;
      for (int i = 0; i < 400'000; ++i) {
        noise = noise * 6364136223846793005ULL + 1442695040888963407ULL;
        writer.add(noise >> 60U, static_cast<std::int32_t>(noise >> 32U));
      }
      (void)writer.publish(unit);
    });

    INFO(left);
    CHECK_THAT(message, Catch::Contains("No space left on device"));
    CHECK(names_in(disk.path() / "units").size() == 1);
    CHECK(verify_shards(disk.path(), std::vector<ShardRecord>{{earlier, 0, unit}}).empty());
    disk.make_room();
    writer.begin(unit, kModel);
    writer.add(2, 2);
    CHECK(read_shard(disk.path(), writer.publish(unit)).degeneracies == std::vector<std::uint64_t>{2});
  }
}

TEST_CASE("a status file that does not fit leaves the old one", "[storage][disk]") {
  const SmallDisk disk("1m");
  if (!disk.mounted()) return;
  write_durably(disk.path() / "status.json", "old");
  disk.fill_up_to(4096);

  const auto message =
      message_of<StorageError>([&] { write_durably(disk.path() / "status.json", std::string(100'000, 'x')); });

  CHECK_THAT(message, Catch::Contains("No space left on device"));
  CHECK(file_text(disk.path() / "status.json") == "old");
  CHECK(names_in(disk.path()) == std::vector<std::string>{"filler", "status.json"});
}

TEST_CASE("a directory that may only be read is refused before anything is written, and can be read",
          "[storage][disk]") {
  const TemporaryFolder folder;
  const auto finished = folder.path() / "finished";
  const auto empty = folder.path() / "empty";
  {
    auto store = CampaignStore::create_or_open(finished, sample_campaign());
    store.remember("a", "1");
  }
  std::filesystem::create_directory(empty);
  ::chmod(folder.path().c_str(), 0555);
  ::chmod(finished.c_str(), 0555);
  ::chmod((finished / "campaign.db").c_str(), 0444);
  ::chmod(empty.c_str(), 0555);
  const auto as_nobody = [](const std::function<void()>& work) {
    return in_child("", [&] {
      if (::getuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(98);
      work();
    });
  };

  CHECK(ended_with(as_nobody([&] { (void)CampaignStore::create_or_open(finished, sample_campaign()); }), 5));
  CHECK(ended_with(as_nobody([&] { (void)CampaignStore::create_or_open(empty, sample_campaign()); }), 5));
  CHECK(
      ended_with(as_nobody([&] { (void)CampaignStore::create_or_open(folder.path() / "new", sample_campaign()); }), 5));
  CHECK(ended_with(as_nobody([&] { const CampaignLock lock(empty); }), 5));
  CHECK(ended_with(as_nobody([&] {
                     ShardWriter writer(empty, "6f1c", 0);
                     writer.begin(whole_stratum(0), kModel);
                     (void)writer.publish(whole_stratum(0));
                   }),
                   5));
  CHECK(ended_with(as_nobody([&] { write_durably(empty / "status.json", "{}"); }), 5));
  CHECK(names_in(empty).empty());
  CHECK(ended_with(as_nobody([&] {
                     const auto store = CampaignStore::open_read_only(finished);
                     if (store.recall("a") != "1") ::_exit(97);
                   }),
                   0));
  for (const auto& path : {folder.path(), finished, empty}) ::chmod(path.c_str(), 0755);
}
