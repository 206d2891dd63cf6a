#include "workers/best_search.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "core/scaled_energy.hpp"
#include "enumerator/orbits/canonical_form.hpp"
#include "workers/best/annealing.hpp"
#include "workers/best/placed_branches.hpp"
#include "workers/best/site_branches.hpp"

namespace hullscan {
namespace {

constexpr std::size_t kBranchesOfARound = 32;
constexpr std::uint64_t kNodesOfABranch = 20'000;
/// A cheap bound, the nodes that are tried before a dear one is made, and that.
constexpr detail::BlockLimits kCheap{60, 256}, kDear{800, 8192};
constexpr std::uint64_t kNodesWithCheap = 1'000'000;

/// Keeps the lowest, once each.
class LowestKept {
 public:
  LowestKept(const Stratum& stratum, std::size_t at_most) : stratum_(stratum), at_most_(at_most) {}
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
  void offer(const Candidate& candidate) { offer(candidate.score, {candidate.occupation, candidate.degeneracy}); }
  [[nodiscard]] std::vector<Candidate> take() const { return {kept_.begin(), kept_.end()}; }

 private:
  struct Better {
    bool operator()(const Candidate& a, const Candidate& b) const { return better(a, b); }
  };
  Stratum stratum_;
  std::size_t at_most_;
  std::set<Candidate, Better> kept_;
};

/// From a configuration that the search has reached to a candidate. Safe to call from several threads.
class Acceptance {
 public:
  Acceptance(const BestSearchRequest& request, const detail::CompositionEnergy& energy)
      : request_(request), energy_(energy), order_(SearchOrder::of(request.counts)) {}

  void offer(const detail::SiteOptions& options, LowestKept& lowest) const {
    CanonicalForm form = canonical_form(*request_.action, order_, energy_.occupation(options));
    if (!allowed(form)) return;
    form.degeneracy *= request_.options.multiplicity;
    const std::int64_t score = score_of(form.occupation);
    lowest.offer(score, std::move(form));
  }

