#include "workers/unit_runner.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>  // std::accumulate
#include <tuple>

#include "core/errors.hpp"
#include "core/hash.hpp"
#include "core/scaled_energy.hpp"
#include "enumerator/sampling/orbit_sampler.hpp"
#include "workers/best_candidates.hpp"
#include "workers/best_search.hpp"

namespace hullscan {
namespace {

constexpr std::uint64_t kOrbitsBetweenLooks = 256;  ///< at the clock
constexpr std::size_t kPiecesOfARemainder = 4;

/// A uniform draw: the best by this score are a random sample that depends on the seed and the configuration alone.
std::int64_t random_score(std::uint64_t seed, const Stratum& stratum, std::span<const std::uint8_t> occupation) {
  const std::array<std::uint64_t, 4> words{stratum.space, stratum.supercell, stratum.index_in_supercell,
                                           hash64(std::as_bytes(occupation))};
  return static_cast<std::int64_t>(random_bits(seed, words) >> 1U);
}

/// Follows the search with a model's branch tables; sites are numbered among the varied ones.
class BranchEnergies {
 public:
  BranchEnergies(const OrbitEnumerator& enumerator, const Supercell& supercell) {
    const SearchOrder& order = enumerator.order();
    std::vector<std::vector<std::uint16_t>> of_sublattice(supercell.parent().sublattices.size());
    const auto& counts = enumerator.counts().of_sublattice;
    known_ = counts.size() == of_sublattice.size();
    for (std::size_t s = 0; known_ && s < counts.size(); ++s) {
      known_ = std::accumulate(counts[s].begin(), counts[s].end(), 0) ==
               supercell.sublattice_site_count(static_cast<int>(s));
    }
    if (!known_) return;
    for (std::size_t v = 0; v < supercell.varied_sites().size(); ++v) {
      of_sublattice[static_cast<std::size_t>(supercell.sublattice_of(static_cast<int>(v)))].push_back(
          static_cast<std::uint16_t>(v));
    }
    for (const Stage& stage : order.stages) {
      for (int i = 0; i < stage.count; ++i) {
        species_.push_back(stage.species);
        sites_of_.push_back(of_sublattice[stage.sublattice]);
        background_.push_back(order.background[stage.sublattice]);
      }
    }
  }

  /// What the search started from, or nothing where its sites are not all of the supercell's (marked ones are left
  /// out).
  std::optional<std::vector<std::uint8_t>> background_of(const LeafBatch& batch) const {
    if (!known_ || batch.placed.size() > species_.size()) return std::nullopt;
    std::vector<std::uint8_t> occupation(batch.occupation.begin(), batch.occupation.end());
    for (std::size_t i = 0; i < batch.placed.size(); ++i) {
      if (batch.placed[i] >= sites_of_[i].size()) return std::nullopt;
      std::uint8_t& there = occupation[sites_of_[i][batch.placed[i]]];
      if (there != species_[i]) return std::nullopt;
      there = background_[i];
    }
    return occupation;
  }

  void begin(std::shared_ptr<const BranchTables> tables) { scorer_.emplace(std::move(tables)); }
  void move_to(const LeafBatch& batch) {
    branch_.resize(batch.placed.size());
    for (std::size_t i = 0; i < branch_.size(); ++i) branch_[i] = sites_of_[i][batch.placed[i]];
    scorer_->move_to(branch_, std::span(species_).first(branch_.size()));
  }
  [[nodiscard]] double with_ev(std::size_t site, std::uint8_t species) const {
    return scorer_->energy_with_ev(site, species);
  }

 private:
  bool known_ = false;
  std::vector<std::uint8_t> species_, background_;    ///< [place on the branch]
  std::vector<std::vector<std::uint16_t>> sites_of_;  ///< [place on the branch][local number]
  std::vector<std::uint16_t> branch_;
  std::optional<BranchScorer> scorer_;
};

/// Orbits that are scored together, for scorers that want so: they are given away in their order, at once.
class WaitingOrbits {
 public:
  explicit WaitingOrbits(const ConfigurationScorer* scorer) : scorer_(scorer) {}
  [[nodiscard]] bool wanted() const { return scorer_ != nullptr && scorer_->batch() > 1; }

  /// @param take as of one orbit. @returns whether there shall be more; false only where nothing waits any more.
  template <class Take>
  bool add(std::span<const std::uint8_t> occupation, std::uint64_t degeneracy, const Take& take) {
    occupations_.insert(occupations_.end(), occupation.begin(), occupation.end());
    degeneracies_.push_back(degeneracy);
    return degeneracies_.size() < scorer_->batch() || flush(take);
  }

