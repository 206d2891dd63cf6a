#include "storage/shard_writer.hpp"

#include <algorithm>
#include <thread>

#include "core/hash.hpp"
#include "storage/shard_files.hpp"
#include "storage/shard_ledger.hpp"
#include "storage/shard_reader.hpp"
#include "storage_testing.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

WorkUnit sample_unit() { return {42, {1, 2, 3}, {}, {7, 0xffffffffU, 1}}; }

/// @param rows degeneracy 1 + i mod 48 and energy −500000 + 13 i.
ShardReceipt write_sample(const std::filesystem::path& directory, std::uint64_t rows,
                          const WorkUnit& unit = sample_unit()) {
  ShardWriter writer(directory, "6f1c", 3);
  writer.begin(unit, kModel);
  for (std::uint64_t i = 0; i < rows; ++i) writer.add(1 + i % 48, static_cast<std::int32_t>(13 * i) - 500000);
  return writer.publish(unit);
}

ShardRecord record_of(const ShardReceipt& receipt) { return {receipt, 3, sample_unit()}; }

}  // namespace

TEST_CASE("a shard is read as it was written", "[storage][shard]") {
  const TemporaryFolder folder;
  for (const std::uint64_t rows : {0ULL, 1ULL, 65535ULL, 65536ULL, 65537ULL, 200000ULL}) {
    const ShardReceipt receipt = write_sample(folder.path(), rows);
    const std::string file = file_text(folder.path() / receipt.file_name);

    const Shard shard = read_shard(folder.path(), receipt);

    CHECK(receipt.orbits == rows);
    CHECK(receipt.begin + receipt.bytes == file.size());
    CHECK(receipt.checksum == hash128_hex(file.substr(receipt.begin)));
    CHECK(shard.header.campaign_identity == "6f1c");
    CHECK(shard.header.pass == 3);
    CHECK(shard.header.unit == sample_unit());
    CHECK(shard.header.model_hash == kModel);
    REQUIRE(shard.degeneracies.size() == rows);
    std::uint64_t wrong = 0;
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < rows; ++i) {
      if (shard.degeneracies[i] != 1 + i % 48) ++wrong;
      if (shard.header.with_energy && shard.energies[i] != static_cast<std::int32_t>(13 * i) - 500000) ++wrong;
      sum += shard.degeneracies[i];
    }
    CHECK(wrong == 0);
    CHECK(shard.header.labelled == sum);
    CHECK(shard.header.with_energy == (rows > 0));
  }
}

TEST_CASE("a shard without a model has no energies", "[storage][shard]") {
  const TemporaryFolder folder;
  ShardWriter writer(folder.path(), "", 0);
  writer.begin(sample_unit(), 0);
  writer.add(8, std::nullopt);
  CHECK_THROWS_AS(writer.add(8, 3), Error);
  const auto receipt = writer.publish(sample_unit());

  const Shard shard = read_shard(folder.path(), receipt);

  CHECK_FALSE(shard.header.with_energy);
  CHECK(shard.header.campaign_identity.empty());
  CHECK(shard.energies.empty());
  CHECK(shard.degeneracies == std::vector<std::uint64_t>{8});
}

TEST_CASE("a degeneracy of any size fits, wherever it stands", "[storage][shard]") {
  const TemporaryFolder folder;
  const std::uint64_t rows = 150000;
  std::vector<std::uint64_t> wanted(rows, 7);
  wanted[70000] = 300;                   // in the second chunk: the column of bytes becomes one of 16 bits
  wanted[149999] = 0x1234567890abcdULL;  // in the last: 64 bits
  ShardWriter writer(folder.path(), "6f1c", 0);
  writer.begin(sample_unit(), kModel);
  for (const std::uint64_t degeneracy : wanted) writer.add(degeneracy, 0);

  const auto receipt = writer.publish(sample_unit());

  CHECK(read_shard(folder.path(), receipt).degeneracies == wanted);
}

TEST_CASE("a part of a shard can be read", "[storage][shard]") {
  const TemporaryFolder folder;
  const auto receipt = write_sample(folder.path(), 1000);
  const ShardReader reader(folder.path(), receipt);
  std::vector<std::uint64_t> degeneracies;
  std::vector<std::int32_t> energies;

  reader.read(998, 2, degeneracies, energies);

  CHECK(degeneracies == std::vector<std::uint64_t>{1 + 998 % 48, 1 + 999 % 48});
  CHECK(energies == std::vector<std::int32_t>{13 * 998 - 500000, 13 * 999 - 500000});
  CHECK_THROWS_AS(reader.read(999, 2, degeneracies, energies), StorageError);
}

