#include "surrogates/lattice/branch_scorer.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <tuple>
#include <utility>

namespace hullscan {

std::shared_ptr<const BranchTables> BranchTables::about(const LatticePolynomial& polynomial, const Supercell& supercell,
                                                        std::span<const std::uint8_t> background) {
  if (polynomial.largest_term() > 3) return nullptr;
  auto made = std::make_shared<BranchTables>();
  std::vector<std::pair<std::size_t, std::uint8_t>> place;  // of every state
  const auto& sublattices = supercell.parent().sublattices;
  for (const Sublattice& sublattice : sublattices) made->stride_ = std::max(made->stride_, sublattice.allowed.size());
  made->state_of_.assign(background.size() * made->stride_, -1);
  for (std::size_t site = 0; site < background.size(); ++site) {
    const auto sublattice = static_cast<std::size_t>(supercell.sublattice_of(static_cast<int>(site)));
    for (std::size_t species = 0; species < sublattices[sublattice].allowed.size(); ++species) {
      if (species == background[site]) continue;
      made->state_of_[site * made->stride_ + species] = static_cast<std::int32_t>(place.size());
      place.emplace_back(site, static_cast<std::uint8_t>(species));
    }
  }
  const std::size_t n = made->states_ = place.size();
  const bool triplets = polynomial.largest_term() == 3;
  if (!can_be_made(polynomial.largest_term(), n)) return nullptr;

  // Coefficients by inclusion and exclusion: exact, because the polynomial has no larger terms.
  std::vector<std::uint8_t> occupation(background.begin(), background.end());
  const auto put = [&](std::size_t state) { occupation[place[state].first] = place[state].second; };
  const auto restore = [&](std::size_t state) { occupation[place[state].first] = background[place[state].first]; };
  made->constant_ = polynomial.value(occupation);
  made->linear_.assign(n, 0.0);
  made->pairs_.assign(n * n, 0.0);
  for (std::size_t a = 0; a < n; ++a) {
    put(a);
    made->linear_[a] = polynomial.value(occupation) - made->constant_;
    restore(a);
  }
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      if (place[a].first == place[b].first) continue;
      put(a);
      put(b);
      const double value = polynomial.value(occupation) - made->constant_ - made->linear_[a] - made->linear_[b];
      made->pairs_[a * n + b] = made->pairs_[b * n + a] = value;
      restore(a);
      restore(b);
    }
  }
  if (!triplets) return made;
  made->triplets_.assign(n * n * n, 0.0);
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      if (place[a].first == place[b].first) continue;
      for (std::size_t c = 0; c < b; ++c) {
        if (place[c].first == place[a].first || place[c].first == place[b].first) continue;
        put(a);
        put(b);
        put(c);
        const double value = polynomial.value(occupation) - made->constant_ - made->linear_[a] - made->linear_[b] -
                             made->linear_[c] - made->pairs_[a * n + b] - made->pairs_[a * n + c] -
                             made->pairs_[b * n + c];
        restore(a);
        restore(b);
        restore(c);
        if (std::abs(value) < 1e-13 * std::max(1.0, std::abs(made->constant_))) continue;  // rounding of a zero
        for (const auto& [i, j, k] : {std::tuple{a, b, c}, std::tuple{a, c, b}, std::tuple{b, a, c},
                                      std::tuple{b, c, a}, std::tuple{c, a, b}, std::tuple{c, b, a}}) {
          made->triplets_[(i * n + j) * n + k] = value;
        }
      }
    }
  }
  return made;
}

BranchScorer::BranchScorer(std::shared_ptr<const BranchTables> tables)
    : tables_(std::move(tables)), energy_{tables_->constant_}, fields_(tables_->linear_) {}

void BranchScorer::move_to(std::span<const std::uint16_t> sites, std::span<const std::uint8_t> species) {
  assert(sites.size() == species.size());
  const BranchTables& e = *tables_;
  const std::size_t n = e.states_;
  if (sites.size() >= energy_.size()) {
    energy_.resize(sites.size() + 1);
    fields_.resize((sites.size() + 1) * n);
    branch_.resize(sites.size());
  }
  std::size_t common = 0;
  const auto state_at = [&](std::size_t i) {
    return static_cast<std::size_t>(e.state_of_[sites[i] * e.stride_ + species[i]]);
  };
  while (common < sites.size() && common < depth_ && branch_[common] == state_at(common)) ++common;
  for (std::size_t i = common; i < sites.size(); ++i) {
    const std::size_t state = state_at(i);
    const double* before = &fields_[i * n];
    double* after = &fields_[(i + 1) * n];
    branch_[i] = state;
    energy_[i + 1] = energy_[i] + before[state];
    const double* row = &e.pairs_[state * n];
    for (std::size_t k = 0; k < n; ++k) after[k] = before[k] + row[k];
    if (e.triplets_.empty()) continue;
    for (std::size_t earlier = 0; earlier < i; ++earlier) {
      const double* with = &e.triplets_[(state * n + branch_[earlier]) * n];
      for (std::size_t k = 0; k < n; ++k) after[k] += with[k];
    }
  }
  depth_ = sites.size();
}

}  // namespace hullscan
