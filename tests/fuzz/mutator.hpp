/// @file
/// New inputs from old ones: bytes flipped, numbers made extreme, lines and words repeated, moved and dropped, two
/// inputs spliced, brackets nested. Knows no format; what all text formats have in common is what it changes.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace hullscan::fuzz {

inline constexpr std::size_t kLargestInput = 1 << 20;  ///< bytes

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}
  /// One to eight changes of one of `corpus`, which is not empty. The same calls after the same seed, the same bytes.
  [[nodiscard]] std::string next(const std::vector<std::string>& corpus);

 private:
  std::size_t below(std::size_t n) { return n == 0 ? 0 : random_() % n; }
  void change(std::string& text, const std::vector<std::string>& corpus);

  std::mt19937_64 random_;
};

}  // namespace hullscan::fuzz
