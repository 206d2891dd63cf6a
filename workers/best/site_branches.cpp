#include "workers/best/site_branches.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/hash.hpp"

namespace hullscan::detail {
namespace {

constexpr std::uint8_t kUndecided = 0xff;

/// The least value of every pattern in which sites may be undecided, which is each site's last digit.
std::vector<double> least_values(const std::vector<double>& table, const std::vector<std::size_t>& options) {
  std::vector<double> values = table;
  std::size_t below = 1;  // patterns of the sites before, widened already
  for (const std::size_t count : options) {
    const std::size_t above = values.size() / (below * count);
    std::vector<double> wider(below * (count + 1) * above, std::numeric_limits<double>::infinity());
    for (std::size_t high = 0; high < above; ++high) {
      for (std::size_t option = 0; option < count; ++option) {
        for (std::size_t low = 0; low < below; ++low) {
          const double value = values[(high * count + option) * below + low];
          wider[(high * (count + 1) + option) * below + low] = value;
          double& least = wider[(high * (count + 1) + count) * below + low];
          least = std::min(least, value);
        }
      }
    }
    values = std::move(wider);
    below *= count + 1;
  }
  return values;
}

}  // namespace

/// One walk below a branch.
class BranchWalk {
 public:
  BranchWalk(const SiteBranches& tree, std::uint64_t most_nodes, const std::function<double()>& limit_ev,
             const std::function<void(const SiteOptions&)>& take)
      : tree_(tree),
        most_nodes_(most_nodes),
        limit_ev_(limit_ev),
        take_(take),
        limit_(limit_ev() + tree.rounding_ev_),
        options_(tree.steps_.size(), kUndecided),
        left_(tree.energy_.count),
        codes_(tree.start_of_),
        children_(tree.steps_.size()),
        waiting_(tree.steps_.size() + 1),
        moves_before_(tree.steps_.size()) {
    for (std::size_t g = 1; g < tree.energy_.action.order(); ++g)
      wait({tree.energy_.action.group().element(g).data(), 0});
    moves_.clear();
  }

  SiteBranches::Exploration run(const OpenBranch& branch) {
    double bound = tree_.root_ev_;
    for (std::size_t depth = 0; depth < branch.options.size(); ++depth) {
      find_children(depth, bound);
      for (const Child& child : children_[depth]) {
        if (child.option != branch.options[depth]) continue;
        bound = child.bound;
        break;
      }
      decide(depth, branch.options[depth]);
      if (!may_be_first(depth)) return std::move(result_);
    }
    grow(branch.options.size(), bound);
    return std::move(result_);
  }

 private:
  struct Child {
    double bound;
    std::uint8_t option;
  };
  /// An operation whose image is equal so far, and up to where.
  struct Operation {
    const std::uint16_t* image;
    std::size_t equal;
  };

  /// Files an operation under the decision that tells more of it.
  void wait(const Operation& operation) {
    const std::size_t site = operation.equal < tree_.steps_.size() ? tree_.steps_[operation.equal].site : 0;
    const std::size_t depth = operation.equal < tree_.steps_.size()
                                  ? std::max(operation.equal, tree_.depth_of_[operation.image[site]])
                                  : tree_.steps_.size();
    waiting_[depth].push_back(operation);
    moves_.push_back(depth);
  }

