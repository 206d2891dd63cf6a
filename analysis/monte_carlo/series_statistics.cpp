#include "analysis/monte_carlo/series_statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/errors.hpp"

namespace hullscan {
namespace {

/// Place of the product of two columns among those of a block.
std::size_t place_of_product(std::size_t columns, std::size_t a, std::size_t b) {
  if (a > b) std::swap(a, b);
  return columns + a * columns - a * (a + 1) / 2 + b;
}

/// sum over c of weights[c] * (sum of column c) of a block.
double weighted_sum(std::span<const double> weights, const std::vector<double>& sums) {
  double sum = 0;
  for (std::size_t c = 0; c < weights.size(); ++c) sum += weights[c] * sums[c];
  return sum;
}

/// Of block means. @pre two or more.
double squared_error_of_mean(const std::vector<double>& means) {
  const auto n = static_cast<double>(means.size());
  double mean = 0, squares = 0;
  for (const double one : means) mean += one / n;
  for (const double one : means) squares += (one - mean) * (one - mean);
  return squares / n / (n - 1);
}

void join_pairs(std::vector<double>& means) {
  for (std::size_t i = 0; i + 1 < means.size(); i += 2) means[i / 2] = (means[i] + means[i + 1]) / 2;
  means.resize(means.size() / 2);
}

}  // namespace

double SeriesMoments::covariance(std::size_t a, std::size_t b) const {
  return sums_[place_of_product(origin_.size(), a, b)] / rows_ - shifted(a) * shifted(b);
}

SeriesStatistics::SeriesStatistics(std::size_t columns) : columns_(columns) {
  state_.open.assign(columns + columns * (columns + 1) / 2, 0.0);
}

SeriesStatistics::SeriesStatistics(std::size_t columns, SeriesState state)
    : columns_(columns), state_(std::move(state)) {
  const std::size_t sums = columns + columns * (columns + 1) / 2;
  const bool power = state_.block_rows > 0 && (state_.block_rows & (state_.block_rows - 1)) == 0;
  bool fits = power && state_.open.size() == sums && state_.blocks.size() < kMostBlocks && state_.open_rows >= 0 &&
              state_.open_rows < state_.block_rows &&
              state_.origin.size() == (state_.rows > 0 ? columns : std::size_t{0}) &&
              state_.rows == static_cast<std::int64_t>(state_.blocks.size()) * state_.block_rows + state_.open_rows;
  for (const auto& block : state_.blocks) fits = fits && block.size() == sums;
  if (!fits)
    throw FormatError(fmt::format("state of a time series: {} rows in {} blocks of {} and {} more do not fit together",
                                  state_.rows, state_.blocks.size(), state_.block_rows, state_.open_rows));
}

void SeriesStatistics::add(std::span<const double> row) {
  if (state_.rows++ == 0) state_.origin.assign(row.begin(), row.end());
  std::size_t at = columns_;
  for (std::size_t a = 0; a < columns_; ++a) {
    const double from_origin = row[a] - state_.origin[a];
    state_.open[a] += from_origin;
    for (std::size_t b = a; b < columns_; ++b) state_.open[at++] += from_origin * (row[b] - state_.origin[b]);
  }
  if (++state_.open_rows < state_.block_rows) return;
  state_.blocks.push_back(state_.open);
  std::fill(state_.open.begin(), state_.open.end(), 0.0);
  state_.open_rows = 0;
  if (state_.blocks.size() < kMostBlocks) return;
  for (std::size_t i = 0; i < kMostBlocks; i += 2) {
    std::vector<double> sum = std::move(state_.blocks[i]);
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += state_.blocks[i + 1][k];
    state_.blocks[i / 2] = std::move(sum);
  }
  state_.blocks.resize(kMostBlocks / 2);
  state_.block_rows *= 2;
}

std::size_t SeriesStatistics::product_at(std::size_t a, std::size_t b) const {
  return place_of_product(columns_, a, b);
}

std::size_t SeriesStatistics::first_block(std::int64_t first_row) const {
  const std::int64_t block = (std::max<std::int64_t>(first_row, 0) + state_.block_rows - 1) / state_.block_rows;
  return std::min(static_cast<std::size_t>(block), state_.blocks.size());
}

Equilibration SeriesStatistics::equilibration(std::span<const std::vector<double>> weights) const {
  const std::size_t n = state_.blocks.size();
  std::vector<std::vector<double>> each;
  if (weights.empty()) {
    for (std::size_t c = 0; c < columns_; ++c) each.push_back(column_weights(columns_, c));
    weights = each;
  }
  std::size_t most = 0;
  for (const std::vector<double>& weight : weights) {
    std::vector<double> means;
    for (const auto& block : state_.blocks) means.push_back(weighted_sum(weight, block));
    // From the end: sum and squared deviations of what is left (Welford), so that every truncation costs the same.
    double mean = 0, squares = 0, least = std::numeric_limits<double>::infinity();
    std::size_t best = 0;
    for (std::size_t d = n; d-- > 0;) {
      const auto left = static_cast<double>(n - d);
      const double step = means[d] - mean;
      mean += step / left;
      squares += step * (means[d] - mean);
      const double measure = squares / left / left;
      if (d > n / 2 || measure > least) continue;
      least = measure;
      best = d;
    }
    most = std::max(most, best);
  }
  return {static_cast<std::int64_t>(most) * state_.block_rows, n >= kFewestBlocks && most < n / 2};
}

SeriesMean SeriesStatistics::mean(std::span<const double> weights, std::int64_t first) const {
  SeriesMean result;
  const std::size_t begin = first_block(first);
  const auto block_rows = static_cast<double>(state_.block_rows);
  const double rows = static_cast<double>(state_.blocks.size() - begin) * block_rows;
  // Few rows are better than none: a mean of the open block, whose error is not known.
  if (rows == 0) {
    if (state_.open_rows == 0) return result;
    result.value = weighted_sum(weights, state_.origin) +
                   weighted_sum(weights, state_.open) / static_cast<double>(state_.open_rows);
    return result;
  }
  std::vector<double> means;
  double square = 0, sum = 0;
  for (std::size_t i = begin; i < state_.blocks.size(); ++i) {
    const double of_block = weighted_sum(weights, state_.blocks[i]);
    means.push_back(of_block / block_rows);
    sum += of_block;
    for (std::size_t a = 0; a < columns_; ++a) {
      for (std::size_t b = 0; b < columns_; ++b) square += weights[a] * weights[b] * state_.blocks[i][product_at(a, b)];
    }
  }
  result.value = weighted_sum(weights, state_.origin) + sum / rows;
  const double naive = std::max(0.0, square / rows - (sum / rows) * (sum / rows)) / std::max(1.0, rows - 1);
  if (means.size() < kFewestBlocks) return result;
  double largest = 0;
  std::int64_t length = state_.block_rows;
  result.block_rows = length;
  for (; means.size() >= kFewestBlocks; length *= 2, join_pairs(means)) {
    const double squared = squared_error_of_mean(means);
    const double inefficiency = naive > 0 ? squared / naive : 1;
    const auto b = static_cast<double>(length);
    result.blocks_suffice = naive <= 0 || b * b * b > 2 * rows * inefficiency * inefficiency;
    if (result.blocks_suffice || squared >= largest) {
      largest = squared;
      result.block_rows = length;
    }
    if (result.blocks_suffice) break;
  }
  result.standard_error = std::sqrt(largest);
  result.statistical_inefficiency = naive > 0 ? largest / naive : 1;
  result.autocorrelation_rows = result.statistical_inefficiency / 2;
  result.effective_rows = result.statistical_inefficiency > 0 ? rows / result.statistical_inefficiency : rows;
  return result;
}

Estimate SeriesStatistics::estimate(const std::function<double(const SeriesMoments&)>& function,
                                    std::int64_t first) const {
  Estimate result;
  const std::size_t begin = first_block(first), blocks = state_.blocks.size() - begin;
  if (blocks == 0) return result;
  constexpr std::size_t kMostGroups = 64;
  std::size_t in_group = std::max<std::size_t>(1, blocks / kMostGroups);
  for (std::size_t c = 0; c < columns_; ++c) {
    const SeriesMean column = mean(column_weights(columns_, c), first);
    in_group = std::max(in_group, static_cast<std::size_t>(column.block_rows / state_.block_rows));
  }
  const std::size_t groups = std::max<std::size_t>(1, blocks / in_group);
  const std::size_t sums = state_.open.size();
  std::vector<std::vector<double>> of_group(groups, std::vector<double>(sums, 0.0));
  std::vector<double> rows_of(groups, 0.0), all(sums, 0.0);
  for (std::size_t i = 0; i < blocks; ++i) {
    const std::size_t g = i * groups / blocks;
    rows_of[g] += static_cast<double>(state_.block_rows);
    for (std::size_t k = 0; k < sums; ++k) {
      of_group[g][k] += state_.blocks[begin + i][k];
      all[k] += state_.blocks[begin + i][k];
    }
  }
  double rows = 0;
  for (const double one : rows_of) rows += one;
  const double whole = function(SeriesMoments(state_.origin, all, rows));
  result.value = whole;
  if (groups < 2) return result;
  std::vector<double> without(groups);
  double mean_without = 0;
  const auto n = static_cast<double>(groups);
  for (std::size_t g = 0; g < groups; ++g) {
    std::vector<double> rest = all;
    for (std::size_t k = 0; k < sums; ++k) rest[k] -= of_group[g][k];
    without[g] = function(SeriesMoments(state_.origin, rest, rows - rows_of[g]));
    mean_without += without[g] / n;
  }
  double squares = 0;
  for (const double one : without) squares += (one - mean_without) * (one - mean_without);
  result.value = n * whole - (n - 1) * mean_without;
  if (groups >= kFewestBlocks) result.standard_error = std::sqrt(squares * (n - 1) / n);
  return result;
}

Estimate SeriesStatistics::covariance(std::span<const double> weights_a, std::span<const double> weights_b,
                                      std::int64_t first) const {
  return estimate(
      [&](const SeriesMoments& moments) {
        double sum = 0;
        for (std::size_t a = 0; a < columns_; ++a) {
          if (weights_a[a] == 0) continue;
          for (std::size_t b = 0; b < columns_; ++b) {
            if (weights_b[b] != 0) sum += weights_a[a] * weights_b[b] * moments.covariance(a, b);
          }
        }
        return sum;
      },
      first);
}

std::vector<double> column_weights(std::size_t columns, std::size_t column) {
  std::vector<double> weights(columns, 0.0);
  weights[column] = 1;
  return weights;
}

bool precision_reached(const SeriesMean& mean, const Equilibration& equilibration, double precision) {
  return equilibration.found && mean.blocks_suffice && mean.standard_error <= precision;
}

}  // namespace hullscan
