#include "surrogates/regression/table_model.hpp"

#include <catch2/catch.hpp>

#include "core/hash.hpp"

using namespace hullscan;

namespace {

double uniform(std::uint64_t seed, std::uint64_t index) {
  return static_cast<double>(random_bits(seed, index) % 1'000'000) / 1e6;
}

Eigen::MatrixXd random_rows(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed) {
  Eigen::MatrixXd x(rows, columns);
  for (Eigen::Index r = 0; r < rows; ++r) {
    for (Eigen::Index c = 0; c < columns; ++c) x(r, c) = uniform(seed, static_cast<std::uint64_t>(r * columns + c));
  }
  return x;
}

/// What no linear model can learn: 1 where exactly one of the first two columns is above a half.
Eigen::VectorXd exclusive_or(const Eigen::MatrixXd& x) {
  Eigen::VectorXd y(x.rows());
  for (Eigen::Index r = 0; r < x.rows(); ++r) y[r] = (x(r, 0) > 0.5) != (x(r, 1) > 0.5) ? 1.0 : 0.0;
  return y;
}

std::vector<double> row_of(const Eigen::MatrixXd& x, Eigen::Index r) {
  const Eigen::VectorXd row = x.row(r);
  return {row.data(), row.data() + row.size()};
}

double rmse(const TableModel& model, const Eigen::MatrixXd& x, const Eigen::VectorXd& y) {
  double squares = 0;
  for (Eigen::Index r = 0; r < x.rows(); ++r) {
    double predicted = 0;
    model.predict(row_of(x, r), {&predicted, 1});
    squares += (predicted - y[r]) * (predicted - y[r]);
  }
  return std::sqrt(squares / static_cast<double>(x.rows()));
}

}  // namespace

TEST_CASE("trees predict what walking them by hand gives, one row or many", "[table]") {
  // x0 < 1 ? 10 : (x1 < 2 ? 20 : 30), and a single leaf of 5.
  const RegressionTree tree{
      {{1, 2, 0, 1.0F}, {-1, -1, 0, 10.0F}, {3, 4, 1, 2.0F}, {-1, -1, 0, 20.0F}, {-1, -1, 0, 30.0F}}};
  const TreeEnsemble trees({tree, RegressionTree{{{-1, -1, 0, 5.0F}}}}, 2, 0.5);

  std::vector<float> rows;
  for (int i = 0; i < 40; ++i) rows.insert(rows.end(), {i % 2 == 0 ? 0.5F : 1.0F, i % 3 == 0 ? 1.5F : 2.5F});
  std::vector<double> predicted(40);
  trees.predict(rows, predicted);

  for (std::size_t i = 0; i < 40; ++i) {
    const double by_hand = 0.5 * (5 + (i % 2 == 0 ? 10 : (i % 3 == 0 ? 20 : 30)));
    CHECK(predicted[i] == by_hand);
    double alone = 0;
    trees.predict(std::span(rows).subspan(2 * i, 2), {&alone, 1});
    CHECK(alone == predicted[i]);
  }
}

TEST_CASE("damaged trees are refused", "[table]") {
  const RegressionTree circle{{{0, 0, 0, 1.0F}}};
  const RegressionTree missing{{{1, 2, 0, 1.0F}, {-1, -1, 0, 1.0F}}};
  const RegressionTree other_columns{{{1, 2, 7, 1.0F}, {-1, -1, 0, 1.0F}, {-1, -1, 0, 1.0F}}};
  for (const RegressionTree& tree : {circle, missing, other_columns})
    CHECK_THROWS_AS(TreeEnsemble({tree}, 2, 1.0), StorageError);
}

TEST_CASE("forest and boosting learn an exclusive or, ridge cannot", "[table][slow]") {
  const Eigen::MatrixXd training = random_rows(400, 4, 1), tests = random_rows(200, 4, 2);
  for (const auto& [method, best, worst] :
       {std::tuple{TableMethod::kRidge, 0.45, 0.55}, std::tuple{TableMethod::kRandomForest, 0.0, 0.35},
        std::tuple{TableMethod::kGradientBoosting, 0.0, 0.25}}) {
    CAPTURE(table_method_name(method));
    TableModelSettings settings;
    settings.method = method;
    TableModel model(settings);

    const TableFit fit = model.fit(training, exclusive_or(training), 0);

    const double error = rmse(model, tests, exclusive_or(tests));
    CHECK(error >= best);
    CHECK(error <= worst);
    CHECK(fit.out_of_sample_rmse == Approx(error).margin(0.1));
    if (method != TableMethod::kRidge) CHECK(model.importance()[0] + model.importance()[1] > 0.6);
  }
}

TEST_CASE("the linear trend carries trees beyond their labels", "[table]") {
  Eigen::MatrixXd x = random_rows(100, 3, 3);
  const Eigen::VectorXd y = 7 * x.col(0);
  TableModelSettings settings;
  settings.method = TableMethod::kGradientBoosting;
  settings.trees = 50;
  TableModel with_trend(settings), without(settings);
  with_trend.fit(x, y, 1);
  without.fit(x, y, 0);

  double carried = 0, flat = 0;
  with_trend.predict(std::vector<double>{3.0, 0.5, 0.5}, {&carried, 1});
  without.predict(std::vector<double>{3.0, 0.5, 0.5}, {&flat, 1});

  CHECK(carried == Approx(21.0).margin(0.01));
  CHECK(flat < 8.0);
}

