/// @file
/// Energies of any number of substitutions in one supercell from those of one and two, without any fit: the pair
/// expansion of SOD's SPBE module.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "surrogates/surrogate.hpp"

namespace hullscan {

/// E(x) = E0 + sum_i dE_i + sum_{i<j} dE_ij over substituted sites (any species but a sublattice's first), with
/// dE_i = E(i) - E0 and dE_ij = E(ij) - E0 - dE_i - dE_j, shared by what the supercell's symmetry makes equal.
/// As in the SOD program: Grau-Crespo, Hamad, Catlow & De Leeuw, J. Phys.: Condens. Matter 19, 256201 (2007).
class SubstitutionExpansion final : public Surrogate {
 public:
  explicit SubstitutionExpansion(std::shared_ptr<const ParentCrystal> parent) : parent_(std::move(parent)) {}

  [[nodiscard]] std::string kind() const override { return "substitution-expansion"; }
  [[nodiscard]] const ParentCrystal& parent() const override { return *parent_; }
  /// Takes the supercell of the unsubstituted label; labels of other supercells and of three and more substitutions
  /// test it only (rmse of the report).
  /// @throws InputError also if the unsubstituted configuration has no label. A single or double substitution without a
  ///         label counts as not interacting, with a warning that says how many.
  FitReport fit(std::span<const LabelledConfiguration> labels) override;
  [[nodiscard]] bool fitted() const override { return supercell_ != nullptr; }
  /// @throws InputError for another supercell than the labels'.
  [[nodiscard]] std::unique_ptr<ConfigurationScorer> scorer(const Supercell& supercell) const override;
  [[nodiscard]] std::vector<std::byte> serialise() const override;
  [[nodiscard]] std::optional<int> interaction_order() const override { return 2; }

 private:
  friend std::unique_ptr<Surrogate> deserialise_substitution_expansion(std::span<const std::byte>,
                                                                       std::shared_ptr<const ParentCrystal>);
  std::shared_ptr<const ParentCrystal> parent_;
  std::shared_ptr<const Supercell> supercell_;
  double constant_ = 0;          ///< eV per supercell
  std::vector<double> singles_;  ///< [state]
  std::vector<double> doubles_;  ///< [later state * (later state - 1) / 2 + earlier state]
};

std::unique_ptr<Surrogate> make_substitution_expansion(const SurrogateSpec& spec,
                                                       std::shared_ptr<const ParentCrystal> parent, Problems& problems);
std::unique_ptr<Surrogate> deserialise_substitution_expansion(std::span<const std::byte> bytes,
                                                              std::shared_ptr<const ParentCrystal> parent);

}  // namespace hullscan
