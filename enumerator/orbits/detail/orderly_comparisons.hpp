/// @file
/// What elements of the group say about a set of sites: comparisons of the set with its images, watches, and the
/// judgement of all pairs of last sites. Compiled once for every instruction set: HULLSCAN_INSTRUCTION_SET names the
/// namespace.
#ifndef HULLSCAN_INSTRUCTION_SET
#error "include this from a file that names the instruction set"
#endif

namespace hullscan::HULLSCAN_INSTRUCTION_SET {

template <int W>
inline void OrderlySearch<W>::watch_gap(Level& level, std::uint32_t element, std::uint32_t gap, Set& watched) {
  const std::uint32_t filler = level.preimages[static_cast<std::size_t>(element) * level.size + gap];
  if (watch_top_ == watches_.size()) watches_.resize(watches_.size() * 2);
  watches_[watch_top_] = {level.heads[filler], element, static_cast<std::uint16_t>(gap),
                          static_cast<std::uint16_t>(filler)};
  level.heads[filler] = watch_top_++;
  watched.insert(filler);
}

template <int W>
inline void OrderlySearch<W>::push_stabiliser(std::uint32_t element) {
  if (stabiliser_top_ == stabilisers_.size()) stabilisers_.resize(stabilisers_.size() * 2);
  stabilisers_[stabiliser_top_++] = element;
}

/// P holds `depth` + 1 sites, x the last of them, and `element` takes x to `gap`, up to which P and its image agree.
template <int W>
inline typename OrderlySearch<W>::Comparison OrderlySearch<W>::compare(const Level& level, std::uint32_t depth,
                                                                       std::uint32_t element, std::uint32_t gap,
                                                                       std::uint32_t x) const {
  if (level.sparse) {
    Set difference = difference_of(level, depth, element);
    if (!difference.any()) return Comparison::kEqual;
    return level.placed.contains(difference.take_first()) ? Comparison::kSmaller : Comparison::kLarger;
  }
  const Index* preimages = level.preimages + static_cast<std::size_t>(element) * level.size;
  for (std::uint32_t q = gap + 1; q <= x; ++q) {
    const bool in_image = level.placed.contains(preimages[q]);
    if (in_image != level.placed.contains(q)) return in_image ? Comparison::kLarger : Comparison::kSmaller;
  }
  return Comparison::kEqual;
}

/// P and its image under the element, where they differ.
template <int W>
inline typename OrderlySearch<W>::Set OrderlySearch<W>::difference_of(const Level& level, std::uint32_t depth,
                                                                      std::uint32_t element) const {
  const Index* images = level.images + static_cast<std::size_t>(element) * level.size;
  Set difference = level.placed;
  for (std::uint32_t i = 0; i <= depth; ++i) {
    const std::uint32_t y = images[tuple_[level.first + i]];
    difference.word[W == 1 ? 0 : y / 64] ^= std::uint64_t{1} << (y % 64);
  }
  return difference;
}

/// The element has a new gap, whose filler is still to come. Filling it would make the set larger if, behind the gap
/// and among the sites that are decided, the image is ahead: then the filler is bad. It would say nothing if P is
/// ahead there and no site to come can change that: then it need not be watched.
template <int W>
inline void OrderlySearch<W>::look_behind(Level& level, std::uint32_t element, std::uint32_t gap, std::uint32_t x,
                                          Set& bad, Set& watched) {
  const Index* preimages = level.preimages + static_cast<std::size_t>(element) * level.size;
  bool settled = true;
  for (std::uint32_t q = gap + 1; q <= x; ++q) {
    const std::uint32_t z = preimages[q];
    const bool in_image = level.placed.contains(z), in_set = level.placed.contains(q);
    if (in_image && !in_set) {
      bad.insert(preimages[gap]);
      return;
    }
    settled = settled && (in_image || z < x);
    if (in_set && !in_image) {
      if (settled) return;
      break;
    }
  }
  watch_gap(level, element, gap, watched);
}

/// The same comparison, and what follows from it: the sites that the element takes before the new gap are bad, and it
/// watches the site that it takes to the new gap, if that is still to come.
template <int W>
inline typename OrderlySearch<W>::Comparison OrderlySearch<W>::advance(Level& level, std::uint32_t depth,
                                                                       std::uint32_t element, std::uint32_t gap,
                                                                       std::uint32_t x, Set& bad, Set& watched) {
  const Index* preimages = level.preimages + static_cast<std::size_t>(element) * level.size;
  std::uint32_t q = gap + 1;
  if (level.sparse) {
    Set difference = difference_of(level, depth, element);
    if (!difference.any()) return Comparison::kEqual;
    const std::uint32_t new_gap = difference.take_first();
    if (!level.placed.contains(new_gap)) return Comparison::kLarger;
    for (; q < new_gap; ++q) bad.insert(preimages[q]);
    if (preimages[q] > x) watch_gap(level, element, q, watched);
    return Comparison::kSmaller;
  }
  for (; q <= x; ++q) {
    const std::uint32_t z = preimages[q];
    const bool in_image = level.placed.contains(z);
    if (in_image != level.placed.contains(q)) {
      if (in_image) return Comparison::kLarger;
      if (z > x) look_behind(level, element, q, x, bad, watched);
      return Comparison::kSmaller;
    }
    bad.insert(z);
  }
  return Comparison::kEqual;
}

/// Two sites of the stage are missing. An element with a gap d matters only if its filler w = g^-1(d) is one of them,
/// and then nearly always says nothing: at the next site q behind d where P and its image differ, P is ahead, unless
/// the other site z fills a place in (d, q) (then the pair is bad) or q itself (then this one pair is compared to the
/// end). So every watch is judged once here, for all its pairs, instead of once for every child.
template <int W>
void OrderlySearch<W>::judge_pairs(Level& level, std::uint32_t depth, Set& bad, const Set& watched) {
  const Set alive = ~bad;
  for (Set rows = alive; rows.any();) bad_with_[rows.take_first()] = Set::none();
  for (Set fillers = watched & alive; fillers.any();) {
    const std::uint32_t filler = fillers.take_first();
    Set partners = Set::none();  // bad with the filler; sites that are not alive do no harm in it
    bool kept = true;
    for (std::uint32_t w = level.heads[filler]; w != kNone && kept; w = watches_[w].next) {
      kept = judge(level, depth, watches_[w], alive, partners);
    }
    if (!kept) {
      bad.insert(filler);
      continue;
    }
    bad_with_[filler] = bad_with_[filler] | partners;
    Set earlier = Set::none();
    if (filler > 0) earlier.insert_up_to(filler - 1);
    for (earlier = earlier & partners & alive; earlier.any();) bad_with_[earlier.take_first()].insert(filler);
  }
  std::sort(fixed_pairs_.begin(), fixed_pairs_.end());
}

/// @returns false if placing the filler makes the set larger whatever its partner.
template <int W>
inline bool OrderlySearch<W>::judge(Level& level, std::uint32_t depth, const Watch& watch, const Set& alive,
                                    Set& partners) {
  const std::uint32_t last = tuple_[level.first + depth - 1];
  const std::uint32_t filler = watch.watched;
  const Index* preimages = level.preimages + static_cast<std::size_t>(watch.element) * level.size;
  std::uint32_t q = watch.gap + 1U;
  if (level.sparse) {
    Set difference = difference_of(level, depth - 1, watch.element);
    difference.erase(watch.gap);
    const std::uint32_t next = difference.take_first();
    if (next > last) {
      judge_all_partners(level, watch, next, alive, partners);
      return true;
    }
    if (!level.placed.contains(next)) return false;
    for (; q < next; ++q) partners.insert(preimages[q]);
    if (alive.contains(preimages[q])) judge_filled(level, watch.element, filler, preimages[q], q, partners);
    return true;
  }
  for (; q <= last; ++q) {
    const std::uint32_t z = preimages[q];
    const bool in_image = level.placed.contains(z);
    if (in_image != level.placed.contains(q)) {
      if (in_image) return false;
      if (alive.contains(z)) judge_filled(level, watch.element, filler, z, q, partners);
      return true;
    }
    partners.insert(z);
  }
  while (!level.placed.contains(preimages[q])) ++q;
  judge_all_partners(level, watch, q, alive, partners);
  return true;
}

/// The filler fills the first gap and `second` fills the next one, `gap`: compares behind it.
template <int W>
inline void OrderlySearch<W>::judge_filled(Level& level, std::uint32_t element, std::uint32_t filler,
                                           std::uint32_t second, std::uint32_t gap, Set& partners) {
  const Index* preimages = level.preimages + static_cast<std::size_t>(element) * level.size;
  const std::uint32_t end = filler < second ? second : filler;
  level.placed.insert(filler);
  level.placed.insert(second);
  bool ahead = false, behind = false;
  for (std::uint32_t q = gap + 1; q <= end && !ahead && !behind; ++q) {
    const bool in_image = level.placed.contains(preimages[q]), in_set = level.placed.contains(q);
    ahead = in_image && !in_set;
    behind = in_set && !in_image;
  }
  level.placed.erase(filler);
  level.placed.erase(second);
  if (ahead) partners.insert(second);
  if (!ahead && !behind) fix_pair(element, filler, second, partners);
}

/// P and its image agree behind the gap, but for the one site e (`extra`) of the image that lies behind P. With
/// filler w and partner z, {e, g(z)} is compared with {w, z}.
template <int W>
void OrderlySearch<W>::judge_all_partners(const Level& level, const Watch& watch, std::uint32_t extra, const Set& alive,
                                          Set& partners) {
  const std::size_t element = watch.element;
  const Set lowered = Set::load(level.lowered + element * W);
  const std::uint32_t filler = watch.watched;
  Set before_filler = Set::none();
  if (filler > 0) before_filler.insert_up_to(filler - 1);
  if (extra < filler) {  // bad: z > e; z < e that g does not raise
    Set behind_extra = Set::none();
    behind_extra.insert_up_to(extra);
    behind_extra = ~behind_extra;
    Set refused = behind_extra | lowered | Set::load(level.fixed + element * W);
    const std::uint32_t image = level.images[element * level.size + extra];
    if (alive.contains(extra) && image > extra && image >= filler) {
      refused.erase(extra);
      if (image == filler) fix_pair(watch.element, filler, extra, partners);
    } else {
      refused.insert(extra);
    }
    partners = partners | refused;
  } else if (extra == filler) {  // bad: z that g lowers
    partners = partners | lowered;
    for (Set same = alive & Set::load(level.fixed + element * W); same.any();) {
      const std::uint32_t z = same.take_first();
      if (z != filler) fix_pair(watch.element, filler, z, partners);
    }
  } else {  // bad: z < w that g lowers; z > w that g brings before w, or to w if e is before z
    partners = partners | (lowered & before_filler);
    const Index* preimages = level.preimages + element * level.size;
    Set brought = Set::none();
    for (std::uint32_t q = watch.gap + 1U; q < filler; ++q) brought.insert(preimages[q]);
    brought.remove(before_filler);
    partners = partners | brought;
    const std::uint32_t z = preimages[filler];
    if (z > filler && alive.contains(z)) {
      if (extra < z) partners.insert(z);
      if (extra == z) fix_pair(watch.element, filler, z, partners);
    }
  }
}

template <int W>
void OrderlySearch<W>::fix_pair(std::uint32_t element, std::uint32_t filler, std::uint32_t second, Set& partners) {
  if (!problem_.superperiodic && problem_.action.is_translation(element)) {
    partners.insert(second);
  } else {
    fixed_pairs_.push_back({filler < second ? filler : second, filler < second ? second : filler});
  }
}

}  // namespace hullscan::HULLSCAN_INSTRUCTION_SET
