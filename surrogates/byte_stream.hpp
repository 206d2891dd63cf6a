/// @file
/// The bytes of a stored model: little-endian, lengths first. Reading never passes the end.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/errors.hpp"

namespace hullscan {

class ByteWriter {
 public:
  void write(std::unsigned_integral auto value) {
    for (std::size_t i = 0; i < sizeof(value); ++i) bytes_.push_back(static_cast<std::byte>(value >> (8 * i) & 0xffU));
  }
  void write(double value) { write(std::bit_cast<std::uint64_t>(value)); }
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  void write(std::span<const std::byte> bytes) {
    write(static_cast<std::uint64_t>(bytes.size()));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void write(std::span<const double> values) {
    write(static_cast<std::uint64_t>(values.size()));
    for (const double value : values) write(value);
  }
  [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

/// Every read @throws StorageError if the bytes end too early.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : rest_(bytes) {}

  template <std::unsigned_integral T>
  T read() {
    const std::span<const std::byte> raw = cut(sizeof(T));
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) value |= std::to_integer<std::uint64_t>(raw[i]) << (8 * i);
    return static_cast<T>(value);
  }
  double read_double() { return std::bit_cast<double>(read<std::uint64_t>()); }
  std::span<const std::byte> read_bytes() { return cut(read<std::uint64_t>()); }
  std::string read_text() {
    const std::span<const std::byte> raw = read_bytes();
    return {reinterpret_cast<const char*>(raw.data()), raw.size()};
  }
  std::vector<double> read_doubles() {
    const auto count = read<std::uint64_t>();
    if (count > rest_.size() / sizeof(double)) too_short();
    std::vector<double> values(count);
    for (double& value : values) value = read_double();
    return values;
  }
  /// @throws StorageError if bytes are left over.
  void finish() const {
    if (!rest_.empty()) throw StorageError("stored model is damaged: bytes after its end");
  }

 private:
  std::span<const std::byte> cut(std::uint64_t size) {
    if (size > rest_.size()) too_short();
    const std::span<const std::byte> front = rest_.first(size);
    rest_ = rest_.subspan(size);
    return front;
  }
  [[noreturn]] static void too_short() { throw StorageError("stored model is damaged: it ends too early"); }

  std::span<const std::byte> rest_;
};

}  // namespace hullscan
