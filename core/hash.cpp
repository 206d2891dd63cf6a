#include "core/hash.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <array>
#include <fstream>
#include <memory>
#include <system_error>

#include "core/errors.hpp"

namespace hullscan {
namespace {

std::string hex(XXH128_hash_t hash) { return fmt::format("{:016x}{:016x}", hash.high64, hash.low64); }

std::uint64_t mix(std::uint64_t z) {
  z += 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31U);
}

}  // namespace

std::uint64_t hash64(std::span<const std::byte> bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

std::uint64_t hash64(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

std::string hash128_hex(std::string_view text) { return hex(XXH3_128bits(text.data(), text.size())); }

std::string hash128_hex(std::span<const std::byte> bytes) { return hex(XXH3_128bits(bytes.data(), bytes.size())); }

struct Hash128::State {
  struct Free {
    void operator()(XXH3_state_t* state) const noexcept { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, Free> xxh3{XXH3_createState()};
};

Hash128::Hash128() : state_(std::make_unique<State>()) { XXH3_128bits_reset(state_->xxh3.get()); }
Hash128::~Hash128() = default;

void Hash128::add(std::span<const std::byte> bytes) {
  XXH3_128bits_update(state_->xxh3.get(), bytes.data(), bytes.size());
}

std::string Hash128::hex() const { return hullscan::hex(XXH3_128bits_digest(state_->xxh3.get())); }

std::string file_hash128_hex(const std::filesystem::path& file) {
  std::error_code error;
  const auto kind = std::filesystem::status(file, error).type();
  if (kind != std::filesystem::file_type::regular && kind != std::filesystem::file_type::not_found &&
      kind != std::filesystem::file_type::none)
    throw StorageError(file.string() + ": is not a file");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw StorageError(file.string() + ": cannot be read");
  Hash128 hash;
  std::array<char, 1 << 16> buffer{};
  while (stream.read(buffer.data(), buffer.size()) || stream.gcount() > 0) {
    hash.add(std::as_bytes(std::span(buffer)).first(static_cast<std::size_t>(stream.gcount())));
  }
  if (stream.bad()) throw StorageError(file.string() + ": reading failed");
  return hash.hex();
}

std::uint64_t random_bits(std::uint64_t seed, std::span<const std::uint64_t> words) {
  std::uint64_t state = mix(seed);
  for (const std::uint64_t word : words) state = mix(state ^ mix(word));
  return state;
}

std::uint64_t random_bits(std::uint64_t seed, std::uint64_t word) { return random_bits(seed, std::span(&word, 1)); }

}  // namespace hullscan