TEST_CASE("the same unit written twice is the same bytes", "[storage][shard]") {
  const TemporaryFolder folder;

  const auto first = write_sample(folder.path(), 5000);
  const auto second = write_sample(folder.path(), 5000);

  CHECK(first.checksum == second.checksum);
  CHECK(name_of(first) != name_of(second));
  CHECK(verify_shards(folder.path(), std::vector{record_of(first), record_of(second)}).empty());
}

TEST_CASE("a process has one archive file, whatever it stores", "[storage][shard]") {
  const TemporaryFolder folder;
  const auto archive = std::make_shared<ShardArchive>(folder.path());
  std::vector<ShardRecord> ledger;
  for (int pass = 0; pass < 3; ++pass) {
    ShardWriter writer(archive, "6f1c", pass);
    for (std::uint64_t id = 0; id < 20; ++id) {
      WorkUnit unit = sample_unit();
      unit.id = id;
      writer.begin(unit, kModel);
      for (std::uint64_t row = 0; row < 10 + id; ++row) writer.add(row + 1, 3);
      ledger.push_back({writer.publish(unit), pass, unit});
    }
  }

  CHECK(names_in(folder.path() / "units").size() == 1);
  CHECK(verify_shards(folder.path(), ledger).empty());
  CHECK(verify_shards(folder.path(), ledger, 3).empty());
  int wrong = 0;
  for (const ShardRecord& record : ledger) {
    const Shard shard = read_shard(folder.path(), record.receipt);
    wrong += shard.header.unit == record.unit && shard.header.pass == record.pass &&
                     shard.degeneracies.size() == 10 + record.unit.id
                 ? 0
                 : 1;
  }
  CHECK(wrong == 0);
  const std::vector<FoundShard> found = find_shards(folder.path());
  REQUIRE(found.size() == ledger.size());
  CHECK(std::all_of(found.begin(), found.end(), [](const FoundShard& shard) { return shard.fault.empty(); }));
  CHECK(found.back().receipt.checksum == ledger.back().receipt.checksum);
}

TEST_CASE("shards behind one that is damaged or was not finished are found", "[storage][shard]") {
  const TemporaryFolder folder;
  const auto archive = std::make_shared<ShardArchive>(folder.path());
  ShardWriter writer(archive, "6f1c", 3);
  std::vector<ShardReceipt> receipts;
  for (int i = 0; i < 4; ++i) {
    writer.begin(sample_unit(), kModel);
    for (int row = 0; row < 100 + i; ++row) writer.add(1, row);
    receipts.push_back(writer.publish(sample_unit()));
  }
  const auto file = folder.path() / receipts[0].file_name;
  const std::string good = file_text(file);
  const auto names = [&] {
    std::vector<std::string> sound;
    for (const FoundShard& shard : find_shards(folder.path()))
      if (shard.fault.empty()) sound.push_back(name_of(shard.receipt));
    return sound;
  };
  const auto at = [&](std::size_t i) { return name_of(receipts[i]); };
  CHECK(names() == std::vector{at(0), at(1), at(2), at(3)});

  std::string bad = good;
  bad[receipts[1].begin - 50] ^= 1;  // its length
  overwrite(file, bad);
  CHECK(names() == std::vector{at(0), at(2), at(3)});
  bad = good;
  bad[receipts[2].begin + 200] ^= 1;
  overwrite(file, bad);
  CHECK(names() == std::vector{at(0), at(1), at(3)});
  overwrite(file, good.substr(0, good.size() - 1));
  CHECK(names() == std::vector{at(0), at(1), at(2)});
  overwrite(file, good + good.substr(0, 100) + std::string(5000, '\0'));
  CHECK(names() == std::vector{at(0), at(1), at(2), at(3)});
}

