/// @file
/// Every choice of a trial comes from one seed, so that an input is made again by its number.
#pragma once

#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

namespace hullscan::test {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t bits() { return engine_(); }
  /// 0 <= result < n; 0 if n is 0.
  std::size_t below(std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(engine_() % n); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <class T>
  const T& of(const std::vector<T>& list) {
    return list[below(list.size())];
  }

 private:
  std::mt19937_64 engine_;
};

/// A file that can be read to its end: no folder, pipe, device or link to nowhere. Never throws.
bool is_file(const std::filesystem::path& path);

/// Flips, cuts, empties, zeroes, doubles or fills with chance: always other bytes than before, unless there were none.
std::string damaged_bytes(std::string bytes, Dice& dice);
/// A value of a JSON text is replaced by a wild one; other texts get damaged bytes.
std::string damaged_text(const std::string& text, Dice& dice);
/// Texts that somebody will put where a short word belongs.
std::string wild_text(Dice& dice);

}  // namespace hullscan::test