  void find_children(std::size_t depth, double bound) {
    const SiteBranches::Step& step = tree_.steps_[depth];
    std::vector<Child>& children = children_[depth];
    children.clear();
    const std::size_t states = step.options - 1;
    inner_.resize(states);
    for (std::size_t i = 0; i < states; ++i) {
      const double* factors = &tree_.factor_[(step.first_row + i) * tree_.rows_];
      double sum = tree_.offset_[step.first_row + i];
      for (const std::size_t row : on_) sum += factors[row];
      inner_[i] = sum;
    }
    raised_.assign(step.options, 0.0);
    for (const SiteBranches::Step::InBlock& in : step.blocks) {
      const double* undecided = in.table + codes_[in.block];
      const double* decided = undecided - in.stride * step.options;
      for (std::size_t option = 0; option < step.options; ++option, decided += in.stride)
        raised_[option] += *decided - *undecided;
    }
    for (std::size_t option = 0; option < step.options; ++option) {
      if (left_[step.sublattice][option] == 0) continue;
      double child = bound + raised_[option];
      for (std::size_t i = 0; i < states; ++i) {
        double value = inner_[i];
        if (option == i + 1) value += 1;
        if (option > 0 && option < i + 1)
          value += tree_.factor_[(step.first_row + i) * tree_.rows_ + step.first_row + option - 1];
        child += tree_.weight_[step.first_row + i] * value * value;
      }
      children.push_back({child, static_cast<std::uint8_t>(option)});
    }
    std::stable_sort(children.begin(), children.end(),
                     [](const Child& a, const Child& b) { return a.bound < b.bound; });
  }

  void decide(std::size_t depth, std::uint8_t option) {
    const SiteBranches::Step& step = tree_.steps_[depth];
    moves_before_[depth] = moves_.size();
    options_[step.site] = option;
    --left_[step.sublattice][option];
    if (option > 0) on_.push_back(step.first_row + option - 1);
    for (const SiteBranches::Step::InBlock& in : step.blocks)
      codes_[in.block] -= in.stride * static_cast<std::uint32_t>(step.options - option);
  }
  void undo(std::size_t depth) {
    const SiteBranches::Step& step = tree_.steps_[depth];
    const std::uint8_t option = options_[step.site];
    for (; moves_.size() > moves_before_[depth]; moves_.pop_back()) waiting_[moves_.back()].pop_back();
    options_[step.site] = kUndecided;
    ++left_[step.sublattice][option];
    if (option > 0) on_.pop_back();
    for (const SiteBranches::Step::InBlock& in : step.blocks)
      codes_[in.block] += in.stride * static_cast<std::uint32_t>(step.options - option);
  }

  /// Whether no operation is known to make the decided sites earlier in the order of decisions.
  bool may_be_first(std::size_t depth) {
    for (Operation operation : waiting_[depth]) {
      for (;;) {
        const std::size_t site = tree_.steps_[operation.equal].site;
        const std::uint8_t here = options_[site], there = options_[operation.image[site]];
        if (there < here) return false;
        if (there > here) break;  // both decided: it never comes first
        ++operation.equal;
        if (operation.equal > depth || tree_.depth_of_[operation.image[tree_.steps_[operation.equal].site]] > depth) {
          wait(operation);
          break;
        }
      }
    }
    return true;
  }

  void grow(std::size_t depth, double bound) {
    if (depth == tree_.steps_.size()) {
      take_(options_);
      limit_ = limit_ev_() + tree_.rounding_ev_;
      return;
    }
    ++result_.nodes;
    find_children(depth, bound);
    for (const Child child : children_[depth]) {
      if (child.bound > limit_) return;
      decide(depth, child.option);
      if (may_be_first(depth)) {
        if (result_.nodes >= most_nodes_) {
          OpenBranch open{child.bound, {}};
          for (std::size_t d = 0; d <= depth; ++d) open.options.push_back(options_[tree_.steps_[d].site]);
          result_.open.push_back(std::move(open));
        } else {
          grow(depth + 1, child.bound);
        }
      }
      undo(depth);
    }
  }

