#include "campaign/monte_carlo/monte_carlo_chain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <fstream>
#include <sstream>
#include <thread>

#include "campaign/monte_carlo/monte_carlo_point.hpp"
#include "core/energy_spectrum.hpp"
#include "core/hash.hpp"
#include "core/json_text.hpp"
#include "core/structure_files/poscar.hpp"
#include "storage/durable_file.hpp"
#include "workers/monte_carlo/walker.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kStateVersion = 2;
constexpr double kSecondsBetweenStates = 20;
constexpr std::int64_t kFewestBlocksOfPoint = 20;  ///< before its precision is looked at

std::string occupation_as_text(std::span<const std::uint8_t> occupation) {
  std::string text;
  for (const std::uint8_t one : occupation) text += static_cast<char>('0' + one);
  return text;
}

class ChainOfPoints {
 public:
  ChainOfPoints(const MonteCarloCell& shared, std::size_t number, WalkCounters& counters)
      : shared_(shared),
        chain_(shared.plan.chains[number]),
        spec_(*shared.plan.spec),
        number_(number),
        counters_(counters),
        file_(shared.folder / "chains" / fmt::format("{:06}.json", number)) {
    const std::size_t walkers = spec_.tempering ? spec_.temperatures_kelvin.size() : 1;
    for (std::size_t w = 0; w < walkers; ++w)
      walkers_.emplace_back(CellState(shared.cell, shared.whole_cell),
                            WalkRules{spec_.ensemble == Ensemble::kSemiGrand, shared.plan.limits});
    if (!read()) begin();
  }

  /// @returns false if it was stopped.
  bool run(std::size_t threads) {
    auto last_kept = Clock::now();
    auto point_begun = Clock::now();
    count_points(0);
    counters_.points_from_files += points_.size();
    while (points_.size() < spec_.temperatures_kelvin.size()) {
      if (counters_.stop || shared_.stop_asked()) {
        keep();
        return false;
      }
      walk_block(threads);
      const std::chrono::duration<double> in_point = Clock::now() - point_begun, since = Clock::now() - last_kept;
      const bool out_of_time = spec_.time_limit_s && in_point.count() > *spec_.time_limit_s;
      if (point_is_done(out_of_time)) {
        finish_points();
        keep();
        last_kept = point_begun = Clock::now();
      } else if (since.count() > kSecondsBetweenStates) {
        keep();
        last_kept = Clock::now();
      }
    }
    if (spec_.ensemble == Ensemble::kAnneal && lowest_.is_null()) {
      quench();
      keep();
    }
    return true;
  }

  [[nodiscard]] bool finished() const {
    return points_.size() == spec_.temperatures_kelvin.size() &&
           (spec_.ensemble != Ensemble::kAnneal || !lowest_.is_null());
  }
  [[nodiscard]] const Json& points() const { return points_; }
  [[nodiscard]] const Json& lowest() const { return lowest_; }

 private:
  [[nodiscard]] WalkConditions conditions(std::size_t temperature) const {
    return {spec_.temperatures_kelvin[temperature], chain_.potentials_ev};
  }
  [[nodiscard]] std::uint64_t key(std::uint64_t what, std::uint64_t which) const {
    const std::uint64_t words[] = {spec_.seed, number_, what, which};
    return random_bits(shared_.resolved.campaign.seed, words);
  }

  /// Sites in a random order take the chain's counts.
  void begin() {
    const CellInteractions& cell = *shared_.cell;
    for (std::size_t w = 0; w < walkers_.size(); ++w) {
      CountedDraws draws(key(0, w));
      std::vector<std::uint8_t> occupation(cell.site_count(), 0);
      for (std::size_t l = 0; l < chain_.counts.size(); ++l) {
        std::vector<std::size_t> sites;
        for (std::size_t site = 0; site < cell.site_count(); ++site) {
          if (cell.sublattice(site) == static_cast<int>(l)) sites.push_back(site);
        }
        for (std::size_t i = sites.size(); i > 1; --i) std::swap(sites[i - 1], sites[draws.below(i)]);
        std::size_t at = 0;
        for (std::size_t k = 0; k < chain_.counts[l].size(); ++k) {
          for (std::int64_t i = 0; i < chain_.counts[l][k]; ++i) occupation[sites[at++]] = static_cast<std::uint8_t>(k);
        }
      }
      walkers_[w].set(occupation);
    }
    clear_series();
  }

