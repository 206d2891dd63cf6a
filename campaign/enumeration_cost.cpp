#include "campaign/enumeration_cost.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <chrono>
#include <cmath>

#include "core/errors.hpp"
#include "core/log.hpp"

namespace hullscan {
namespace {

// Bytes of an orbit: what enumerate writes for the spaces of tests/bench, 24 to 128 varied sites.
constexpr double kCsvBytes = 35, kCsvBytesPerSite = 1;
constexpr double kTableBytes = 3.5, kTableBytesPerSite = 0.0125;
// Bytes of a structure: what enumerate writes for 32 to 256 atoms.
constexpr double kTextBytes = 330, kTextBytesPerAtom = 58;
constexpr double kPackedBytes = 700, kPackedBytesPerAtom = 12;

/// "6e+74"; the numbers end where long double's do.
std::string number_text(long double number) {
  return std::isfinite(number) ? fmt::format("{:.3g}", number) : "more than 1e4932";
}

std::string bytes_text(long double bytes) {
  const char* unit = "B";
  for (const char* larger : {"kB", "MB", "GB", "TB", "PB", "EB"}) {
    if (bytes < 1000) break;
    bytes /= 1000;
    unit = larger;
  }
  return fmt::format("{} {}", number_text(bytes), unit);
}

/// Orbits of the same multiples of the primitive cell; nothing if the counts cannot be met there or not be counted.
std::optional<BigInteger> of_primitive_cell(const SearchSpace& space) {
  SpaceSpec spec = space.spec();
  spec.primitive = true;
  try {
    const SearchSpace smaller = SearchSpace::build(spec, space.crystal(), space.repeat_rule());
    const auto count = exact_count(Strata(std::span(&smaller, 1)));
    return count ? std::optional(count->inequivalent) : std::nullopt;
  } catch (const InputError&) {
    return std::nullopt;  // the counts are for more sites than it has
  }
}

}  // namespace

void EnumerationCost::add(const SpaceStratum& stratum, const BigInteger& orbits) {
  const auto number = orbits.convert_to<long double>();
  const Supercell& supercell = *stratum.space->supercells()[stratum.supercell()];
  const auto sites = static_cast<long double>(supercell.varied_sites().size());
  orbits_ += number;
  csv_bytes_ += number * (kCsvBytes + kCsvBytesPerSite * sites);
  table_bytes_ += number * (kTableBytes + kTableBytesPerSite * sites);
  const auto atoms = static_cast<long double>(supercell.sites().size());
  text_bytes_ += number * (kTextBytes + kTextBytesPerAtom * atoms);
  packed_bytes_ += number * (kPackedBytes + kPackedBytesPerAtom * atoms);
  if (number <= largest_) return;
  largest_ = number;
  largest_stratum_ = stratum;
}

void EnumerationCost::divide_by(int parts) {
  for (long double* sum : {&orbits_, &csv_bytes_, &table_bytes_, &text_bytes_, &packed_bytes_}) *sum /= parts;
}

void EnumerationCost::measure() {
  using Clock = std::chrono::steady_clock;
  constexpr double kLongEnough = 0.1;
  if (largest_stratum_.space->why_not_enumerable(largest_stratum_.supercell())) return;
  const OrbitEnumerator enumerator = largest_stratum_.enumerator();
  const auto begun = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - begun).count(); };
  std::uint64_t batches = 0;
  const auto outcome = enumerator.run_batches({}, {}, [&](const LeafBatch& batch) {
    if (++batches % 16 != 0 || elapsed() < kLongEnough) return -1;
    return batch.for_each([](std::uint32_t, std::uint16_t, std::uint64_t) { return false; });
  });
  orbits_per_second_ = static_cast<double>(outcome.orbits) / std::max(elapsed(), 1e-6);
}

double EnumerationCost::seconds() const { return static_cast<double>(std::min(orbits_ / orbits_per_second_, 1e300L)); }

long double EnumerationCost::bytes(const std::filesystem::path& file) const {
  const std::filesystem::path ending = file.extension();
  if (ending == ".csv") return csv_bytes_;
  if (ending == ".h5") return table_bytes_;
  return ending == ".zip" ? packed_bytes_ : text_bytes_;
}

Json EnumerationCost::json() const {
  const bool measured = orbits_per_second_ > 0;
  return {{"orbits_per_second", measured ? Json(orbits_per_second_) : Json()},
          {"seconds", measured ? Json(seconds()) : Json()},
          {"csv_bytes", static_cast<double>(csv_bytes_)},
          {"h5_bytes", static_cast<double>(table_bytes_)}};
}

std::string EnumerationCost::advice(const std::vector<SearchSpace>& spaces) const {
  const std::string sizes =
      fmt::format("about {} as .csv or {} as .h5", bytes_text(csv_bytes_), bytes_text(table_bytes_));
  std::string text =
      orbits_per_second_ > 0
          ? fmt::format(
                "enumerating them all would take about {} on one core of this machine (at the {:.1e} orbits/s "
                "with which the largest composition starts), {}\n",
                duration_text(seconds()), orbits_per_second_, sizes)
          : fmt::format("they cannot be enumerated: the supercell is too large; all would be {}\n", sizes);
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
          "over orbits{}\n",
          space.name(),
          &space == largest_stratum_.space && space.why_not_enumerable(largest_stratum_.supercell())
              ? ""
              : "; method = \"stratified\" takes the rare symmetric ones along");
    }
  }
  return text;
}

namespace {

/// Free for everybody where a file or directory lies or will lie; nothing if nobody can say.
std::optional<double> free_bytes(const std::filesystem::path& place) {
  std::error_code error;
  std::filesystem::path at = std::filesystem::absolute(place);
  while (!std::filesystem::exists(at, error) && at.has_relative_path()) at = at.parent_path();
  const auto space = std::filesystem::space(at, error);
  if (error) return std::nullopt;
  return static_cast<double>(space.available);
}

}  // namespace

std::optional<std::string> why_hopeless(EnumerationCost& cost, const EnumerationTarget& target) {
  const std::string number = number_text(cost.orbits()) + " configurations";
  if (target.place) {
    const auto free = free_bytes(*target.place);
    const bool too_many = cost.orbits() > kMostStoredOrbits, too_large = free && target.bytes > *free;
    if (!too_many && !too_large) return std::nullopt;
    cost.measure();
    if (too_large) {
      return fmt::format("{} would take about {}, and {} are free for {}", number, bytes_text(target.bytes),
                         bytes_text(*free), target.place->string());
    }
    return fmt::format("{} are more than the {:.0e} that are stored without being asked twice (about {})", number,
                       kMostStoredOrbits, bytes_text(target.bytes));
  }
  if (cost.orbits() < static_cast<double>(kManyOrbits)) return std::nullopt;
  cost.measure();
  const double seconds = cost.seconds() / target.cores;
  if (seconds <= kMostSeconds) return std::nullopt;
  return fmt::format("{} would take about {} on {:.0f} core{}", number, duration_text(seconds), target.cores,
                     target.cores == 1 ? "" : "s");
}

void require_hope(EnumerationCost& cost, const EnumerationTarget& target, const std::vector<SearchSpace>& spaces,
                  bool whatever_it_costs) {
  if (whatever_it_costs) return;
  const auto why = why_hopeless(cost, target);
  if (!why) return;
  throw InputError(fmt::format(
      "not begun: {}\n{}fewer are left by space.constraints, narrower counts or a smaller supercell; run with "
      "run.keep = \"best\" and hullscan best find the lowest of a model without storing all; --yes begins anyway",
      *why, cost.advice(spaces)));
}

}  // namespace hullscan
