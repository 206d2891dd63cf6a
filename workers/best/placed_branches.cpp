#include "workers/best/placed_branches.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hullscan::detail {
namespace {

constexpr std::size_t kSymmetricDepth = 5;  // of the first stage: below, cutting off costs more than it saves
constexpr std::uint64_t kNodesBetweenLooks = 4096;

class PlacedWalk {
 public:
  PlacedWalk(const CompositionEnergy& energy, const SearchOrder& order, const PlacedSearch& search)
      : energy_(energy), action_(energy.action), order_(order), search_(search), limit_(search.limit_ev()) {
    for (std::size_t stage = 0; stage < order_.stages.size(); ++stage) {
      for (int i = 0; i < order_.stages[stage].count; ++i) stage_of_.push_back(stage);
    }
    options_.assign(energy.site_count(), 0);
    triplets_.resize(energy.state_count());
    for (const CompositionEnergy::Triplet& triplet : energy.triplets) {
      const auto [a, b, c] = triplet.states;
      triplets_[a].push_back({b, c, triplet.ev});
      triplets_[b].push_back({a, c, triplet.ev});
      triplets_[c].push_back({a, b, triplet.ev});
    }
    prepare_couplings();
    choice_.resize(stage_of_.size());
    fields_.resize(stage_of_.size() + 1);
  }

  PlacedSearchResult run() {
    fields_[0] = energy_.linear_ev;
    grow(0, 0, energy_.constant_ev);
    return {!stopped_, open_bound_, nodes_};
  }

 private:
  struct Triplet {
    std::size_t first, second;
    double ev;
  };

  /// half_lowest_[state][m]: half of the sum of the state's m lowest couplings to states of other sites; triplets by
  /// their negative parts.
  void prepare_couplings() {
    const std::size_t n = energy_.state_count();
    stage_states_.resize(order_.stages.size());
    for (std::size_t stage = 0; stage < order_.stages.size(); ++stage) {
      for (const std::uint16_t site : action_.sites(order_.stages[stage].sublattice)) {
        const auto& species = energy_.species[site];
        const auto option = std::find(species.begin(), species.end(), order_.stages[stage].species) - species.begin();
        stage_states_[stage].push_back({site, energy_.state(site, static_cast<std::size_t>(option))});
      }
    }
    half_lowest_.resize(n);
    for (std::size_t a = 0; a < n; ++a) {
      std::vector<double> negative(n, 0.0);
      for (const Triplet& triplet : triplets_[a]) {
        negative[triplet.first] += std::min(0.0, triplet.ev);
        negative[triplet.second] += std::min(0.0, triplet.ev);
      }
      std::vector<double> couplings;
      for (std::size_t b = 0; b < n; ++b) {
        if (energy_.site_of[a] != energy_.site_of[b]) couplings.push_back(energy_.pair_ev(a, b) + negative[b]);
      }
      std::sort(couplings.begin(), couplings.end());
      std::vector<double>& sums = half_lowest_[a];
      sums.assign(stage_of_.size() + 1, 0.0);
      for (std::size_t m = 1; m < sums.size(); ++m)
        sums[m] = sums[m - 1] + 0.5 * (m - 1 < couplings.size() ? couplings[m - 1] : 0.0);
    }
  }

  /// Whether an operation maps the first `depth` sites of the first stage to an earlier set: then another branch
  /// holds every configuration of this one.
  [[nodiscard]] bool has_earlier_image(std::size_t depth) const {
    std::vector<std::uint16_t> own(choice_.begin(), choice_.begin() + static_cast<std::ptrdiff_t>(depth)), image(depth);
    for (std::size_t element = 1; element < action_.order(); ++element) {
      const auto images = action_.group().element(element);
      for (std::size_t i = 0; i < depth; ++i) image[i] = images[own[i]];
      std::sort(image.begin(), image.end());
      if (image < own) return true;
    }
    return false;
  }

  struct Child {
    double bound;
    double energy;
    std::uint16_t site;
    std::size_t state;
  };