TEST_CASE("a stored table model predicts the same to the last bit; the same rows give the same model", "[table]") {
  const Eigen::MatrixXd x = random_rows(120, 5, 4);
  const Eigen::VectorXd y = exclusive_or(x) + x.col(3);
  for (const std::string& name : table_method_names()) {
    CAPTURE(name);
    TableModelSettings settings;
    settings.method = *table_method(name);
    settings.trees = 30;
    TableModel model(settings), again(settings);
    model.fit(x, y, 2);
    again.fit(x, y, 2);
    ByteWriter out, out_again;
    model.write(out);
    again.write(out_again);
    const std::vector<std::byte> bytes = out.take();
    CHECK(bytes == out_again.take());

    ByteReader in(bytes);
    const TableModel restored = TableModel::read(in);
    in.finish();
    for (Eigen::Index r = 0; r < 20; ++r) {
      double one = 0, other = 0;
      model.predict(row_of(x, r), {&one, 1});
      restored.predict(row_of(x, r), {&other, 1});
      CHECK(one == other);
    }
    for (const std::size_t cut : {std::size_t{3}, bytes.size() / 2, bytes.size() - 1}) {
      ByteReader truncated(std::span<const std::byte>(bytes).first(cut));
      CHECK_THROWS_AS(TableModel::read(truncated), StorageError);
    }
  }
}

TEST_CASE("intervals of the forest cover about what they say", "[table][slow]") {
  const Eigen::MatrixXd training = random_rows(600, 3, 5), tests = random_rows(600, 3, 6);
  const auto noisy = [](const Eigen::MatrixXd& x, std::uint64_t seed) {
    Eigen::VectorXd y = x.col(0).array().square() + x.col(1).array();
    for (Eigen::Index r = 0; r < y.size(); ++r) y[r] += 0.2 * (uniform(seed, static_cast<std::uint64_t>(r)) - 0.5);
    return y;
  };
  TableModelSettings settings;
  settings.method = TableMethod::kRandomForest;
  TableModel model(settings);
  model.fit(training, noisy(training, 7), 0);

  const Eigen::VectorXd actual = noisy(tests, 8);
  int within = 0;
  for (Eigen::Index r = 0; r < tests.rows(); ++r) {
    double predicted = 0;
    model.predict(row_of(tests, r), {&predicted, 1});
    within += std::abs(predicted - actual[r]) <= model.deviation(row_of(tests, r)) ? 1 : 0;
  }
  CHECK(within > 0.58 * 600);
  CHECK(within < 0.80 * 600);
}

TEST_CASE("rows count in a table model by their weight", "[table]") {
  // Each place twice, once with 0 and once with 1: what is predicted there is the share of the weight that says 1.
  Eigen::MatrixXd x(80, 1);
  Eigen::VectorXd y(80), weights(80);
  for (Eigen::Index r = 0; r < 80; ++r) {
    x(r, 0) = static_cast<double>(r / 2 % 4);
    y[r] = static_cast<double>(r % 2);
    weights[r] = r % 2 == 0 ? 1 : 4;
  }
  for (const std::string& name : table_method_names()) {
    CAPTURE(name);
    TableModelSettings settings;
    settings.method = *table_method(name);
    TableModel weighted(settings), plain(settings), equal(settings);
    weighted.fit(x, y, 0, {weights, {}});
    plain.fit(x, y, 0);
    equal.fit(x, y, 0, {Eigen::VectorXd::Constant(80, 3.0), {}});

    double by_weight = 0, by_number = 0, by_equal = 0;
    weighted.predict(std::vector<double>{2.0}, {&by_weight, 1});
    plain.predict(std::vector<double>{2.0}, {&by_number, 1});
    equal.predict(std::vector<double>{2.0}, {&by_equal, 1});

    CHECK(by_weight == Approx(0.8).margin(0.05));
    CHECK(by_number == Approx(0.5).margin(0.05));
    CHECK(by_equal == Approx(by_number).margin(1e-6));
  }
}

TEST_CASE("rows that are always in have no out-of-sample error and spoil none", "[table]") {
  Eigen::MatrixXd x = random_rows(60, 2, 5);
  Eigen::VectorXd y = x.col(0) - x.col(1);
  x(0, 0) = 40;  // far from the others, and not on their plane
  y[0] = 0;
  TableRows about{{}, std::vector<bool>(60, false)};
  about.always_in[0] = true;
  for (const std::string& name : table_method_names()) {
    CAPTURE(name);
    TableModelSettings settings;
    settings.method = *table_method(name);
    settings.trees = 30;

    const TableFit held_out = TableModel(settings).fit(x, y, 0), kept = TableModel(settings).fit(x, y, 0, about);

    CHECK(kept.out_of_sample_residuals[0] == 0);
    double squares = 0;
    for (const double residual : kept.out_of_sample_residuals) squares += residual * residual;
    CHECK(kept.out_of_sample_rmse == Approx(std::sqrt(squares / 59)));
    CHECK(held_out.out_of_sample_residuals[0] != 0);
  }
}