  void clear_series() {
    series_.assign(walkers_.size(), SeriesStatistics(1 + shared_.counted.size()));
    pairs_.assign(walkers_.size(), shared_.shells ? shared_.shells->empty_series() : std::vector<SeriesStatistics>{});
    tallies_.assign(walkers_.size(), {});
    exchanges_.assign(walkers_.size(), 0);
    sweeps_ = 0;
    next_check_ = kFewestBlocksOfPoint * spec_.sweeps_per_block;
  }

  void walk_one(std::size_t w) {
    const std::size_t temperature = spec_.tempering ? w : points_.size();
    Walker& walker = walkers_[w];
    const MoveTally before = walker.tally();
    const auto records =
        walker.walk(conditions(temperature), key(1 + temperature, w), static_cast<std::uint64_t>(sweeps_),
                    static_cast<std::size_t>(spec_.sweeps_per_block));
    tallies_[w].attempted += walker.tally().attempted - before.attempted;
    tallies_[w].accepted += walker.tally().accepted - before.accepted;
    std::vector<double> row(1 + shared_.counted.size());
    for (const SweepRecord& record : records) {
      row[0] = record.energy_ev;
      for (std::size_t c = 0; c < shared_.counted.size(); ++c)
        row[c + 1] = static_cast<double>(record.counts[shared_.counted[c].sublattice][shared_.counted[c].species]);
      series_[w].add(row);
    }
    if (shared_.shells) shared_.shells->measure(walker.state(), pairs_[w]);
  }

  void walk_block(std::size_t threads) {
    threads = std::min(threads, walkers_.size());
    if (threads < 2) {
      for (std::size_t w = 0; w < walkers_.size(); ++w) walk_one(w);
    } else {
      std::atomic<std::size_t> next{0};
      std::vector<std::thread> helpers;
      std::vector<std::exception_ptr> thrown(threads);
      for (std::size_t t = 0; t < threads; ++t) {
        helpers.emplace_back([&, t] {
          try {
            for (std::size_t w = next++; w < walkers_.size(); w = next++) walk_one(w);
          } catch (...) {
            thrown[t] = std::current_exception();  // told below
          }
        });
      }
      for (std::thread& helper : helpers) helper.join();
      for (const std::exception_ptr& one : thrown) {
        if (one) std::rethrow_exception(one);
      }
    }
    sweeps_ += spec_.sweeps_per_block;
    counters_.sweeps += static_cast<std::uint64_t>(spec_.sweeps_per_block) * walkers_.size();
    if (spec_.tempering) exchange();
  }

  /// Neighbouring temperatures, every second pair in turn, exchange their occupations with probability
  /// min(1, exp((beta_a - beta_b) (Phi_a - Phi_b))). Source: Hukushima & Nemoto, J. Phys. Soc. Jpn. 65, 1604 (1996).
  void exchange() {
    const auto block = static_cast<std::uint64_t>(sweeps_ / spec_.sweeps_per_block);
    CountedDraws draws(key(1'000'000, block));
    for (std::size_t a = block % 2; a + 1 < walkers_.size(); a += 2) {
      const std::size_t b = a + 1;
      const double by = (beta(a) - beta(b)) * (grand_potential(a) - grand_potential(b));
      if (draws.unit() >= std::exp(std::min(0.0, by))) continue;
      ++exchanges_[a];
      std::swap(walkers_[a], walkers_[b]);
    }
  }
  [[nodiscard]] double beta(std::size_t temperature) const {
    return 1 / (EnergySpectrum::kBoltzmannEvPerKelvin * spec_.temperatures_kelvin[temperature]);
  }
  [[nodiscard]] double grand_potential(std::size_t w) const {
    const CellState& state = walkers_[w].state();
    double value = state.energy_ev();
    for (std::size_t l = 0; l < chain_.potentials_ev.size(); ++l) {
      for (std::size_t k = 0; k < chain_.potentials_ev[l].size(); ++k)
        value -= chain_.potentials_ev[l][k] * static_cast<double>(state.counts()[l][k]);
    }
    return value;
  }

  [[nodiscard]] std::int64_t most_sweeps() const {
    if (spec_.ensemble != Ensemble::kAnneal) return spec_.most_sweeps;
    return std::max<std::int64_t>(spec_.sweeps_per_block,
                                  spec_.most_sweeps / static_cast<std::int64_t>(spec_.temperatures_kelvin.size()));
  }

