#include "enumerator/orbits/cycle_index.hpp"

#include <algorithm>
#include <numeric>  // std::iota

namespace hullscan {

const BigInteger& Binomials::operator()(int n, int k) {
  const auto row = static_cast<std::size_t>(n);
  if (rows_.size() <= row) rows_.resize(row + 1);
  std::vector<BigInteger>& values = rows_[row];
  if (values.empty()) values.emplace_back(1);
  const auto wanted = static_cast<std::size_t>(std::min(k, n - k));
  while (values.size() <= wanted) {
    const auto i = static_cast<int>(values.size());
    values.push_back(BigInteger(values.back() * (n - i + 1) / i));
  }
  return values[wanted];
}

std::vector<BigInteger> two_species_colourings(const CycleType& type, int up_to) {
  // F = prod (1 + x^l)^m obeys D x F' = N F with D = prod (1 + x^l), N = sum m l x^l prod over the others (1 + x^l').
  std::vector<std::int64_t> d{1}, n{0};
  const auto times = [](const std::vector<std::int64_t>& p, int length) {
    std::vector<std::int64_t> product(p.size() + static_cast<std::size_t>(length), 0);
    for (std::size_t i = 0; i < p.size(); ++i) {
      product[i] += p[i];
      product[i + static_cast<std::size_t>(length)] += p[i];
    }
    return product;
  };
  for (const auto& [length, number] : type.cycles) {
    n = times(n, length);
    for (std::size_t i = 0; i < d.size(); ++i) {
      n[i + static_cast<std::size_t>(length)] += std::int64_t{number} * length * d[i];
    }
    d = times(d, length);
  }
  std::vector<std::size_t> powers;
  for (std::size_t k = 1; k < d.size(); ++k) {
    if (d[k] != 0 || n[k] != 0) powers.push_back(k);
  }
  std::vector<BigInteger> f{1};
  for (std::size_t i = 1; i <= static_cast<std::size_t>(up_to); ++i) {
    BigInteger sum = 0;
    for (const std::size_t k : powers) {
      if (k > i) break;
      sum += f[i - k] * (n[k] - static_cast<std::int64_t>(i - k) * d[k]);
    }
    f.push_back(BigInteger(sum / static_cast<std::int64_t>(i)));
  }
  return f;
}

CycleColourings::CycleColourings(CycleType type, std::vector<int> counts, Binomials& binomials)
    : type_(std::move(type)), counts_(std::move(counts)), binomials_(binomials) {
  for (std::size_t s = 0; s < counts_.size(); ++s) {
    if (counts_[s] > 0) order_.push_back(s);
  }
  std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) { return counts_[a] < counts_[b]; });
  known_.resize(order_.size() + 1);
  Left left;
  for (const auto& [length, number] : type_.cycles) left.push_back(number);
  known_.back()[Left(left.size(), 0)] = 1;
  number_ = ways(0, left);
}

const BigInteger& CycleColourings::ways(std::size_t level, const Left& left) {
  static const BigInteger none = 0, one = 1;
  if (level >= order_.size()) {
    return std::all_of(left.begin(), left.end(), [](int n) { return n == 0; }) ? one : none;
  }
  if (level + 1 == order_.size()) {  // the last species takes everything that is left
    int sites = 0;
    for (std::size_t i = 0; i < left.size(); ++i) sites += left[i] * type_.cycles[i].first;
    return sites == counts_[order_[level]] ? one : none;
  }
  const auto found = known_[level].find(left);
  if (found != known_[level].end()) return found->second;
  if (level + 2 == order_.size() && choices_at_most(level, left) > 16.0 * counts_[order_[level]]) {
    CycleType rest;
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (left[i] > 0) rest.cycles.emplace_back(type_.cycles[i].first, left[i]);
    }
    return known_[level][left] = two_species_colourings(rest, counts_[order_[level]]).back();
  }
  BigInteger sum = 0;
  for_each_choice(level, left, [&](const std::vector<int>& taken, const BigInteger& choices) {
    Left rest = left;
    for (std::size_t i = 0; i < rest.size(); ++i) rest[i] -= taken[i];
    sum += choices * ways(level + 1, rest);
  });
  return known_[level][left] = sum;
}

double CycleColourings::choices_at_most(std::size_t level, const Left& left) const {
  const int wanted = counts_[order_[level]];
  double choices = 1;
  for (std::size_t i = 1; i < left.size(); ++i) choices *= 1 + std::min(left[i], wanted / type_.cycles[i].first);
  return choices;
}

CycleIndex::CycleIndex(const GroupAction& action) {
  const std::size_t sublattices = action.sublattice_count();
  types_.resize(sublattices);
  std::vector<std::map<std::vector<int>, std::size_t>> type_number(sublattices);
  std::map<std::vector<std::size_t>, std::size_t> class_number;

  std::vector<std::uint32_t> seen(action.site_count(), ~std::uint32_t{0});
  std::vector<std::vector<int>> cycles_of_length(sublattices);
  for (std::size_t s = 0; s < sublattices; ++s) cycles_of_length[s].resize(action.sites(s).size() + 1);
  std::vector<std::size_t> types(sublattices);
  for (std::uint32_t g = 0; g < action.order(); ++g) {
    for (std::size_t s = 0; s < sublattices; ++s) {
      auto& histogram = cycles_of_length[s];
      std::fill(histogram.begin(), histogram.end(), 0);
      const auto element = action.group().element(g);
      for (const std::uint16_t start : action.sites(s)) {
        if (seen[start] == g) continue;
        std::size_t length = 0;
        for (std::size_t at = start; seen[at] != g; at = element[at]) {
          seen[at] = g;
          ++length;
        }
        ++histogram[length];
      }
      const auto [entry, fresh] = type_number[s].try_emplace(histogram, types_[s].size());
      if (fresh) {
        CycleType type;
        for (std::size_t length = 1; length < histogram.size(); ++length) {
          if (histogram[length] > 0) type.cycles.emplace_back(static_cast<int>(length), histogram[length]);
        }
        types_[s].push_back(type);
      }
      types[s] = entry->second;
    }
    const auto [entry, fresh] = class_number.try_emplace(types, classes_.size());
    if (fresh) classes_.push_back({types, {}});
    classes_[entry->second].elements.push_back(g);
  }
}

}  // namespace hullscan
