#include "workers/best_search.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/hash.hpp"
#include "core/scaled_energy.hpp"
#include "enumerator/orbits/canonical_form.hpp"

namespace hullscan {
namespace {

constexpr std::size_t kSymmetricDepth = 5;  // of the first stage: below, cutting off costs more than it saves
constexpr std::uint64_t kNodesBetweenLooks = 4096;

/// Keeps the lowest, once each.
class Lowest {
 public:
  Lowest(const Stratum& stratum, std::size_t at_most) : stratum_(stratum), at_most_(at_most) {}
  [[nodiscard]] bool full() const { return kept_.size() >= at_most_; }
  /// An energy of the cell above this cannot be kept, rounding allowed for.
  [[nodiscard]] double limit_ev(double atoms) const {
    if (!full()) return std::numeric_limits<double>::infinity();
    return (static_cast<double>(kept_.rbegin()->score) + 1) * kScoreUnitEvPerAtom * atoms + 1e-10 * atoms;
  }
  void offer(std::int64_t score, CanonicalForm form) {
    Candidate candidate{stratum_, std::move(form.occupation), form.degeneracy, score};
    if (full() && !better(candidate, *kept_.rbegin())) return;
    if (!kept_.insert(std::move(candidate)).second) return;
    if (kept_.size() > at_most_) kept_.erase(std::prev(kept_.end()));
  }
  [[nodiscard]] std::vector<Candidate> take() const { return {kept_.begin(), kept_.end()}; }
  [[nodiscard]] bool empty() const { return kept_.empty(); }

 private:
  struct Better {
    bool operator()(const Candidate& a, const Candidate& b) const { return better(a, b); }
  };
  Stratum stratum_;
  std::size_t at_most_;
  std::set<Candidate, Better> kept_;
};

class Search {
 public:
  explicit Search(const BestSearchRequest& request)
      : request_(request),
        action_(*request.action),
        order_(SearchOrder::of(request.counts)),
        atoms_(static_cast<double>(request.atoms)),
        scorer_(request.tables),
        lowest_(request.stratum, request.count) {
    for (std::size_t stage = 0; stage < order_.stages.size(); ++stage) {
      for (int i = 0; i < order_.stages[stage].count; ++i) stage_of_.push_back(stage);
    }
    for (std::size_t site = 0; site < action_.site_count(); ++site) {
      background_.push_back(order_.background[static_cast<std::size_t>(action_.sublattice_of_site()[site])]);
    }
    occupation_ = background_;
    taken_.assign(action_.site_count(), 0);
    prepare_couplings();
    choice_.resize(stage_of_.size());
    fields_.resize(stage_of_.size() + 1);
  }

  BestSearchResult run() {
    BestSearchResult result;
    if (stage_of_.empty()) {
      accept();
      result.best = lowest_.take();
      result.proven = true;
      result.bound_ev_per_atom = std::numeric_limits<double>::infinity();
      return result;
    }
    descend_from_random_starts();
    fields_[0].assign(request_.tables->linear().begin(), request_.tables->linear().end());
    scorer_.move_to({}, {});
    const double root = sphere_bound();
    if (!(lowest_.full() && root > lowest_.limit_ev(atoms_))) grow(0, 0, request_.tables->constant_ev());
    result.best = lowest_.take();
    result.proven = !stopped_;
    result.nodes = nodes_;
    if (stopped_) {
      result.bound_ev_per_atom = std::max(open_bound_, root) / atoms_;
      // What is cut off is above the worst that was kept then, which only fell since.
      if (lowest_.full())
        result.bound_ev_per_atom = std::min(result.bound_ev_per_atom, score_to_ev_per_atom(result.best.back().score));
    } else {
      result.bound_ev_per_atom =
          lowest_.full() ? score_to_ev_per_atom(result.best.back().score) : std::numeric_limits<double>::infinity();
    }
    return result;
  }

 private:
  [[nodiscard]] std::int32_t state(std::size_t site, std::uint8_t species) const {
    return request_.tables->state(site, species);
  }

