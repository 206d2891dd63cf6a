/// @file
/// A stream of random numbers that is a function of its key alone.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "core/big_integer.hpp"
#include "core/hash.hpp"

namespace hullscan::detail {

class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::uint64_t purpose, std::uint64_t index)
      : seed_(seed), words_{purpose, index, 0} {}

  std::uint64_t bits() {
    const std::uint64_t result = random_bits(seed_, words_);
    ++words_[2];
    return result;
  }
  /// Uniform in [0, bound), exactly; bound > 0.
  std::uint64_t below(std::uint64_t bound) {
    const std::uint64_t limit =
        ~std::uint64_t{0} - (~std::uint64_t{0} % bound + 1) % bound;  // multiple of bound, minus 1
    std::uint64_t draw = bits();
    while (draw > limit) draw = bits();
    return draw % bound;
  }
  /// Uniform in [0, bound), exactly; bound > 0.
  BigInteger below(const BigInteger& bound);
  template <class Vector>
  void shuffle(Vector& v) {
    for (std::size_t i = v.size(); i > 1; --i) std::swap(v[i - 1], v[static_cast<std::size_t>(below(i))]);
  }

 private:
  std::uint64_t seed_;
  std::array<std::uint64_t, 3> words_;
};

}  // namespace hullscan::detail
