/// @file
/// A sum or mean of regression trees, laid out for fast prediction. Trees are grown elsewhere (table_model.hpp).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "surrogates/byte_stream.hpp"

namespace hullscan {

/// One tree in any order of nodes, the root first: a row goes to `left` if its feature is below the threshold.
struct RegressionTree {
  struct Node {
    std::int32_t left = -1, right = -1;  ///< -1: a leaf
    std::uint32_t feature = 0;
    float threshold_or_value = 0;  ///< of a leaf its value
  };
  std::vector<Node> nodes;
};

class TreeEnsemble {
 public:
  TreeEnsemble() = default;
  /// @throws StorageError if a tree has a cycle, a child that does not exist, or a feature beyond `features`.
  TreeEnsemble(const std::vector<RegressionTree>& trees, std::size_t features, double scale);

  [[nodiscard]] std::size_t tree_count() const { return begin_.empty() ? 0 : begin_.size() - 1; }
  [[nodiscard]] std::size_t feature_count() const { return features_; }
  /// scale * sum of all trees, each row by itself: what is predicted along with it does not matter.
  /// @param rows [n * feature_count()], one row after the other. @param predictions [n].
  void predict(std::span<const float> rows, std::span<double> predictions) const;
  /// Standard deviation of the trees' values about their mean, times `scale` times their number.
  [[nodiscard]] double spread(std::span<const float> row) const;

  void write(ByteWriter& out) const;
  static TreeEnsemble read(ByteReader& in);

 private:
  /// Children lie side by side; a leaf is its own left child and everything is below its threshold.
  struct Node {
    float threshold;
    std::uint32_t feature;
    std::uint32_t left;
    float value;
  };
  std::size_t features_ = 0;
  double scale_ = 1;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> begin_;  ///< [trees + 1]
  std::vector<std::uint32_t> depth_;  ///< [trees]
};

}  // namespace hullscan
