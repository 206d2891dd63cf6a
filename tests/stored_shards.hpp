/// @file
/// The shards in a directory's archive files, found by a reading of docs/formats/shard.md that shares nothing with the
/// program's, and ways to damage them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "files.hpp"

namespace hullscan::test {

struct StoredShard {
  fs::path file;
  std::uint64_t begin = 0, bytes = 0;  ///< of the shard itself, behind its header

  static constexpr std::uint64_t kHeaderBytes = 64;

  /// As messages name it.
  [[nodiscard]] std::string name() const { return "units/" + file.filename().string() + "@" + std::to_string(begin); }
  /// Header and shard.
  [[nodiscard]] std::string record() const {
    return read_file(file).substr(begin - kHeaderBytes, kHeaderBytes + bytes);
  }
  /// Writes from where the record begins, and not beyond its end.
  void replace_record(const std::string& by) const {
    std::string all = read_file(file);
    const std::uint64_t length = std::min<std::uint64_t>(by.size(), kHeaderBytes + bytes);
    all.replace(begin - kHeaderBytes, length, by.substr(0, length));
    write_file(file, all);
  }
  /// As if it had never been written: zeros.
  void erase() const { replace_record(std::string(kHeaderBytes + bytes, '\0')); }
  /// Any bit of header or shard.
  void flip_bit(std::mt19937& random) const {
    std::string damaged = record();
    const auto at = std::uniform_int_distribution<std::size_t>(0, damaged.size() - 1)(random);
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << std::uniform_int_distribution<int>(0, 7)(random)));
    replace_record(damaged);
  }
};

inline std::vector<fs::path> archive_files(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code absent;
  for (fs::directory_iterator it(directory / "units", absent), end; !absent && it != end; it.increment(absent)) {
    if (it->path().extension() == ".seg") files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// By file and place. Of a damaged file those before the damage.
inline std::vector<StoredShard> stored_shards(const fs::path& directory) {
  std::vector<StoredShard> shards;
  for (const fs::path& file : archive_files(directory)) {
    std::ifstream stream(file, std::ios::binary);
    std::error_code absent;
    const std::uint64_t size = fs::file_size(file, absent);
    for (std::uint64_t at = 0; !absent && at + StoredShard::kHeaderBytes <= size;) {
      std::string header(16, '\0');
      stream.seekg(static_cast<std::streamoff>(at));
      if (!stream.read(header.data(), 16) || header.substr(0, 8) != "hsshard1") break;
      std::uint64_t bytes = 0;
      for (std::size_t i = 16; i > 8; --i) bytes = bytes << 8U | static_cast<unsigned char>(header[i - 1]);
      const std::uint64_t begin = at + StoredShard::kHeaderBytes;
      if (bytes > size - begin) break;
      shards.push_back({file, begin, bytes});
      at = begin + bytes;
    }
  }
  return shards;
}

}  // namespace hullscan::test