  /// half_lowest_[state][m]: half of the sum of the state's m lowest couplings to states of other sites that some
  /// stage places; triplets by their negative parts.
  void prepare_couplings() {
    const BranchTables& e = *request_.tables;
    const std::size_t n = e.state_count();
    std::vector<std::size_t> placed;  // states that occur
    std::vector<std::size_t> site_of(n);
    stage_states_.resize(order_.stages.size());
    for (std::size_t stage = 0; stage < order_.stages.size(); ++stage) {
      for (const std::uint16_t site : action_.sites(order_.stages[stage].sublattice)) {
        const auto s = static_cast<std::size_t>(state(site, order_.stages[stage].species));
        site_of[s] = site;
        placed.push_back(s);
        stage_states_[stage].push_back({site, s});
      }
    }
    half_lowest_.resize(n);
    for (const std::size_t a : placed) {
      std::vector<double> couplings;
      for (const std::size_t b : placed) {
        if (site_of[a] == site_of[b]) continue;
        double coupling = e.pair_ev(a, b);
        if (e.has_triplets()) {
          for (const std::size_t c : placed) coupling += std::min(0.0, e.triplet_ev(a, b, c));
        }
        couplings.push_back(coupling);
      }
      std::sort(couplings.begin(), couplings.end());
      std::vector<double>& sums = half_lowest_[a];
      sums.assign(stage_of_.size() + 1, 0.0);
      for (std::size_t m = 1; m < sums.size(); ++m) {
        sums[m] = sums[m - 1] + 0.5 * (m - 1 < couplings.size() ? couplings[m - 1] : 0.0);
      }
    }
  }

  /// The energy of a canonical form along its own branch: to the last bit what the full scan gives it.
  [[nodiscard]] std::int64_t score_of(const std::vector<std::uint8_t>& form) {
    std::vector<std::uint16_t> sites;
    std::vector<std::uint8_t> species;
    for (const Stage& stage : order_.stages) {
      for (const std::uint16_t site : action_.sites(stage.sublattice)) {
        if (form[site] != stage.species) continue;
        sites.push_back(site);
        species.push_back(stage.species);
      }
    }
    BranchScorer along(request_.tables);
    double energy = 0;
    if (sites.empty()) {
      along.move_to({}, {});
      energy = along.energy_ev();
    } else {
      along.move_to(std::span(sites).first(sites.size() - 1), std::span(species).first(sites.size() - 1));
      energy = along.energy_with_ev(sites.back(), species.back());
    }
    return score_from_ev_per_atom(energy * (1.0 / atoms_));
  }

  [[nodiscard]] bool allowed(const CanonicalForm& form) const {
    if (!request_.options.superperiodic) {
      for (const std::uint32_t element : stabiliser_of(action_, form.occupation)) {
        if (element != 0 && action_.is_translation(element)) return false;
      }
    }
    return !request_.options.forbidden || request_.options.forbidden->allows(form.occupation);
  }

  void accept() {
    CanonicalForm form = canonical_form(action_, order_, occupation_);
    if (!allowed(form)) return;
    form.degeneracy *= request_.options.multiplicity;
    const std::int64_t score = score_of(form.occupation);
    lowest_.offer(score, std::move(form));
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
    if (nodes_ >= request_.most_nodes) stopped_ = true;
    if (nodes_ % kNodesBetweenLooks == 0 && request_.stop_asked && request_.stop_asked()) stopped_ = true;
    const std::size_t stage = stage_of_[depth], rest = stage_of_.size() - depth;
    const std::vector<double>& field = fields_[depth];
    const std::uint8_t species = order_.stages[stage].species;
    // Estimates of what each of the states still to be placed adds, and the least sum of later stages.
    double later = 0;
    std::vector<double> estimates;
    for (std::size_t s = stage + 1; s < order_.stages.size(); ++s) {
      estimates.clear();
      for (const auto& [site, st] : stage_states_[s]) {
        if (taken_[site] == 0) estimates.push_back(field[st] + half_lowest_[st][rest - 1]);
      }
      later += least_sum(estimates, static_cast<std::size_t>(order_.stages[s].count));
    }
    const std::size_t in_stage = count_left_in_stage(depth);
    const auto& states = stage_states_[stage];
    std::vector<double> own;
    std::vector<std::size_t> index;
    for (std::size_t i = from; i < states.size(); ++i) {
      if (taken_[states[i].first] != 0) continue;
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
      if (child.bound - rounding > lowest_.limit_ev(atoms_)) return;  // and so are all after it
      if (stopped_) {
        open_bound_ = std::min(open_bound_, child.bound - rounding);
        return;  // sorted: the first open one is the lowest
      }
      choice_[depth] = child.site;
      if (stage == 0 && depth < kSymmetricDepth && has_earlier_image(depth + 1)) continue;
      taken_[child.site] = 1;
      occupation_[child.site] = species;
      if (rest == 1) {
        accept();
      } else {
        fill_fields(depth, child.state);
        branch_states_.push_back(child.state);
        const auto position = static_cast<std::size_t>(action_.local_number(child.site));
        const bool same_stage = stage_of_[depth + 1] == stage;
        grow(depth + 1, same_stage ? position + 1 : 0, child.energy);
        branch_states_.pop_back();
      }
      taken_[child.site] = 0;
      occupation_[child.site] = background_[child.site];
    }
  }

