/// @file
/// Hashes of bytes and files (xxHash 3), for keys and checksums; not against malice.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace hullscan {

std::uint64_t hash64(std::span<const std::byte> bytes);
std::uint64_t hash64(std::string_view text);
/// 32 hexadecimal digits of the 128-bit hash.
std::string hash128_hex(std::string_view text);
std::string hash128_hex(std::span<const std::byte> bytes);
/// The same hash of a whole file. @throws StorageError if it cannot be read.
std::string file_hash128_hex(const std::filesystem::path& file);

/// The same hash of bytes that come in pieces.
class Hash128 {
 public:
  Hash128();
  ~Hash128();
  Hash128(const Hash128&) = delete;
  Hash128& operator=(const Hash128&) = delete;
  void add(std::span<const std::byte> bytes);
  [[nodiscard]] std::string hex() const;  ///< of all that was added

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// 64 well-mixed bits from a seed and any number of words: the only source of randomness. Counter-based, so a draw
/// depends on what it is for and never on how many were drawn before. Source: splitmix64, Steele, Lea & Flood, OOPSLA
/// 2014.
std::uint64_t random_bits(std::uint64_t seed, std::span<const std::uint64_t> words);
std::uint64_t random_bits(std::uint64_t seed, std::uint64_t word);

}  // namespace hullscan
