#include "core/protocol.hpp"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "core/errors.hpp"

namespace hullscan {
namespace {

template <class T>
std::vector<T> some(int at_most) {
  return *rc::gen::resize(at_most, rc::gen::arbitrary<std::vector<T>>());
}

Stratum any_stratum() {
  return {*rc::gen::arbitrary<std::uint32_t>(), *rc::gen::arbitrary<std::uint32_t>(),
          *rc::gen::arbitrary<std::uint32_t>()};
}

WorkUnit any_unit() {
  return {*rc::gen::arbitrary<std::uint64_t>(), any_stratum(), some<std::uint32_t>(8), some<std::uint32_t>(8)};
}

Candidate any_candidate() {
  return {any_stratum(), some<std::uint8_t>(40), *rc::gen::arbitrary<std::uint64_t>(),
          *rc::gen::arbitrary<std::int64_t>()};
}

std::string any_text() { return *rc::gen::resize(30, rc::gen::arbitrary<std::string>()); }

template <class Make>
auto up_to_five(Make make) {
  std::vector<decltype(make())> values(static_cast<std::size_t>(*rc::gen::inRange(0, 6)));
  for (auto& value : values) value = make();
  return values;
}

ShardReceipt any_shard() {
  return {any_text(), *rc::gen::arbitrary<std::uint64_t>(), any_text(), *rc::gen::arbitrary<std::uint64_t>(),
          *rc::gen::arbitrary<std::uint64_t>()};
}

MasterMessage any_master_message() {
  switch (*rc::gen::inRange(0, 5)) {
    case 0:
      return RunUnit{any_unit(), *rc::gen::arbitrary<double>(), *rc::gen::arbitrary<std::uint32_t>(),
                     *rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<std::uint64_t>()};
    case 1: {
      UseModel use{*rc::gen::arbitrary<std::uint32_t>(), *rc::gen::arbitrary<std::uint64_t>(), {}};
      for (const std::uint8_t byte : some<std::uint8_t>(60)) use.serialised.push_back(std::byte{byte});
      for (const std::uint8_t kelvin : some<std::uint8_t>(3)) use.temperatures_kelvin.push_back(1.0 + kelvin);
      return use;
    }
    case 2:
      return CheckShards{up_to_five(any_shard)};
    case 3:
      return SayHello{};
    default:
      return Stop{};
  }
}

WorkerMessage any_worker_message() {
  switch (*rc::gen::inRange(0, 6)) {
    case 0:
      return WorkerHello{*rc::gen::arbitrary<std::uint32_t>(), any_text(), *rc::gen::arbitrary<std::int64_t>()};
    case 1: {
      UnitScored scored;
      scored.unit = any_unit();
      scored.model_hash = *rc::gen::arbitrary<std::uint64_t>();
      scored.remainder = up_to_five(any_unit);
      scored.orbits = *rc::gen::arbitrary<std::uint64_t>();
      scored.labelled = *rc::gen::arbitrary<std::uint64_t>();
      scored.kept = up_to_five(any_candidate);
      scored.shards = up_to_five(any_shard);
      if (*rc::gen::arbitrary<bool>()) {
        scored.spectrum = EnergySpectrum({300, 1200}, 8);
        scored.spectrum.add(*rc::gen::arbitrary<std::int32_t>(), 1 + *rc::gen::arbitrary<std::uint32_t>());
      }
      scored.seconds = *rc::gen::arbitrary<double>();
      if (*rc::gen::arbitrary<bool>())
        scored.search = SearchBound{*rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<double>()};
      return scored;
    }
    case 2:
      return WorkerStopped{};
    case 3:
      return WorkerBusy{};
    case 4:
      return ShardsChecked{up_to_five(any_text)};
    default:
      return WorkerFailed{any_text(), *rc::gen::arbitrary<std::int64_t>()};
  }
}

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

/// True if decoding either succeeds or refuses with TransportError; anything else escapes and fails the test.
template <class Decode>
bool decodes_or_refuses(Decode decode, std::span<const std::byte> bytes) {
  try {
    (void)decode(bytes);
    return true;
  } catch (const TransportError&) {
    return false;
  }
}

}  // namespace

TEST_CASE("a decoded message is the message that was encoded", "[core][protocol][property]") {
  CHECK(rc::check("master to worker", [] {
    const MasterMessage message = any_master_message();
    RC_ASSERT(decode_master_message(encode(message)) == message);
  }));
  CHECK(rc::check("worker to master", [] {
    const WorkerMessage message = any_worker_message();
    RC_ASSERT(decode_worker_message(encode(message)) == message);
  }));
}

TEST_CASE("every truncated message is refused", "[core][protocol][property]") {
  CHECK(rc::check("master to worker", [] {
    const auto bytes = encode(any_master_message());
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      RC_ASSERT_THROWS_AS(decode_master_message(std::span(bytes).first(length)), TransportError);
    }
  }));
  CHECK(rc::check("worker to master", [] {
    const auto bytes = encode(any_worker_message());
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      RC_ASSERT_THROWS_AS(decode_worker_message(std::span(bytes).first(length)), TransportError);
    }
  }));
}

TEST_CASE("random and damaged bytes are decoded or refused, nothing else", "[core][protocol][property]") {
  CHECK(rc::check("random bytes", [] {
    std::vector<std::byte> bytes;
    for (const std::uint8_t byte : some<std::uint8_t>(200)) bytes.push_back(std::byte{byte});
    if (!bytes.empty()) bytes[0] = static_cast<std::byte>(*rc::gen::inRange(0, 5));
    decodes_or_refuses(decode_master_message, bytes);
    decodes_or_refuses(decode_worker_message, bytes);
  }));
  CHECK(rc::check("one changed byte", [] {
    auto bytes = encode(any_worker_message());
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    bytes[at] = static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>());
    decodes_or_refuses(decode_worker_message, bytes);
  }));
}

TEST_CASE("a byte after the end of a message is refused", "[core][protocol]") {
  auto bytes = encode(MasterMessage(Stop{}));
  bytes.push_back(std::byte{0});

  CHECK_THROWS_WITH(decode_master_message(bytes), Catch::Contains("1 bytes too many"));
}

TEST_CASE("a length that the bytes cannot hold is refused before memory is taken for it", "[core][protocol]") {
  // UnitScored whose remainder claims 2^32 - 1 units.
  auto bytes = encode(WorkerMessage(UnitScored{}));
  const std::size_t remainder_at = 1 + (8 + 12 + 4 + 4) + 8;
  for (std::size_t i = 0; i < 4; ++i) bytes[remainder_at + i] = std::byte{0xFF};

  CHECK_THROWS_WITH(decode_worker_message(bytes), Catch::Contains("a list of 4294967295 elements"));
}

TEST_CASE("the bytes of a message are little-endian with the variant's index first", "[core][protocol]") {
  const auto hello = encode(WorkerMessage(WorkerHello{0x01020304, "ab", -2}));
  const auto model = encode(MasterMessage(UseModel{3, 1, {std::byte{7}}}));

  CHECK(hello == bytes_of({0, 4, 3, 2, 1, 2, 0, 0, 0, 'a', 'b', 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}));
  CHECK(model == bytes_of({1, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0}));
  CHECK(encode(MasterMessage(Stop{})) == bytes_of({2}));
}

}  // namespace hullscan
