/// @file
/// Statistics of a correlated time series in bounded memory: a row of numbers for each sweep of a Monte Carlo walk goes
/// in; means, variances and functions of them come out, with standard errors, autocorrelation times and what to leave
/// out at the beginning. The same rows give the same numbers, whether or not the state was stored in between.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

namespace hullscan {

/// Everything a SeriesStatistics knows, as plain numbers for a checkpoint.
struct SeriesState {
  std::int64_t rows = 0;
  std::int64_t block_rows = 1;  ///< a power of two
  std::vector<double> origin;   ///< [columns]: the first row, taken off before anything is summed
  /// [block][columns + columns (columns + 1) / 2]: sums of a block's rows and of the products of their columns, in the
  /// order (0,0), (0,1) … (0,n), (1,1) …
  std::vector<std::vector<double>> blocks;
  std::vector<double> open;  ///< the block that is not full yet; of the same form
  std::int64_t open_rows = 0;
  friend bool operator==(const SeriesState&, const SeriesState&) = default;
};

/// First and second moments of the columns over some rows.
class SeriesMoments {
 public:
  /// @param sums as SeriesState::blocks has them, over `rows` rows.
  SeriesMoments(std::span<const double> origin, std::span<const double> sums, double rows)
      : origin_(origin), sums_(sums), rows_(rows) {}
  [[nodiscard]] double mean(std::size_t column) const { return origin_[column] + shifted(column); }
  /// Mean of the product of two columns.
  [[nodiscard]] double product(std::size_t a, std::size_t b) const { return covariance(a, b) + mean(a) * mean(b); }
  /// Over the rows, divided by their number.
  [[nodiscard]] double covariance(std::size_t a, std::size_t b) const;

 private:
  [[nodiscard]] double shifted(std::size_t column) const { return sums_[column] / rows_; }
  std::span<const double> origin_, sums_;
  double rows_;
};

/// A value with its standard error.
struct Estimate {
  double value = 0;
  double standard_error = std::numeric_limits<double>::infinity();
};

struct SeriesMean : Estimate {
  double autocorrelation_rows = 0.5;    ///< integrated: 1/2 + the sum of the autocorrelation; 1/2: none
  double statistical_inefficiency = 1;  ///< rows that are worth one independent row: twice that
  double effective_rows = 0;            ///< independent rows that would have this standard error
  std::int64_t block_rows = 1;          ///< that the error is from
  bool blocks_suffice = false;          ///< the rule of mean() was met; else the error is a lower bound
};

struct Equilibration {
  std::int64_t rows = 0;  ///< to leave out
  bool found = false;     ///< fewer than half
};

/// Memory: at most 256 blocks, so 8 * 256 * (columns + columns (columns + 1) / 2) bytes (10 kB for two columns) for any
/// number of rows.
class SeriesStatistics {
 public:
  static constexpr std::size_t kMostBlocks = 256;
  static constexpr std::size_t kFewestBlocks = 16;  ///< for a standard error

  explicit SeriesStatistics(std::size_t columns);
  /// @throws FormatError if the numbers do not fit together.
  SeriesStatistics(std::size_t columns, SeriesState state);

  /// @param row [columns], finite. Cost: columns², and half of the blocks are joined to the others when there are 256.
  void add(std::span<const double> row);
  [[nodiscard]] const SeriesState& state() const { return state_; }
  [[nodiscard]] std::int64_t rows() const { return state_.rows; }
  [[nodiscard]] std::size_t columns() const { return columns_; }

  /// Rows to leave out at the beginning, so that every column of `weights` has equilibrated: the largest of the
  /// truncations d of n block means b, d <= n/2, that make sum over i >= d of (b_i - mean)² / (n - d)² least (MSER).
  /// Where one is at n/2 the series is too short to tell. Source: White, Simulation 69, 323 (1997), on the blocks here
  /// as MSER-5 has it on blocks of five (White, Cobb & Spratt, Proc. Winter Simul. Conf. 755 (2000)).
  /// @param weights the combinations of columns that are looked at; empty: each column.
  [[nodiscard]] Equilibration equilibration(std::span<const std::vector<double>> weights = {}) const;

  /// Of sum over c of weights[c] * column c, from row `first` (rounded up to the beginning of a block) on.
  ///
  /// The error is that of block means (Flyvbjerg & Petersen, J. Chem. Phys. 91, 461 (1989)) with the shortest blocks of
  /// B rows, B = block_rows * 2^k, that have B³ > 2 N g², N rows in all, g the statistical inefficiency that these
  /// blocks show (Wolff, Comput. Phys. Commun. 156, 143 (2004); Lee et al., Phys. Rev. E 83, 066706 (2011)); where no B
  /// that leaves 16 blocks has, blocks_suffice is false and the largest estimate is given. Infinite with fewer than 16
  /// blocks.
  [[nodiscard]] SeriesMean mean(std::span<const double> weights, std::int64_t first = 0) const;

  /// Of any function of moments, with bias of order 1/N taken off and the standard error by the jackknife over groups
  /// of blocks: as long as mean() takes for the slowest column, at most 127 groups. Source: Efron, The jackknife, the
  /// bootstrap and other resampling plans (SIAM, 1982), chapters 2 and 3.
  /// @returns an infinite error with fewer than 16 groups of blocks.
  [[nodiscard]] Estimate estimate(const std::function<double(const SeriesMoments&)>& function,
                                  std::int64_t first = 0) const;
  /// Covariance of two combinations of columns; of a combination with itself, its variance. Heat capacity and
  /// susceptibility are this: C = Var(E) / kT², chi = Var(N) / kT.
  [[nodiscard]] Estimate covariance(std::span<const double> weights_a, std::span<const double> weights_b,
                                    std::int64_t first = 0) const;

 private:
  [[nodiscard]] std::size_t product_at(std::size_t a, std::size_t b) const;
  [[nodiscard]] std::size_t first_block(std::int64_t first_row) const;

  std::size_t columns_;
  SeriesState state_;
};

/// The weights that select one column.
std::vector<double> column_weights(std::size_t columns, std::size_t column);

/// Whether a mean is as good as was asked for: its error is known and small enough, and the series has equilibrated.
bool precision_reached(const SeriesMean& mean, const Equilibration& equilibration, double precision);

}  // namespace hullscan
