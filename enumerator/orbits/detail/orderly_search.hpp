/// @file
/// The orderly search itself, without the comparisons of sets and images (orderly_comparisons.hpp). Compiled once for
/// every instruction set: HULLSCAN_INSTRUCTION_SET names the namespace.
///
/// State of one stage: the set P of sites placed so far, ascending, kept only if no element g makes it an earlier
/// set. For an element with g(P) != P let d be the first site that is in one of P, g(P) and not in the other. P is
/// kept, so d is in P. Sites placed later are larger than d, so what decides is only what g brings to d or before it:
///   g(x) < d   adding x makes the set larger: x is bad, here and in everything below, because d never falls;
///   g(x) = d   x fills the gap, and the comparison goes on behind d; g "watches" the one site x = g^-1(d);
///   g(x) > d   nothing changes.
/// So every element watches one site, and adding a site costs only the elements that watch it, |G| / sites on
/// average, instead of |G|. Elements whose watched site has been passed never cost anything again; their bad sites
/// stay. Elements with g(P) = P are the stabiliser: x is kept only if g(x) >= x for all of them.
#ifndef HULLSCAN_INSTRUCTION_SET
#error "include this from a file that names the instruction set"
#endif

namespace hullscan::HULLSCAN_INSTRUCTION_SET {

template <int W>
class OrderlySearch {
 public:
  explicit OrderlySearch(const detail::SearchProblem& problem);
  EnumerationOutcome run();

 private:
  using Set = SiteSet<W>;
  using Index = std::conditional_t<(W <= 4), std::uint8_t, std::uint16_t>;
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  enum Bound : unsigned { kLow = 1, kHigh = 2 };

  struct Watch {
    std::uint32_t next;  ///< in the list of the same watched site
    std::uint32_t element;
    std::uint16_t gap;      ///< d
    std::uint16_t watched;  ///< g^-1(d)
  };

  /// Site x of a level is refused if the background is still on a site of an earlier, finished sublattice.
  struct BackgroundConflict {
    std::uint32_t site;  ///< of the background, in the occupation
    std::uint8_t species;
    std::uint32_t x;
  };

  struct Level {
    const Index* images;
    const Index* preimages;
    const std::uint64_t* lowered;
    const std::uint64_t* fixed;
    const std::uint16_t* sites;
    std::uint32_t size;   ///< sites of the sublattice
    std::uint32_t count;  ///< sites to place
    std::uint32_t first;  ///< position of its tuple in the concatenated one
    std::size_t sublattice;
    std::uint8_t species, background;
    bool last;
    bool sparse;                                  ///< compare by mapping P, not by scanning sites
    Set blocked;                                  ///< no site at all, or forbidden for the species
    Set placed;                                   ///< P
    std::vector<std::uint32_t> heads;             ///< [size] first watch of every site
    std::vector<const std::uint64_t*> conflicts;  ///< [earlier level and itself] rows [site][W]; null: none
    std::vector<BackgroundConflict> background_conflicts;
  };

  enum class Comparison { kLarger, kEqual, kSmaller };

  bool start_level(std::size_t level, std::uint32_t stabiliser_begin, std::uint32_t stabiliser_end, unsigned bounds);
  bool descend(std::size_t level, std::uint32_t depth, Set bad, Set watched, std::uint32_t stabiliser_begin,
               std::uint32_t stabiliser_end, unsigned bounds);
  bool plain(std::size_t level, std::uint32_t depth, Set free);
  bool leaves(Level& level, Set accepted, const Set& watched, std::uint32_t stabiliser_begin,
              std::uint32_t stabiliser_end);
  bool emit(const Level& level, const Set& accepted);
  Comparison compare(const Level& level, std::uint32_t depth, std::uint32_t element, std::uint32_t gap,
                     std::uint32_t x) const;
  Comparison advance(Level& level, std::uint32_t depth, std::uint32_t element, std::uint32_t gap, std::uint32_t x,
                     Set& bad, Set& watched);
  void judge_pairs(Level& level, std::uint32_t depth, Set& bad, const Set& watched);
  bool judge(Level& level, std::uint32_t depth, const Watch& watch, const Set& alive, Set& partners);
  void judge_filled(Level& level, std::uint32_t element, std::uint32_t filler, std::uint32_t second, std::uint32_t gap,
                    Set& partners);
  void judge_all_partners(const Level& level, const Watch& watch, std::uint32_t extra, const Set& alive, Set& partners);
  void fix_pair(std::uint32_t element, std::uint32_t filler, std::uint32_t second, Set& partners);
  Set difference_of(const Level& level, std::uint32_t depth, std::uint32_t element) const;
  void place(Level& level, std::uint32_t depth, std::uint32_t x);
  void unplace(Level& level, std::uint32_t x);
  void look_behind(Level& level, std::uint32_t element, std::uint32_t gap, std::uint32_t x, Set& bad, Set& watched);
  void watch_gap(Level& level, std::uint32_t element, std::uint32_t gap, Set& watched);
  void push_stabiliser(std::uint32_t element);
  void prepare_forbidden();
  [[nodiscard]] bool background_allowed() const;
  void stop_after(const Level& level, std::uint32_t x);