  const SiteBranches& tree_;
  std::uint64_t most_nodes_;
  const std::function<double()>& limit_ev_;
  const std::function<void(const SiteOptions&)>& take_;
  double limit_;
  SiteOptions options_;
  std::vector<std::vector<int>> left_;  ///< [sublattice][option]
  std::vector<std::uint32_t> codes_;    ///< [block]
  std::vector<std::size_t> on_;         ///< rows of the states that are on
  std::vector<double> inner_, raised_;  // of the site being decided: sums of its rows; what its options add in blocks
  std::vector<std::vector<Child>> children_;
  std::vector<std::vector<Operation>> waiting_;    ///< [depth] whose decision tells more
  std::vector<std::size_t> moves_, moves_before_;  ///< depths that operations were filed under; [depth] their number
  SiteBranches::Exploration result_;
};

SiteBranches::SiteBranches(const CompositionEnergy& energy, const SquaresBound& bound)
    : energy_(energy), rows_(energy.state_count()) {
  choose_order(bound.form);
  factorise(bound);
  fill_tables(bound);
  measure_rounding();
}

void SiteBranches::choose_order(const Eigen::MatrixXd& form) {
  depth_of_.resize(energy_.site_count());
  const auto n = static_cast<Eigen::Index>(rows_);
  Eigen::MatrixXd inverse = form.bottomRightCorner(n, n).llt().solve(Eigen::MatrixXd::Identity(n, n));
  std::vector<std::uint8_t> decided(energy_.site_count(), 0);
  std::size_t row = 0;
  for (std::size_t depth = 0; depth < energy_.site_count(); ++depth) {
    std::size_t best = energy_.site_count();
    double softest_of_best = std::numeric_limits<double>::infinity();
    for (std::size_t site = 0; site < energy_.site_count(); ++site) {
      if (decided[site] != 0) continue;
      double softest = 0;
      for (std::size_t option = 1; option < energy_.option_count(site); ++option) {
        const auto state = static_cast<Eigen::Index>(energy_.state(site, option));
        softest = std::max(softest, inverse(state, state));
      }
      if (best == energy_.site_count() || softest < softest_of_best * (1 - 1e-6)) {
        best = site;
        softest_of_best = softest;
      }
    }
    decided[best] = 1;
    depth_of_[best] = depth;
    steps_.push_back({best, energy_.sublattice(best), energy_.option_count(best), row, {}});
    row += energy_.option_count(best) - 1;
    for (std::size_t option = 1; option < energy_.option_count(best); ++option) {
      const auto state = static_cast<Eigen::Index>(energy_.state(best, option));
      const Eigen::VectorXd column = inverse.col(state);
      if (column[state] > 0) inverse -= column * column.transpose() / column[state];
    }
  }
}

void SiteBranches::factorise(const SquaresBound& bound) {
  const auto n = static_cast<Eigen::Index>(rows_);
  std::vector<Eigen::Index> state_of_row;
  for (const Step& step : steps_) {
    for (std::size_t option = 1; option < step.options; ++option)
      state_of_row.push_back(static_cast<Eigen::Index>(energy_.state(step.site, option)));
  }
  // In reverse: the factor's column of a row then holds what was decided before it.
  Eigen::MatrixXd reversed(n, n);
  Eigen::VectorXd slope(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const Eigen::Index a = state_of_row[static_cast<std::size_t>(n - 1 - i)] + 1;
    slope[i] = bound.form(a, 0);
    for (Eigen::Index j = 0; j < n; ++j)
      reversed(i, j) = bound.form(a, state_of_row[static_cast<std::size_t>(n - 1 - j)] + 1);
  }
  const Eigen::LLT<Eigen::MatrixXd> cholesky(reversed);
  const Eigen::MatrixXd lower = cholesky.matrixL();
  const Eigen::VectorXd least = -cholesky.solve(slope);
  weight_.resize(rows_);
  offset_.resize(rows_);
  factor_.assign(rows_ * rows_, 0.0);
  for (std::size_t row = 0; row < rows_; ++row) {
    const Eigen::Index i = n - 1 - static_cast<Eigen::Index>(row);
    weight_[row] = lower(i, i) * lower(i, i);
    offset_[row] = -least[i];
    for (std::size_t earlier = 0; earlier < row; ++earlier) {
      const Eigen::Index j = n - 1 - static_cast<Eigen::Index>(earlier);
      factor_[row * rows_ + earlier] = lower(j, i) / lower(i, i);
      offset_[row] -= lower(j, i) / lower(i, i) * least[j];
    }
  }
  root_ev_ = bound.bound_ev + bound.form(0, 0) + slope.dot(least);
}

void SiteBranches::fill_tables(const SquaresBound& bound) {
  tables_.resize(bound.tables.size());
  for (const SquaresBound::Block& block : bound.blocks) {
    std::vector<std::size_t> options;
    for (const std::uint16_t site : block.sites) options.push_back(energy_.option_count(site));
    if (tables_[block.table].empty()) tables_[block.table] = least_values(bound.tables[block.table], options);
    std::uint32_t stride = 1, start = 0;
    for (std::size_t i = 0; i < options.size(); ++i) {
      steps_[depth_of_[block.sites[i]]].blocks.push_back(
          {static_cast<std::uint32_t>(table_of_.size()), stride, nullptr});
      start += stride * static_cast<std::uint32_t>(options[i]);
      stride *= static_cast<std::uint32_t>(options[i]) + 1;
    }
    for (const std::uint16_t site : block.sites)
      steps_[depth_of_[site]].blocks.back().table = tables_[block.table].data();
    table_of_.push_back(block.table);
    start_of_.push_back(start);
    root_ev_ += tables_[block.table][start];
  }
}

double SiteBranches::leaf_ev(const SiteOptions& options) const {
  double result = root_ev_;
  std::vector<std::uint32_t> codes = start_of_;
  std::vector<std::uint8_t> on(rows_, 0);
  for (const Step& step : steps_) {
    const std::size_t option = options[step.site];
    if (option > 0) on[step.first_row + option - 1] = 1;
    for (const Step::InBlock& in : step.blocks) {
      const std::uint32_t before = codes[in.block];
      codes[in.block] -= in.stride * static_cast<std::uint32_t>(step.options - option);
      const std::vector<double>& table = tables_[table_of_[in.block]];
      result += table[codes[in.block]] - table[before];
    }
  }
  for (std::size_t row = 0; row < rows_; ++row) {
    double value = offset_[row] + on[row];
    for (std::size_t earlier = 0; earlier < row; ++earlier) value += factor_[row * rows_ + earlier] * on[earlier];
    result += weight_[row] * value * value;
  }
  return result;
}

void SiteBranches::measure_rounding() {
  constexpr std::uint64_t kDraws = 32;
  for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
    SiteOptions options(energy_.site_count(), 0);
    std::vector<std::size_t> on;
    for (std::size_t s = 0; s < energy_.count.size(); ++s) {
      std::vector<std::pair<std::uint64_t, std::uint16_t>> shuffled;
      for (const std::uint16_t site : energy_.action.sites(s)) shuffled.emplace_back(random_bits(draw, site), site);
      std::sort(shuffled.begin(), shuffled.end());
      std::size_t at = 0;
      for (std::size_t option = 0; option < energy_.count[s].size(); ++option) {
        for (int i = 0; i < energy_.count[s][option]; ++i)
          options[shuffled[at++].second] = static_cast<std::uint8_t>(option);
      }
    }
    std::vector<std::uint8_t> is_on(rows_, 0);
    for (std::size_t site = 0; site < options.size(); ++site) {
      if (options[site] != 0) is_on[energy_.state(site, options[site])] = 1;
    }
    double exact = energy_.constant_ev;
    for (std::size_t a = 0; a < rows_; ++a) {
      if (is_on[a] == 0) continue;
      exact += energy_.linear_ev[a];
      for (std::size_t b = 0; b < a; ++b) exact += is_on[b] != 0 ? energy_.pair_ev(a, b) : 0.0;
    }
    for (const CompositionEnergy::Triplet& t : energy_.triplets)
      exact += is_on[t.states[0]] != 0 && is_on[t.states[1]] != 0 && is_on[t.states[2]] != 0 ? t.ev : 0.0;
    rounding_ev_ = std::max(rounding_ev_, 10 * std::abs(leaf_ev(options) - exact));
  }
  rounding_ev_ += 1e-10;
}

SiteBranches::Exploration SiteBranches::explore(const OpenBranch& branch, std::uint64_t most_nodes,
                                                const std::function<double()>& limit_ev,
                                                const std::function<void(const SiteOptions&)>& take) const {
  return BranchWalk(*this, most_nodes, limit_ev, take).run(branch);
}

}  // namespace hullscan::detail
