/// @file
/// What a disk may hold after a power cut, from the record that disk_shim.cpp made of a run.
///
/// The model is no kinder than POSIX: a write is on disk for certain only after an fsync of its file, a name only
/// after an fsync of its directory. At a cut every other write is there or not, each sector of 512 bytes for itself;
/// of the changes of names in one directory the first few are there.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "../program.hpp"

namespace hullscan::test {

struct DiskEvent {
  char kind = 0;  ///< c create, t truncate, w write, s sync, r rename, u unlink, d mkdir
  std::string path, other;
  std::int64_t offset = 0;
  std::string bytes;
};

inline std::vector<DiskEvent> read_disk_record(const fs::path& file) {
  const std::string text = read_file(file);
  std::vector<DiskEvent> events;
  std::size_t at = 0;
  const auto number = [&] {
    std::uint64_t value = 0;
    std::memcpy(&value, text.data() + at, 8);
    at += 8;
    return value;
  };
  const auto string = [&] {
    const std::uint64_t size = number();
    at += size;
    return text.substr(at - size, size);
  };
  while (at < text.size()) {
    DiskEvent event;
    event.kind = text[at++];
    event.path = string();
    event.other = string();
    event.offset = static_cast<std::int64_t>(number());
    event.bytes = string();
    events.push_back(std::move(event));
  }
  return events;
}

class DiskAfterPowerCut {
 public:
  /// @param honest_syncs false: fsync does nothing, as in a program that never calls it.
  DiskAfterPowerCut(std::string root, bool honest_syncs) : root_(std::move(root)), honest_(honest_syncs) {
    durable_names_[root_] = volatile_names_[root_] = {-1};
  }

  void apply(const DiskEvent& event) {
    switch (event.kind) {
      case 'd':
        change({'+', event.path, {-1}});
        break;
      case 'c':
        files_.emplace_back();
        change({'+', event.path, {static_cast<int>(files_.size()) - 1}});
        break;
      case 'u':
        change({'-', event.path, {}});
        break;
      case 'r':
        change({'r', event.path, {}, event.other});
        break;
      case 't':
      case 'w':
        if (File* file = file_at(event.path)) {
          write(file->now, event);
          file->pending.push_back(event);
        }
        break;
      case 's':
        if (!honest_) break;
        if (File* file = file_at(event.path)) {
          file->durable = file->now;
          file->pending.clear();
        } else {
          sync_directory(event.path);
        }
        break;
      default:
        throw std::runtime_error("a disk record is damaged");
    }
  }

  /// As if nothing could be lost.
  void sync_everything() {
    for (File& file : files_) {
      file.durable = file.now;
      file.pending.clear();
    }
    durable_names_ = volatile_names_;
    pending_names_.clear();
  }

  /// Writes what survives into `target`, in the place of the root.
  void write_survivors(const fs::path& target, std::mt19937& random) const {
    std::map<std::string, Name> names = durable_names_;
    std::map<std::string, std::size_t> kept;  // directory -> how many of its pending changes are there
    for (const auto& [directory, count] : pending_count()) {
      kept[directory] = std::uniform_int_distribution<std::size_t>(0, count)(random);
    }
    for (const Change& done : pending_names_) {
      std::size_t& left = kept[parent(done.path)];
      if (left == 0) continue;
      --left;
      rename_in(names, done);
    }
    for (const auto& [path, name] : names) {
      // A name in a directory that is not there is not there.
      bool reachable = true;
      for (std::string up = parent(path); up.size() >= root_.size() && reachable; up = parent(up))
        reachable = names.count(up) != 0;
      if (!reachable && path != root_) continue;
      const fs::path at = target / fs::path(path.substr(root_.size()).empty() ? "." : path.substr(root_.size() + 1));
      if (name.file < 0) {
        fs::create_directories(at);
      } else {
        write_file(at, survivor(files_[static_cast<std::size_t>(name.file)], random));
      }
    }
  }

 private:
  struct Name {
    int file = -1;  ///< -1: a directory
  };
  struct File {
    std::string durable, now;
    std::vector<DiskEvent> pending;
  };
  struct Change {
    char kind;  ///< + new, - gone, r renamed
    std::string path;
    Name name;
    std::string to = {};
  };

  static std::string parent(const std::string& path) { return path.substr(0, path.rfind('/')); }

  static void rename_in(std::map<std::string, Name>& names, const Change& done) {
    if (done.kind == '+') names[done.path] = done.name;
    if (done.kind == '-') names.erase(done.path);
    if (done.kind != 'r') return;
    const auto found = names.find(done.path);
    if (found == names.end()) return;
    names[done.to] = found->second;
    names.erase(done.path);
  }
  void change(const Change& done) {
    rename_in(volatile_names_, done);
    pending_names_.push_back(done);
  }
  void sync_directory(const std::string& directory) {
    std::vector<Change> left;
    for (const Change& done : pending_names_) {
      if (parent(done.path) == directory)
        rename_in(durable_names_, done);
      else
        left.push_back(done);
    }
    pending_names_ = std::move(left);
  }
  std::map<std::string, std::size_t> pending_count() const {
    std::map<std::string, std::size_t> count;
    for (const Change& done : pending_names_) ++count[parent(done.path)];
    return count;
  }
  File* file_at(const std::string& path) {
    const auto found = volatile_names_.find(path);
    return found == volatile_names_.end() || found->second.file < 0
               ? nullptr
               : &files_[static_cast<std::size_t>(found->second.file)];
  }
  static void write(std::string& content, const DiskEvent& event) {
    const auto offset = static_cast<std::size_t>(event.offset);
    if (event.kind == 't') {
      content.resize(offset);
      return;
    }
    if (content.size() < offset + event.bytes.size()) content.resize(offset + event.bytes.size());
    content.replace(offset, event.bytes.size(), event.bytes);
  }
  static std::string survivor(const File& file, std::mt19937& random) {
    std::string content = file.durable;
    std::bernoulli_distribution coin(0.5);
    for (const DiskEvent& event : file.pending) {
      if (event.kind == 't') {
        if (coin(random)) write(content, event);
        continue;
      }
      const bool whole = coin(random);
      for (std::size_t first = 0; first < event.bytes.size();) {
        const std::size_t sector_end = (static_cast<std::size_t>(event.offset) + first) / 512 * 512 + 512;
        const std::size_t length =
            std::min(event.bytes.size() - first, sector_end - static_cast<std::size_t>(event.offset) - first);
        if (whole || coin(random)) {
          write(content,
                {'w', "", "", event.offset + static_cast<std::int64_t>(first), event.bytes.substr(first, length)});
        }
        first += length;
      }
    }
    return content;
  }

  std::string root_;
  bool honest_;
  std::vector<File> files_;
  std::map<std::string, Name> durable_names_, volatile_names_;
  std::vector<Change> pending_names_;
};

}  // namespace hullscan::test