TEST_CASE("files that have not changed since their shards were good are known by size and time", "[storage][shard]") {
  const TemporaryFolder folder;
  const auto a = write_sample(folder.path(), 10), b = write_sample(folder.path(), 11);
  const std::vector<ShardRecord> ledger = {record_of(a), record_of(b)};
  const auto before = states_of_files(folder.path(), ledger);
  REQUIRE(before.size() == 2);
  auto store = CampaignStore::in_memory(sample_campaign());
  store.remember_archives(before);
  CHECK(store.archives() == before);

  std::filesystem::last_write_time(folder.path() / b.file_name, std::filesystem::file_time_type::clock::now());
  const auto after = states_of_files(folder.path(), ledger);
  CHECK(after[0] == before[0]);
  CHECK_FALSE(after[1] == before[1]);
  std::filesystem::remove(folder.path() / a.file_name);
  CHECK(states_of_files(folder.path(), ledger) == std::vector{after[1]});
}

TEST_CASE("a shard that is not published leaves nothing", "[storage][shard]") {
  const TemporaryFolder folder;
  {
    ShardWriter writer(folder.path(), "6f1c", 0);
    writer.begin(sample_unit(), kModel);
    writer.add(1, 1);
    writer.begin(sample_unit(), kModel);
    writer.add(1, 1);
  }
  CHECK_FALSE(std::filesystem::exists(folder.path() / "units"));
}

TEST_CASE("a shard can only be published as the unit that it was begun for", "[storage][shard]") {
  const TemporaryFolder folder;
  ShardWriter writer(folder.path(), "6f1c", 0);
  CHECK_THROWS_AS(writer.publish(sample_unit()), Error);
  CHECK_THROWS_AS(writer.add(1, 1), Error);
  writer.begin(sample_unit(), kModel);
  WorkUnit other = sample_unit();
  other.id = 43;
  CHECK_THROWS_AS(writer.publish(other), Error);
  WorkUnit shorter = sample_unit();
  shorter.end = {6};
  CHECK_NOTHROW(writer.publish(shorter));
}

TEST_CASE("every flipped bit is detected by the ledger's checksum, and none makes the reader fall",
          "[storage][shard]") {
  const TemporaryFolder folder;
  const auto receipt = write_sample(folder.path(), 3000);
  const auto file = folder.path() / receipt.file_name, alone = folder.path() / "alone.h5";
  const std::string good = file_text(file);
  const Shard wanted = read_shard(folder.path(), receipt);
  int silent = 0;
  int wrong = 0;
  for (std::uint64_t flip = 0; flip < 400; ++flip) {
    const std::uint64_t bit = random_bits(1, flip) % (8 * good.size());
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(static_cast<unsigned char>(bad[bit / 8]) ^ (1U << (bit % 8)));
    overwrite(file, bad);
    if (verify_shards(folder.path(), std::vector{record_of(receipt)}).size() != 1) ++silent;
    CHECK_THROWS_AS(read_shard(folder.path(), receipt), StorageError);
    overwrite(alone, bad.substr(receipt.begin));
    try {
      const Shard got = read_shard(alone);
      if (got.degeneracies != wanted.degeneracies || got.energies != wanted.energies) ++wrong;
    } catch (const StorageError&) {
    }
  }
  CHECK(silent == 0);
  CHECK(wrong == 0);  // fletcher32 on every chunk
}

TEST_CASE("a truncated, missing or exchanged shard is named", "[storage][shard]") {
  const TemporaryFolder folder;
  const auto a = write_sample(folder.path(), 3000);
  WorkUnit other_unit = sample_unit();
  other_unit.id = 43;
  const auto b = write_sample(folder.path(), 3001, other_unit);
  const std::vector<ShardRecord> ledger = {record_of(a), record_of(b)};
  REQUIRE(verify_shards(folder.path(), ledger).empty());
  const std::string good = file_text(folder.path() / a.file_name);

  for (const std::size_t length : {std::size_t{0}, std::size_t{65}, good.size() / 2, good.size() - 1}) {
    overwrite(folder.path() / a.file_name, good.substr(0, length));
    const auto bad = verify_shards(folder.path(), ledger);
    REQUIRE(bad.size() == 1);
    CHECK(bad[0].record.receipt == a);
    CHECK_THAT(bad[0].reason, Catch::Contains("expected"));
    CHECK_THROWS_AS(read_shard(folder.path(), a), StorageError);
  }
  overwrite(folder.path() / a.file_name, file_text(folder.path() / b.file_name));
  CHECK(verify_shards(folder.path(), ledger).size() == 1);
  std::filesystem::remove(folder.path() / a.file_name);
  const auto bad = verify_shards(folder.path(), ledger);
  REQUIRE(bad.size() == 1);
  CHECK(bad[0].reason == "missing");
}

