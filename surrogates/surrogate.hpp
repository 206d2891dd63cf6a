/// @file
/// A model of the formation energy of configurations of one parent crystal: fitted to DFT results, it ranks what has
/// not been calculated. Models are made by kind (`make_surrogate`); their list is in registry.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/campaign/campaign.hpp"
#include "core/errors.hpp"
#include "core/supercell.hpp"

namespace hullscan {

class BranchTables;  ///< branch_scorer.hpp
struct MarkedPair;   ///< polar_descriptors.hpp

struct LabelledConfiguration {
  Configuration configuration;
  double formation_energy_ev_per_atom = 0;  ///< vacancies are not atoms
  double weight = 1;                        ///< >= 0; 0 = leave out of the fit
  std::string id;                           ///< for messages; also fixes the order of summation
  double e_above_hull_ev_per_atom = 0;      ///< of the labels; used by models that weight by it
  const Structure* relaxed = nullptr;       ///< what the energy is of, where it is known; not longer than the fit
};

struct FittedCoefficient {
  std::string cluster;  ///< "pair Ni-Ni 2.83 Å (6 per cell)"
  int sites = 0;        ///< of the cluster
  double diameter_angstrom = 0;
  int multiplicity = 0;    ///< members per primitive cell
  double energy_ev = 0;    ///< per member
  std::string group = {};  ///< what an ablation leaves out together; empty where there are no groups
  double importance = 0;   ///< share of 1, of models that know it
};

struct FitReport {
  std::size_t labels = 0;    ///< of nonzero weight
  std::size_t features = 0;  ///< coefficients that could be fitted, the constant not counted
  int rank = 0;              ///< independent ones among them, given these labels
  double rmse_mev_per_atom = 0;
  double loo_rmse_mev_per_atom = 0;  ///< leave-one-out; infinite if a label has nothing left to predict it from
  double regularisation = 0;
  std::vector<FittedCoefficient> coefficients;
  std::vector<double>
      loo_residuals_ev_per_atom;  ///< in the order of the labels, label - prediction without it; 0 for weight 0 and
                                  ///< where nothing but extrapolation could predict it (extreme_labels)
  std::vector<std::string> warnings;
};

/// How far a prediction may be off.
struct Uncertainty {
  double deviation_ev_per_atom = 0;  ///< one standard deviation, noise included
  /// Coordinates in which the covariance of two predictions, without the noise, is the scalar product f . f';
  /// eV^2 per atom^2. Empty where the model has none.
  std::vector<double> factor;
};

/// What the prior of a model, a potential for example, says by itself.
struct PriorOpinion {
  /// [n] formation energies, eV/atom, by the references of the labels; +infinity where the prior has none. Empty: there
  /// is no prior, or the fit has given it no weight.
  std::vector<double> energies_ev_per_atom;
  bool leads = false;  ///< it explains most of what the labels say (PriorModel::kLeads)
};

/// Scores configurations of one supercell. Not bound to the surrogate's lifetime; safe to use from several threads.
class ConfigurationScorer {
 public:
  virtual ~ConfigurationScorer() = default;
  /// Predicted formation energy, eV/atom; +infinity where no atom is left.
  /// Depends on the occupation alone, to the last bit: not on what was scored before or along with it.
  /// @param occupation [varied_sites().size()] of the supercell.
  [[nodiscard]] virtual double score(std::span<const std::uint8_t> occupation) const = 0;
  /// The same of many, packed. @param occupations [n * varied_sites().size()]. @param energies [n], n > 0.
  virtual void score_batch(std::span<const std::uint8_t> occupations, std::span<double> energies_ev_per_atom) const;
  /// How many at a time this scorer wants; 1: they may as well come one by one.
  [[nodiscard]] virtual std::size_t batch() const { return 1; }
  /// Tables for scoring along a branch of the search, energies in eV per supercell; null where the model has none.
  /// @param background [varied sites]: what the search starts from.
  [[nodiscard]] virtual std::shared_ptr<const BranchTables> branch_tables(
      std::span<const std::uint8_t> background) const;
};

class Surrogate {
 public:
  virtual ~Surrogate() = default;
  [[nodiscard]] virtual std::string kind() const = 0;  ///< as the campaign file says it
  [[nodiscard]] virtual const ParentCrystal& parent() const = 0;
  /// Forgets any earlier fit. The result does not depend on the order of labels with distinct ids.
  /// Few labels are a warning, never an error.
  /// @throws InputError if there are no labels, an energy is not finite, a weight is negative, or a configuration
  /// belongs
  ///         to another parent crystal; naming the label.
  virtual FitReport fit(std::span<const LabelledConfiguration> labels) = 0;
  /// Makes this model and the others, each of its own crystal, one that is fitted to the labels of all. Asked once,
  /// before any fit.
  /// @param members of one kind and one [[surrogate]], this one first.
  /// @returns what keeps them apart, as the end of a sentence that begins with their spaces; nothing if they are one.
  ///          By default their crystals must be the same.
  [[nodiscard]] virtual std::optional<std::string> join(std::span<Surrogate* const> members);
  /// Fits all members, of which this is the first. @param labels [members], of each its own; not all empty.
  /// @returns of all labels, one member's after the other's. @throws as `fit`.
  virtual FitReport fit_together(std::span<Surrogate* const> members,
                                 std::span<const std::vector<LabelledConfiguration>> labels);
  [[nodiscard]] virtual bool fitted() const = 0;
  /// @throws InputError before the first fit.
  [[nodiscard]] virtual std::unique_ptr<ConfigurationScorer> scorer(const Supercell& supercell) const = 0;
  /// Scores configurations round a marked pair (a migration path). Models of energies do not look at the pair.
  [[nodiscard]] virtual std::unique_ptr<ConfigurationScorer> pair_scorer(const Supercell& supercell,
                                                                         const MarkedPair& pair) const;
  /// The uncertainty of each prediction; empty where the model does not know its own error, for example because it was
  /// not fitted in this process.
  /// @param occupations [n * varied_sites().size()]. @returns n, with factors of one length; or none.
  [[nodiscard]] virtual std::vector<Uncertainty> uncertainties(const Supercell& supercell,
                                                               std::span<const std::uint8_t> occupations) const;
  /// @param occupations [n * varied_sites().size()].
  [[nodiscard]] virtual PriorOpinion prior_opinion(const Supercell& supercell,
                                                   std::span<const std::uint8_t> occupations) const;
  /// Settings and fit, without the parent crystal. Same fit, same bytes.
  [[nodiscard]] virtual std::vector<std::byte> serialise() const = 0;
  /// Sites of the largest interaction that these settings can give, where the energy is a polynomial of the occupation;
  /// known before the first fit.
  [[nodiscard]] virtual std::optional<int> interaction_order() const { return std::nullopt; }

