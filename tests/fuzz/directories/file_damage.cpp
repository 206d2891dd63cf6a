#include "file_damage.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "../../stored_shards.hpp"
#include "core/hash.hpp"
#include "core/json.hpp"
#include "database_damage.hpp"
#include "shard_damage.hpp"

namespace hullscan::test {
namespace {

constexpr const char* kDatabaseFiles[] = {"campaign.db", "campaign.db-wal", "campaign.db-shm"};

/// Below `folder`, sorted: the same for every run.
std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code none;
  for (fs::recursive_directory_iterator it(folder, none), end; !none && it != end; it.increment(none)) {
    if (it->is_regular_file(none)) files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Something else of the same name: a folder, a link to nowhere or to itself, a pipe that nobody writes.
std::string replace_by_no_file(const fs::path& file, Dice& dice) {
  fs::remove_all(file);
  switch (dice.below(5)) {
    case 0:
      fs::create_directory(file);
      return "a folder";
    case 1:
      fs::create_symlink("nowhere", file);
      return "a link to nowhere";
    case 2:
      fs::create_symlink(file.filename(), file);
      return "a link to itself";
    case 3:
      ::mkfifo(file.c_str(), 0644);
      return "a pipe";
    default:
      fs::create_symlink("/dev/zero", file);
      return "a link to an endless file";
  }
}

std::string damage_file(const fs::path& file, const std::vector<fs::path>& peers, Dice& dice) {
  const std::string name = file.filename().string() + ": ";
  switch (dice.below(10)) {
    case 0:
      fs::remove(file);
      return name + "removed";
    case 1:
      return name + replace_by_no_file(file, dice);
    case 2: {
      const fs::path& drawn = peers.empty() ? file : dice.of(peers);
      const fs::path& peer = is_file(drawn) ? drawn : file;  // an earlier damage may have made it an endless one
      const std::string bytes = read_file(peer);
      write_file(file, bytes);
      return name + "replaced by " + peer.filename().string();
    }
    case 3:
    case 4:
    case 5:
    case 6:
      write_file(file, damaged_text(read_file(file), dice));
      return name + "its text damaged";
    default:
      write_file(file, damaged_bytes(read_file(file), dice));
      return name + "its bytes damaged";
  }
}

std::string damage_any_below(const fs::path& directory, const std::string& folder, const std::vector<fs::path>& others,
                             Dice& dice) {
  const auto files = files_below(directory / folder);
  if (files.empty()) return "";
  std::vector<fs::path> peers = files;
  for (const fs::path& other : others) {
    const auto more = files_below(other / folder);
    peers.insert(peers.end(), more.begin(), more.end());
  }
  std::string done;
  for (std::size_t times = 1 + dice.below(3); times > 0; --times) {
    const fs::path& file = dice.of(files);
    if (is_file(file)) done += (done.empty() ? "" : "; ") + damage_file(file, peers, dice);
  }
  return done;
}

void remove_database(const fs::path& directory) {
  for (const char* file : kDatabaseFiles) fs::remove(directory / file);
}

std::string damage_database_bytes(const fs::path& directory, const std::vector<fs::path>& others, Dice& dice) {
  const std::string name = is_file(directory / "campaign.db-wal") && dice.one_in(2) ? "campaign.db-wal" : "campaign.db";
  if (dice.one_in(6)) {
    const fs::path& other = dice.of(others);
    remove_database(directory);
    for (const char* file : kDatabaseFiles) {
      if (is_file(other / file)) fs::copy_file(other / file, directory / file);
    }
    return "the database of " + other.parent_path().filename().string();
  }
  if (dice.one_in(8)) {
    remove_database(directory);
    return "no database";
  }
  if (dice.one_in(10)) return name + ": " + replace_by_no_file(directory / name, dice);
  if (!is_file(directory / name)) return "";
  write_file(directory / name, damaged_bytes(read_file(directory / name), dice));
  return name + ": its bytes damaged";
}

/// A shard with the header that it must have.
std::string record_of(const std::string& shard) {
  std::string header = "hsshard1";
  const auto put = [&header](std::uint64_t word) {
    for (std::size_t i = 0; i < 8; ++i) header += static_cast<char>(word >> (8 * i) & 0xFFU);
  };
  put(shard.size());
  header += hash128_hex(shard);
  put(hash64(header));
  put(0);
  return header + shard;
}

/// Before a shard stands its checksum: somebody who forges a shard forges that too, and sometimes the ledger.
std::string forge_shard(const fs::path& directory, Dice& dice) {
  const auto shards = stored_shards(directory);
  if (shards.empty()) return "";
  const StoredShard& shard = dice.of(shards);
  const TemporaryFolder folder;
  const fs::path alone = folder.path() / "shard.h5";
  write_file(alone, shard.record().substr(StoredShard::kHeaderBytes));
  std::string done = shard.name() + ": " + damage_shard(alone, dice);
  const std::string forged = read_file(alone);
  if (dice.one_in(4)) {
    shard.replace_record(shard.record().substr(0, StoredShard::kHeaderBytes) + forged);
    return done;
  }
  const std::uint64_t begin = fs::file_size(shard.file) + StoredShard::kHeaderBytes;
  std::ofstream(shard.file, std::ios::binary | std::ios::app) << record_of(forged);
  if (dice.one_in(2)) {
    record_shard_as_it_is(directory / "campaign.db", "units/" + shard.file.filename().string(), shard.begin, begin,
                          forged.size(), hash128_hex(forged));
    return done + ", and the ledger says so";
  }
  shard.erase();
  return done + ", and its header says so";
}

/// A small change of one result: in the database, or in the file it came from.
std::string change_result(const fs::path& directory, Dice& dice) {
  if (dice.one_in(2)) return change_stored_result(directory / "campaign.db", dice);
  std::vector<fs::path> files = files_below(directory / "tasks");
  std::erase_if(files, [](const fs::path& file) { return file.filename() != "result.json"; });
  if (files.empty()) return "";
  const fs::path& file = dice.of(files);
  Json result = Json::parse(read_file(file), nullptr, false);
  if (!result.is_object() || !result.contains("energy_ev")) return "";
  const double by = 1e-5 * static_cast<double>(1 + dice.below(1'000'000));
  const std::string task = file.parent_path().parent_path().filename().string();
  if (dice.one_in(2) || !result.contains("structure")) {
    result["energy_ev"] = result["energy_ev"].get<double>() + by;
    write_file(file, result.dump());
    return "result.json of " + task + ": another energy";
  }
  Json& number = result["structure"]["fractional_positions"][0][dice.below(3)];
  number = number.get<double>() + 0.01 + 0.001 * static_cast<double>(dice.below(100));
  write_file(file, result.dump());
  return "result.json of " + task + ": another structure";
}

std::string damage_beside(const fs::path& directory, const std::vector<fs::path>& others, Dice& dice) {
  static const std::vector<std::string> names = {"campaign.lock",
                                                 "status.json",
                                                 "campaign.backup.db",
                                                 "hullscan.log",
                                                 "stage.json",
                                                 "drain",
                                                 "report/report.json",
                                                 "inputs/rules.json",
                                                 "campaign.db-wal",
                                                 "campaign.db-shm",
                                                 "campaign.db-journal",
                                                 ".rebuilding",
                                                 "units",
                                                 "tasks",
                                                 "models",
                                                 "inputs"};
  const std::string& name = dice.of(names);
  const fs::path file = directory / name;
  std::error_code none;
  const bool is_folder = fs::is_directory(file, none),
             absent = fs::symlink_status(file, none).type() == fs::file_type::not_found;
  if (absent) {
    fs::create_directories(file.parent_path(), none);
    if (none) return "";
    const fs::path model = directory / dice.of(names);
    write_file(file, dice.one_in(2) || !is_file(model) ? wild_text(dice) : read_file(model));
    return name + ": put there";
  }
  if (!is_folder && !is_file(file)) return "";
  if (is_folder) {
    if (dice.one_in(2)) return name + ": " + replace_by_no_file(file, dice);
    fs::remove_all(file);
    if (dice.one_in(2)) write_file(file, "x");
    return name + ": folder removed";
  }
  std::vector<fs::path> peers;
  for (const fs::path& other : others) {
    if (is_file(other / name)) peers.push_back(other / name);
  }
  return damage_file(file, peers, dice);
}

/// What rebuild-ledger is for: no database, or a damaged one, and more that is not as it was.
std::string lose_and_damage(const fs::path& directory, const std::vector<fs::path>& others, Dice& dice) {
  std::string done = "database lost";
  if (dice.one_in(3))
    done = damage_database_bytes(directory, others, dice);
  else
    remove_database(directory);
  if (dice.one_in(2)) {
    fs::remove(directory / "campaign.backup.db");
    done += ", backup too";
  } else if (dice.one_in(2)) {
    done += "; backup: " + damage_by_sql(directory / "campaign.backup.db", dice);
  }
  for (std::size_t times = dice.below(3); times > 0; --times) {
    done += "; " + (dice.one_in(2) ? forge_shard(directory, dice) : damage_any_below(directory, "units", others, dice));
  }
  if (dice.one_in(4)) done += "; " + damage_any_below(directory, dice.one_in(2) ? "models" : "inputs", others, dice);
  return done;
}

}  // namespace

const std::vector<std::string>& kinds_of_damage() {
  static const std::vector<std::string> kinds = {"database bytes", "database rows", "shard bytes", "shard contents",
                                                 "attempts",       "results",       "models",      "inputs",
                                                 "beside",         "rescue",        "several"};
  return kinds;
}

std::string damage_directory(const fs::path& directory, const std::vector<fs::path>& others, const std::string& kind,
                             Dice& dice) {
  if (kind == "database bytes") return damage_database_bytes(directory, others, dice);
  if (kind == "database rows") return damage_by_sql(directory / "campaign.db", dice);
  if (kind == "shard bytes") return damage_any_below(directory, "units", others, dice);
  if (kind == "shard contents") return forge_shard(directory, dice);
  if (kind == "attempts") return damage_any_below(directory, "tasks", others, dice);
  if (kind == "results") return change_result(directory, dice);
  if (kind == "models") return damage_any_below(directory, "models", others, dice);
  if (kind == "inputs") return damage_any_below(directory, "inputs", others, dice);
  if (kind == "beside") return damage_beside(directory, others, dice);
  if (kind == "rescue") return lose_and_damage(directory, others, dice);
  std::string done;
  for (int times = 0; times < 3; ++times) {
    const auto& kinds = kinds_of_damage();
    const std::string what = damage_directory(directory, others, kinds[dice.below(kinds.size() - 1)], dice);
    if (!what.empty()) done += (done.empty() ? "" : "; ") + what;
  }
  return done;
}

}  // namespace hullscan::test
