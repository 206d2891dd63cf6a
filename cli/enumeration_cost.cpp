#include "cli/enumeration_cost.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <chrono>
#include <cmath>

#include "core/errors.hpp"
#include "core/log.hpp"
#include "enumerator/stratum_counter.hpp"

namespace hullscan::cli {
namespace {

// Bytes of an orbit: what enumerate writes for the spaces of tests/bench, 24 to 128 varied sites.
constexpr double kCsvBytes = 35, kCsvBytesPerSite = 1;
constexpr double kTableBytes = 3.5, kTableBytesPerSite = 0.0125;

std::string bytes_text(double bytes) {
  const char* unit = "B";
  for (const char* larger : {"kB", "MB", "GB", "TB", "PB", "EB"}) {
    if (bytes < 1000) break;
    bytes /= 1000;
    unit = larger;
  }
  return fmt::format("{:.3g} {}", bytes, unit);
}

/// Orbits of the same multiples of the primitive cell; nothing if the counts cannot be met there or not be counted.
std::optional<BigInteger> of_primitive_cell(const SearchSpace& space) {
  SpaceSpec spec = space.spec();
  spec.primitive = true;
  try {
    const SearchSpace smaller = SearchSpace::build(spec);
    BigInteger sum = 0;
    for (std::size_t i = 0; i < smaller.supercells().size(); ++i) {
      StratumCounter counter(smaller, i);
      for (const CompositionCounts& counts : smaller.compositions(i)) {
        const auto count = counter.count(counts);
        if (!count) return std::nullopt;
        sum += count->inequivalent;
      }
    }
    return sum;
  } catch (const InputError&) {
    return std::nullopt;  // the counts are for more sites than it has
  }
}

}  // namespace

void EnumerationCost::add(const SearchSpace& space, std::size_t supercell, std::size_t composition,
                          const BigInteger& orbits) {
  const auto number = orbits.convert_to<double>();
  const auto sites = static_cast<double>(space.supercells()[supercell]->varied_sites().size());
  orbits_ += number;
  csv_bytes_ += number * (kCsvBytes + kCsvBytesPerSite * sites);
  table_bytes_ += number * (kTableBytes + kTableBytesPerSite * sites);
  if (number <= largest_) return;
  largest_ = number;
  space_ = &space;
  supercell_ = supercell;
  composition_ = composition;
}

void EnumerationCost::measure() {
  using Clock = std::chrono::steady_clock;
  constexpr double kLongEnough = 0.1;
  const auto& markers = space_->markers(supercell_);
  std::optional<OrbitEnumerator> enumerator;
  for (std::size_t m = 0; m < markers.size() && !enumerator; ++m) {
    if (markers[m].holds(space_->compositions(supercell_)[composition_])) {
      enumerator = space_->enumerator(supercell_, composition_, m);
    }
  }
  if (!enumerator) enumerator = space_->enumerator(supercell_, composition_);
  const auto begun = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - begun).count(); };
  std::uint64_t batches = 0;
  const auto outcome = enumerator->run_batches({}, {}, [&](const LeafBatch& batch) {
    if (++batches % 16 != 0 || elapsed() < kLongEnough) return -1;
    return batch.for_each([](std::uint32_t, std::uint16_t, std::uint64_t) { return false; });
  });
  orbits_per_second_ = static_cast<double>(outcome.orbits) / std::max(elapsed(), 1e-6);
}

Json EnumerationCost::json() const {
  return {{"orbits_per_second", orbits_per_second_},
          {"seconds", seconds()},
          {"csv_bytes", csv_bytes_},
          {"h5_bytes", table_bytes_}};
}

std::string EnumerationCost::advice(const std::vector<SearchSpace>& spaces) const {
  std::string text = fmt::format(
      "enumerating them all would take about {} on one core of this machine (at the {:.1e} orbits/s with which the "
      "largest composition starts), about {} as .csv or {} as .h5\n",
      duration_text(seconds()), orbits_per_second_, bytes_text(csv_bytes_), bytes_text(table_bytes_));
  for (const SearchSpace& space : spaces) {
    const double cells = std::abs(space.parent()->cell_in_primitive.cast<double>().determinant());
    if (cells > 1.5) {
      const auto orbits = of_primitive_cell(space);
      text += fmt::format(
          "{}: the cell holds {:.0f} primitive cells; with primitive = true the same supercell is of the smaller "
          "one{}\n",
          space.name(), cells,
          orbits ? fmt::format(": {} inequivalent", grouped(orbits->str())) : ", with counts to match");
    }
    if (const auto& sample = space.spec().sample) {
      text += fmt::format("{}: space.sample makes hullscan enumerate draw {}{}\n", space.name(),
                          grouped(std::to_string(sample->number)), sample->per_space ? "" : " of each composition");
    } else {
      text += fmt::format(
          "{}: sample = {{ per_composition = 1000 }} in its [[space]] makes hullscan enumerate draw instead, "
          "uniformly "
          "over orbits; method = \"stratified\" takes the rare symmetric ones along\n",
          space.name());
    }
  }
  return text;
}

}  // namespace hullscan::cli
