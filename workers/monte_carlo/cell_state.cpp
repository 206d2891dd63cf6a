#include "workers/monte_carlo/cell_state.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace hullscan {

CellState::CellState(std::shared_ptr<const CellInteractions> interactions, WholeCellEnergy whole_cell)
    : interactions_(std::move(interactions)),
      whole_cell_(std::move(whole_cell)),
      stride_(interactions_->stride_),
      charged_(interactions_->charged_) {
  if (charged_) {
    for (std::size_t s = 0; s < interactions_->basis_; ++s) self_.push_back(interactions_->coulomb(s, s));
  }
  set(std::vector<std::uint8_t>(interactions_->site_count(), 0));
}

void CellState::set(std::span<const std::uint8_t> occupation) {
  const CellInteractions& cell = *interactions_;
  assert(occupation.size() == cell.site_count());
  if (occupation.data() != occupation_.data()) occupation_.assign(occupation.begin(), occupation.end());
  counts_.clear();
  for (const Sublattice& sublattice : cell.parent().sublattices) counts_.emplace_back(sublattice.allowed.size(), 0);
  for (std::size_t site = 0; site < occupation_.size(); ++site)
    ++counts_[static_cast<std::size_t>(cell.sublattice(site))][occupation_[site]];
  if (whole_cell_) {
    energy_ = whole_cell_(occupation_);
    return;
  }
  fields_.assign(cell.site_count() * stride_, 0.0);
  double total = cell.constant_ + cell.fixed_energy_;
  for (std::size_t c = 0; c < cell.cells_; ++c) {
    for (std::size_t s = 0; s < cell.basis_; ++s) {
      const std::size_t site = c * cell.basis_ + s;
      const auto own = static_cast<std::size_t>(cell.occupants_[s]);
      double* const field = fields_.data() + site * stride_;
      const std::int32_t* offset = cell.offsets(c, s);
      const std::uint8_t here = occupation_[site];
      double pairs = 0, larger = 0;
      for (std::size_t o = 1; o < own; ++o) field[o - 1] = cell.points_[s][o];
      const auto at = [&](std::int32_t shift) {
        return occupation_[site + static_cast<std::size_t>(std::int64_t{shift})];
      };
      for (const CellInteractions::Pair& pair : cell.pairs_[s]) {
        const auto there = static_cast<std::size_t>(cell.occupants_[static_cast<std::size_t>(pair.site)]);
        const std::uint8_t other = at(*offset++);
        for (std::size_t o = 1; o < own; ++o) field[o - 1] += pair.energy_ev[o * there + other];
        pairs += pair.energy_ev[here * there + other];
      }
      for (const CellInteractions::Many& many : cell.many_[s]) {
        std::size_t code = 0, block = 1;
        for (std::size_t i = 0; i < static_cast<std::size_t>(many.others); ++i) {
          const auto there = static_cast<std::size_t>(cell.occupants_[static_cast<std::size_t>(many.site[i])]);
          code = code * there + at(*offset++);
          block *= there;
        }
        for (std::size_t o = 1; o < own; ++o) field[o - 1] += many.energy_ev[o * block + code];
        larger += many.energy_ev[here * block + code] / (many.others + 1);
      }
      total += cell.points_[s][here] + 0.5 * pairs + larger;
    }
  }
  if (charged_) {
    potential_.assign(cell.site_count(), 0.0);
    for (std::size_t site = 0; site < occupation_.size(); ++site) {
      const std::size_t s = site % cell.basis_;
      if (cell.charge_[s][occupation_[site]] != 0.0) update_potential(site, s, cell.charge_[s][occupation_[site]]);
    }
    for (std::size_t site = 0; site < occupation_.size(); ++site) {
      const std::size_t s = site % cell.basis_;
      total += cell.charge_[s][occupation_[site]] * (cell.fixed_potential_[s] + 0.5 * potential_[site]);
      potential_[site] += cell.fixed_potential_[s];
    }
  }
  energy_ = total;
}

double CellState::whole_cell_change(std::size_t site, std::uint8_t to) const {
  const std::uint8_t from = std::exchange(occupation_[site], to);
  const double changed = whole_cell_(occupation_);
  occupation_[site] = from;
  return changed - energy_;
}