  const detail::SearchProblem& problem_;
  std::uint64_t group_order_;
  std::uint64_t degeneracy_;  ///< of an orbit whose stabiliser is trivial
  std::uint64_t nodes_left_;
  std::vector<Level> levels_;
  std::vector<std::uint8_t> occupation_;
  std::vector<std::uint16_t> tuple_;
  std::vector<Watch> watches_;
  std::uint32_t watch_top_ = 0;
  std::vector<std::uint32_t> stabilisers_;
  std::uint32_t stabiliser_top_ = 0;
  std::vector<LeafBatch::Special> special_;
  // These belong to the node above the leaves' parents, see judge_pairs().
  struct FixedPair {
    std::uint32_t lower, upper;
    friend bool operator<(const FixedPair& a, const FixedPair& b) {
      return a.lower != b.lower ? a.lower < b.lower : a.upper < b.upper;
    }
  };
  std::vector<Set> bad_with_;           ///< [site] later sites that are bad if this one is placed
  std::vector<FixedPair> fixed_pairs_;  ///< sorted; one for every element that maps P and the pair onto themselves
  std::size_t fixed_begin_ = 0, fixed_end_ = 0;  ///< those with the site that is placed as the lower one
  std::uint32_t judged_watches_ = 0;             ///< older watches than this are accounted for by the two above
  std::vector<std::uint64_t> conflict_rows_;
  std::vector<ForbiddenPairs::Pair> background_pairs_;
  std::vector<ForbiddenPairs::Site> background_sites_;
  EnumerationOutcome outcome_;
};

template <int W>
OrderlySearch<W>::OrderlySearch(const detail::SearchProblem& problem)
    : problem_(problem),
      group_order_(problem.action.order()),
      degeneracy_(group_order_ * problem.multiplicity),
      nodes_left_(problem.most_nodes == 0 ? ~std::uint64_t{0} : problem.most_nodes) {
  const GroupAction& action = problem.action;
  occupation_.resize(action.site_count());
  for (std::size_t site = 0; site < occupation_.size(); ++site) {
    occupation_[site] = problem.order.background[static_cast<std::size_t>(action.sublattice_of_site()[site])];
  }
  tuple_.resize(problem.order.tuple_length);
  std::uint32_t first = 0;
  for (const Stage& stage : problem.order.stages) {
    const GroupAction::Tables& tables = action.tables(stage.sublattice);
    Level level{};
    if constexpr (W <= 4) {
      level.images = tables.images8.data();
      level.preimages = tables.preimages8.data();
    } else {
      level.images = tables.images16.data();
      level.preimages = tables.preimages16.data();
    }
    level.lowered = tables.lowered.data();
    level.fixed = tables.fixed.data();
    level.sites = tables.sites.data();
    level.size = static_cast<std::uint32_t>(tables.sites.size());
    level.count = static_cast<std::uint32_t>(stage.count);
    level.first = first;
    level.sublattice = stage.sublattice;
    level.species = stage.species;
    level.background = problem.order.background[stage.sublattice];
    level.last = levels_.size() + 1 == problem.order.stages.size();
    level.sparse = level.count * 8 < level.size;
    level.placed = Set::none();
    level.blocked = Set::none();
    for (std::uint32_t x = level.size; x < 64 * W; ++x) level.blocked.insert(x);
    level.heads.assign(level.size, kNone);
    level.conflicts.assign(levels_.size() + 1, nullptr);
    first += level.count;
    levels_.push_back(std::move(level));
  }
  if (problem.forbidden != nullptr) prepare_forbidden();
  stabilisers_.resize(group_order_ + 64);
  watches_.resize(1024);
  bad_with_.resize(64 * W);
}

/// Turns forbidden pairs of placed species into masks by site. Pairs that involve a background are checked when the
/// other species is placed, if by then the background's sublattice is finished, and else when a colouring is complete.
template <int W>
void OrderlySearch<W>::prepare_forbidden() {
  const GroupAction& action = problem_.action;
  const auto level_of = [&](const ForbiddenPairs::Site& s) {
    const auto sublattice = static_cast<std::size_t>(action.sublattice_of_site()[s.site]);
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      if (levels_[i].sublattice == sublattice && levels_[i].species == s.species) return static_cast<int>(i);
    }
    return problem_.order.background[sublattice] == s.species ? -1 : -2;  // -2: does not occur
  };
  for (const ForbiddenPairs::Site& s : problem_.forbidden->sites) {
    const int level = level_of(s);
    if (level == -1) background_sites_.push_back(s);
    if (level >= 0) {
      levels_[static_cast<std::size_t>(level)].blocked.insert(static_cast<std::uint32_t>(action.local_number(s.site)));
    }
  }

