#include "workers/monte_carlo/walker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/energy_spectrum.hpp"
#include "core/hash.hpp"

namespace hullscan {

Walker::Walker(CellState state, WalkRules rules) : state_(std::move(state)), rules_(std::move(rules)) {
  const ParentCrystal& parent = state_.interactions().parent();
  for (std::size_t s = 0; s < state_.interactions().basis(); ++s)
    varied_basis_ += state_.interactions().occupants(s) > 1 ? 1 : 0;
  simple_flips_ = rules_.compositions_vary && rules_.limits.empty();
  if (rules_.compositions_vary && !simple_flips_) moves_ = composition_moves(parent, rules_.limits);
  for (const CoupledMove& move : moves_) {
    std::vector<std::int64_t>& change = move_changes_.emplace_back();
    for (const CountLimit& limit : rules_.limits) change.push_back(move.change(limit));
  }
  listing_ = !simple_flips_;
  for (const Sublattice& sublattice : parent.sublattices)
    potential_stride_ = std::max(potential_stride_, sublattice.allowed.size());
  if (listing_) sort_sites();
}

void Walker::set(std::span<const std::uint8_t> occupation) {
  state_.set(occupation);
  for (const CountLimit& limit : rules_.limits) {
    const std::int64_t value = limit.value(state_.counts());
    if (value < limit.low || value > limit.high)
      throw InputError(fmt::format("the occupation that a walk begins with does not keep {}", limit.text));
  }
  if (listing_) sort_sites();
}

void Walker::sort_sites() {
  const CellInteractions& cell = state_.interactions();
  const auto& counts = state_.counts();
  place_.resize(cell.site_count());
  listed_.assign(counts.size(), {});
  group_begin_.assign(counts.size(), {});
  std::vector<std::vector<std::size_t>> next(counts.size());
  for (std::size_t l = 0; l < counts.size(); ++l) {
    std::size_t sum = 0;
    for (const std::int64_t count : counts[l]) {
      group_begin_[l].push_back(sum);
      sum += static_cast<std::size_t>(count);
    }
    group_begin_[l].push_back(sum);
    next[l] = group_begin_[l];
    listed_[l].resize(sum);
  }
  for (std::size_t site = 0; site < cell.site_count(); ++site) {
    const auto l = static_cast<std::size_t>(cell.sublattice(site));
    const std::size_t at = next[l][state_.occupant(site)]++;
    listed_[l][at] = static_cast<std::uint32_t>(site);
    place_[site] = static_cast<std::uint32_t>(at);
  }
  limit_values_.clear();
  for (const CountLimit& limit : rules_.limits) limit_values_.push_back(limit.value(counts));
}

void Walker::move_site(std::size_t site, std::uint8_t to) {
  const auto l = static_cast<std::size_t>(state_.interactions().sublattice(site));
  std::vector<std::uint32_t>& list = listed_[l];
  const auto exchange = [&](std::size_t a, std::size_t b) {
    std::swap(list[a], list[b]);
    place_[list[a]] = static_cast<std::uint32_t>(a);
    place_[list[b]] = static_cast<std::uint32_t>(b);
  };
  std::uint8_t group = state_.occupant(site);
  for (; group < to; ++group) exchange(place_[site], --group_begin_[l][group + 1U]);
  for (; group > to; --group) exchange(place_[site], group_begin_[l][group]++);
}

bool Walker::accepted(double cost, CountedDraws& draws) const {
  if (cost <= 0) return true;
  if (cost > 45) return false;  // exp(-45) is below the smallest step of a draw
  return draws.unit() < std::exp(-cost);
}

void Walker::flip_sweep(CountedDraws& draws, double beta) {
  const CellInteractions& cell = state_.interactions();
  const std::size_t attempts = cell.primitive_cells() * varied_basis_;
  std::vector<std::uint32_t> varied;
  for (std::size_t s = 0; s < cell.basis(); ++s) {
    if (cell.occupants(s) > 1) varied.push_back(static_cast<std::uint32_t>(s));
  }
  const bool whole_cell = static_cast<bool>(state_.whole_cell_);
  const bool binary = cell.binary_ && !whole_cell && !state_.charged_;
  std::vector<double> step;  // potential of species 1 above that of 0
  for (std::size_t s = 0; s < cell.basis(); ++s)
    step.push_back(cell.occupants(s) > 1 ? potential(s, 1) - potential(s, 0) : 0.0);
  std::uint64_t taken = 0;
  for (std::size_t i = 0; i < attempts; ++i) {
    const std::uint64_t bits = draws.bits();
    const auto c = static_cast<std::size_t>(((bits >> 32U) * cell.primitive_cells()) >> 32U);
    const std::uint64_t low = bits & 0xffffffffU;
    const std::size_t s =
        varied.size() == 1 ? varied[0] : varied[static_cast<std::size_t>((low * varied.size()) >> 32U)];
    const std::size_t site = c * cell.basis() + s;
    const std::uint8_t from = state_.occupant(site);
    if (binary) {
      const double up = state_.fields_[site], change = from == 0 ? up : -up;
      const double cost = beta * (from == 0 ? up - step[s] : step[s] - up);
      if (!accepted(cost, draws)) continue;
      state_.apply(site, from ^ 1U, change);
    } else {
      const auto choices = static_cast<std::size_t>(cell.occupants(s)) - 1;
      auto to = static_cast<std::uint8_t>(choices == 1 ? 0 : draws.below(choices));
      if (to >= from) ++to;
      const double change = whole_cell ? state_.change_ev(site, to) : state_.change_ev(site, s, to);
      if (!accepted(beta * (change - potential(s, to) + potential(s, from)), draws)) continue;
      state_.apply(site, to, change);
    }
    ++taken;
  }
  tally_.attempted += attempts;
  tally_.accepted += taken;
}

void Walker::try_swap(CountedDraws& draws, double beta) {
  const CellInteractions& cell = state_.interactions();
  std::size_t l = 0;
  if (listed_.size() > 1) {  // in proportion to its sites
    std::size_t at = draws.below(cell.site_count());
    while (at >= listed_[l].size()) at -= listed_[l++].size();
  }
  const std::vector<std::uint32_t>& list = listed_[l];
  const std::size_t a = list[draws.below(list.size())];
  const std::uint8_t on_a = state_.occupant(a);
  const std::size_t begin = group_begin_[l][on_a], end = group_begin_[l][on_a + 1U];
  const std::size_t others = list.size() - (end - begin);
  ++tally_.attempted;
  if (others == 0) return;
  std::size_t at = draws.below(others);
  if (at >= begin) at += end - begin;
  const std::size_t b = list[at];
  const std::uint8_t on_b = state_.occupant(b);
  const double change = state_.change_ev(a, on_b, b, on_a);
  if (!accepted(beta * change, draws)) return;
  ++tally_.accepted;
  state_.apply(a, on_b, b, on_a, change);
  std::swap(listed_[l][place_[a]], listed_[l][place_[b]]);
  std::swap(place_[a], place_[b]);
}

void Walker::try_coupled(CountedDraws& draws, double beta) {
  const CellInteractions& cell = state_.interactions();
  ++tally_.attempted;
  const std::size_t number = draws.below(moves_.size());
  const CoupledMove& move = moves_[number];
  for (std::size_t i = 0; i < rules_.limits.size(); ++i) {
    const std::int64_t value = limit_values_[i] + move_changes_[number][i];
    if (value < rules_.limits[i].low || value > rules_.limits[i].high) return;
  }
  // Ordered picks without repetition from the sites that hold what is taken away; the reverse picks from those that
  // will hold what was put there: the quotient of the two numbers of ways makes the balance detailed.
  std::array<std::size_t, 4> sites{};
  double ways = 1;
  for (std::size_t f = 0; f < move.flips.size(); ++f) {
    const CoupledMove::Flip& flip = move.flips[f];
    std::size_t earlier_from = 0, earlier_to = 0, all_from = 0, all_to = 0;
    for (std::size_t g = 0; g < move.flips.size(); ++g) {
      const CoupledMove::Flip& other = move.flips[g];
      if (other.sublattice != flip.sublattice) continue;
      all_from += other.from == flip.to ? 1 : 0;  // none: moves are not chained
      all_to += other.to == flip.to ? 1 : 0;
      earlier_from += g < f && other.from == flip.from ? 1 : 0;
      earlier_to += g < f && other.to == flip.to ? 1 : 0;
    }
    const auto& begin = group_begin_[flip.sublattice];
    const std::size_t here = begin[flip.from + 1U] - begin[flip.from], there = begin[flip.to + 1U] - begin[flip.to];
    if (here <= earlier_from) return;
    std::size_t site = 0;
    do {
      site = listed_[flip.sublattice][begin[flip.from] + draws.below(here)];
    } while (std::find(sites.begin(), sites.begin() + static_cast<std::ptrdiff_t>(f), site) !=
             sites.begin() + static_cast<std::ptrdiff_t>(f));
    sites[f] = site;
    ways *= static_cast<double>(here - earlier_from) / static_cast<double>(there - all_from + all_to - earlier_to);
  }
  double cost = 0;
  std::array<std::uint8_t, 4> before{};
  const double energy_before = state_.energy_ev();
  if (move.flips.size() == 2 || move.flips.size() == 1) {
    const bool two = move.flips.size() == 2;
    const double change = two ? state_.change_ev(sites[0], move.flips[0].to, sites[1], move.flips[1].to)
                              : state_.change_ev(sites[0], move.flips[0].to);
    cost = beta * change;
    for (std::size_t f = 0; f < move.flips.size(); ++f)
      cost -= beta * (potential(sites[f] % cell.basis(), move.flips[f].to) -
                      potential(sites[f] % cell.basis(), move.flips[f].from));
    if (!accepted(cost - std::log(ways), draws)) return;
    for (std::size_t f = 0; f < move.flips.size(); ++f) move_site(sites[f], move.flips[f].to);
    if (two) {
      state_.apply(sites[0], move.flips[0].to, sites[1], move.flips[1].to, change);
    } else {
      state_.apply(sites[0], move.flips[0].to, change);
    }
  } else {
    for (std::size_t f = 0; f < move.flips.size(); ++f) {
      const std::uint8_t to = move.flips[f].to;
      before[f] = state_.occupant(sites[f]);
      const double change = state_.change_ev(sites[f], to);
      cost += beta * (change - potential(sites[f] % cell.basis(), to) + potential(sites[f] % cell.basis(), before[f]));
      state_.apply(sites[f], to, change);
    }
    const bool keep = accepted(cost - std::log(ways), draws);
    for (std::size_t f = move.flips.size(); !keep && f-- > 0;)
      state_.apply(sites[f], before[f], state_.change_ev(sites[f], before[f]));
    if (!keep) {
      state_.energy_ = energy_before;
      return;
    }
    for (std::size_t f = 0; f < move.flips.size(); ++f) {
      // The lists go by what a site held before.
      state_.occupation_[sites[f]] = before[f];
      move_site(sites[f], move.flips[f].to);
      state_.occupation_[sites[f]] = move.flips[f].to;
    }
  }
  for (std::size_t i = 0; i < rules_.limits.size(); ++i) limit_values_[i] += move_changes_[number][i];
  ++tally_.accepted;
}

void Walker::swap_sweep(CountedDraws& draws, double beta, std::size_t attempts) {
  for (std::size_t i = 0; i < attempts; ++i) try_swap(draws, beta);
}

void Walker::coupled_sweep(CountedDraws& draws, double beta, std::size_t attempts) {
  for (std::size_t i = 0; i < attempts; ++i) try_coupled(draws, beta);
}

std::vector<SweepRecord> Walker::walk(const WalkConditions& conditions, std::uint64_t key, std::uint64_t first,
                                      std::size_t sweeps) {
  state_.set(state_.occupation());
  if (listing_) sort_sites();
  const CellInteractions& cell = state_.interactions();
  const double beta = 1 / (EnergySpectrum::kBoltzmannEvPerKelvin * conditions.temperature_kelvin);
  potentials_.assign(cell.basis() * potential_stride_, 0.0);
  for (std::size_t s = 0; s < cell.basis() && !conditions.chemical_potentials_ev.empty(); ++s) {
    const auto& of_sublattice = conditions.chemical_potentials_ev[static_cast<std::size_t>(cell.sublattice(s))];
    std::copy(of_sublattice.begin(), of_sublattice.end(),
              potentials_.begin() + static_cast<std::ptrdiff_t>(s * potential_stride_));
  }
  const std::size_t attempts = cell.primitive_cells() * varied_basis_;
  std::vector<SweepRecord> records;
  for (std::size_t sweep = 0; sweep < sweeps; ++sweep) {
    CountedDraws draws(random_bits(key, first + sweep));
    if (simple_flips_) {
      flip_sweep(draws, beta);
    } else if (moves_.empty()) {
      swap_sweep(draws, beta, attempts);
    } else {
      coupled_sweep(draws, beta, (attempts + 1) / 2);
      swap_sweep(draws, beta, attempts / 2);
    }
    records.push_back({state_.energy_ev(), state_.counts()});
  }
  return records;
}

void Walker::quench(const WalkConditions& conditions) {
  (void)walk(conditions, 0, 0, 0);  // fields, lists and potentials
  constexpr double kLowers = -1e-9;
  const CellInteractions& cell = state_.interactions();
  for (bool lowered = true; lowered;) {
    lowered = false;
    for (std::size_t site = 0; simple_flips_ && site < cell.site_count(); ++site) {
      const std::size_t s = site % cell.basis();
      for (std::uint8_t to = 0; to < cell.occupants(s); ++to) {
        const std::uint8_t from = state_.occupant(site);
        if (to == from) continue;
        const double change = state_.change_ev(site, to);
        if (change - potential(s, to) + potential(s, from) >= kLowers) continue;
        state_.apply(site, to, change);
        lowered = true;
      }
    }
    for (std::size_t l = 0; !simple_flips_ && l < listed_.size(); ++l) {
      const std::vector<std::uint32_t> list = listed_[l];
      // All pairs of a small cell; of a large one those among neighbours would be better, and cost as much to find.
      constexpr std::size_t kMostPairs = 4'000'000;
      if (list.size() * list.size() / 2 > kMostPairs) continue;
      for (std::size_t i = 0; i < list.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
          const std::uint8_t on_a = state_.occupant(list[i]), on_b = state_.occupant(list[j]);
          if (on_a == on_b) continue;
          const double change = state_.change_ev(list[i], on_b, list[j], on_a);
          if (change >= kLowers) continue;
          state_.apply(list[i], on_b, list[j], on_a, change);
          lowered = true;
        }
      }
    }
    if (listing_) sort_sites();
  }
}

}  // namespace hullscan