  void fill_fields(std::size_t depth, std::size_t placed) {
    const BranchTables& e = *request_.tables;
    const std::size_t n = e.state_count();
    std::vector<double>& next = fields_[depth + 1];
    next.resize(n);
    for (std::size_t k = 0; k < n; ++k) next[k] = fields_[depth][k] + e.pair_ev(placed, k);
    if (!e.has_triplets()) return;
    for (const std::size_t earlier : branch_states_) {
      for (std::size_t k = 0; k < n; ++k) next[k] += e.triplet_ev(placed, earlier, k);
    }
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

  [[nodiscard]] double energy_of_occupation() {
    std::vector<std::uint16_t> sites;
    std::vector<std::uint8_t> species;
    for (std::size_t site = 0; site < occupation_.size(); ++site) {
      if (occupation_[site] == background_[site]) continue;
      sites.push_back(static_cast<std::uint16_t>(site));
      species.push_back(occupation_[site]);
    }
    scorer_.move_to(sites, species);
    return scorer_.energy_ev();
  }

  /// Steepest descents by exchanges within a sublattice; every minimum and what was passed at the end is offered.
  void descend_from_random_starts() {
    const std::size_t starts = std::max<std::size_t>(20, 2 * request_.count);
    for (std::size_t start = 0; start < starts; ++start) {
      if (request_.stop_asked && start > 5 && request_.stop_asked()) break;
      occupation_ = background_;
      for (std::size_t stage = 0; stage < order_.stages.size(); ++stage) {
        std::vector<std::pair<std::uint64_t, std::uint16_t>> draw;
        for (const std::uint16_t site : action_.sites(order_.stages[stage].sublattice)) {
          if (occupation_[site] != background_[site]) continue;
          const std::uint64_t words[] = {start, stage, site};
          draw.emplace_back(random_bits(request_.seed, words), site);
        }
        std::sort(draw.begin(), draw.end());
        for (int i = 0; i < order_.stages[stage].count; ++i)
          occupation_[draw[static_cast<std::size_t>(i)].second] = order_.stages[stage].species;
      }
      double energy = energy_of_occupation();
      for (bool moved = true; moved;) {
        moved = false;
        double best = energy - 1e-12;
        std::pair<std::size_t, std::size_t> exchange;
        std::vector<std::tuple<double, std::size_t, std::size_t>> tried;
        for (std::size_t a = 0; a < occupation_.size(); ++a) {
          for (std::size_t b = 0; b < a; ++b) {
            if (action_.sublattice_of_site()[a] != action_.sublattice_of_site()[b] || occupation_[a] == occupation_[b])
              continue;
            std::swap(occupation_[a], occupation_[b]);
            const double there = energy_of_occupation();
            std::swap(occupation_[a], occupation_[b]);
            tried.emplace_back(there, a, b);
            if (there < best) {
              best = there;
              exchange = {a, b};
              moved = true;
            }
          }
        }
        if (moved) {
          std::swap(occupation_[exchange.first], occupation_[exchange.second]);
          energy = best;
          continue;
        }
        accept();
        for (const auto& [there, a, b] : tried) {
          if (there > lowest_.limit_ev(atoms_)) continue;
          std::swap(occupation_[a], occupation_[b]);
          accept();
          std::swap(occupation_[a], occupation_[b]);
        }
      }
    }
    occupation_ = background_;
  }

  /// Least value of the quadratic form on the sphere that all occupations lie on; -infinity with triplets.
  [[nodiscard]] double sphere_bound() const {
    const BranchTables& e = *request_.tables;
    if (e.has_triplets()) return -std::numeric_limits<double>::infinity();
    std::vector<std::pair<std::size_t, std::size_t>> index;  // stage, state
    for (std::size_t stage = 0; stage < stage_states_.size(); ++stage) {
      for (const auto& [site, st] : stage_states_[stage]) index.emplace_back(stage, st);
    }
    const auto n = static_cast<Eigen::Index>(index.size());
    Eigen::MatrixXd q(n, n), basis = Eigen::MatrixXd::Zero(n, static_cast<Eigen::Index>(stage_states_.size()));
    Eigen::VectorXd h(n), uniform(n);
    double radius2 = 0;
    for (Eigen::Index i = 0; i < n; ++i) {
      const auto [stage, st] = index[static_cast<std::size_t>(i)];
      h[i] = e.linear()[st];
      const auto sites = static_cast<double>(stage_states_[stage].size());
      uniform[i] = order_.stages[stage].count / sites;
      radius2 += uniform[i] * (1 - uniform[i]);
      basis(i, static_cast<Eigen::Index>(stage)) = 1 / std::sqrt(sites);
      for (Eigen::Index j = 0; j < n; ++j) q(i, j) = e.pair_ev(st, index[static_cast<std::size_t>(j)].second);
    }
    const Eigen::MatrixXd project = Eigen::MatrixXd::Identity(n, n) - basis * basis.transpose();
    const double constant = e.constant_ev() + h.dot(uniform) + 0.5 * uniform.dot(q * uniform);
    const Eigen::VectorXd g = project * (h + q * uniform);
    // The projected directions have zero slope and would be eigenvectors of value zero: lifted out of the way.
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(project * q * project + 1e6 * q.cwiseAbs().maxCoeff() *
                                                                                           basis * basis.transpose());
    const Eigen::VectorXd values = eigen.eigenvalues(), slope = eigen.eigenvectors().transpose() * g;
    // Every multiplier m below the lowest eigenvalue gives a bound (weak duality); it is concave in m.
    const auto dual = [&](double m) {
      double sum = 0.5 * m * radius2;
      for (Eigen::Index i = 0; i < n; ++i) sum -= 0.5 * slope[i] * slope[i] / (values[i] - m);
      return constant + sum;
    };
    const double scale = std::max(1e-9, values.cwiseAbs().minCoeff() + q.cwiseAbs().maxCoeff());
    double high = values[0] - 1e-9 * scale, low = values[0] - 100 * scale * static_cast<double>(n);
    for (int step = 0; step < 200; ++step) {
      const double a = low + (high - low) / 3, b = high - (high - low) / 3;
      (dual(a) < dual(b) ? low : high) = dual(a) < dual(b) ? a : b;
    }
    return dual(0.5 * (low + high)) - 1e-9 * (1 + std::abs(constant));
  }

  const BestSearchRequest& request_;
  const GroupAction& action_;
  SearchOrder order_;
  double atoms_;
  BranchScorer scorer_;
  Lowest lowest_;
  std::vector<std::size_t> stage_of_;  ///< [placed sites]
  std::vector<std::uint8_t> background_, occupation_, taken_;
  std::vector<std::vector<double>> half_lowest_;
  std::vector<std::vector<std::pair<std::uint16_t, std::size_t>>> stage_states_;  ///< [stage][local site]: site, state
  std::vector<std::uint16_t> choice_;
  std::vector<std::size_t> branch_states_;
  std::vector<std::vector<double>> fields_;
  std::uint64_t nodes_ = 0;
  bool stopped_ = false;
  double open_bound_ = std::numeric_limits<double>::infinity();
};

}  // namespace

BestSearchResult search_best(const BestSearchRequest& request) {
  require_counts_fit(*request.action, request.counts);
  return Search(request).run();
}

}  // namespace hullscan