  std::vector<std::size_t> offset_of_pair(levels_.size() * levels_.size(), 0);
  std::size_t rows = 0;
  for (std::size_t later = 0; later < levels_.size(); ++later) {
    for (std::size_t earlier = 0; earlier <= later; ++earlier) {
      offset_of_pair[later * levels_.size() + earlier] = rows;
      rows += levels_[earlier].size;
    }
  }
  conflict_rows_.assign(rows * W, 0);
  std::vector<std::uint8_t> used(levels_.size() * levels_.size(), 0);
  const auto forbid = [&](std::size_t earlier, std::size_t later, const ForbiddenPairs::Site& placed,
                          const ForbiddenPairs::Site& refused) {
    const std::size_t pair = later * levels_.size() + earlier;
    const auto row = offset_of_pair[pair] + static_cast<std::size_t>(action.local_number(placed.site));
    const auto x = static_cast<std::size_t>(action.local_number(refused.site));
    conflict_rows_[row * W + x / 64] |= std::uint64_t{1} << (x % 64);
    used[pair] = 1;
  };
  for (const ForbiddenPairs::Pair& pair : problem_.forbidden->pairs) {
    const int a = level_of(pair.a), b = level_of(pair.b);
    if (a == -2 || b == -2) continue;
    if (a == -1 || b == -1) {
      const ForbiddenPairs::Site& background = a == -1 ? pair.a : pair.b;
      const ForbiddenPairs::Site& placed = a == -1 ? pair.b : pair.a;
      const int level = std::max(a, b);
      const auto sublattice = static_cast<std::size_t>(action.sublattice_of_site()[background.site]);
      bool finished = level >= 0;
      for (std::size_t i = static_cast<std::size_t>(std::max(level, 0)); i < levels_.size(); ++i) {
        finished = finished && levels_[i].sublattice != sublattice;
      }
      if (finished) {
        levels_[static_cast<std::size_t>(level)].background_conflicts.push_back(
            {static_cast<std::uint32_t>(background.site), background.species,
             static_cast<std::uint32_t>(action.local_number(placed.site))});
      } else {
        background_pairs_.push_back(pair);
      }
      continue;
    }
    if (a <= b) forbid(static_cast<std::size_t>(a), static_cast<std::size_t>(b), pair.a, pair.b);
    if (b <= a) forbid(static_cast<std::size_t>(b), static_cast<std::size_t>(a), pair.b, pair.a);
  }
  for (std::size_t later = 0; later < levels_.size(); ++later) {
    for (std::size_t earlier = 0; earlier <= later; ++earlier) {
      const std::size_t pair = later * levels_.size() + earlier;
      if (used[pair] != 0) levels_[later].conflicts[earlier] = conflict_rows_.data() + offset_of_pair[pair] * W;
    }
  }
}

template <int W>
bool OrderlySearch<W>::background_allowed() const {
  for (const ForbiddenPairs::Site& s : background_sites_) {
    if (occupation_[s.site] == s.species) return false;
  }
  for (const ForbiddenPairs::Pair& p : background_pairs_) {
    if (occupation_[p.a.site] == p.a.species && occupation_[p.b.site] == p.b.species) return false;
  }
  return true;
}

template <int W>
EnumerationOutcome OrderlySearch<W>::run() {
  for (std::uint32_t g = 1; g < group_order_; ++g) push_stabiliser(g);
  const unsigned bounds = (problem_.begin.empty() ? 0U : kLow) | (problem_.end.empty() ? 0U : kHigh);
  outcome_.finished = start_level(0, 0, stabiliser_top_, bounds);
  if (outcome_.finished) outcome_.reached.assign(problem_.end.begin(), problem_.end.end());
  return outcome_;
}

