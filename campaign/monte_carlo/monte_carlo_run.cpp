#include "campaign/monte_carlo/monte_carlo_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <fstream>
#include <memory>
#include <mutex>
#include <sstream>
#include <thread>

#include "campaign/stop_signals.hpp"
#include "core/energy_spectrum.hpp"
#include "core/hash.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "core/structure_files/poscar.hpp"
#include "storage/durable_file.hpp"
#include "surrogates/lattice/crystal_interactions.hpp"
#include "workers/monte_carlo/local_environments.hpp"

namespace hullscan {

EstimatedMean estimated_mean(const double* series, std::size_t length) {
  EstimatedMean result;
  if (length == 0) return result;
  const std::vector<double> all(series, series + length);
  double sum = 0;
  for (const double value : all) sum += value;
  result.mean = sum / static_cast<double>(length);
  constexpr std::size_t kFewestBlocks = 16;
  double naive = 0;
  std::vector<double> blocks = all;
  for (double& value : blocks) value -= result.mean;
  while (blocks.size() >= kFewestBlocks) {
    double squares = 0, mean = 0;
    for (const double value : blocks) mean += value / static_cast<double>(blocks.size());
    for (const double value : blocks) squares += (value - mean) * (value - mean);
    const auto n = static_cast<double>(blocks.size());
    const double error = std::sqrt(squares / n / (n - 1));
    if (blocks.size() == length) naive = error;
    result.error = std::max(result.error, error);
    for (std::size_t i = 0; i + 1 < blocks.size(); i += 2) blocks[i / 2] = (blocks[i] + blocks[i + 1]) / 2;
    blocks.resize(blocks.size() / 2);
  }
  if (length < kFewestBlocks) result.error = std::numeric_limits<double>::infinity();
  if (naive > 0) result.autocorrelation_sweeps = 0.5 * (result.error / naive) * (result.error / naive);
  return result;
}

std::size_t equilibration_of(const std::vector<double>& series) {
  constexpr std::size_t kParts = 20;
  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t part = 0; part <= kParts / 2; ++part) {
    const std::size_t begin = series.size() * part / kParts, length = series.size() - begin;
    if (length < 2) break;
    double mean = 0, squares = 0;
    for (std::size_t i = begin; i < series.size(); ++i) mean += series[i] / static_cast<double>(length);
    for (std::size_t i = begin; i < series.size(); ++i) squares += (series[i] - mean) * (series[i] - mean);
    const double measure = squares / static_cast<double>(length) / static_cast<double>(length);
    if (measure >= least) continue;
    least = measure;
    best = begin;
  }
  return best;
}

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kStateVersion = 1;
constexpr double kSecondsBetweenStates = 20;
constexpr std::int64_t kMostComparedSites = 200'000;  ///< neighbourhoods are compared with those of labels
constexpr std::int64_t kFewestBlocksOfPoint = 20;     ///< before its precision is looked at

/// What is counted: species of sublattices with a choice, in order.
struct CountedSpecies {
  std::size_t sublattice, species;
  std::string name;  ///< "A.Au"
};

/// The neighbourhoods that the model's labels have, and the cell as they are counted in it.
struct KnownNeighbourhoods {
  KnownNeighbourhoods(const std::shared_ptr<const ParentCrystal>& parent, const SupercellMatrix& cell,
                      const CellInteractions& sites, const std::vector<Configuration>& labels)
      : environments(parent), supercell(parent, cell), numbers(sites.numbers_of(supercell)) {
    for (const Configuration& label : labels) environments.add(*label.supercell, label.occupation);
  }
  [[nodiscard]] LocalEnvironments::Unknown unknown(const CellState& state) const {
    std::vector<std::uint8_t> varied;
    for (const std::size_t site : numbers) varied.push_back(state.occupant(site));
    return environments.unknown(supercell, varied);
  }

  LocalEnvironments environments;
  Supercell supercell;
  std::vector<std::size_t> numbers;
};

