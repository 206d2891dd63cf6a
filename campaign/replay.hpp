/// @file
/// A campaign's selection on structures whose energies are known, as if each were a calculation: how many of them a
/// policy needs to find the hull that is known already.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "campaign/labelled_structures.hpp"
#include "scheduler/decisions/campaign_reactor.hpp"
#include "scheduler/decisions/hull_outlook.hpp"
#include "scheduler/decisions/round_selection.hpp"

namespace hullscan {

struct ReplayRound {
  std::vector<std::size_t> chosen;  ///< indices into LabelledStructures::kept, best first
  std::size_t labels = 0;           ///< known after it
  std::size_t vertices = 0;         ///< of the hull of all labels, among them
  /// The error of the predictions for all that was not known before it. The first round has no model, hence nothing.
  std::optional<double> rmse_mev_per_atom;
  /// How far the hull of what is known after it lies above that of all labels, where that is most.
  double hull_error_mev_per_atom = 0;
  /// What the model fitted after the round before makes of what is not known; nothing without deviations.
  std::optional<HullOutlook> outlook = {};
  /// Share of the labels of this round that lay within two deviations of their prediction.
  std::optional<double> within_two_deviations = {};
  bool stop_rule_met = false;  ///< `run` would have ended before this round
};

/// One campaign on a pool of labels. May be run with any number of seeds.
class Replay {
 public:
  /// @param structures must outlive this; their campaign says the models.
  /// @throws InputError with every problem of the models' settings.
  Replay(const LabelledStructures& structures, SelectSpec select);

  /// The first round takes the end members and then the most symmetric of every composition, until `select.initial`
  /// are known; then come `select.rounds` rounds of `select.per_round` by the policy, or fewer when nothing is left.
  /// Same seed, same answer. @throws InputError for a policy that does not exist.
  std::vector<ReplayRound> run(std::uint64_t seed);

 private:
  void describe_pool();
  [[nodiscard]] std::function<const Supercell&(const Stratum&)> supercell_of() const;
  [[nodiscard]] std::vector<std::size_t> unknown() const;
  [[nodiscard]] std::vector<std::size_t> known() const;
  void learn(RoundKind kind, ReplayRound& round);
  /// Fits to what is known and says at every prospect where it stands, and what the round can say of itself.
  void predict(const std::vector<std::size_t>& open, ReplayRound& round);
  /// Keeps what was predicted of a round's choice beside what it is.
  void test_predictions(ReplayRound& round);
  [[nodiscard]] double hull_error(const std::vector<std::size_t>& labelled) const;
  /// @returns leave-one-out errors of the models, meV/atom; none if not finite.
  std::vector<std::optional<double>> fit_and_predict(const std::vector<std::size_t>& labelled, const HullReport& hull,
                                                     std::vector<Prospect>& asked);
  /// The second models, if there are any, have the word on the best of what the first make of the prospects; the others
  /// are left without a prediction.
  void refine(std::vector<Prospect>& asked, const HullReport& hull);
  [[nodiscard]] std::vector<LabelledConfiguration> training_set(std::size_t space,
                                                                const std::vector<std::size_t>& labelled,
                                                                const HullReport& hull) const;
  /// @param end_members of the hull of what is known.
  [[nodiscard]] double error_of(const std::vector<Prospect>& asked, const std::vector<std::size_t>& open,
                                const std::vector<Composition>& end_members, HullOptions options) const;

  const LabelledStructures& structures_;
  const std::vector<LabelledStructure>& pool_;
  SelectSpec select_;
  SurrogateSet models_;
  RefiningModels refining_;
  std::vector<Prospect> prospects_;           ///< [pool]
  std::vector<const Supercell*> supercells_;  ///< [number in the prospects' strata]
  std::vector<bool> is_known_;                ///< [pool]
  std::vector<TestedPrediction> tested_;      ///< of one run, before any scaling
  std::vector<RoundOutcome> outcomes_;        ///< of one run
  double factor_ = 1;                         ///< that the prospects' deviations were multiplied by
};

/// Means over the runs that have such a round.
struct MeanReplayRound {
  double labels = 0, vertices = 0;
  double share = 0;  ///< of the vertices
  double hull_error_mev_per_atom = 0;
  std::optional<double> within_two_deviations;
  std::optional<double> rmse_mev_per_atom;  ///< nothing of the first round
};

/// Where `run` would have ended by the stop rule.
struct ReplayStop {
  std::size_t labels = 0;
  double hull_error_mev_per_atom = 0;
};

struct ReplaySummary {
  std::size_t vertices = 0;  ///< of the hull of all labels
  std::vector<MeanReplayRound> rounds;
  std::vector<std::optional<std::size_t>> labels_until_all_vertices;  ///< [run]; nothing where some were not found
  std::optional<double> mean_labels_until_all_vertices;               ///< nothing unless every run found them all
  std::vector<std::optional<ReplayStop>> stops;                       ///< [run]; nothing where the rule was not met
};

/// @param runs as Replay::run gives them; not empty.
ReplaySummary summarise(std::span<const std::vector<ReplayRound>> runs, std::size_t vertices);

/// Vertices of the hull of all labels.
std::size_t vertex_count(const LabelledStructures& structures);

}  // namespace hullscan
