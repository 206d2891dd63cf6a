#include "storage/detail/shard_record.hpp"

#include <algorithm>

#include "core/hash.hpp"

namespace hullscan::shard_record {
namespace {

constexpr std::size_t kLengthAt = 8, kChecksumAt = 16, kChecksumDigits = 32, kHashAt = 48;

void put_word(std::span<std::byte> at, std::uint64_t word) {
  for (std::size_t i = 0; i < 8; ++i) at[i] = static_cast<std::byte>(word >> (8 * i) & 0xFFU);
}

std::uint64_t word_at(std::span<const std::byte> at) {
  std::uint64_t word = 0;
  for (std::size_t i = 8; i > 0; --i) word = word << 8U | std::to_integer<std::uint64_t>(at[i - 1]);
  return word;
}

}  // namespace

std::array<std::byte, kHeaderBytes> encode(const Header& header) {
  std::array<std::byte, kHeaderBytes> bytes{};
  const std::span<std::byte> all(bytes);
  std::ranges::copy(std::as_bytes(std::span(kMark)), all.begin());
  put_word(all.subspan(kLengthAt), header.bytes);
  const std::string checksum = header.checksum.substr(0, kChecksumDigits);
  std::ranges::copy(std::as_bytes(std::span(checksum)), all.subspan(kChecksumAt).begin());
  put_word(all.subspan(kHashAt), hash64(all.first(kHashAt)));
  return bytes;
}

std::optional<Header> decode(std::span<const std::byte> bytes) {
  const auto mark = std::as_bytes(std::span(kMark));
  if (!std::ranges::equal(bytes.first(mark.size()), mark)) return std::nullopt;
  if (word_at(bytes.subspan(kHashAt)) != hash64(bytes.first(kHashAt))) return std::nullopt;
  Header header{word_at(bytes.subspan(kLengthAt)), {}};
  for (const std::byte digit : bytes.subspan(kChecksumAt, kChecksumDigits))
    header.checksum += static_cast<char>(std::to_integer<unsigned char>(digit));
  return header;
}

}  // namespace hullscan::shard_record