  template <class Take>
  bool flush(const Take& take) {
    if (degeneracies_.empty()) return true;
    const std::size_t sites = occupations_.size() / degeneracies_.size();
    std::vector<double> energies(degeneracies_.size());
    scorer_->score_batch(occupations_, energies);
    bool more = true;
    for (std::size_t i = 0; i < energies.size(); ++i) {
      more =
          take(std::span<const std::uint8_t>(occupations_).subspan(i * sites, sites), degeneracies_[i], energies[i]) &&
          more;
    }
    occupations_.clear();
    degeneracies_.clear();
    return more;
  }

 private:
  const ConfigurationScorer* scorer_;
  std::vector<std::uint8_t> occupations_;
  std::vector<std::uint64_t> degeneracies_;
};

}  // namespace

UnitRunner::UnitRunner(UnitRunnerParts parts) : parts_(std::move(parts)) {}

void UnitRunner::use_model(const UseModel& model) {
  scorers_.clear();
  branch_tables_.clear();
  models_.reset();
  if (!model.serialised.empty()) models_ = SurrogateSet::deserialise(model.serialised, parts_.parents);
  model_hash_ = model.model_hash;
  temperatures_kelvin_ = model.temperatures_kelvin;
  if (model.pass != pass_) shard_sink_.reset();
  pass_ = model.pass;
}

const ConfigurationScorer* UnitRunner::scorer_for(const Stratum& stratum, const UnitStratum& unit_stratum) {
  // A space that has no label yet has no model; its configurations are drawn at random.
  if (!models_ || !models_->space(stratum.space).fitted()) return nullptr;
  const Surrogate& model = models_->space(stratum.space);
  auto& scorer = scorers_[unit_stratum.marked ? stratum : Stratum{stratum.space, stratum.supercell, 0}];
  if (!scorer)
    scorer = unit_stratum.marked ? model.pair_scorer(*unit_stratum.supercell, *unit_stratum.marked)
                                 : model.scorer(*unit_stratum.supercell);
  return scorer.get();
}

std::shared_ptr<const BranchTables> UnitRunner::branch_tables(const Stratum& stratum, const ConfigurationScorer& scorer,
                                                              const std::vector<std::uint8_t>& background) {
  const auto key = std::tuple(stratum.space, stratum.supercell, background);
  const auto known = branch_tables_.find(key);
  if (known != branch_tables_.end()) return known->second;
  return branch_tables_.emplace(key, scorer.branch_tables(background)).first->second;
}

ShardSink& UnitRunner::shard_sink() {
  if (!shard_sink_ && parts_.shard_sink) shard_sink_ = parts_.shard_sink(pass_);
  if (!shard_sink_) throw Error("a shard was asked for, and there is nowhere to write it");
  return *shard_sink_;
}

ShardsChecked UnitRunner::check(const CheckShards& asked) const {
  if (!parts_.faults_of_shards) throw Error("shards were to be checked, and there is nobody who can");
  return {parts_.faults_of_shards(asked.shards)};
}

UnitScored UnitRunner::run(const RunUnit& order, const std::function<bool()>& stop_asked) {
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  const Stratum& stratum = order.unit.stratum;
  const UnitStratum unit_stratum = parts_.stratum(stratum);
  const ConfigurationScorer* scorer = scorer_for(stratum, unit_stratum);
  ShardSink* sink = order.write_shard ? &shard_sink() : nullptr;
  if (sink != nullptr) sink->begin(order.unit, model_hash_);

  BestCandidates best(stratum, order.keep_best);
  EnergySpectrum spectrum(temperatures_kelvin_, unit_stratum.atoms);
  std::uint64_t seen = 0;
  const auto take = [&](std::span<const std::uint8_t> occupation, std::uint64_t degeneracy, double energy) {
    std::optional<std::int32_t> stored_energy;
    std::int64_t score = 0;
    if (scorer != nullptr) {
      score = score_from_ev_per_atom(energy);
      stored_energy = micro_ev_from_ev(energy);
      spectrum.add(*stored_energy, degeneracy);
    } else {
      score = random_score(parts_.seed, stratum, occupation);
    }
    best.offer(score, occupation, degeneracy);
    if (sink != nullptr) sink->add(degeneracy, stored_energy);
    return ++seen % kOrbitsBetweenLooks != 0 ||
           (seconds() < order.quota_s && !(stop_asked && stop_asked()) && !(sink != nullptr && sink->full()));
  };
  const auto scored = [&](std::span<const std::uint8_t> occupation) {
    return scorer != nullptr ? scorer->score(occupation) : 0.0;
  };
  WaitingOrbits waiting(scorer);
  BranchEnergies branch(*unit_stratum.enumerator, *unit_stratum.supercell);
  std::shared_ptr<const BranchTables> tables;
  bool looked_for_tables = scorer == nullptr || unit_stratum.atoms <= 0;
  const auto per_atom = 1.0 / static_cast<double>(std::max<std::int64_t>(1, unit_stratum.atoms));
  std::vector<std::uint8_t> occupation;
  const EnumerationOutcome outcome =
      unit_stratum.enumerator->run_batches(order.unit.begin, order.unit.end, [&](const LeafBatch& batch) {
        if (batch.nothing_to_place) {
          const bool more = waiting.wanted() ? waiting.add(batch.occupation, batch.degeneracy, take)
                                             : take(batch.occupation, batch.degeneracy, scored(batch.occupation));
          return more ? -1 : 0;
        }
        if (!looked_for_tables) {
          looked_for_tables = true;
          if (const auto background = branch.background_of(batch))
            tables = branch_tables(stratum, *scorer, *background);
          if (tables) branch.begin(tables);
        }
        if (tables) branch.move_to(batch);
        occupation.assign(batch.occupation.begin(), batch.occupation.end());
        return batch.for_each([&](std::uint32_t, std::uint16_t site, std::uint64_t degeneracy) {
          const std::uint8_t background = occupation[site];
          occupation[site] = batch.species;
          if (waiting.wanted()) {
            const bool more = waiting.add(occupation, degeneracy, take);
            occupation[site] = background;
            return more;
          }
          const double energy = tables ? branch.with_ev(site, batch.species) * per_atom : scored(occupation);
          const bool more = take(occupation, degeneracy, energy);
          occupation[site] = background;
          return more;
        });
      });

  waiting.flush(take);

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
    for (const Cursor& cut : unit_stratum.enumerator->split(outcome.reached, order.unit.end, kPiecesOfARemainder)) {
      result.remainder.push_back({0, stratum, begin, cut});
      begin = cut;
    }
    result.remainder.push_back({0, stratum, begin, order.unit.end});
  }
  if (sink != nullptr) result.shards.push_back(sink->publish(result.unit, result.kept));
  result.seconds = seconds();
  return result;
}