template <int W>
inline void OrderlySearch<W>::place(Level& level, std::uint32_t depth, std::uint32_t x) {
  level.placed.insert(x);
  tuple_[level.first + depth] = static_cast<std::uint16_t>(x);
  occupation_[level.sites[x]] = level.species;
}

template <int W>
inline void OrderlySearch<W>::unplace(Level& level, std::uint32_t x) {
  level.placed.erase(x);
  occupation_[level.sites[x]] = level.background;
}

template <int W>
bool OrderlySearch<W>::start_level(std::size_t index, std::uint32_t stabiliser_begin, std::uint32_t stabiliser_end,
                                   unsigned bounds) {
  Level& level = levels_[index];
  Set bad = level.blocked;
  for (std::size_t earlier = 0; earlier < index; ++earlier) {
    const Level& other = levels_[earlier];
    if (other.sublattice == level.sublattice) bad = bad | other.placed;
    if (level.conflicts[earlier] != nullptr) {
      for (std::uint32_t i = 0; i < other.count; ++i) {
        bad = bad | Set::load(level.conflicts[earlier] + static_cast<std::size_t>(tuple_[other.first + i]) * W);
      }
    }
  }
  for (const BackgroundConflict& conflict : level.background_conflicts) {
    if (occupation_[conflict.site] == conflict.species) bad.insert(conflict.x);
  }
  return descend(index, 0, bad, Set::none(), stabiliser_begin, stabiliser_end, bounds);
}

