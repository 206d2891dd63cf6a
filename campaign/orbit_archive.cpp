#include "campaign/orbit_archive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <vector>

#include "storage/shard_reader.hpp"

namespace hullscan {
namespace {

constexpr std::uint64_t kRowsAtATime = 65536;

/// The rows of a unit's shard in turn; without a shard there is nothing to read.
class Rows {
 public:
  Rows(const std::filesystem::path& directory, const FinishedUnit& done) : done_(done) {
    if (done.shard) reader_ = std::make_unique<ShardReader>(directory, *done.shard);
  }
  void check_and_fill(std::uint64_t row, StoredOrbit& orbit) {
    if (!reader_) return;
    if (row >= done_.orbits) fail(row);
    if (row < first_ || row >= first_ + degeneracies_.size()) {
      first_ = row;
      reader_->read(row, std::min(kRowsAtATime, done_.orbits - row), degeneracies_, energies_);
    }
    const auto at = static_cast<std::size_t>(row - first_);
    if (degeneracies_[at] != orbit.degeneracy) fail(row);
    if (!energies_.empty()) orbit.energy = energies_[at];
  }

 private:
  [[noreturn]] void fail(std::uint64_t row) const {
    throw StorageError(fmt::format("{}: row {} is not the orbit that is generated there: hullscan verify says more",
                                   name_of(*done_.shard), row));
  }

  const FinishedUnit& done_;
  std::unique_ptr<ShardReader> reader_;
  std::uint64_t first_ = 0;
  std::vector<std::uint64_t> degeneracies_;
  std::vector<std::int32_t> energies_;
};

}  // namespace

OrbitKey parse_orbit_key(const std::string& text) {
  std::array<std::uint64_t, 4> numbers{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto [after, error] = std::from_chars(at, end, numbers[i]);
    const bool last = i + 1 == numbers.size();
    if (error != std::errc() || (last ? after != end : after == end || *after != '.') ||
        (!last && numbers[i] > 0xFFFFFFFFU)) {
      throw InputError(fmt::format("an orbit's key is SPACE.SUPERCELL.COMPOSITION.INDEX, found \"{}\"", text));
    }
    at = after + 1;
  }
  return {{static_cast<std::uint32_t>(numbers[0]), static_cast<std::uint32_t>(numbers[1]),
           static_cast<std::uint32_t>(numbers[2])},
          numbers[3]};
}

std::string to_string(const OrbitKey& key) {
  return fmt::format("{}.{}.{}.{}", key.stratum.space, key.stratum.supercell, key.stratum.index_in_supercell,
                     key.index);
}

void OrbitArchive::visit(int pass, const std::function<void(const StoredOrbit&)>& visit) const {
  for (const auto& [stratum, totals] : store_.unit_totals(pass)) {
    const OrbitEnumerator enumerator = strata_.at(stratum).enumerator();
    StoredOrbit stored{stratum, 0, 0, {}, {}};
    for (const FinishedUnit& done : store_.finished_units(pass, stratum)) {
      Rows rows(directory_, done);
      std::uint64_t row = 0;
      (void)enumerator.run(done.unit.begin, done.unit.end, [&](const Orbit& orbit) {
        stored.degeneracy = orbit.degeneracy;
        stored.occupation = orbit.occupation;
        rows.check_and_fill(row++, stored);
        visit(stored);
        ++stored.index;
        return true;
      });
      if (row != done.orbits)
        throw StorageError(fmt::format("work unit {}: {} orbits stored, {} generated", done.unit.id, done.orbits, row));
    }
  }
}

void OrbitArchive::visit_one(int pass, const OrbitKey& key,
                             const std::function<void(const StoredOrbit&)>& visit) const {
  const Stratum& at = key.stratum;
  const SpaceStratum* known = strata_.find(at);
  std::uint64_t before = 0;
  Cursor reached;
  if (known != nullptr) {
    for (const FinishedUnit& done : store_.finished_units(pass, at)) {
      // What is not enumerated yet leaves a gap, behind which orbits have no number.
      if (done.unit.begin != reached) break;
      reached = done.unit.end;
      if (key.index - before >= done.orbits) {
        before += done.orbits;
        continue;
      }
      Rows rows(directory_, done);
      std::uint64_t row = 0;
      (void)known->enumerator().run(done.unit.begin, done.unit.end, [&](const Orbit& orbit) {
        if (row++ != key.index - before) return true;
        StoredOrbit stored{at, key.index, orbit.degeneracy, {}, orbit.occupation};
        rows.check_and_fill(row - 1, stored);
        visit(stored);
        return false;
      });
      return;
    }
  }
  throw InputError(fmt::format("no orbit {} in pass {}, or it is not enumerated yet", to_string(key), pass));
}

}  // namespace hullscan
