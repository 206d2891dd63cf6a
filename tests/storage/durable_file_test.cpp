#include "storage/durable_file.hpp"

#include "storage/file_system.hpp"
#include "storage/status_file.hpp"
#include "storage_testing.hpp"

using namespace hullscan;
using namespace hullscan::test;

TEST_CASE("a file is replaced whole and leaves nothing beside it", "[storage][durable_file]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "a.txt";

  write_durably(file, "first");
  write_durably(file, "");
  write_durably(file, "third\n");

  CHECK(file_text(file) == "third\n");
  CHECK(names_in(folder.path()) == std::vector<std::string>{"a.txt"});
}

TEST_CASE("a file killed at any point of its writing is the old one or the new one", "[storage][durable_file][crash]") {
  for (const std::string point : {"file.created", "file.half-written", "file.synced", "file.renamed"}) {
    const TemporaryFolder folder;
    const auto file = folder.path() / "status.json";
    write_durably(file, "old");

    const int status = in_child(point, [&] { write_durably(file, "new and longer"); });

    INFO(point);
    REQUIRE(was_killed(status));
    CHECK(file_text(file) == (point == "file.renamed" ? "new and longer" : "old"));
  }
}

TEST_CASE("writing into a folder that is not there says so", "[storage][durable_file]") {
  const TemporaryFolder folder;

  const auto message = message_of<StorageError>([&] { write_durably(folder.path() / "no" / "a", "x"); });

  CHECK_THAT(message, Catch::Contains("cannot be written: No such file or directory"));
}

TEST_CASE("a status is read as it was written", "[storage][status_file]") {
  const TemporaryFolder folder;
  Json status;
  status["state"] = "running";
  status["labelled_total"] = "64512240";

  write_status(folder.path(), status);

  CHECK(read_status(folder.path()) == status);
  CHECK(status_age_s(folder.path()) < 60);
}

TEST_CASE("a status that is absent or torn is a storage error that says what is wrong", "[storage][status_file]") {
  const TemporaryFolder folder;
  CHECK_THAT(message_of<StorageError>([&] { read_status(folder.path()); }),
             Catch::Contains("not a campaign directory"));
  CHECK_THAT(message_of<StorageError>([&] { (void)status_age_s(folder.path()); }), Catch::Contains("no status.json"));

  overwrite(folder.path() / "status.json", "{\"state\": ");

  CHECK_THAT(message_of<StorageError>([&] { read_status(folder.path()); }), Catch::Contains("not valid JSON"));
}

TEST_CASE("network file systems are known by the numbers of statfs(2)", "[storage][file_system]") {
  for (const std::uint64_t magic : {0x6969ULL, 0x0BD00BD0ULL, 0x47504653ULL, 0x19830326ULL, 0xFF534D42ULL,
                                    0xFE534D42ULL, 0x65735546ULL, 0xffffffffFE534D42ULL /* sign-extended */}) {
    CHECK(file_system_of_magic(magic).network);
  }
  for (const std::uint64_t magic : {0xEF53ULL /* ext4 */, 0x58465342ULL /* xfs */, 0x01021994ULL /* tmpfs */,
                                    0x794C7630ULL /* overlayfs */, 0x9123683EULL /* btrfs */}) {
    CHECK_FALSE(file_system_of_magic(magic).network);
  }
  CHECK(file_system_of_magic(0x0BD00BD0).name == "Lustre");
}
