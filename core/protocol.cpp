#include "core/protocol.hpp"

#include <bit>
#include <limits>

#include "core/errors.hpp"
#include "core/overloaded.hpp"

namespace hullscan {
namespace {

class Writer {
 public:
  void u8(std::uint8_t value) { bytes_.push_back(static_cast<std::byte>(value)); }
  void u32(std::uint32_t value) { little_endian(value, 4); }
  void u64(std::uint64_t value) { little_endian(value, 8); }
  void i64(std::int64_t value) { u64(static_cast<std::uint64_t>(value)); }
  void f64(double value) { u64(std::bit_cast<std::uint64_t>(value)); }
  void boolean(bool value) { u8(value ? 1 : 0); }

  void length(std::size_t value) {
    if (value > std::numeric_limits<std::uint32_t>::max())
      throw TransportError("message: a list of more than 2^32 - 1 elements");
    u32(static_cast<std::uint32_t>(value));
  }

  void text(const std::string& value) { raw(std::as_bytes(std::span(value))); }
  void raw(std::span<const std::byte> value) {
    length(value.size());
    bytes_.insert(bytes_.end(), value.begin(), value.end());
  }

  void put(const Cursor& cursor) {
    length(cursor.size());
    for (const std::uint32_t word : cursor) u32(word);
  }
  void put(const Stratum& stratum) {
    u32(stratum.space);
    u32(stratum.supercell);
    u32(stratum.index_in_supercell);
  }
  void put(const WorkUnit& unit) {
    u64(unit.id);
    put(unit.stratum);
    put(unit.begin);
    put(unit.end);
  }
  void put(const Candidate& candidate) {
    put(candidate.stratum);
    raw(std::as_bytes(std::span(candidate.occupation)));
    u64(candidate.degeneracy);
    i64(candidate.score);
  }
  void put(const ShardReceipt& shard) {
    text(shard.file_name);
    u64(shard.bytes);
    text(shard.checksum);
    u64(shard.orbits);
    u64(shard.begin);
  }
  void put(const std::string& words) { text(words); }
  template <class Element>
  void put_all(const std::vector<Element>& elements) {
    length(elements.size());
    for (const Element& element : elements) put(element);
  }

  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  void little_endian(std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i) u8(static_cast<std::uint8_t>(value >> (8 * i) & 0xFFU));
  }
  std::vector<std::byte> bytes_;
};

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : rest_(bytes), size_(bytes.size()) {}

  std::uint8_t u8() { return std::to_integer<std::uint8_t>(need(1)[0]); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(little_endian(4)); }
  std::uint64_t u64() { return little_endian(8); }
  std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
  double f64() { return std::bit_cast<double>(u64()); }
  bool boolean() {
    const std::uint8_t value = u8();
    if (value > 1) fail("expected 0 or 1, found " + std::to_string(value));
    return value == 1;
  }

  /// A count of elements that take at least `element_bytes` each, refused before anything is allocated for them.
  std::size_t length(std::size_t element_bytes) {
    const std::size_t count = u32();
    if (count > rest_.size() / element_bytes) {
      fail("a list of " + std::to_string(count) + " elements in " + std::to_string(rest_.size()) + " bytes");
    }
    return count;
  }

  std::span<const std::byte> raw() { return need(length(1)); }
  std::string text() {
    const auto bytes = raw();
    std::string value;
    value.reserve(bytes.size());
    for (const std::byte byte : bytes) value.push_back(static_cast<char>(byte));
    return value;
  }

