#include "analysis/monte_carlo/series_statistics.hpp"

#include <array>
#include <catch2/catch.hpp>

#include "autoregression.hpp"
#include "core/errors.hpp"

using namespace hullscan;
using hullscan::test::Autoregression;

namespace {

const std::vector<double> kOne = {1.0};

SeriesStatistics statistics_of(Autoregression series, int rows, double offset = 0) {
  SeriesStatistics statistics(1);
  for (int i = 0; i < rows; ++i) {
    const double row = offset + series.next();
    statistics.add({&row, 1});
  }
  return statistics;
}

/// Relative standard error of the square of a standard error from n blocks of a normal series.
double error_of_square(const SeriesStatistics& statistics, const SeriesMean& mean) {
  const double blocks = static_cast<double>(statistics.rows()) / static_cast<double>(mean.block_rows);
  return std::sqrt(2 / (blocks - 1));
}

}  // namespace

TEST_CASE("the mean of a correlated series has the standard error that its correlation makes",
          "[analysis][monte-carlo]") {
  for (const double phi : {0.0, 0.6, 0.95}) {
    constexpr int kRows = 1 << 17;
    const Autoregression series(phi, 11);
    const SeriesStatistics statistics = statistics_of(series, kRows, -1e4);

    const SeriesMean mean = statistics.mean(kOne);

    INFO("phi " << phi);
    CHECK(mean.blocks_suffice);
    CHECK(std::abs(mean.value + 1e4) < 3 * mean.standard_error);
    const double three = 3 * error_of_square(statistics, mean);
    CHECK(mean.statistical_inefficiency == Approx(series.inefficiency()).epsilon(three));
    CHECK(mean.autocorrelation_rows == Approx(series.inefficiency() / 2).epsilon(three));
    CHECK(mean.effective_rows == Approx(kRows / mean.statistical_inefficiency));
    CHECK(mean.standard_error * mean.standard_error == Approx(series.inefficiency() / kRows).epsilon(three));
  }
}

TEST_CASE("two standard errors hold the true mean in 95 of 100 series", "[analysis][monte-carlo]") {
  constexpr int kSeries = 300;
  int inside = 0;
  for (int i = 0; i < kSeries; ++i) {
    const SeriesMean mean = statistics_of(Autoregression(0.7, static_cast<std::uint64_t>(100 + i)), 4096).mean(kOne);
    inside += std::abs(mean.value) < 2 * mean.standard_error ? 1 : 0;
  }

  const double expected = 0.9545, error = std::sqrt(expected * (1 - expected) / kSeries);
  CHECK(std::abs(inside / double{kSeries} - expected) < 3 * error);
}

TEST_CASE("a long series takes no more memory than a short one", "[analysis][monte-carlo]") {
  const SeriesStatistics statistics = statistics_of(Autoregression(0.5, 3), 300'001);

  CHECK(statistics.state().blocks.size() < SeriesStatistics::kMostBlocks);
  CHECK(statistics.state().block_rows == 2048);
  CHECK(statistics.rows() == 300'001);
}

TEST_CASE("a series that was stored and taken up again is the same", "[analysis][monte-carlo]") {
  Autoregression series(0.8, 5);
  SeriesStatistics through(2), stored(2);
  for (int i = 0; i < 5000; ++i) {
    const std::array<double, 2> row = {series.next(), series.next()};
    through.add(row);
    stored.add(row);
    if (i % 777 == 0) stored = SeriesStatistics(2, stored.state());
  }

  CHECK(stored.state() == through.state());
  SeriesState broken = through.state();
  broken.blocks.pop_back();
  CHECK_THROWS_AS(SeriesStatistics(2, broken), FormatError);
  CHECK_THROWS_AS(SeriesStatistics(3, through.state()), FormatError);
}

TEST_CASE("variances and covariances have the errors of the jackknife", "[analysis][monte-carlo]") {
  Autoregression x(0.9, 17), z(0.3, 18);
  SeriesStatistics statistics(2);
  for (int i = 0; i < 100'000; ++i) {
    const double one = x.next();
    statistics.add(std::array{one + 1e3, 0.5 * one + z.next()});
  }
  const std::vector<double> first = {1, 0}, second = {0, 1}, difference = {-0.5, 1};

  const Estimate variance = statistics.covariance(first, first), both = statistics.covariance(first, second),
                 rest = statistics.covariance(difference, difference);

  // The variance of a normal series has the error sqrt(2 tau'/N), tau' = (1 + phi²) / (1 - phi²).
  const double known = std::sqrt(2 * (1 + 0.81) / (1 - 0.81) / 100'000);
  CHECK(variance.standard_error == Approx(known).epsilon(3 * std::sqrt(0.5 / 31)));
  CHECK(std::abs(variance.value - 1) < 3 * variance.standard_error);
  CHECK(std::abs(both.value - 0.5) < 3 * both.standard_error);
  CHECK(std::abs(rest.value - 1) < 3 * rest.standard_error);
  CHECK(rest.standard_error < variance.standard_error);
}

TEST_CASE("the beginning of a series that has not equilibrated is left out", "[analysis][monte-carlo]") {
  constexpr double kDecay = 300;
  Autoregression noise(0.5, 23);
  SeriesStatistics decaying(1), drifting(1);
  for (int i = 0; i < 20'000; ++i) {
    const double value = noise.next();
    const double decay = value + 20 * std::exp(-i / kDecay), drift = value + 1e-3 * i;
    decaying.add({&decay, 1});
    drifting.add({&drift, 1});
  }

  const Equilibration decayed = decaying.equilibration(), drifted = drifting.equilibration();

  CHECK(decayed.found);
  CHECK(decayed.rows > 3 * static_cast<std::int64_t>(kDecay));
  const SeriesMean mean = decaying.mean(kOne, decayed.rows);
  CHECK(std::abs(mean.value) < 3 * mean.standard_error);
  CHECK(std::abs(decaying.mean(kOne).value) > 0.2);
  CHECK_FALSE(drifted.found);
  CHECK_FALSE(precision_reached(drifting.mean(kOne, drifted.rows), drifted, 1e9));
  CHECK(precision_reached(mean, decayed, mean.standard_error));
  CHECK_FALSE(precision_reached(mean, decayed, 0.9 * mean.standard_error));
}

TEST_CASE("a series that is too short has no error, and one slower than its length says so",
          "[analysis][monte-carlo]") {
  CHECK(std::isinf(statistics_of(Autoregression(0, 1), 15).mean(kOne).standard_error));
  CHECK(std::isfinite(statistics_of(Autoregression(0, 1), 100).mean(kOne).standard_error));
  CHECK_FALSE(statistics_of(Autoregression(0.999, 2), 2000).mean(kOne).blocks_suffice);
  SeriesStatistics constant(1);
  for (int i = 0; i < 1000; ++i) constant.add(std::array{-7.25});
  CHECK(constant.mean(kOne).value == -7.25);
  CHECK(constant.mean(kOne).standard_error == 0);
  CHECK(constant.mean(kOne).blocks_suffice);
  CHECK(constant.equilibration().found);
}
