// The second models of a campaign score the best of what the first have kept.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <utility>

#include "core/log.hpp"
#include "core/scaled_energy.hpp"
#include "scheduler/campaign_master.hpp"
#include "scheduler/decisions/refinement.hpp"
#include "scheduler/decisions/round_selection.hpp"
#include "storage/campaign_facts.hpp"

namespace hullscan {
namespace {

/// Configurations that a thread takes at a time: a potential relaxes each in some ten milliseconds.
constexpr std::size_t kRefinedAtOnce = 64;

/// Scores piece by piece in several threads; what comes out does not depend on how many.
class RefiningWork {
 public:
  RefiningWork(std::span<Prospect> prospects, const SurrogateSet& models, const CampaignView& view)
      : prospects_(prospects), models_(models), view_(view) {}

  LoopEnd run(int threads, const StopRequested& stop) {
    Progress progress("refining", static_cast<double>(prospects_.size()), "configurations");
    std::vector<std::future<void>> workers;
    for (int t = 0; t < std::max(1, threads); ++t)
      workers.push_back(std::async(std::launch::async, [this] { score_pieces(); }));
    for (auto& worker : workers) {
      while (worker.wait_for(std::chrono::milliseconds(100)) != std::future_status::ready) {
        progress.update(static_cast<double>(done_));
        if (stop()) stopped_ = true;
      }
    }
    for (auto& worker : workers) worker.get();
    return stopped_ ? LoopEnd::kStopped : LoopEnd::kFinished;
  }

 private:
  void score_pieces() {
    const auto supercell_of = [&](const Stratum& stratum) -> const Supercell& { return view_.supercell(stratum); };
    try {
      for (std::size_t first = next_.fetch_add(kRefinedAtOnce); first < prospects_.size() && !stopped_;
           first = next_.fetch_add(kRefinedAtOnce)) {
        const auto piece = prospects_.subspan(first, std::min(kRefinedAtOnce, prospects_.size() - first));
        add_predictions(piece, models_, supercell_of, [](const Prospect&) { return true; });
        done_ += piece.size();
      }
    } catch (...) {
      stopped_ = true;  // the others need not go on
      throw;
    }
  }

  std::span<Prospect> prospects_;
  const SurrogateSet& models_;
  const CampaignView& view_;
  std::atomic<std::size_t> next_ = 0, done_ = 0;
  std::atomic<bool> stopped_ = false;
};

}  // namespace

LoopEnd CampaignMaster::refine(int pass) {
  if (!tools_.refining.any() || tools_.store.has_tasks(pass + 1)) return LoopEnd::kFinished;
  const SurrogateSet& models = tools_.refining.models;
  const std::vector<TaskRecord> known = tasks_before(pass + 1);
  if (!known.empty()) {
    std::vector<FitRecord> ignored;
    (void)fit(pass, ignored);  // does nothing where the models are fitted to these labels
  }
  const std::vector<Candidate> screened = tools_.store.candidates(pass);
  RefinedScores refined{hash_of_candidates(screened), models.hash(), {}};
  const auto stored = recall_refined_scores(tools_.store, pass);
  if (stored && stored->of == refined.of && stored->model_hash == refined.model_hash) return LoopEnd::kFinished;

  std::vector<Prospect> prospects;
  std::vector<std::size_t> indices;  // of the prospects among the screened
  for (std::size_t i = 0; i < screened.size(); ++i) {
    std::optional<Prospect> one = prospect_of(screened[i]);
    if (!one || !models.space(screened[i].stratum.space).fitted()) continue;
    one->predicted_formation_energy_ev_per_atom = score_to_ev_per_atom(screened[i].score);
    prospects.push_back(std::move(*one));
    indices.push_back(i);
  }
  place_above_hull(prospects, formation_entries(hull_of(view_, known)));
  std::vector<Prospect> chosen;
  std::vector<std::size_t> chosen_indices;
  for (const std::size_t k : choose_to_refine(prospects, tools_.refining.keep)) {
    chosen.push_back(std::move(prospects[k]));
    chosen_indices.push_back(indices[k]);
  }
  if (RefiningWork(chosen, models, view_).run(tools_.threads, tools_.stop) == LoopEnd::kStopped)
    return LoopEnd::kStopped;
  for (std::size_t k = 0; k < chosen.size(); ++k)
    refined.scores.emplace_back(chosen_indices[k],
                                score_from_ev_per_atom(*chosen[k].predicted_formation_energy_ev_per_atom));
  remember_refined_scores(tools_.store, pass, refined);
  log_info(fmt::format("pass {}: {} has scored the best {} of {} configurations that {} has kept", pass,
                       models.space(0).kind(), chosen.size(), screened.size(), tools_.surrogates.space(0).kind()));
  return LoopEnd::kFinished;
}

}  // namespace hullscan
