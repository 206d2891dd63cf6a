#include "workers/best/annealing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/hash.hpp"

namespace hullscan::detail {
namespace {

constexpr std::size_t kSweeps = 150;
constexpr std::size_t kMostAlike = 8;  // of one energy that are taken: most are images of each other

/// A configuration with the field of every state: what the energy would change if only that state were put on.
class Walker {
 public:
  explicit Walker(const CompositionEnergy& energy)
      : energy_(energy),
        fields_(energy.linear_ev),
        on_(energy.state_count(), 0),
        pairs_(energy.state_count()),
        triplets_(energy.state_count()) {
    for (std::size_t a = 0; a < energy.state_count(); ++a) {
      for (std::size_t b = 0; b < energy.state_count(); ++b) {
        if (energy.pair_ev(a, b) != 0.0) pairs_[a].push_back({b, energy.pair_ev(a, b)});
      }
    }
    for (const CompositionEnergy::Triplet& triplet : energy.triplets) {
      const auto [a, b, c] = triplet.states;
      triplets_[a].push_back({b, c, triplet.ev});
      triplets_[b].push_back({a, c, triplet.ev});
      triplets_[c].push_back({a, b, triplet.ev});
    }
  }
  [[nodiscard]] double energy_ev() const { return ev_; }
  [[nodiscard]] const SiteOptions& options() const { return options_; }

  void start(SiteOptions options) {
    fields_ = energy_.linear_ev;
    std::fill(on_.begin(), on_.end(), std::uint8_t{0});
    ev_ = energy_.constant_ev;
    options_.assign(options.size(), 0);
    for (std::size_t site = 0; site < options.size(); ++site) set(site, options[site]);
  }
  void exchange(std::size_t a, std::size_t b) {
    const std::uint8_t of_a = options_[a], of_b = options_[b];
    set(a, of_b);
    set(b, of_a);
  }

 private:
  struct Pair {
    std::size_t other;
    double ev;
  };
  struct Triplet {
    std::size_t first, second;
    double ev;
  };
  void set(std::size_t site, std::uint8_t option) {
    if (options_[site] == option) return;
    if (options_[site] != 0) flip(energy_.state(site, options_[site]), -1);
    if (option != 0) flip(energy_.state(site, option), 1);
    options_[site] = option;
  }
  void flip(std::size_t state, int sign) {
    ev_ += sign * fields_[state];
    on_[state] = sign > 0 ? 1 : 0;
    for (const Pair& pair : pairs_[state]) fields_[pair.other] += sign * pair.ev;
    for (const Triplet& triplet : triplets_[state]) {
      if (on_[triplet.second] != 0) fields_[triplet.first] += sign * triplet.ev;
      if (on_[triplet.first] != 0) fields_[triplet.second] += sign * triplet.ev;
    }
  }

  const CompositionEnergy& energy_;
  double ev_ = 0;
  SiteOptions options_;
  std::vector<double> fields_;
  std::vector<std::uint8_t> on_;
  std::vector<std::vector<Pair>> pairs_;
  std::vector<std::vector<Triplet>> triplets_;
};

/// Draws one after the other of one replica.
class Draws {
 public:
  Draws(std::uint64_t seed, std::uint64_t replica) : key_(random_bits(seed, replica)) {}
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_bits(key_, next_++) % bound); }
  double unit() { return static_cast<double>(random_bits(key_, next_++) >> 11) * 0x1p-53; }

 private:
  std::uint64_t key_, next_ = 0;
};

SiteOptions shuffled(const CompositionEnergy& energy, Draws& draws) {
  SiteOptions options(energy.site_count(), 0);
  for (std::size_t s = 0; s < energy.count.size(); ++s) {
    const auto sites = energy.action.sites(s);
    std::size_t at = 0;
    for (std::size_t option = 0; option < energy.count[s].size(); ++option) {
      for (int i = 0; i < energy.count[s][option]; ++i) options[sites[at++]] = static_cast<std::uint8_t>(option);
    }
    for (std::size_t i = sites.size(); i > 1; --i) std::swap(options[sites[i - 1]], options[sites[draws.below(i)]]);
  }
  return options;
}

/// Pairs of sites that may be exchanged.
std::vector<std::pair<std::size_t, std::size_t>> exchanges(const CompositionEnergy& energy) {
  std::vector<std::pair<std::size_t, std::size_t>> result;
  for (std::size_t a = 0; a < energy.site_count(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      if (energy.sublattice(a) == energy.sublattice(b) && energy.option_count(a) > 1) result.emplace_back(a, b);
    }
  }
  return result;
}

}  // namespace

void anneal(const CompositionEnergy& energy, const AnnealingRequest& request) {
  const auto moves = exchanges(energy);
  if (moves.empty()) return request.take(SiteOptions(energy.site_count(), 0));
  Walker walker(energy);
  std::map<std::int64_t, std::size_t> taken;  // by energy, 1e-8 eV
  for (std::size_t replica = 0; replica < request.replicas; ++replica) {
    if (replica > 0 && request.stop_asked && request.stop_asked()) return;
    Draws draws(request.seed, replica);
    walker.start(shuffled(energy, draws));
    double largest = 0;
    for (std::size_t i = 0; i < energy.site_count(); ++i) {
      const auto [a, b] = moves[draws.below(moves.size())];
      const double before = walker.energy_ev();
      walker.exchange(a, b);
      largest = std::max(largest, std::abs(walker.energy_ev() - before));
    }
    const std::size_t steps = kSweeps * energy.site_count();
    for (std::size_t step = 0; step < steps && largest > 0; ++step) {
      const double temperature = largest * std::pow(1e-3, static_cast<double>(step) / static_cast<double>(steps));
      const auto [a, b] = moves[draws.below(moves.size())];
      const double before = walker.energy_ev(), threshold = -temperature * std::log(draws.unit() + 1e-300);
      if (walker.options()[a] == walker.options()[b]) continue;
      walker.exchange(a, b);
      if (walker.energy_ev() - before > threshold) walker.exchange(a, b);
    }
    walker.start(SiteOptions(walker.options()));           // without the rounding of all those steps
    const auto passes = [&](double by_ev, auto&& visit) {  // visits exchanges; true from it keeps one
      bool kept = false;
      for (const auto& [a, b] : moves) {
        if (walker.options()[a] == walker.options()[b]) continue;
        const double before = walker.energy_ev();
        walker.exchange(a, b);
        if (walker.energy_ev() < before + by_ev && visit()) {
          kept = true;
        } else {
          walker.exchange(a, b);
        }
      }
      return kept;
    };
    while (passes(-1e-9, [] { return true; })) {
    }
    const auto take = [&] {
      if (walker.energy_ev() <= request.limit_ev() && ++taken[std::llround(1e8 * walker.energy_ev())] <= kMostAlike)
        request.take(walker.options());
      return false;
    };
    take();
    passes(std::numeric_limits<double>::infinity(), take);
  }
}

}  // namespace hullscan::detail
