/// @file
/// A model of a property of marked pairs (the barrier of a migration path) on their polar descriptors: learnt once
/// from a table of labelled pairs, applied to every pair in every colouring. Knows no energies of configurations and
/// takes no labels from calculations.
#pragma once

#include "surrogates/features/pair_descriptors.hpp"
#include "surrogates/surrogate.hpp"

namespace hullscan {

struct PairModelSettings {
  TableModelSettings table;
  std::string labels;  ///< file, as written
  SourcePosition labels_where;
  std::string target;            ///< its column
  std::vector<Species> dopants;  ///< empty: usual_dopants
  double longest_angstrom = 12;  ///< as the table was made
};

class PairModel final : public Surrogate {
 public:
  static constexpr const char* kKind = "marked-pair";

  PairModel(std::shared_ptr<const ParentCrystal> parent, PairModelSettings settings);
  [[nodiscard]] std::string kind() const override { return kKind; }
  [[nodiscard]] const ParentCrystal& parent() const override { return *parent_; }
  [[nodiscard]] const PairModelSettings& settings() const { return settings_; }
  [[nodiscard]] const TableModel& table_model() const { return *model_; }

  /// @param columns of a descriptor table; only its path types may differ in number from one campaign to the next.
  /// @throws InputError as TableModel::fit.
  TableFit learn(const TableColumns& columns, const Eigen::MatrixXd& features, const Eigen::VectorXd& targets);
  /// Whether pairs of this supercell have the columns that were learnt. @throws InputError naming what differs.
  void require_columns(const Supercell& supercell, std::size_t path_types) const;

  /// @throws InputError always: a configuration is not a pair.
  FitReport fit(std::span<const LabelledConfiguration> labels) override;
  [[nodiscard]] bool fitted() const override { return model_->fitted(); }
  /// @throws InputError always.
  [[nodiscard]] std::unique_ptr<ConfigurationScorer> scorer(const Supercell& supercell) const override;
  /// The scores are the target's values, not per atom.
  [[nodiscard]] std::unique_ptr<ConfigurationScorer> pair_scorer(const Supercell& supercell,
                                                                 const MarkedPair& pair) const override;
  [[nodiscard]] std::vector<std::byte> serialise() const override;

 private:
  friend std::unique_ptr<Surrogate> deserialise_pair_model(std::span<const std::byte>,
                                                           std::shared_ptr<const ParentCrystal>);
  [[nodiscard]] PairDescriptors descriptors(const Supercell& supercell, std::size_t path_types) const;

  std::shared_ptr<const ParentCrystal> parent_;
  PairModelSettings settings_;
  std::vector<std::string> columns_;
  std::size_t path_types_ = 0;
  std::shared_ptr<const TableModel> model_;
};

std::unique_ptr<Surrogate> make_pair_model(const SurrogateSpec&, std::shared_ptr<const ParentCrystal>, Problems&);
std::unique_ptr<Surrogate> deserialise_pair_model(std::span<const std::byte>, std::shared_ptr<const ParentCrystal>);

}  // namespace hullscan