std::optional<UnitScored> UnitRunner::search(const RunUnit& order, const std::function<bool()>& stop_asked) {
  const auto start = std::chrono::steady_clock::now();
  const Stratum& stratum = order.unit.stratum;
  const UnitStratum unit_stratum = parts_.stratum(stratum);
  if (!unit_stratum.action) throw Error("a stratum without its group was to be searched");
  const CompositionCounts& counts = unit_stratum.enumerator->counts();
  UnitScored result;
  result.unit = order.unit;
  result.model_hash = model_hash_;
  result.search = SearchBound{false, -std::numeric_limits<double>::infinity()};
  const ConfigurationScorer* scorer = scorer_for(stratum, unit_stratum);
  if (scorer == nullptr || unit_stratum.atoms <= 0) {
    const std::uint64_t tries = 4ULL * order.keep_best + 100;
    OrbitSampler sampler(unit_stratum.action, counts, unit_stratum.options);
    std::map<std::vector<std::uint8_t>, std::uint64_t> drawn;
    for (std::uint64_t i = 0; i < tries && drawn.size() < order.keep_best; ++i) {
      if (stop_asked && stop_asked()) return std::nullopt;
      auto form = sampler.draw(SampleMethod::kOrbit, parts_.seed, i);
      if (!form) break;
      drawn.emplace(std::move(form->occupation), form->degeneracy);
    }
    BestCandidates best(stratum, order.keep_best);
    for (const auto& [occupation, degeneracy] : drawn)
      best.offer(random_score(parts_.seed, stratum, occupation), occupation, degeneracy);
    result.kept = best.take();
  } else {
    const SearchOrder& search_order = unit_stratum.enumerator->order();
    std::vector<std::uint8_t> background;
    for (std::size_t site = 0; site < unit_stratum.supercell->varied_sites().size(); ++site)
      background.push_back(
          search_order
              .background[static_cast<std::size_t>(unit_stratum.supercell->sublattice_of(static_cast<int>(site)))]);
    const auto tables = branch_tables(stratum, *scorer, background);
    if (!tables) {
      throw InputError(
          fmt::format("run.scan_at_most: the model has no bound to search by; up to triplets, 512 site states "
                      "for pairs and 160 for triplets have"));
    }
    bool stopped = false;
    const BestSearchResult found =
        search_best({.action = unit_stratum.action,
                     .counts = counts,
                     .options = unit_stratum.options,
                     .tables = tables,
                     .atoms = unit_stratum.atoms,
                     .count = order.keep_best,
                     .stratum = stratum,
                     .seed = parts_.seed,
                     .stop_asked = [&] { return stopped = stopped || (stop_asked && stop_asked()); },
                     .most_nodes = order.search_nodes,
                     .more_threads = parts_.spare_threads});
    if (stopped) return std::nullopt;
    result.kept = found.best;
    result.search = SearchBound{found.proven, found.bound_ev_per_atom};
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace hullscan
