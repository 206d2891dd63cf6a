#include "core/hash.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>

#include "core/errors.hpp"

namespace hullscan {

TEST_CASE("hashes are those of xxHash 3", "[core][hash]") {
  // Values of the empty input from xxHash's specification (seed 0).
  CHECK(hash64(std::string_view()) == 0x2d06800538d394c2ULL);
  CHECK(hash128_hex("") == "99aa06d3014798d86001c324468d497f");
}

TEST_CASE("a file hashes like its text, whatever its length", "[core][hash]") {
  const auto file = std::filesystem::temp_directory_path() / "hullscan_hash_test.bin";
  for (const std::size_t length : {std::size_t{0}, std::size_t{1}, std::size_t{65536}, std::size_t{200001}}) {
    std::string text(length, 'x');
    for (std::size_t i = 0; i < length; ++i) text[i] = static_cast<char>('a' + i % 23);
    std::ofstream(file, std::ios::binary) << text;

    CHECK(file_hash128_hex(file) == hash128_hex(text));
  }
  std::filesystem::remove(file);
  CHECK_THROWS_AS(file_hash128_hex(file), StorageError);
}

TEST_CASE("random bits depend on seed, words and their order, and on nothing else", "[core][hash]") {
  const std::array<std::uint64_t, 2> forward{1, 2}, backward{2, 1};

  CHECK(random_bits(7, forward) == random_bits(7, forward));
  CHECK(random_bits(7, forward) != random_bits(8, forward));
  CHECK(random_bits(7, forward) != random_bits(7, backward));
  CHECK(random_bits(7, 1) != random_bits(7, forward));
}

TEST_CASE("random bits are uniform and distinct", "[core][hash]") {
  constexpr int kDraws = 100000;
  std::array<int, 64> ones{};
  std::set<std::uint64_t> seen;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    const std::uint64_t bits = random_bits(42, i);
    seen.insert(bits);
    for (std::size_t bit = 0; bit < 64; ++bit) ones[bit] += static_cast<int>(bits >> bit & 1U);
  }

  CHECK(seen.size() == kDraws);
  // Each bit is a fair coin: 5 standard deviations of the binomial distribution.
  for (const int count : ones) CHECK(std::abs(count - kDraws / 2) < 5 * std::sqrt(kDraws) / 2);
}

}  // namespace hullscan