/// @returns false if the visitor wants to stop.
template <int W>
bool OrderlySearch<W>::descend(std::size_t index, std::uint32_t depth, Set bad, Set watched,
                               std::uint32_t stabiliser_begin, std::uint32_t stabiliser_end, unsigned bounds) {
  Level& level = levels_[index];
  const std::uint32_t position = level.first + depth;
  if (problem_.prefix_length != 0 && position == problem_.prefix_length) [[unlikely]] {
    problem_.prefixes->emplace_back(tuple_.begin(), tuple_.begin() + position);
    return problem_.prefixes->size() < problem_.most_prefixes;
  }
  const std::uint32_t missing = level.count - depth;
  Set free = ~bad;
  Set candidates = free;
  if (bounds != 0) [[unlikely]] {
    if ((bounds & kLow) != 0) {
      if (position >= problem_.begin.size()) {
        bounds &= ~static_cast<unsigned>(kLow);
      } else if (problem_.begin[position] > 0) {
        if (problem_.begin[position] > level.size) return true;
        Set below = Set::none();
        below.insert_up_to(problem_.begin[position] - 1);
        candidates.remove(below);
      }
    }
    if ((bounds & kHigh) != 0) {
      if (position >= problem_.end.size()) return true;
      if (problem_.end[position] < level.size) {
        Set up_to = Set::none();
        up_to.insert_up_to(problem_.end[position]);
        candidates = candidates & up_to;
      }
    }
    // A complete tuple is before every longer cursor that it begins.
    if (missing == 1 && level.last) {
      const bool longer_begin = problem_.begin.size() > position + 1;
      const bool longer_end = problem_.end.size() > position + 1;
      if ((bounds & kLow) != 0 && longer_begin && problem_.begin[position] < level.size) {
        candidates.erase(problem_.begin[position]);
      }
      if ((bounds & kHigh) != 0 && !longer_end && problem_.end[position] < level.size) {
        candidates.erase(problem_.end[position]);
      }
    }
  } else if (stabiliser_begin == stabiliser_end && problem_.prefix_length == 0 && !(watched & free).any()) {
    return plain(index, depth, free);
  }
  for (std::uint32_t i = stabiliser_begin; i < stabiliser_end; ++i) {
    candidates.remove(Set::load(level.lowered + static_cast<std::size_t>(stabilisers_[i]) * W));
  }
  if (missing == 1 && level.last) return leaves(level, candidates, watched, stabiliser_begin, stabiliser_end);

  const std::uint64_t* conflicts = level.conflicts[index];
  const bool pairs = missing == 2 && level.last && (watched & free).any();
  if (pairs) {
    judge_pairs(level, depth, bad, watched);
    candidates.remove(bad);
    judged_watches_ = watch_top_;
  }
  const std::uint32_t watch_bottom = watch_top_;
  const std::uint32_t stabiliser_bottom = stabiliser_top_;
  while (candidates.any()) {
    if (nodes_left_-- == 0) [[unlikely]]
      return false;
    const std::uint32_t x = candidates.take_first();
    Set child_bad = bad;
    child_bad.insert_up_to(x);
    if (conflicts != nullptr) child_bad = child_bad | Set::load(conflicts + static_cast<std::size_t>(x) * W);
    if ((~child_bad).size() < missing - 1) {
      if (conflicts == nullptr) break;
      continue;
    }

    place(level, depth, x);
    Set child_watched = watched;
    bool kept = true;
    if (pairs) {
      child_bad = child_bad | bad_with_[x];
      child_watched = Set::none();
      fixed_begin_ = fixed_end_;
      while (fixed_begin_ < fixed_pairs_.size() && fixed_pairs_[fixed_begin_].lower < x) ++fixed_begin_;
      fixed_end_ = fixed_begin_;
      for (; fixed_end_ < fixed_pairs_.size() && fixed_pairs_[fixed_end_].lower == x; ++fixed_end_) {
        child_watched.insert(fixed_pairs_[fixed_end_].upper);
      }
    } else if (watched.contains(x)) {
      for (std::uint32_t w = level.heads[x]; w != kNone; w = watches_[w].next) {
        const Watch watch = watches_[w];
        const Comparison comparison = advance(level, depth, watch.element, watch.gap, x, child_bad, child_watched);
        if (comparison == Comparison::kLarger) {
          kept = false;
          break;
        }
        if (comparison == Comparison::kEqual) push_stabiliser(watch.element);
      }
    }
    for (std::uint32_t i = stabiliser_begin; i < stabiliser_end && kept; ++i) {
      const std::uint32_t g = stabilisers_[i];
      const std::size_t row = static_cast<std::size_t>(g) * level.size;
      if (level.images[row + x] == x) {
        push_stabiliser(g);
        continue;
      }
      const Index* preimages = level.preimages + row;
      for (std::uint32_t q = 0; q < x; ++q) child_bad.insert(preimages[q]);
      if (preimages[x] > x) watch_gap(level, g, x, child_watched);
    }
    bool more = true;
    if (kept && (~child_bad).size() >= missing - 1) {
      unsigned child_bounds = 0;
      if (bounds != 0) {
        if ((bounds & kLow) != 0 && x == problem_.begin[position]) child_bounds |= kLow;
        if ((bounds & kHigh) != 0 && x == problem_.end[position]) child_bounds |= kHigh;
      }
      if (missing == 1) {
        more = start_level(index + 1, stabiliser_bottom, stabiliser_top_, child_bounds);
      } else {
        more = descend(index, depth + 1, child_bad, child_watched, stabiliser_bottom, stabiliser_top_, child_bounds);
      }
    }
    while (watch_top_ > watch_bottom) {
      const Watch& watch = watches_[--watch_top_];
      level.heads[watch.watched] = watch.next;
    }
    stabiliser_top_ = stabiliser_bottom;
    unplace(level, x);
    if (!more) return false;
  }
  if (pairs) {
    judged_watches_ = 0;
    fixed_pairs_.clear();
    fixed_begin_ = fixed_end_ = 0;
  }
  return true;
}

/// No element can say anything any more: every combination of the free sites is an orbit of its own.
template <int W>
bool OrderlySearch<W>::plain(std::size_t index, std::uint32_t depth, Set free) {
  Level& level = levels_[index];
  const std::uint32_t missing = level.count - depth;
  if (missing == 1 && level.last) {
    special_.clear();
    return emit(level, free);
  }
  const std::uint64_t* conflicts = level.conflicts[index];
  while (free.any()) {
    if (nodes_left_-- == 0) [[unlikely]]
      return false;
    const std::uint32_t x = free.take_first();
    Set rest = free;
    if (conflicts != nullptr) rest.remove(Set::load(conflicts + static_cast<std::size_t>(x) * W));
    if (rest.size() < missing - 1) {
      if (conflicts == nullptr) break;
      continue;
    }
    place(level, depth, x);
    const bool more = missing == 1 ? start_level(index + 1, 0, 0, 0) : plain(index, depth + 1, rest);
    unplace(level, x);
    if (!more) return false;
  }
  return true;
}