struct Shared {
  const ResolvedCampaign& resolved;
  const MonteCarloPlan& plan;
  const MonteCarloOptions& options;
  std::shared_ptr<const CellInteractions> cell;
  WholeCellEnergy whole_cell;
  std::vector<CountedSpecies> counted;
  std::string identity;
  fs::path folder;
  std::shared_ptr<const KnownNeighbourhoods> known = {};  ///< nothing: no labels to compare with

  [[nodiscard]] const ParentCrystal& parent() const { return cell->parent(); }
  [[nodiscard]] bool stop_asked() const {
    return stop_signal() != 0 || (options.deadline && Clock::now() >= *options.deadline);
  }
};

/// Columns of one walk, a value a sweep: the energy, then the counts.
using Series = std::vector<std::vector<double>>;

std::string occupation_as_text(std::span<const std::uint8_t> occupation) {
  std::string text;
  for (const std::uint8_t one : occupation) text += static_cast<char>('0' + one);
  return text;
}

class ChainOfPoints {
 public:
  ChainOfPoints(const Shared& shared, std::size_t number, std::atomic<std::uint64_t>& sweeps_done)
      : shared_(shared),
        chain_(shared.plan.chains[number]),
        spec_(*shared.plan.spec),
        number_(number),
        sweeps_done_(sweeps_done),
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
    while (points_.size() < spec_.temperatures_kelvin.size()) {
      if (shared_.stop_asked()) {
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
    series_.assign(walkers_.size(), Series(1 + shared_.counted.size()));
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
    for (const SweepRecord& record : records) {
      series_[w][0].push_back(record.energy_ev);
      for (std::size_t c = 0; c < shared_.counted.size(); ++c)
        series_[w][c + 1].push_back(
            static_cast<double>(record.counts[shared_.counted[c].sublattice][shared_.counted[c].species]));
    }
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
    sweeps_done_ += static_cast<std::uint64_t>(spec_.sweeps_per_block) * walkers_.size();
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

  [[nodiscard]] double precision_of(std::size_t w) const {
    const Json point = point_of(w, spec_.tempering ? w : points_.size());
    const Json& error = point["energy_error_ev_per_atom"];
    return error.is_number() ? error.get<double>() : std::numeric_limits<double>::infinity();
  }

  [[nodiscard]] bool point_is_done(bool out_of_time) {
    if (out_of_time || sweeps_ >= most_sweeps()) return true;
    if (spec_.ensemble == Ensemble::kAnneal || sweeps_ < next_check_) return false;
    next_check_ = sweeps_ + std::max(spec_.sweeps_per_block, sweeps_ / 4);
    for (std::size_t w = 0; w < walkers_.size(); ++w) {
      if (precision_of(w) > spec_.precision_ev_per_atom) return false;
    }
    return true;
  }

  [[nodiscard]] Json point_of(std::size_t w, std::size_t temperature) const {
    const Series& series = series_[w];
    const double kt = EnergySpectrum::kBoltzmannEvPerKelvin * spec_.temperatures_kelvin[temperature];
    const std::size_t begin = equilibration_of(series[0]), length = series[0].size() - begin;
    const EstimatedMean energy = estimated_mean(series[0].data() + begin, length);
    auto atoms = static_cast<double>(shared_.plan.fixed_atoms);
    Json fractions = Json::object(), susceptibilities = Json::object();
    std::vector<double> grand(series[0].begin() + static_cast<std::ptrdiff_t>(begin), series[0].end());
    const auto variance = [](const std::vector<double>& of) {
      double mean = 0, squares = 0;
      for (const double value : of) mean += value / static_cast<double>(of.size());
      for (const double value : of) squares += (value - mean) * (value - mean) / static_cast<double>(of.size());
      return squares;
    };
    for (std::size_t c = 0; c < shared_.counted.size(); ++c) {
      const auto [l, k, name] = shared_.counted[c];
      const EstimatedMean count = estimated_mean(series[c + 1].data() + begin, length);
      const auto sites = static_cast<double>(shared_.plan.sublattice_sites[l]);
      const auto whole = [](double value) { return std::isfinite(value) ? Json(value) : Json(); };
      fractions[name] = {{"mean", count.mean / sites}, {"error", whole(count.error / sites)}};
      if (!shared_.parent().sublattices[l].allowed[k].is_vacancy()) atoms += count.mean;
      const double potential = chain_.potentials_ev.empty() ? 0.0 : chain_.potentials_ev[l][k];
      for (std::size_t i = 0; i < length; ++i) grand[i] -= potential * series[c + 1][begin + i];
      if (spec_.ensemble == Ensemble::kSemiGrand)
        susceptibilities[name] =
            variance({series[c + 1].begin() + static_cast<std::ptrdiff_t>(begin), series[c + 1].end()}) / kt / sites;
    }
    for (std::size_t l = 0; l < shared_.plan.sublattice_sites.size(); ++l) {  // those without a choice
      const auto& allowed = shared_.parent().sublattices[l].allowed;
      if (allowed.size() == 1 && !allowed[0].is_vacancy())
        atoms += static_cast<double>(shared_.plan.sublattice_sites[l]);
    }
    Json potentials = Json::object();
    for (const auto& [name, value] : chain_.chemical_potentials_ev) potentials[name] = value;
    const double error = energy.error / atoms;
    const MoveTally& tally = tallies_[w];
    Json point{
        {"chain", number_},
        {"temperature_kelvin", spec_.temperatures_kelvin[temperature]},
        {"chemical_potentials_ev", std::move(potentials)},
        {"sweeps", sweeps_},
        {"equilibration_sweeps", begin},
        {"energy_ev_per_atom", energy.mean / atoms},
        {"energy_error_ev_per_atom", std::isfinite(error) ? Json(error) : Json()},
        {"precision_reached", error <= spec_.precision_ev_per_atom},
        {"autocorrelation_sweeps", energy.autocorrelation_sweeps},
        {"heat_capacity_ev_per_kelvin_per_atom",
         variance(grand) / (kt * spec_.temperatures_kelvin[temperature]) / atoms},
        {"fractions", std::move(fractions)},
        {"acceptance",
         tally.attempted > 0 ? static_cast<double>(tally.accepted) / static_cast<double>(tally.attempted) : 0.0}};
    if (spec_.ensemble == Ensemble::kSemiGrand) point["susceptibilities_per_ev"] = std::move(susceptibilities);
    if (shared_.known) {
      const LocalEnvironments::Unknown unknown = shared_.known->unknown(walkers_[w].state());
      point["unknown_neighbourhoods"] = {{"share", unknown.share}, {"most_common", unknown.most_common}};
    }
    if (spec_.tempering && w + 1 < walkers_.size()) point["exchanges_upwards"] = exchanges_[w];
    return point;
  }

  void finish_points() {
    if (spec_.tempering) {
      for (std::size_t w = 0; w < walkers_.size(); ++w) points_.push_back(point_of(w, w));
    } else {
      points_.push_back(point_of(0, points_.size()));
    }
    clear_series();
  }

  void quench() {
    Walker& walker = walkers_.front();
    walker.quench(conditions(spec_.temperatures_kelvin.size() - 1));
    const CellState& state = walker.state();
    const auto atoms = static_cast<double>(shared_.plan.atoms(shared_.parent(), state.counts()));
    const auto parent = shared_.resolved.spaces[shared_.plan.space].parent();
    const Supercell supercell(parent, shared_.plan.cell);
    const std::vector<std::size_t> numbers = shared_.cell->numbers_of(supercell);
    std::vector<std::uint8_t> varied;
    for (const std::size_t site : numbers) varied.push_back(state.occupant(site));
    const std::string name = fmt::format("lowest-{:06}.vasp", number_);
    write_durably(shared_.folder / name, to_poscar(supercell.structure(varied), shared_.plan.spec->name));
    lowest_ = {{"chain", number_}, {"energy_ev_per_atom", state.energy_ev() / atoms}, {"structure", name}};
  }

  /// The whole state, durable: what is done, and what the next block needs.
  void keep() const {
    Json occupations = Json::array();
    for (const Walker& walker : walkers_) occupations.push_back(occupation_as_text(walker.state().occupation()));
    Json tallies = Json::array();
    for (const MoveTally& tally : tallies_) tallies.push_back({tally.attempted, tally.accepted});
    const Json json{
        {"version", kStateVersion}, {"identity", shared_.identity}, {"points", points_}, {"lowest", lowest_},
        {"sweeps", sweeps_},        {"next_check", next_check_},    {"series", series_}, {"tallies", tallies},
        {"exchanges", exchanges_},  {"occupations", occupations}};
    write_durably(file_, json_text(json, -1));
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
      if (json.at("identity") != shared_.identity || json.at("version") != kStateVersion)
        throw InputError(
            fmt::format("{}: was made with other keys of [[monte_carlo]], another seed or another model; "
                        "move the folder away, or give this one another name",
                        shared_.folder.string()));
      points_ = json.at("points");
      lowest_ = json.at("lowest");
      sweeps_ = json.at("sweeps");
      next_check_ = json.at("next_check");
      series_ = json.at("series").get<std::vector<Series>>();
      exchanges_ = json.at("exchanges").get<std::vector<std::uint64_t>>();
      tallies_.clear();
      for (const Json& tally : json.at("tallies")) tallies_.push_back({tally.at(0), tally.at(1)});
      const auto occupations = json.at("occupations").get<std::vector<std::string>>();
      if (occupations.size() != walkers_.size() || series_.size() != walkers_.size() ||
          tallies_.size() != walkers_.size() || exchanges_.size() != walkers_.size())
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
    } catch (const Json::exception& broken) {
      throw StorageError(
          fmt::format("{}: is damaged ({}); remove it and this chain begins anew", file_.string(), broken.what()));
    }
    return true;
  }

  const Shared& shared_;
  const MonteCarloChain& chain_;
  const MonteCarloSpec& spec_;
  std::size_t number_;
  std::atomic<std::uint64_t>& sweeps_done_;
  fs::path file_;
  std::vector<Walker> walkers_;  ///< one, or one of each temperature
  std::vector<Series> series_;   ///< [walker]
  std::vector<MoveTally> tallies_;
  std::vector<std::uint64_t> exchanges_;  ///< [temperature] with the next
  std::int64_t sweeps_ = 0, next_check_ = 0;
  Json points_ = Json::array(), lowest_;
};

/// The worst point, if many of its neighbourhoods are in no label.
void warn_of_extrapolation(const std::string& name, const Json& points) {
  constexpr double kMuch = 0.05;
  const Json* worst = nullptr;
  double most = kMuch;
  for (const Json& point : points) {
    if (!point.contains("unknown_neighbourhoods")) continue;
    const double share = point["unknown_neighbourhoods"]["share"].get<double>();
    if (share <= most) continue;
    most = share;
    worst = &point;
  }
  if (worst == nullptr) return;
  log_warning(
      fmt::format("monte_carlo \"{}\": at {} K in chain {}, {:.0f} % of the sites have nearest neighbours that no "
                  "label has, most often {}: the model is extrapolated there. Labels with such neighbours "
                  "(lower temperatures or higher ones, other compositions) would show whether it holds",
                  name, (*worst)["temperature_kelvin"].get<double>(), (*worst)["chain"].get<std::size_t>(), 100 * most,
                  (*worst)["unknown_neighbourhoods"]["most_common"].get<std::string>()));
}

std::string csv_text(const Json& points, const std::vector<CountedSpecies>& counted) {
  std::string text = "chain,temperature_kelvin";
  const auto axes = points.empty() ? Json::object() : points.front()["chemical_potentials_ev"];
  for (const auto& [name, value] : axes.items()) text += ",potential_ev:" + name;
  text += ",energy_ev_per_atom,energy_error_ev_per_atom,precision_reached,heat_capacity_ev_per_kelvin_per_atom";
  for (const CountedSpecies& one : counted) text += fmt::format(",fraction:{0},fraction_error:{0}", one.name);
  text += ",sweeps,equilibration_sweeps,autocorrelation_sweeps,acceptance\n";
  const auto number = [](const Json& value) {
    return value.is_number() ? fmt::format("{:.9g}", value.get<double>()) : "";
  };
  for (const Json& point : points) {
    text += fmt::format("{},{}", point["chain"].get<std::size_t>(), number(point["temperature_kelvin"]));
    for (const auto& [name, value] : point["chemical_potentials_ev"].items()) text += "," + number(value);
    text += fmt::format(",{},{},{},{}", number(point["energy_ev_per_atom"]), number(point["energy_error_ev_per_atom"]),
                        point["precision_reached"].get<bool>() ? "yes" : "no",
                        number(point["heat_capacity_ev_per_kelvin_per_atom"]));
    for (const CountedSpecies& one : counted) {
      const Json& fraction = point["fractions"][one.name];
      text += fmt::format(",{},{}", number(fraction["mean"]), number(fraction["error"]));
    }
    text += fmt::format(",{},{},{},{}\n", point["sweeps"].get<std::int64_t>(),
                        point["equilibration_sweeps"].get<std::int64_t>(), number(point["autocorrelation_sweeps"]),
                        number(point["acceptance"]));
  }
  return text;
}

/// Everything that decides the results.
std::string identity_of_plan(const ResolvedCampaign& resolved, const MonteCarloPlan& plan) {
  const MonteCarloSpec& spec = *plan.spec;
  std::string text = fmt::format("{} {} {} {} {} {} {} {:.17g} {} {} {}", resolved.campaign.seed, spec.seed, spec.space,
                                 matrix_text(plan.cell), name_of(spec.ensemble), spec.most_sweeps,
                                 spec.sweeps_per_block, spec.precision_ev_per_atom, spec.tempering,
                                 spec.time_limit_s.value_or(0), resolved.surrogates.hash());
  for (const double t : spec.temperatures_kelvin) text += fmt::format(" {:.17g}", t);
  for (const MonteCarloChain& chain : plan.chains) {
    for (const auto& row : chain.potentials_ev) {
      for (const double value : row) text += fmt::format(" {:.17g}", value);
    }
    for (const auto& row : chain.counts) {
      for (const std::int64_t value : row) text += fmt::format(" {}", value);
    }
  }
  for (const CountLimit& limit : plan.limits) text += fmt::format(" {} {} {}", limit.low, limit.high, limit.text);
  return hash128_hex(text);
}

WholeCellEnergy scored_as_a_whole(const ResolvedCampaign& resolved, const MonteCarloPlan& plan,
                                  const CellInteractions& cell) {
  const auto parent = resolved.spaces[plan.space].parent();
  const auto supercell = std::make_shared<const Supercell>(parent, plan.cell);
  const std::shared_ptr<const ConfigurationScorer> scorer = resolved.surrogates.space(plan.space).scorer(*supercell);
  return
      [=, numbers = cell.numbers_of(*supercell), fixed = plan.fixed_atoms](std::span<const std::uint8_t> occupation) {
        std::vector<std::uint8_t> varied;
        std::int64_t atoms = fixed;
        for (std::size_t v = 0; v < numbers.size(); ++v) {
          varied.push_back(occupation[numbers[v]]);
          const auto l = static_cast<std::size_t>(supercell->sublattice_of(static_cast<int>(v)));
          atoms += parent->sublattices[l].allowed[varied.back()].is_vacancy() ? 0 : 1;
        }
        return atoms == 0 ? 0.0 : scorer->score(varied) * static_cast<double>(atoms);
      };
}

}  // namespace