 private:
  /// The energy of a canonical form along its own branch: to the last bit what the full scan gives it.
  [[nodiscard]] std::int64_t score_of(const std::vector<std::uint8_t>& form) const {
    std::vector<std::uint16_t> sites;
    std::vector<std::uint8_t> species;
    for (const Stage& stage : order_.stages) {
      for (const std::uint16_t site : request_.action->sites(stage.sublattice)) {
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
    return score_from_ev_per_atom(energy * (1.0 / static_cast<double>(request_.atoms)));
  }

  [[nodiscard]] bool allowed(const CanonicalForm& form) const {
    if (!request_.options.superperiodic) {
      for (const std::uint32_t element : stabiliser_of(*request_.action, form.occupation)) {
        if (element != 0 && request_.action->is_translation(element)) return false;
      }
    }
    return !request_.options.forbidden || request_.options.forbidden->allows(form.occupation);
  }

  const BestSearchRequest& request_;
  const detail::CompositionEnergy& energy_;
  SearchOrder order_;
};

class Search {
 public:
  explicit Search(const BestSearchRequest& request)
      : request_(request),
        atoms_(static_cast<double>(request.atoms)),
        energy_(*request.action, request.counts, *request.tables),
        acceptance_(request, energy_),
        lowest_(request.stratum, request.count) {}

  BestSearchResult run() {
    BestSearchResult result;
    if (energy_.state_count() == 0) {
      acceptance_.offer(detail::SiteOptions(energy_.site_count(), 0), lowest_);
      result.proven = true;
    } else {
      detail::anneal(energy_, {.seed = request_.seed,
                               .replicas = std::max<std::size_t>(8, request_.count / 4),
                               .stop_asked = request_.stop_asked,
                               .limit_ev = [this] { return lowest_.limit_ev(atoms_); },
                               .take = [this](const detail::SiteOptions& o) { acceptance_.offer(o, lowest_); }});
      const SearchOrder order = SearchOrder::of(request_.counts);
      result.proven = detail::is_dilute(energy_, order) ? prove_dilute(order) : prove_dense();
    }
    result.best = lowest_.take();
    result.nodes = nodes_;
    const double last =
        lowest_.full() ? score_to_ev_per_atom(result.best.back().score) : std::numeric_limits<double>::infinity();
    result.bound_ev_per_atom = result.proven ? last : std::min(bound_ev_ / atoms_, last);
    return result;
  }

 private:
  /// Newton steps cost the square of the states for every parameter.
  static constexpr std::size_t kMostWork = 20'000'000;

  bool stop_asked() {
    stopped_ = stopped_ || (request_.stop_asked && request_.stop_asked());
    return stopped_;
  }

  bool prove_dilute(const SearchOrder& order) {
    const detail::PlacedSearchResult found =
        detail::search_placed(energy_, order,
                              {.most_nodes = request_.most_nodes,
                               .stop_asked = [this] { return stop_asked(); },
                               .limit_ev = [this] { return lowest_.limit_ev(atoms_); },
                               .take = [this](const detail::SiteOptions& o) { acceptance_.offer(o, lowest_); }});
    bound_ev_ = found.bound_ev;
    nodes_ = found.nodes;
    return found.finished;
  }

  bool prove_dense() {
    const auto affordable = [&](detail::BlockLimits limits) {
      limits.classes = std::min(limits.classes, kMostWork / (energy_.state_count() * energy_.state_count()));
      return limits;
    };
    if (prove(affordable(kCheap), kNodesWithCheap)) return true;
    return !stop_asked() && nodes_ < request_.most_nodes && prove(affordable(kDear), request_.most_nodes);
  }

  /// @returns whether nothing lower is left; else bound_ev_ is raised to what was shown.
  bool prove(const detail::BlockLimits& limits, std::uint64_t most_nodes) {
    const detail::SiteBranches tree(
        energy_, detail::squares_bound(energy_, limits, 1e-6 * atoms_, [this] { return stop_asked(); }));
    bound_ev_ = std::max(bound_ev_, tree.root_bound_ev() - tree.rounding_ev());
    const auto lower = [](const detail::OpenBranch& a, const detail::OpenBranch& b) {
      return std::tie(a.bound_ev, a.options) < std::tie(b.bound_ev, b.options);
    };
    std::set<detail::OpenBranch, decltype(lower)> open(lower);
    open.insert({tree.root_bound_ev(), {}});
    most_nodes = std::min(most_nodes, request_.most_nodes);
    for (;;) {
      // What is cut off is above the worst that was kept then, which only falls.
      const double limit = lowest_.limit_ev(atoms_) + tree.rounding_ev();
      if (open.empty() || open.begin()->bound_ev > limit) return true;
      bound_ev_ = std::max(bound_ev_, open.begin()->bound_ev - tree.rounding_ev());
      if (nodes_ >= most_nodes || stop_asked()) return false;
      std::vector<detail::OpenBranch> round;
      while (round.size() < kBranchesOfARound && !open.empty() && open.begin()->bound_ev <= limit)
        round.push_back(std::move(open.extract(open.begin()).value()));
      // More at a time where many are open, for what is open costs memory.
      const std::uint64_t each =
          std::min(kNodesOfABranch * (1 + open.size() / 20'000), 1 + (most_nodes - nodes_) / round.size());
      explore(tree, round, each);
      for (detail::OpenBranch& branch : round_open_) open.insert(std::move(branch));
    }
  }

  /// Every branch of a round by itself, so that it does not matter which thread takes it.
  void explore(const detail::SiteBranches& tree, const std::vector<detail::OpenBranch>& round, std::uint64_t nodes) {
    struct Explored {
      detail::SiteBranches::Exploration exploration;
      std::vector<Candidate> found;
    };
    std::vector<Explored> explored(round.size());
    std::atomic<std::size_t> next{0};
    std::mutex asking;
    const double limit = lowest_.limit_ev(atoms_);
    const auto work = [&] {
      for (std::size_t i = next++; i < round.size(); i = next++) {
        {
          const std::lock_guard lock(asking);
          if (stop_asked()) {
            explored[i].exploration.open.push_back(round[i]);
            continue;
          }
        }
        LowestKept own(request_.stratum, request_.count);
        explored[i].exploration = tree.explore(
            round[i], nodes, [&] { return std::min(limit, own.limit_ev(atoms_)); },
            [&](const detail::SiteOptions& options) { acceptance_.offer(options, own); });
        explored[i].found = own.take();
      }
    };
    std::vector<std::thread> threads;
    const std::size_t at_hand = request_.threads + (request_.more_threads ? request_.more_threads() : 0);
    for (std::size_t t = 1; t < std::min(at_hand, round.size()); ++t) threads.emplace_back(work);
    work();
    for (std::thread& thread : threads) thread.join();
    round_open_.clear();
    for (Explored& one : explored) {
      nodes_ += one.exploration.nodes;
      for (const Candidate& candidate : one.found) lowest_.offer(candidate);
      for (detail::OpenBranch& branch : one.exploration.open) round_open_.push_back(std::move(branch));
    }
  }

  const BestSearchRequest& request_;
  double atoms_;
  detail::CompositionEnergy energy_;
  Acceptance acceptance_;
  LowestKept lowest_;
  std::vector<detail::OpenBranch> round_open_;
  std::uint64_t nodes_ = 0;
  bool stopped_ = false;
  double bound_ev_ = -std::numeric_limits<double>::infinity();
};

}  // namespace

BestSearchResult search_best(const BestSearchRequest& request) {
  require_counts_fit(*request.action, request.counts);
  return Search(request).run();
}

}  // namespace hullscan