/// All last sites at once.
template <int W>
bool OrderlySearch<W>::leaves(Level& level, Set accepted, const Set& watched, std::uint32_t stabiliser_begin,
                              std::uint32_t stabiliser_end) {
  special_.clear();
  const std::uint32_t depth = level.count - 1;
  Set fixed_sites = Set::none();
  for (std::uint32_t i = stabiliser_begin; i < stabiliser_end; ++i) {
    fixed_sites = fixed_sites | Set::load(level.fixed + static_cast<std::size_t>(stabilisers_[i]) * W);
  }
  Set hard = accepted & (watched | fixed_sites);
  std::size_t fixed = fixed_begin_;
  while (hard.any()) {
    const std::uint32_t x = hard.take_first();
    std::uint32_t stabiliser = 1;
    bool kept = true;
    if (watched.contains(x)) {
      tuple_[level.first + depth] = static_cast<std::uint16_t>(x);
      level.placed.insert(x);
      for (std::uint32_t w = level.heads[x]; w != kNone && w >= judged_watches_; w = watches_[w].next) {
        const Comparison comparison = compare(level, depth, watches_[w].element, watches_[w].gap, x);
        if (comparison == Comparison::kSmaller) continue;
        if (comparison == Comparison::kLarger ||
            (!problem_.superperiodic && problem_.action.is_translation(watches_[w].element))) {
          kept = false;
          break;
        }
        ++stabiliser;
      }
      level.placed.erase(x);
      while (fixed < fixed_end_ && fixed_pairs_[fixed].upper < x) ++fixed;
      for (; fixed < fixed_end_ && fixed_pairs_[fixed].upper == x; ++fixed) ++stabiliser;
    }
    if (!kept) {
      accepted.erase(x);
      continue;
    }
    if (fixed_sites.contains(x)) {
      for (std::uint32_t i = stabiliser_begin; i < stabiliser_end; ++i) {
        if (level.images[static_cast<std::size_t>(stabilisers_[i]) * level.size + x] == x) ++stabiliser;
      }
    }
    if (stabiliser > 1) special_.push_back({x, degeneracy_ / stabiliser});
  }
  return emit(level, accepted);
}

template <int W>
bool OrderlySearch<W>::emit(const Level& level, const Set& accepted_sites) {
  Set accepted = accepted_sites;
  if (!background_pairs_.empty() || !background_sites_.empty()) [[unlikely]] {
    for (Set all = accepted; all.any();) {
      const std::uint32_t x = all.take_first();
      occupation_[level.sites[x]] = level.species;
      if (!background_allowed()) {
        accepted.erase(x);
        std::erase_if(special_, [&](const LeafBatch::Special& s) { return s.local_site == x; });
      }
      occupation_[level.sites[x]] = level.background;
    }
  }
  const std::uint32_t orbits = accepted.size();
  if (orbits == 0) return true;
  int stop = -1;
  if (problem_.visit != nullptr) {
    const LeafBatch batch{.occupation = occupation_,
                          .placed = {tuple_.data(), tuple_.size() - 1},
                          .accepted = {accepted.word, W},
                          .sites = {level.sites, level.size},
                          .species = level.species,
                          .degeneracy = degeneracy_,
                          .special = special_};
    stop = problem_.visit(problem_.context, batch);
  }
  if (stop < 0) [[likely]] {
    outcome_.orbits += orbits;
    outcome_.labelled += (orbits - special_.size()) * degeneracy_;
    for (const LeafBatch::Special& s : special_) outcome_.labelled += s.degeneracy;
    return true;
  }

  const auto x = static_cast<std::uint32_t>(stop);
  Set taken = Set::none();
  taken.insert_up_to(x);
  taken = taken & accepted;
  std::uint64_t special = 0;
  for (const LeafBatch::Special& s : special_) {
    if (s.local_site > x) break;
    outcome_.labelled += s.degeneracy;
    ++special;
  }
  outcome_.orbits += taken.size();
  outcome_.labelled += (taken.size() - special) * degeneracy_;
  outcome_.reached.assign(tuple_.begin(), tuple_.end());
  outcome_.reached.back() = x;
  outcome_.reached.push_back(0);  // the first tuple after this one
  return false;
}

EnumerationOutcome orderly_search(const detail::SearchProblem& problem) {
  switch (problem.action.words()) {
    case 1:
      return OrderlySearch<1>(problem).run();
    case 2:
      return OrderlySearch<2>(problem).run();
    case 4:
      return OrderlySearch<4>(problem).run();
    case 8:
      return OrderlySearch<8>(problem).run();
    default:
      return OrderlySearch<32>(problem).run();
  }
}

}  // namespace hullscan::HULLSCAN_INSTRUCTION_SET