TEST_CASE("what the ledger does not know is swept, the rest stays", "[storage][shard]") {
  const TemporaryFolder folder;
  CHECK(sweep_unrecorded(folder.path(), {}) == 0);  // no units folder yet
  const auto recorded = write_sample(folder.path(), 10);
  (void)write_sample(folder.path(), 11);
  overwrite(folder.path() / "units" / ".u1-host-2-0.h5.tmp", "half");
  overwrite(folder.path() / "units" / "notes.txt", "a person's");

  const auto file = folder.path() / recorded.file_name;
  overwrite(file, file_text(file) + "what a killed worker had begun");

  CHECK(sweep_unrecorded(folder.path(), std::vector{record_of(recorded)}) == 3);
  CHECK(sweep_unrecorded(folder.path(), std::vector{record_of(recorded)}) == 0);

  CHECK(std::filesystem::file_size(file) == recorded.begin + recorded.bytes);

  CHECK(names_in(folder.path() / "units").size() == 2);
  CHECK(verify_shards(folder.path(), std::vector{record_of(recorded)}).empty());
}

TEST_CASE("a file that is not a shard is refused", "[storage][shard]") {
  const TemporaryFolder folder;
  overwrite(folder.path() / "a.h5", "text");

  CHECK_THROWS_AS(ShardReader(folder.path() / "a.h5"), StorageError);
  CHECK_THROWS_AS(ShardReader(folder.path() / "absent.h5"), StorageError);
}

TEST_CASE("writers in several threads do not disturb each other", "[storage][shard]") {
  const TemporaryFolder folder;
  const auto archive = std::make_shared<ShardArchive>(folder.path());
  std::vector<std::thread> threads;
  std::vector<ShardReceipt> receipts(4);
  for (std::uint64_t i = 0; i < receipts.size(); ++i) {
    threads.emplace_back([&, i] {
      WorkUnit unit = sample_unit();
      for (int repeat = 0; repeat < 5; ++repeat) {
        unit.id = 100 * i + static_cast<std::uint64_t>(repeat);
        ShardWriter writer(archive, "6f1c", 3);
        writer.begin(unit, kModel);
        for (std::uint64_t row = 0; row < 70000; ++row) writer.add(1 + row % 48, static_cast<std::int32_t>(row));
        receipts[i] = writer.publish(unit);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  for (const ShardReceipt& receipt : receipts) CHECK(read_shard(folder.path(), receipt).header.orbits == 70000);
  CHECK(names_in(folder.path() / "units").size() == 1);
  CHECK(find_shards(folder.path()).size() == 20);
}

TEST_CASE("a shard holds the best configurations of its unit", "[storage][shard]") {
  const TemporaryFolder folder;
  const std::vector<Candidate> best = {{{1, 2, 3}, {0, 1, 2, 255}, 48, -5'000'000'000},
                                       {{1, 2, 3}, {1, 1, 2, 0}, 1ULL << 60U, 7}};
  ShardWriter writer(folder.path(), "6f1c", 3);
  writer.begin(sample_unit(), kModel);
  for (int i = 0; i < 3; ++i) writer.add(48, i);

  const ShardReceipt receipt = writer.publish(sample_unit(), best);

  CHECK(ShardReader(folder.path(), receipt).best() == best);
  CHECK(ShardReader(folder.path(), write_sample(folder.path(), 5)).best().empty());
}

TEST_CASE("a sound shard of another unit, pass or campaign is distinguished from the one expected",
          "[storage][shard]") {
  const TemporaryFolder folder;
  const ShardReceipt receipt = write_sample(folder.path(), 5);
  const ShardHeader header = ShardReader(folder.path(), receipt).header();
  const ShardRecord record = record_of(receipt);
  ShardRecord other_unit = record, other_pass = record;
  other_unit.unit.begin = {1};
  other_pass.pass = 4;

  const std::vector<std::string> ours{"7001", "6f1c"}, others{"7777"};
  CHECK(difference_from(header, record, ours).empty());
  CHECK(difference_from(header, record, others) == "of another campaign");
  CHECK(difference_from(header, other_unit, ours) == "of another work unit");
  CHECK(difference_from(header, other_pass, ours) == "of pass 3, not 4");
}