double CellState::together_ev(std::size_t a, std::uint8_t to_a, std::size_t b, std::uint8_t to_b) const {
  const CellInteractions& cell = *interactions_;
  const std::size_t s = a % cell.basis_;
  const std::uint8_t from_a = occupation_[a], from_b = occupation_[b];
  const std::int32_t* const offset = cell.offsets(a / cell.basis_, s);
  const auto to_other = static_cast<std::int32_t>(static_cast<std::int64_t>(b) - static_cast<std::int64_t>(a));
  const std::size_t pairs = cell.pairs_[s].size();
  double change = 0;
  int meet = 0;
  for (std::size_t p = 0; p < pairs; ++p) meet |= static_cast<int>(offset[p] == to_other);
  if (meet != 0) {
    for (std::size_t p = 0; p < pairs; ++p) {
      if (offset[p] != to_other) continue;
      const auto there = static_cast<std::size_t>(cell.occupants(b));
      const std::vector<double>& e = cell.pairs_[s][p].energy_ev;
      change +=
          e[to_a * there + to_b] - e[to_a * there + from_b] - e[from_a * there + to_b] + e[from_a * there + from_b];
    }
  }
  const std::int32_t* other = offset + pairs;
  for (const CellInteractions::Many& many : cell.many_[s]) {
    const std::int32_t* const others = other;
    other += many.others;
    int which = -1;
    for (int i = 0; i < many.others; ++i) which = others[i] == to_other ? i : which;
    if (which < 0) continue;
    std::size_t with_to = 0, with_from = 0, block = 1;
    for (int i = 0; i < many.others; ++i) {
      const auto there =
          static_cast<std::size_t>(cell.occupants_[static_cast<std::size_t>(many.site[static_cast<std::size_t>(i)])]);
      const std::uint8_t now = occupation_[a + static_cast<std::size_t>(std::int64_t{others[i]})];
      with_to = with_to * there + (i == which ? to_b : now);
      with_from = with_from * there + now;
      block *= there;
    }
    const std::vector<double>& e = many.energy_ev;
    change += e[to_a * block + with_to] - e[to_a * block + with_from] - e[from_a * block + with_to] +
              e[from_a * block + with_from];
  }
  if (charged_) {
    const std::vector<double>&charge_a = cell.charge_[s], &charge_b = cell.charge_[b % cell.basis_];
    change += (charge_a[to_a] - charge_a[from_a]) * (charge_b[to_b] - charge_b[from_b]) * cell.coulomb(a, b);
  }
  return change;
}

double CellState::change_ev(std::size_t a, std::uint8_t to_a, std::size_t b, std::uint8_t to_b) const {
  if (!whole_cell_) return change_ev(a, to_a) + change_ev(b, to_b) + together_ev(a, to_a, b, to_b);
  const std::uint8_t from_a = std::exchange(occupation_[a], to_a), from_b = std::exchange(occupation_[b], to_b);
  const double changed = whole_cell_(occupation_);
  occupation_[a] = from_a;
  occupation_[b] = from_b;
  return changed - energy_;
}