  /// Standard deviation of one prediction where the model knows it.
  [[nodiscard]] std::optional<double> uncertainty_ev_per_atom(const Configuration& configuration) const;
  /// One configuration; builds a scorer. For many of one supercell take `scorer` or `predict_batch`.
  [[nodiscard]] double predict_ev_per_atom(const Configuration& configuration) const;
  /// @param occupations [n * varied_sites().size()], one configuration after the other. @param energies [n].
  void predict_batch(const Supercell& supercell, std::span<const std::uint8_t> occupations,
                     std::span<double> energies_ev_per_atom) const;
};

/// What a kind of model needs and can do, so that a campaign file that asks for more is refused before anything is
/// computed. The data of its line in registry.cpp.
struct SurrogateAbilities {
  enum class Sees { kLattice, kGeometry, kMarkedPairs };
  Sees sees = Sees::kLattice;
  bool needs_labels = true;      ///< false: it scores from the beginning, without a calculation
  bool knows_its_error = false;  ///< gives a deviation with a prediction
  bool of_lattice = true;        ///< describes what varies on a lattice, not any structure
};

/// @returns null for a kind that `make_surrogate` does not know.
const SurrogateAbilities* surrogate_abilities(std::string_view kind);

/// Why branch and bound cannot search a supercell with this model: a part of a sentence. Nothing if it can.
std::optional<std::string> why_not_searchable(const Surrogate& model, const Supercell& supercell);

/// Every kind that `make_surrogate` knows.
std::vector<std::string> surrogate_kinds();

/// Reads and checks the settings of one [[surrogate]]. What is wrong with them goes to `problems`.
/// @returns nullptr if there was a problem.
std::unique_ptr<Surrogate> make_surrogate(const SurrogateSpec& spec, std::shared_ptr<const ParentCrystal> parent,
                                          Problems& problems);
/// The inverse of `serialise`. @throws StorageError if the bytes are damaged, of another version, or do not fit the
/// parent.
std::unique_ptr<Surrogate> deserialise_surrogate(std::string_view kind, std::span<const std::byte> bytes,
                                                 std::shared_ptr<const ParentCrystal> parent);

}  // namespace hullscan
