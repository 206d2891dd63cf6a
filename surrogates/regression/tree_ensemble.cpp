#include "surrogates/regression/tree_ensemble.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace hullscan {
namespace {

[[noreturn]] void damaged() { throw StorageError("stored trees are damaged"); }

}  // namespace

TreeEnsemble::TreeEnsemble(const std::vector<RegressionTree>& trees, std::size_t features, double scale)
    : features_(features), scale_(scale) {
  begin_.push_back(0);
  for (const RegressionTree& tree : trees) {
    if (tree.nodes.empty()) damaged();
    const std::size_t first = nodes_.size();
    std::vector<std::int32_t> queue{0};  // original number of every laid out node
    std::vector<std::uint32_t> level{0};
    std::uint32_t deepest = 0;
    for (std::size_t at = 0; at < queue.size(); ++at) {
      if (queue.size() > tree.nodes.size()) damaged();
      const RegressionTree::Node& node = tree.nodes[static_cast<std::size_t>(queue[at])];
      const auto own = static_cast<std::uint32_t>(first + at);
      if (node.left < 0) {
        nodes_.push_back({std::numeric_limits<float>::infinity(), 0, own, node.threshold_or_value});
        deepest = std::max(deepest, level[at]);
        continue;
      }
      const auto count = static_cast<std::int32_t>(tree.nodes.size());
      if (node.left >= count || node.right < 0 || node.right >= count || node.feature >= features) damaged();
      nodes_.push_back({node.threshold_or_value, node.feature, static_cast<std::uint32_t>(first + queue.size()), 0.0F});
      for (const std::int32_t child : {node.left, node.right}) {
        queue.push_back(child);
        level.push_back(level[at] + 1);
      }
    }
    begin_.push_back(static_cast<std::uint32_t>(nodes_.size()));
    depth_.push_back(deepest);
  }
}

void TreeEnsemble::predict(std::span<const float> rows, std::span<double> predictions) const {
  constexpr std::size_t kBlock = 16;  // rows that go down a tree together: independent loads hide each other's latency
  for (std::size_t from = 0; from < predictions.size(); from += kBlock) {
    const std::size_t count = std::min(kBlock, predictions.size() - from);
    std::array<double, kBlock> sums{};
    std::array<const float*, kBlock> row{};
    for (std::size_t r = 0; r < kBlock; ++r) row[r] = rows.data() + (from + std::min(r, count - 1)) * features_;
    for (std::size_t tree = 0; tree < depth_.size(); ++tree) {
      std::array<std::uint32_t, kBlock> at;
      at.fill(begin_[tree]);
      for (std::uint32_t level = 0; level < depth_[tree]; ++level) {
        for (std::size_t r = 0; r < kBlock; ++r) {
          const Node& node = nodes_[at[r]];
          at[r] = node.left + (row[r][node.feature] < node.threshold ? 0U : 1U);
        }
      }
      for (std::size_t r = 0; r < kBlock; ++r) sums[r] += static_cast<double>(nodes_[at[r]].value);
    }
    for (std::size_t r = 0; r < count; ++r) predictions[from + r] = scale_ * sums[r];
  }
}

double TreeEnsemble::spread(std::span<const float> row) const {
  double sum = 0, squares = 0;
  for (std::size_t tree = 0; tree < depth_.size(); ++tree) {
    std::uint32_t at = begin_[tree];
    for (std::uint32_t level = 0; level < depth_[tree]; ++level) {
      at = nodes_[at].left + (row[nodes_[at].feature] < nodes_[at].threshold ? 0U : 1U);
    }
    sum += static_cast<double>(nodes_[at].value);
    squares += static_cast<double>(nodes_[at].value) * static_cast<double>(nodes_[at].value);
  }
  const auto trees = static_cast<double>(tree_count());
  return trees < 2 ? 0.0 : scale_ * trees * std::sqrt(std::max(0.0, (squares - sum * sum / trees) / (trees - 1)));
}

void TreeEnsemble::write(ByteWriter& out) const {
  out.write(static_cast<std::uint64_t>(features_));
  out.write(scale_);
  out.write(static_cast<std::uint64_t>(tree_count()));
  for (std::size_t tree = 0; tree < tree_count(); ++tree) {
    out.write(static_cast<std::uint32_t>(begin_[tree + 1] - begin_[tree]));
    for (std::uint32_t i = begin_[tree]; i < begin_[tree + 1]; ++i) {
      const bool leaf = nodes_[i].left == i;
      out.write(leaf ? std::uint32_t{0} : nodes_[i].left - begin_[tree]);  // no child is the root
      out.write(nodes_[i].feature);
      out.write(std::bit_cast<std::uint32_t>(leaf ? nodes_[i].value : nodes_[i].threshold));
    }
  }
}

TreeEnsemble TreeEnsemble::read(ByteReader& in) {
  const auto features = in.read<std::uint64_t>();
  const double scale = in.read_double();
  const auto count = in.read<std::uint64_t>();
  std::vector<RegressionTree> trees;
  for (std::uint64_t tree = 0; tree < count; ++tree) {
    RegressionTree& read = trees.emplace_back();
    const auto nodes = in.read<std::uint32_t>();
    for (std::uint32_t i = 0; i < nodes; ++i) {
      const auto left = in.read<std::uint32_t>();
      if (left + 1 < left || left > (1U << 30U)) damaged();
      const auto feature = in.read<std::uint32_t>();
      const auto value = std::bit_cast<float>(in.read<std::uint32_t>());
      const auto child = static_cast<std::int32_t>(left);
      read.nodes.push_back({left == 0 ? -1 : child, left == 0 ? -1 : child + 1, feature, value});
    }
  }
  return {trees, features, scale};
}

}  // namespace hullscan
