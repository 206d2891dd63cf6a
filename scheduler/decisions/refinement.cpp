#include "scheduler/decisions/refinement.hpp"

#include <algorithm>
#include <numeric>  // std::iota
#include <set>
#include <tuple>

#include "core/hash.hpp"

namespace hullscan {

std::vector<std::size_t> choose_to_refine(std::span<const Prospect> prospects, std::size_t keep) {
  std::vector<std::size_t> order(prospects.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto rank = [&](std::size_t i) {
    const Prospect& one = prospects[i];
    return std::tuple(one.predicted_e_above_hull_ev_per_atom.value_or(1e6), std::cref(one.candidate.stratum),
                      std::cref(one.candidate.occupation));
  };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const auto [high_a, stratum_a, occupation_a] = rank(a);
    const auto [high_b, stratum_b, occupation_b] = rank(b);
    if (high_a != high_b) return high_a < high_b;
    return std::tie(stratum_a.get(), occupation_a.get()) < std::tie(stratum_b.get(), occupation_b.get());
  });
  std::set<Stratum> seen;
  std::vector<std::size_t> chosen;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const bool lowest = seen.insert(prospects[order[k]].candidate.stratum).second;
    if (k < keep || lowest) chosen.push_back(order[k]);
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

std::uint64_t hash_of_candidates(std::span<const Candidate> candidates) {
  std::string bytes;
  const auto add = [&](std::uint64_t word) {
    for (unsigned shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<char>(word >> shift));
  };
  for (const Candidate& one : candidates) {
    add(one.stratum.space);
    add(one.stratum.supercell);
    add(one.stratum.index_in_supercell);
    add(static_cast<std::uint64_t>(one.score));
    add(one.occupation.size());
    bytes.append(one.occupation.begin(), one.occupation.end());
  }
  return hash64(bytes);
}

PassCandidates::PassCandidates(const CampaignStore& store, int pass) : store_(store), pass_(pass) {
  const auto scores = recall_refined_scores(store, pass);
  if (!scores) return;
  std::vector<Candidate> screened = store.candidates(pass);
  if (hash_of_candidates(screened) != scores->of) return;  // of a pass that was walked again since
  refined_.emplace();
  for (const auto& [index, score] : scores->scores) {
    if (index >= screened.size()) continue;  // the hash is of others: somebody has written here
    Candidate& candidate = screened[index];
    candidate.score = score;
    (*refined_)[candidate.stratum].push_back(std::move(candidate));
  }
  for (auto& [stratum, candidates] : *refined_) {
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
      return std::tie(a.score, a.occupation) < std::tie(b.score, b.occupation);
    });
  }
}

std::vector<Candidate> PassCandidates::all() const {
  if (!refined_) return store_.candidates(pass_);
  std::vector<Candidate> all;
  for (const auto& [stratum, candidates] : *refined_) all.insert(all.end(), candidates.begin(), candidates.end());
  return all;
}

std::vector<Candidate> PassCandidates::of(const Stratum& stratum) const {
  if (!refined_) return store_.candidates(pass_, stratum);
  const auto found = refined_->find(stratum);
  return found == refined_->end() ? std::vector<Candidate>{} : found->second;
}

}  // namespace hullscan
