#include "workers/unit_runner.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <limits>

#include "core/errors.hpp"
#include "core/hash.hpp"
#include "workers/best_candidates.hpp"

namespace hullscan {
namespace {

constexpr std::uint64_t kOrbitsBetweenLooks = 256;  ///< at the clock
constexpr std::size_t kPiecesOfARemainder = 4;

/// Rounded to units of 1/`scale`; what does not fit (a cell without atoms has no energy) is the largest integer.
template <class Integer>
Integer quantised(double energy_ev_per_atom, double scale) {
  constexpr auto kHighest = std::numeric_limits<Integer>::max();
  if (std::isnan(energy_ev_per_atom)) throw Error("the model's prediction is not a number");
  const double scaled = energy_ev_per_atom * scale;
  if (scaled >= static_cast<double>(kHighest)) return kHighest;
  if (scaled <= -static_cast<double>(kHighest)) return -kHighest;
  return static_cast<Integer>(std::llround(scaled));
}

/// A uniform draw: the best by this score are a random sample that depends on the seed and the configuration alone.
std::int64_t random_score(std::uint64_t seed, const Stratum& stratum, std::span<const std::uint8_t> occupation) {
  const std::array<std::uint64_t, 4> words{stratum.space, stratum.supercell, stratum.composition,
                                           hash64(std::as_bytes(occupation))};
  return static_cast<std::int64_t>(random_bits(seed, words) >> 1U);
}

}  // namespace

UnitRunner::UnitRunner(UnitRunnerParts parts) : parts_(std::move(parts)) {}

void UnitRunner::use_model(const UseModel& model) {
  scorers_.clear();
  models_.reset();
  if (!model.serialised.empty()) models_ = SurrogateSet::deserialise(model.serialised, parts_.parents);
  model_hash_ = model.model_hash;
  temperatures_kelvin_ = model.temperatures_kelvin;
  if (model.pass != pass_) shard_sink_.reset();
  pass_ = model.pass;
}

const ConfigurationScorer* UnitRunner::scorer_for(const Stratum& stratum, const Supercell& supercell) {
  // A space that has no label yet has no model; its configurations are drawn at random.
  if (!models_ || !models_->space(stratum.space).fitted()) return nullptr;
  auto& scorer = scorers_[{stratum.space, stratum.supercell}];
  if (!scorer) scorer = models_->space(stratum.space).scorer(supercell);
  return scorer.get();
}

ShardSink& UnitRunner::shard_sink() {
  if (!shard_sink_ && parts_.shard_sink) shard_sink_ = parts_.shard_sink(pass_);
  if (!shard_sink_) throw Error("a shard was asked for, and there is nowhere to write it");
  return *shard_sink_;
}

UnitScored UnitRunner::run(const RunUnit& order, const std::function<bool()>& stop_asked) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  const Stratum& stratum = order.unit.stratum;
  const SearchedStratum searched = parts_.stratum(stratum);
  const ConfigurationScorer* scorer = scorer_for(stratum, *searched.supercell);
  ShardSink* sink = order.write_shard ? &shard_sink() : nullptr;
  if (sink != nullptr) sink->begin(order.unit, model_hash_);

  BestCandidates best(stratum, order.keep_best);
  EnergySpectrum spectrum(temperatures_kelvin_, searched.atoms);
  std::uint64_t seen = 0;
  const EnumerationOutcome outcome =
      searched.enumerator->run(order.unit.begin, order.unit.end, [&](const Orbit& orbit) {
        std::optional<std::int32_t> stored_energy;
        std::int64_t score = 0;
        if (scorer != nullptr) {
          const double energy = scorer->score(orbit.occupation);
          score = quantised<std::int64_t>(energy, 1e9);
          stored_energy = quantised<std::int32_t>(energy, 1e6);
          spectrum.add(*stored_energy, orbit.degeneracy);
        } else {
          score = random_score(parts_.seed, stratum, orbit.occupation);
        }
        best.offer(score, orbit.occupation, orbit.degeneracy);
        if (sink != nullptr) sink->add(orbit.degeneracy, stored_energy);
        return ++seen % kOrbitsBetweenLooks != 0 || (seconds() < order.quota_s && !(stop_asked && stop_asked()));
      });

  UnitScored result;
  result.unit = order.unit;
  result.model_hash = model_hash_;
  result.orbits = outcome.orbits;
  result.labelled = outcome.labelled;
  result.kept = best.take();
  if (!spectrum.empty()) result.spectrum = std::move(spectrum);
  if (!outcome.finished) {
    result.unit.end = outcome.reached;
    Cursor begin = outcome.reached;
    for (const Cursor& cut : searched.enumerator->split(outcome.reached, order.unit.end, kPiecesOfARemainder)) {
      result.remainder.push_back({0, stratum, begin, cut});
      begin = cut;
    }
    result.remainder.push_back({0, stratum, begin, order.unit.end});
  }
  if (sink != nullptr) result.shards.push_back(sink->publish(result.unit, result.kept));
  result.seconds = seconds();
  return result;
}

}  // namespace hullscan
