#include "surrogates/lattice/lattice_polynomial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "core/errors.hpp"

namespace hullscan {
namespace {

constexpr SiteState kNone = 0xffff;
/// Up to here the pairs are a square table (8 MB at most); beyond, lists.
constexpr std::size_t kMostDenseStates = 1024;

std::array<SiteState, 4> states_of(std::uint64_t key) {
  std::array<SiteState, 4> states{};
  for (std::size_t i = 0; i < 4; ++i) states[i] = static_cast<SiteState>(key >> (16 * i) & 0xffffU);
  return states;
}

}  // namespace

LatticePolynomial::Builder::Builder(const Supercell& supercell) : site_count_(supercell.varied_sites().size()) {
  const std::vector<Sublattice>& sublattices = supercell.parent().sublattices;
  for (const Sublattice& sublattice : sublattices) stride_ = std::max(stride_, sublattice.allowed.size());
  state_of_.assign(site_count_ * stride_, kNone);
  for (std::size_t site = 0; site < site_count_; ++site) {
    const auto sublattice = static_cast<std::size_t>(supercell.sublattice_of(static_cast<int>(site)));
    for (std::size_t occupant = 1; occupant < sublattices[sublattice].allowed.size(); ++occupant) {
      if (state_count_ == kNone) {
        throw InputError(fmt::format("a supercell of {} varied sites is too large for a lattice model", site_count_));
      }
      state_of_[site * stride_ + occupant] = static_cast<SiteState>(state_count_++);
    }
  }
}

void LatticePolynomial::Builder::add(std::span<const int> varied_indices, std::span<const std::uint8_t> occupants,
                                     double value) {
  assert(varied_indices.size() == occupants.size() && !varied_indices.empty() && varied_indices.size() <= 4);
  std::array<SiteState, 4> states{};
  std::size_t size = 0;
  for (std::size_t i = 0; i < varied_indices.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (varied_indices[i] == varied_indices[j] && occupants[i] != occupants[j]) return;
    }
    const SiteState state = state_of_[static_cast<std::size_t>(varied_indices[i]) * stride_ + occupants[i]];
    assert(state != kNone);
    std::size_t place = 0;
    while (place < size && states[place] > state) ++place;
    if (place < size && states[place] == state) continue;
    for (std::size_t later = size++; later > place; --later) states[later] = states[later - 1];
    states[place] = state;
  }
  std::uint64_t key = ~std::uint64_t{0};
  for (std::size_t i = size; i-- > 0;) key = key << 16U | states[i];
  terms_.push_back({key, value});
}

LatticePolynomial LatticePolynomial::Builder::build() const {
  std::vector<Term> terms = terms_;
  const auto ascending = [](const Term& a, const Term& b) { return states_of(a.key) < states_of(b.key); };
  std::stable_sort(terms.begin(), terms.end(), ascending);
  std::vector<Term> merged;
  for (const Term& term : terms) {
    if (!merged.empty() && merged.back().key == term.key) {
      merged.back().value += term.value;
    } else {
      merged.push_back(term);
    }
  }

  LatticePolynomial polynomial;
  polynomial.constant_ = constant_;
  polynomial.site_count_ = site_count_;
  polynomial.stride_ = stride_;
  polynomial.state_of_ = state_of_;
  polynomial.linear_.assign(state_count_, 0.0);
  const bool dense = state_count_ <= kMostDenseStates;
  if (dense) polynomial.dense_pairs_.assign(state_count_ * state_count_, 0.0);
  polynomial.pair_begin_.assign(dense ? 0 : state_count_ + 1, 0);
  polynomial.many_begin_.assign(state_count_ + 1, 0);
  for (const Term& term : merged) {  // ascending by the latest state, which stands first in the key
    const std::array<SiteState, 4> states = states_of(term.key);
    const auto sites = std::find(states.begin(), states.end(), kNone) - states.begin();
    if (term.value != 0.0) polynomial.largest_term_ = std::max(polynomial.largest_term_, static_cast<int>(sites));
    if (states[1] == kNone) {
      polynomial.linear_[states[0]] = term.value;
    } else if (states[2] == kNone) {
      if (dense) {
        polynomial.dense_pairs_[states[0] * state_count_ + states[1]] = term.value;
      } else {
        polynomial.pairs_.push_back({states[1], term.value});
        ++polynomial.pair_begin_[states[0] + 1U];
      }
    } else {
      const SiteState last = states[3] == kNone ? states[2] : states[3];
      polynomial.many_.push_back({{states[1], states[2], last}, term.value});
      ++polynomial.many_begin_[states[0] + 1U];
    }
  }
  for (std::size_t s = 1; s < polynomial.pair_begin_.size(); ++s)
    polynomial.pair_begin_[s] += polynomial.pair_begin_[s - 1];
  for (std::size_t s = 1; s < polynomial.many_begin_.size(); ++s)
    polynomial.many_begin_[s] += polynomial.many_begin_[s - 1];
  return polynomial;
}

double LatticePolynomial::value(std::span<const std::uint8_t> occupation) const {
  assert(occupation.size() == site_count_);
  if (state_count() <= kMostDenseStates) {
    std::array<SiteState, kMostDenseStates> states;
    std::array<std::uint8_t, kMostDenseStates> present;
    return sum(occupation, states.data(), present.data());
  }
  std::vector<SiteState> states(state_count());
  std::vector<std::uint8_t> present(state_count());
  return sum(occupation, states.data(), present.data());
}

double LatticePolynomial::sum(std::span<const std::uint8_t> occupation, SiteState* states,
                              std::uint8_t* present) const {
  std::size_t count = 0;
  for (std::size_t site = 0; site < site_count_; ++site) {
    if (occupation[site] != 0) states[count++] = state_of_[site * stride_ + occupation[site]];
  }
  const std::size_t all = state_count();
  const bool lists = !many_.empty() || dense_pairs_.empty();
  if (lists) {
    std::fill_n(present, all, std::uint8_t{0});
    for (std::size_t i = 0; i < count; ++i) present[states[i]] = 1;
  }

  double total = constant_;
  for (std::size_t i = 0; i < count; ++i) {
    const SiteState state = states[i];
    double field = linear_[state];
    if (!dense_pairs_.empty()) {
      const double* row = &dense_pairs_[state * all];
      for (std::size_t j = 0; j < i; ++j) field += row[states[j]];
    } else {
      for (std::uint32_t p = pair_begin_[state]; p < pair_begin_[state + 1U]; ++p) {
        field += present[pairs_[p].other] != 0 ? pairs_[p].value : 0.0;
      }
    }
    for (std::uint32_t t = many_begin_[state]; t < many_begin_[state + 1U]; ++t) {
      const ManyTerm& term = many_[t];
      const int there = present[term.others[0]] & present[term.others[1]] & present[term.others[2]];
      field += there != 0 ? term.value : 0.0;
    }
    total += field;
  }
  return total;
}

}  // namespace hullscan