  void grow(std::size_t depth, std::size_t from, double energy) {
    ++nodes_;
    if (nodes_ >= search_.most_nodes) stopped_ = true;
    if (nodes_ % kNodesBetweenLooks == 0 && search_.stop_asked && search_.stop_asked()) stopped_ = true;
    const std::size_t stage = stage_of_[depth], rest = stage_of_.size() - depth;
    const std::vector<double>& field = fields_[depth];
    // Estimates of what each of the states still to be placed adds, and the least sum of later stages.
    double later = 0;
    std::vector<double> estimates;
    for (std::size_t s = stage + 1; s < order_.stages.size(); ++s) {
      estimates.clear();
      for (const auto& [site, st] : stage_states_[s]) {
        if (options_[site] == 0) estimates.push_back(field[st] + half_lowest_[st][rest - 1]);
      }
      later += least_sum(estimates, static_cast<std::size_t>(order_.stages[s].count));
    }
    const std::size_t in_stage = count_left_in_stage(depth);
    const auto& states = stage_states_[stage];
    std::vector<double> own;
    std::vector<std::size_t> index;
    for (std::size_t i = from; i < states.size(); ++i) {
      if (options_[states[i].first] != 0) continue;
      own.push_back(field[states[i].second] + half_lowest_[states[i].second][rest - 1]);
      index.push_back(i);
    }
    if (own.size() < in_stage) return;
    // A child takes the lowest site of the rest of its stage; the others come from the sites after it.
    std::vector<double> after;  // the lowest in_stage - 1 of the sites after, as a heap
    double after_sum = 0;
    std::vector<Child> children;
    for (std::size_t c = own.size(); c-- > 0;) {
      if (after.size() == in_stage - 1) {
        const auto& [site, st] = states[index[c]];
        const double bound = rest == 1 ? energy + field[st] : energy + own[c] + after_sum + later;
        children.push_back({bound, energy + field[st], site, st});
      }
      if (in_stage > 1) {
        if (after.size() < in_stage - 1) {
          after.push_back(own[c]);
          std::push_heap(after.begin(), after.end());
          after_sum += own[c];
        } else if (own[c] < after.front()) {
          after_sum += own[c] - after.front();
          std::pop_heap(after.begin(), after.end());
          after.back() = own[c];
          std::push_heap(after.begin(), after.end());
        }
      }
    }
    std::stable_sort(children.begin(), children.end(),
                     [](const Child& a, const Child& b) { return a.bound < b.bound; });
    const double rounding = 1e-11 * (1 + std::abs(energy));
    for (const Child& child : children) {
      if (child.bound - rounding > limit_) return;  // and so are all after it
      if (stopped_) {
        open_bound_ = std::min(open_bound_, child.bound - rounding);
        return;  // sorted: the first open one is the lowest
      }
      choice_[depth] = child.site;
      if (stage == 0 && depth < kSymmetricDepth && has_earlier_image(depth + 1)) continue;
      options_[child.site] = static_cast<std::uint8_t>(energy_.option_of(child.state));
      if (rest == 1) {
        search_.take(options_);
        limit_ = search_.limit_ev();
      } else {
        fill_fields(depth, child.state);
        const auto position = static_cast<std::size_t>(action_.local_number(child.site));
        const bool same_stage = stage_of_[depth + 1] == stage;
        grow(depth + 1, same_stage ? position + 1 : 0, child.energy);
      }
      options_[child.site] = 0;
    }
  }

  void fill_fields(std::size_t depth, std::size_t placed) {
    std::vector<double>& next = fields_[depth + 1];
    next = fields_[depth];
    for (std::size_t k = 0; k < next.size(); ++k) next[k] += energy_.pair_ev(placed, k);
    for (const Triplet& triplet : triplets_[placed]) {
      if (is_on(triplet.second)) next[triplet.first] += triplet.ev;
      if (is_on(triplet.first)) next[triplet.second] += triplet.ev;
    }
  }
  [[nodiscard]] bool is_on(std::size_t state) const {
    return options_[energy_.site_of[state]] == energy_.option_of(state);
  }

  [[nodiscard]] std::size_t count_left_in_stage(std::size_t depth) const {
    std::size_t left = 0;
    for (std::size_t d = depth; d < stage_of_.size() && stage_of_[d] == stage_of_[depth]; ++d) ++left;
    return left;
  }

  static double least_sum(std::vector<double>& values, std::size_t count) {
    if (count < values.size())
      std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count), values.end());
    double sum = 0;
    for (std::size_t i = 0; i < std::min(count, values.size()); ++i) sum += values[i];
    return sum;
  }

  const CompositionEnergy& energy_;
  const GroupAction& action_;
  const SearchOrder& order_;
  const PlacedSearch& search_;
  double limit_;
  std::vector<std::size_t> stage_of_;  ///< [placed sites]
  SiteOptions options_;
  std::vector<std::vector<Triplet>> triplets_;  ///< [state]
  std::vector<std::vector<double>> half_lowest_;
  std::vector<std::vector<std::pair<std::uint16_t, std::size_t>>> stage_states_;  ///< [stage][local site]: site, state
  std::vector<std::uint16_t> choice_;
  std::vector<std::vector<double>> fields_;
  std::uint64_t nodes_ = 0;
  bool stopped_ = false;
  double open_bound_ = std::numeric_limits<double>::infinity();
};

}  // namespace

bool is_dilute(const CompositionEnergy& energy, const SearchOrder& order) {
  return 8 * order.tuple_length <= energy.site_count();
}

PlacedSearchResult search_placed(const CompositionEnergy& energy, const SearchOrder& order,
                                 const PlacedSearch& search) {
  return PlacedWalk(energy, order, search).run();
}

}  // namespace hullscan::detail