  [[nodiscard]] bool point_is_done(bool out_of_time) {
    if (out_of_time || sweeps_ >= most_sweeps()) return true;
    if (spec_.ensemble == Ensemble::kAnneal || sweeps_ < next_check_) return false;
    next_check_ = sweeps_ + std::max(spec_.sweeps_per_block, sweeps_ / 4);
    for (std::size_t w = 0; w < walkers_.size(); ++w) {
      if (!precise_enough(walk_of(w))) return false;
    }
    return true;
  }

  [[nodiscard]] MonteCarloWalk walk_of(std::size_t w) const {
    return {shared_, chain_, spec_.temperatures_kelvin[spec_.tempering ? w : points_.size()], series_[w]};
  }

  [[nodiscard]] Json point_of(std::size_t w) const {
    const MoveTally& tally = tallies_[w];
    Json point{{"chain", number_}};
    point.update(point_json(walk_of(w)));
    if (shared_.shells) {
      const auto first = point["equilibration_sweeps"].get<std::int64_t>();
      point["short_range_order"] =
          shared_.shells->short_range_order(pairs_[w], (first + spec_.sweeps_per_block - 1) / spec_.sweeps_per_block);
    }
    point["acceptance"] =
        tally.attempted > 0 ? static_cast<double>(tally.accepted) / static_cast<double>(tally.attempted) : 0.0;
    if (shared_.known) {
      const LocalEnvironments::Unknown unknown = shared_.known->unknown(walkers_[w].state());
      point["unknown_neighbourhoods"] = {{"share", unknown.share}, {"most_common", unknown.most_common}};
    }
    if (spec_.tempering && w + 1 < walkers_.size()) point["exchanges_upwards"] = exchanges_[w];
    return point;
  }

  void count_points(std::size_t begin) {
    for (std::size_t i = begin; i < points_.size(); ++i) {
      ++counters_.points;
      if (points_[i]["precision_reached"].get<bool>()) ++counters_.precise;
    }
  }

  void finish_points() {
    const std::size_t before = points_.size();
    Json finished = Json::array();
    for (std::size_t w = 0; w < walkers_.size(); ++w) finished.push_back(point_of(w));
    points_.insert(points_.end(), finished.begin(), finished.end());
    count_points(before);
    clear_series();
  }

  void quench() {
    Walker& walker = walkers_.front();
    walker.quench(conditions(spec_.temperatures_kelvin.size() - 1));
    const CellState& state = walker.state();
    const auto atoms = static_cast<double>(shared_.plan.atoms(shared_.parent(), state.counts()));
    const NumberedSupercell cell(shared_.resolved.spaces[shared_.plan.space].parent(), shared_.plan.cell,
                                 *shared_.cell);
    const std::string name = fmt::format("lowest-{:06}.vasp", number_);
    write_durably(shared_.folder / name,
                  to_poscar(cell.supercell.structure(cell.occupation_of(state)), shared_.plan.spec->name));
    lowest_ = {{"chain", number_}, {"energy_ev_per_atom", state.energy_ev() / atoms}, {"structure", name}};
  }

  /// The whole state, durable: what is done, and what the next block needs.
  void keep() const {
    Json occupations = Json::array();
    for (const Walker& walker : walkers_) occupations.push_back(occupation_as_text(walker.state().occupation()));
    Json series = Json::array();
    for (const SeriesStatistics& one : series_) series.push_back(state_json(one.state()));
    Json pairs = Json::array();
    for (const auto& of_walk : pairs_) {
      Json shells = Json::array();
      for (const SeriesStatistics& one : of_walk) shells.push_back(state_json(one.state()));
      pairs.push_back(std::move(shells));
    }
    Json tallies = Json::array();
    for (const MoveTally& tally : tallies_) tallies.push_back({tally.attempted, tally.accepted});
    const Json json{
        {"version", kStateVersion}, {"identity", shared_.identity}, {"points", points_},         {"lowest", lowest_},
        {"sweeps", sweeps_},        {"next_check", next_check_},    {"series", series},          {"pairs", pairs},
        {"tallies", tallies},       {"exchanges", exchanges_},      {"occupations", occupations}};
    write_durably(file_, json_text(json, -1));
  }

  void read_pairs(const Json& json) {
    const std::vector<SeriesStatistics> empty =
        shared_.shells ? shared_.shells->empty_series() : std::vector<SeriesStatistics>{};
    pairs_.clear();
    for (const Json& of_walk : json) {
      if (of_walk.size() != empty.size())
        throw StorageError(file_.string() + ": is damaged: it has another number of shells");
      std::vector<SeriesStatistics>& shells = pairs_.emplace_back();
      for (std::size_t s = 0; s < empty.size(); ++s) shells.emplace_back(empty[s].columns(), series_state(of_walk[s]));
    }
  }