  Cursor cursor() {
    Cursor value(length(4));
    for (std::uint32_t& word : value) word = u32();
    return value;
  }
  Stratum stratum() {
    Stratum value;
    value.space = u32();
    value.supercell = u32();
    value.index_in_supercell = u32();
    return value;
  }
  WorkUnit unit() {
    WorkUnit value;
    value.id = u64();
    value.stratum = stratum();
    value.begin = cursor();
    value.end = cursor();
    return value;
  }
  Candidate candidate() {
    Candidate value;
    value.stratum = stratum();
    const auto bytes = raw();
    value.occupation.reserve(bytes.size());
    for (const std::byte byte : bytes) value.occupation.push_back(std::to_integer<std::uint8_t>(byte));
    value.degeneracy = u64();
    value.score = i64();
    return value;
  }
  EnergySpectrum spectrum() {
    const auto bytes = raw();
    try {
      return EnergySpectrum::deserialise({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    } catch (const StorageError& error) {
      fail(error.what());
    }
  }
  ShardReceipt shard() {
    ShardReceipt value;
    value.file_name = text();
    value.bytes = u64();
    value.checksum = text();
    value.orbits = u64();
    value.begin = u64();
    return value;
  }
  /// @param element_bytes what an element takes at least: all its lists empty.
  template <class Element>
  std::vector<Element> all(std::size_t element_bytes, Element (Reader::*read)()) {
    std::vector<Element> values;
    // An element in memory is larger than its bytes, so room is not made for all of them at once.
    for (std::size_t count = length(element_bytes); count > 0; --count) values.push_back((this->*read)());
    return values;
  }

  void end() const {
    if (!rest_.empty()) fail(std::to_string(rest_.size()) + " bytes too many");
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw TransportError("message of " + std::to_string(size_) + " bytes, at byte " +
                         std::to_string(size_ - rest_.size()) + ": " + what);
  }

 private:
  std::span<const std::byte> need(std::size_t count) {
    if (count > rest_.size()) {
      fail(std::to_string(count) + " bytes expected, " + std::to_string(rest_.size()) + " left");
    }
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  std::uint64_t little_endian(int count) {
    const auto bytes = need(static_cast<std::size_t>(count));
    std::uint64_t value = 0;
    for (int i = count - 1; i >= 0; --i)
      value = value << 8U | std::to_integer<std::uint64_t>(bytes[static_cast<std::size_t>(i)]);
    return value;
  }

  std::span<const std::byte> rest_;
  std::size_t size_;
};

constexpr std::size_t kUnitBytes = 8 + 12 + 4 + 4;
constexpr std::size_t kCandidateBytes = 12 + 4 + 8 + 8;
constexpr std::size_t kShardBytes = 4 + 8 + 4 + 8 + 8;
constexpr std::size_t kTextBytes = 4;

}  // namespace

std::vector<std::byte> encode(const MasterMessage& message) {
  Writer out;
  out.u8(static_cast<std::uint8_t>(message.index()));
  std::visit(Overloaded{
                 [&](const RunUnit& run) {
                   out.put(run.unit);
                   out.f64(run.quota_s);
                   out.u32(run.keep_best);
                   out.boolean(run.write_shard);
                   out.u64(run.search_nodes);
                 },
                 [&](const UseModel& use) {
                   out.u32(use.pass);
                   out.u64(use.model_hash);
                   out.raw(use.serialised);
                   out.length(use.temperatures_kelvin.size());
                   for (const double temperature : use.temperatures_kelvin) out.f64(temperature);
                 },
                 [](const Stop&) {},
                 [&](const CheckShards& check) { out.put_all(check.shards); },
                 [](const SayHello&) {},
             },
             message);
  return out.take();
}

std::vector<std::byte> encode(const WorkerMessage& message) {
  Writer out;
  out.u8(static_cast<std::uint8_t>(message.index()));
  std::visit(Overloaded{
                 [&](const WorkerHello& hello) {
                   out.u32(hello.protocol_version);
                   out.text(hello.host);
                   out.i64(hello.process_id);
                 },
                 [&](const UnitScored& scored) {
                   out.put(scored.unit);
                   out.u64(scored.model_hash);
                   out.put_all(scored.remainder);
                   out.u64(scored.orbits);
                   out.u64(scored.labelled);
                   out.put_all(scored.kept);
                   out.put_all(scored.shards);
                   const std::vector<std::uint8_t> spectrum = scored.spectrum.serialise();
                   out.raw(std::as_bytes(std::span(spectrum)));
                   out.f64(scored.seconds);
                   out.boolean(scored.search.has_value());
                   if (scored.search) {
                     out.boolean(scored.search->proven);
                     out.f64(scored.search->bound_ev_per_atom);
                   }
                 },
                 [&](const WorkerFailed& failed) {
                   out.text(failed.what);
                   out.i64(failed.exit_code);
                 },
                 [](const WorkerStopped&) {},
                 [](const WorkerBusy&) {},
                 [&](const ShardsChecked& checked) { out.put_all(checked.faults); },
             },
             message);
  return out.take();
}

MasterMessage decode_master_message(std::span<const std::byte> bytes) {
  Reader in(bytes);
  MasterMessage message;
  switch (const std::uint8_t kind = in.u8()) {
    case 0: {
      RunUnit run;
      run.unit = in.unit();
      run.quota_s = in.f64();
      run.keep_best = in.u32();
      run.write_shard = in.boolean();
      run.search_nodes = in.u64();
      message = std::move(run);
      break;
    }
    case 1: {
      UseModel use;
      use.pass = in.u32();
      use.model_hash = in.u64();
      const auto serialised = in.raw();
      use.serialised.assign(serialised.begin(), serialised.end());
      use.temperatures_kelvin.resize(in.length(8));
      for (double& temperature : use.temperatures_kelvin) temperature = in.f64();
      message = std::move(use);
      break;
    }
    case 2:
      message = Stop{};
      break;
    case 3:
      message = CheckShards{in.all(kShardBytes, &Reader::shard)};
      break;
    case 4:
      message = SayHello{};
      break;
    default:
      in.fail("no message to a worker has the number " + std::to_string(kind));
  }
  in.end();
  return message;
}

WorkerMessage decode_worker_message(std::span<const std::byte> bytes) {
  Reader in(bytes);
  WorkerMessage message;
  switch (const std::uint8_t kind = in.u8()) {
    case 0: {
      WorkerHello hello;
      hello.protocol_version = in.u32();
      hello.host = in.text();
      hello.process_id = in.i64();
      message = std::move(hello);
      break;
    }
    case 1: {
      UnitScored scored;
      scored.unit = in.unit();
      scored.model_hash = in.u64();
      scored.remainder = in.all(kUnitBytes, &Reader::unit);
      scored.orbits = in.u64();
      scored.labelled = in.u64();
      scored.kept = in.all(kCandidateBytes, &Reader::candidate);
      scored.shards = in.all(kShardBytes, &Reader::shard);
      scored.spectrum = in.spectrum();
      scored.seconds = in.f64();
      if (in.boolean()) {
        SearchBound& search = scored.search.emplace();
        search.proven = in.boolean();
        search.bound_ev_per_atom = in.f64();
      }
      message = std::move(scored);
      break;
    }
    case 2: {
      WorkerFailed failed;
      failed.what = in.text();
      failed.exit_code = in.i64();
      message = std::move(failed);
      break;
    }
    case 3:
      message = WorkerStopped{};
      break;
    case 4:
      message = WorkerBusy{};
      break;
    case 5:
      message = ShardsChecked{in.all(kTextBytes, &Reader::text)};
      break;
    default:
      in.fail("no message to the master has the number " + std::to_string(kind));
  }
  in.end();
  return message;
}

}  // namespace hullscan