MonteCarloResult run_monte_carlo(const ResolvedCampaign& resolved, const MonteCarloPlan& plan,
                                 const MonteCarloOptions& options) {
  const MonteCarloSpec& spec = *plan.spec;
  Shared shared{resolved, plan, options, nullptr, {}, {}, {}, options.directory / spec.name};
  const Surrogate& model = resolved.surrogates.space(plan.space);
  if (const auto crystal = crystal_interactions(model)) {
    shared.cell = std::make_shared<const CellInteractions>(*crystal, plan.cell);
  } else {
    shared.cell = std::make_shared<const CellInteractions>(
        CellInteractions::without_energy(resolved.spaces[plan.space].parent(), plan.cell));
    shared.whole_cell = scored_as_a_whole(resolved, plan, *shared.cell);
    log_warning(
        fmt::format("monte_carlo \"{}\": a model of kind {} is no polynomial of the occupation: every attempt "
                    "scores the whole cell of {} varied sites, which is slow",
                    spec.name, model.kind(), plan.varied_sites()));
  }
  for (std::size_t l = 0; l < shared.parent().sublattices.size(); ++l) {
    const Sublattice& sublattice = shared.parent().sublattices[l];
    for (std::size_t k = 0; k < sublattice.allowed.size() && sublattice.allowed.size() > 1; ++k)
      shared.counted.push_back({l, k, fmt::format("{}.{}", sublattice.name, sublattice.allowed[k].symbol())});
  }
  if (!options.labels.empty() && plan.varied_sites() <= kMostComparedSites)
    shared.known = std::make_shared<const KnownNeighbourhoods>(resolved.spaces[plan.space].parent(), plan.cell,
                                                               *shared.cell, options.labels);
  shared.identity = identity_of_plan(resolved, plan);
  std::error_code error;
  fs::create_directories(shared.folder / "chains", error);
  if (error) throw StorageError(fmt::format("{}: {}", (shared.folder / "chains").string(), error.message()));
  remove_unfinished(shared.folder / "chains");

  const std::size_t chains = plan.chains.size();
  std::vector<Json> points(chains, Json::array()), lowest(chains);
  std::vector<std::exception_ptr> thrown(chains);
  std::atomic<std::size_t> next{0}, done{0}, running{0};
  std::atomic<std::uint64_t> sweeps{0};
  std::atomic<bool> stopped{false};
  const std::size_t side_by_side = spec.tempering ? 1 : std::min(options.threads, chains);
  std::mutex mutex;
  std::condition_variable ended;
  const auto work = [&] {
    for (std::size_t c = next++; c < chains; c = next++) {
      if (stopped) break;
      try {
        ChainOfPoints chain(shared, c, sweeps);
        if (!chain.run(spec.tempering ? options.threads : 1)) stopped = true;
        points[c] = chain.points();
        lowest[c] = chain.lowest();
        ++done;
      } catch (...) {
        thrown[c] = std::current_exception();  // told below
        stopped = true;
      }
    }
    const std::lock_guard lock(mutex);
    --running;
    ended.notify_all();
  };
  running = side_by_side;
  std::vector<std::thread> workers;
  for (std::size_t t = 0; t < side_by_side; ++t) workers.emplace_back(work);
  {
    Progress progress("monte carlo " + spec.name, static_cast<double>(chains), spec.tempering ? "ladders" : "chains");
    const auto begun = Clock::now();
    std::unique_lock lock(mutex);
    while (!ended.wait_for(lock, std::chrono::milliseconds(200), [&] { return running == 0; })) {
      const std::chrono::duration<double> elapsed = Clock::now() - begun;
      progress.update(static_cast<double>(done.load()),
                      fmt::format("{:.3g} sweeps/s", static_cast<double>(sweeps.load()) / elapsed.count()));
    }
  }
  for (std::thread& worker : workers) worker.join();
  for (const std::exception_ptr& one : thrown) {
    if (one) std::rethrow_exception(one);
  }
  MonteCarloResult result{spec.name, !stopped, {}};
  Json all = Json::array(), all_lowest = Json::array();
  for (const Json& some : points) all.insert(all.end(), some.begin(), some.end());
  for (const Json& one : lowest) {
    if (!one.is_null()) all_lowest.push_back(one);
  }
  result.json = {{"name", spec.name},
                 {"space", spec.space},
                 {"model", model.kind()},
                 {"ensemble", name_of(spec.ensemble)},
                 {"cell", matrix_text(plan.cell)},
                 {"varied_sites", plan.varied_sites()},
                 {"precision_ev_per_atom", spec.precision_ev_per_atom},
                 {"finished", result.finished},
                 {"points", all}};
  if (!all_lowest.empty()) result.json["lowest"] = all_lowest;
  warn_of_extrapolation(spec.name, all);
  write_durably(shared.folder / "points.json", json_text(result.json, 2) + "\n");
  write_durably(shared.folder / "points.csv", csv_text(all, shared.counted));
  return result;
}

}  // namespace hullscan