void CellState::update_larger_clusters(std::size_t site, std::size_t basis, const std::int32_t* offset,
                                       std::uint8_t from, std::uint8_t to) {
  const CellInteractions& cell = *interactions_;
  const auto place = [&](std::int32_t shift) { return site + static_cast<std::size_t>(std::int64_t{shift}); };
  if (cell.binary_) {
    const double sign = to != 0 ? 1.0 : -1.0;
    for (const CellInteractions::Many& many : cell.many_[basis]) {
      const double energy = sign * many.energy_ev.back();
      const std::size_t b = place(offset[0]), c = place(offset[1]);
      const double on_b = occupation_[b], on_c = occupation_[c];
      if (many.others == 2) {
        fields_[b] += energy * on_c;
        fields_[c] += energy * on_b;
      } else {
        const std::size_t d = place(offset[2]);
        const double on_d = occupation_[d];
        fields_[b] += energy * on_c * on_d;
        fields_[c] += energy * on_b * on_d;
        fields_[d] += energy * on_b * on_c;
      }
      offset += many.others;
    }
    return;
  }
  for (const CellInteractions::Many& many : cell.many_[basis]) {
    const auto others = static_cast<std::size_t>(many.others);
    std::array<std::size_t, 3> at{}, step{}, radix{};
    std::size_t code = 0, block = 1;
    for (std::size_t i = others; i-- > 0;) {
      at[i] = place(offset[i]);
      radix[i] = static_cast<std::size_t>(cell.occupants_[static_cast<std::size_t>(many.site[i])]);
      step[i] = block;
      block *= radix[i];
      code += step[i] * occupation_[at[i]];
    }
    for (std::size_t i = 0; i < others; ++i) {
      const std::size_t rest = code - step[i] * occupation_[at[i]];
      const double *after = many.energy_ev.data() + to * block + rest,
                   *before = many.energy_ev.data() + from * block + rest;
      for (std::size_t o = 1; o < radix[i]; ++o)
        fields_[at[i] * stride_ + o - 1] += after[o * step[i]] - before[o * step[i]];
    }
    offset += others;
  }
}

void CellState::update_potential(std::size_t site, std::size_t basis, double charge) {
  const CellInteractions& cell = *interactions_;
  const auto& order = cell.translations_.order();
  const auto y = cell.coordinates(site / cell.basis_);
  const auto first = static_cast<std::size_t>(order[0]), middle = static_cast<std::size_t>(order[1]),
             last = static_cast<std::size_t>(order[2]);
  const std::size_t run = last * cell.basis_;
  double* there = potential_.data();
  for (std::size_t i = 0; i < first; ++i) {
    const std::size_t di = (i + first - static_cast<std::size_t>(y[0])) % first;
    for (std::size_t j = 0; j < middle; ++j, there += run) {
      const std::size_t dj = (j + middle - static_cast<std::size_t>(y[1])) % middle;
      const double* const row =
          cell.coulomb_.data() +
          (((basis * first + di) * middle + dj) * 2 * last + last - static_cast<std::size_t>(y[2])) * cell.basis_;
      for (std::size_t k = 0; k < run; ++k) there[k] += charge * row[k];
    }
  }
}

void CellState::update(std::size_t site, std::uint8_t to) {
  const CellInteractions& cell = *interactions_;
  const std::size_t c = site / cell.basis_, s = site - c * cell.basis_;
  const std::uint8_t from = occupation_[site];
  if (from == to) return;
  if (!whole_cell_) {
    const std::int32_t* const offset = cell.offsets(c, s);
    const std::size_t pairs = cell.pairs_[s].size();
    const double* change =
        cell.pair_change_[s].data() + (from * static_cast<std::size_t>(cell.occupants_[s]) + to) * pairs * stride_;
    if (stride_ == 1) {
      double* const field = fields_.data() + site;
      for (std::size_t p = 0; p < pairs; ++p) field[offset[p]] += change[p];
    } else {
      double* const field = fields_.data() + site * stride_;
      const auto stride = static_cast<std::ptrdiff_t>(stride_);
      for (std::size_t p = 0; p < pairs; ++p, change += stride_) {
        double* const there = field + offset[p] * stride;
        for (std::size_t o = 0; o < stride_; ++o) there[o] += change[o];
      }
    }
    if (!cell.many_[s].empty()) update_larger_clusters(site, s, offset + pairs, from, to);
    if (charged_ && cell.charge_[s][to] != cell.charge_[s][from])
      update_potential(site, s, cell.charge_[s][to] - cell.charge_[s][from]);
  }
  std::vector<std::int64_t>& count = counts_[static_cast<std::size_t>(cell.sublattice_[s])];
  --count[from];
  ++count[to];
  occupation_[site] = to;
}

void CellState::apply(std::size_t site, std::uint8_t to, double change_ev) {
  update(site, to);
  energy_ += change_ev;
}

void CellState::apply(std::size_t a, std::uint8_t to_a, std::size_t b, std::uint8_t to_b, double change_ev) {
  update(a, to_a);
  update(b, to_b);
  energy_ += change_ev;
}

}  // namespace hullscan
