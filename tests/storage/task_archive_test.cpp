#include "storage/task_archive.hpp"

#include <map>
#include <set>

#include "storage/durable_file.hpp"
#include "storage_testing.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

namespace fs = std::filesystem;
using Texts = std::map<std::string, std::string>;

const Texts kFiles = {{"1/pw.in", "&control\n"},
                      {"1/exit_code", "139\n"},
                      {"1.old-1/pw.in", "of a lost database\n"},
                      {"2/pw.out", std::string(5000, 'x') + "JOB DONE\n"},
                      {"2/scratch/al.save/data-file-schema.xml", std::string("<a>\0\xff</a>", 9)},
                      {"2/empty", ""},
                      {"2/name with \"quotes\" \xc3\xbc", "y"}};

void make_task(const fs::path& task) {
  for (const auto& [name, text] : kFiles) write_file(task / name, text);
}

bool is_output(const fs::path& file) { return file == "2/pw.out"; }

/// Every file below, whatever it is.
Texts texts_below(const fs::path& folder) {
  Texts texts;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_directory()) texts[entry.path().lexically_relative(folder).string()] = read_file(entry.path());
  }
  return texts;
}

std::set<std::string> file_names(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& [name, text] : texts_below(folder)) names.insert(name);
  return names;
}

}  // namespace

TEST_CASE("a packed task is its archive and what stays open, and unpacking gives back every byte",
          "[storage][archive]") {
  const TemporaryFolder folder;
  make_task(folder.path());
  fs::permissions(folder.path() / "1/pw.in", fs::perms::owner_all);
  const auto written = fs::last_write_time(folder.path() / "1/pw.in");

  pack_task(folder.path(), is_output);

  CHECK(file_names(folder.path()) == std::set<std::string>{"attempts.zip", "2/pw.out"});
  CHECK_FALSE(fs::exists(folder.path() / "1"));
  CHECK(packed_files(folder.path()).size() == kFiles.size() - 1);
  for (const auto& [name, text] : kFiles) CHECK(file_of_task(folder.path(), name) == text);
  CHECK_FALSE(file_of_task(folder.path(), "3/pw.out").has_value());

  unpack_task(folder.path());

  CHECK(texts_below(folder.path()) == kFiles);
  CHECK((fs::status(folder.path() / "1/pw.in").permissions() & fs::perms::owner_exec) != fs::perms::none);
  CHECK(fs::last_write_time(folder.path() / "1/pw.in") - written < std::chrono::seconds(2));
}

TEST_CASE("an attempt is read whole whether its task is packed or not", "[storage][archive]") {
  const TemporaryFolder folder;
  make_task(folder.path());
  const auto attempt = [&](int number) {
    const AttemptFiles files(folder.path(), number);
    return files.found() ? texts_below(files.directory()) : Texts{};
  };
  const Texts first = attempt(1), second = attempt(2);
  CHECK(second.size() == 4);

  pack_task(folder.path(), is_output);

  CHECK(attempt(1) == first);
  CHECK(attempt(2) == second);
  CHECK(attempt(3).empty());
  const fs::path copy = AttemptFiles(folder.path(), 2).directory();
  CHECK_FALSE(fs::exists(copy));
  CHECK(file_names(folder.path()).size() == 2);
}

TEST_CASE("packing again takes in what has come since, and the plain file wins", "[storage][archive]") {
  const TemporaryFolder folder;
  make_task(folder.path());
  pack_task(folder.path(), is_output);
  write_file(folder.path() / "1/pw.in", "written later\n");
  write_file(folder.path() / "3/pw.in", "new\n");
  CHECK(file_of_task(folder.path(), "1/pw.in") == "written later\n");

  pack_task(folder.path(), is_output);

  CHECK(file_names(folder.path()) == std::set<std::string>{"attempts.zip", "2/pw.out"});
  CHECK(file_of_task(folder.path(), "1/pw.in") == "written later\n");
  CHECK(file_of_task(folder.path(), "3/pw.in") == "new\n");
  CHECK(file_of_task(folder.path(), "1/exit_code") == "139\n");
}

TEST_CASE("links stay as they are, and nothing is unpacked through one", "[storage][archive]") {
  const TemporaryFolder folder, elsewhere;
  make_task(folder.path());
  fs::create_symlink(elsewhere.path() / "wavefunctions", folder.path() / "1/WAVECAR");
  pack_task(folder.path(), is_output);
  CHECK(fs::is_symlink(folder.path() / "1/WAVECAR"));

  fs::remove_all(folder.path() / "1");
  fs::create_directory_symlink(elsewhere.path(), folder.path() / "1");

  CHECK_THROWS_AS(unpack_task(folder.path()), StorageError);
  CHECK(fs::is_empty(elsewhere.path()));
  CHECK(is_packed(folder.path()));
}

TEST_CASE("a damaged archive is named, and stays", "[storage][archive]") {
  const TemporaryFolder folder;
  make_task(folder.path());
  pack_task(folder.path(), is_output);
  const fs::path archive = folder.path() / "attempts.zip";
  const std::string whole = read_file(archive);
  for (const std::size_t cut : {whole.size() / 2, whole.size() - 10, std::size_t{0}}) {
    write_file(archive, whole.substr(0, cut));
    CHECK_THROWS_AS(unpack_task(folder.path()), StorageError);
    CHECK_THROWS_AS(AttemptFiles(folder.path(), 1), StorageError);
    CHECK(read_file(archive).size() == cut);
  }
}

TEST_CASE("killed at any point of packing or unpacking, a task keeps every byte and is packed by the next process",
          "[storage][archive][crash]") {
  for (const std::string point :
       {"pack.added", "pack.added:3", "pack.synced", "pack.published", "pack.removed", "pack.removed:4",
        "unpack.written", "unpack.written:3", "file.half-written:2", "file.renamed:2"}) {
    INFO(point);
    const TemporaryFolder folder;
    make_task(folder.path());
    const bool unpacks = !point.starts_with("pack.");
    if (unpacks) pack_task(folder.path(), is_output);
    REQUIRE(was_killed(
        in_child(point, [&] { unpacks ? unpack_task(folder.path()) : pack_task(folder.path(), is_output); })));

    for (const auto& [name, text] : kFiles) CHECK(file_of_task(folder.path(), name) == text);

    pack_task(folder.path(), is_output);
    remove_unfinished(folder.path());
    for (const auto& [name, text] : kFiles) CHECK(file_of_task(folder.path(), name) == text);
    unpack_task(folder.path());
    Texts left = texts_below(folder.path());
    std::erase_if(left, [](const auto& one) { return one.first.ends_with(".tmp"); });
    CHECK(left == kFiles);
  }
}