  /// @returns false if nothing was kept. @throws InputError, StorageError.
  bool read() {
    std::error_code error;
    if (!fs::exists(file_, error)) return false;
    std::ifstream stream(file_);
    std::stringstream text;
    text << stream.rdbuf();
    try {
      const Json json = Json::parse(text.str());
      if (const int version = json.at("version"); version != kStateVersion)
        throw InputError(fmt::format(
            "{}: was written by {} version of hullscan (its form is {}, this one reads {}); move the folder away and "
            "the walks begin again, or finish them with that version",
            file_.string(), version < kStateVersion ? "an older" : "a newer", version, kStateVersion));
      if (json.at("identity") != shared_.identity)
        throw InputError(
            fmt::format("{}: was made with other keys of [[monte_carlo]], another seed or another model; "
                        "move the folder away, or give this one another name",
                        shared_.folder.string()));
      points_ = json.at("points");
      lowest_ = json.at("lowest");
      sweeps_ = json.at("sweeps");
      next_check_ = json.at("next_check");
      series_.clear();
      for (const Json& one : json.at("series")) series_.emplace_back(1 + shared_.counted.size(), series_state(one));
      read_pairs(json.at("pairs"));
      exchanges_ = json.at("exchanges").get<std::vector<std::uint64_t>>();
      tallies_.clear();
      for (const Json& tally : json.at("tallies")) tallies_.push_back({tally.at(0), tally.at(1)});
      const auto occupations = json.at("occupations").get<std::vector<std::string>>();
      if (occupations.size() != walkers_.size() || series_.size() != walkers_.size() ||
          pairs_.size() != walkers_.size() || tallies_.size() != walkers_.size() ||
          exchanges_.size() != walkers_.size())
        throw StorageError(file_.string() + ": is damaged: it has another number of walks");
      for (std::size_t w = 0; w < walkers_.size(); ++w) {
        std::vector<std::uint8_t> occupation;
        for (const char one : occupations[w]) occupation.push_back(static_cast<std::uint8_t>(one - '0'));
        bool fits = occupation.size() == shared_.cell->site_count();
        for (std::size_t site = 0; fits && site < occupation.size(); ++site)
          fits = occupation[site] < shared_.cell->occupants(site);
        if (!fits) throw StorageError(file_.string() + ": is damaged: its occupation is not one of the cell");
        walkers_[w].set(occupation);
      }
    } catch (const FormatError& broken) {
      throw StorageError(
          fmt::format("{}: is damaged ({}); remove it and this chain begins anew", file_.string(), broken.what()));
    } catch (const Json::exception& broken) {
      throw StorageError(
          fmt::format("{}: is damaged ({}); remove it and this chain begins anew", file_.string(), broken.what()));
    }
    return true;
  }

  const MonteCarloCell& shared_;
  const MonteCarloChain& chain_;
  const MonteCarloSpec& spec_;
  std::size_t number_;
  WalkCounters& counters_;
  fs::path file_;
  std::vector<Walker> walkers_;                       ///< one, or one of each temperature
  std::vector<SeriesStatistics> series_;              ///< [walker]; columns: the energy, then the counts
  std::vector<std::vector<SeriesStatistics>> pairs_;  ///< [walker][shell]; a row a block
  std::vector<MoveTally> tallies_;
  std::vector<std::uint64_t> exchanges_;  ///< [temperature] with the next
  std::int64_t sweeps_ = 0, next_check_ = 0;
  Json points_ = Json::array(), lowest_;
};

}  // namespace

ChainResult run_chain(const MonteCarloCell& cell, std::size_t number, std::size_t threads, WalkCounters& counters) {
  ChainOfPoints chain(cell, number, counters);
  const bool finished = chain.run(threads);
  return {finished, chain.points(), chain.lowest()};
}

ChainResult read_chain(const MonteCarloCell& cell, std::size_t number) {
  WalkCounters none;
  const ChainOfPoints chain(cell, number, none);
  return {chain.finished(), chain.points(), chain.lowest()};
}

std::string identity_of_chains(const fs::path& folder) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder / "chains", error)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream stream(entry.path());
    const Json json = Json::parse(stream, nullptr, false);
    return json.is_object() && json.value("version", 0) == kStateVersion ? json.value("identity", "?") : "?";
  }
  return "";
}

}  // namespace hullscan
