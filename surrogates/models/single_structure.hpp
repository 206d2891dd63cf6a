/// @file
/// What stands for a model where a crystal has one configuration, as a structure of a list has, and the models of the
/// campaign describe what varies: the energy that was calculated for it.
#pragma once

#include <optional>

#include "surrogates/surrogate.hpp"

namespace hullscan {

/// Nothing of the parent varies.
bool has_one_configuration(const ParentCrystal& parent);

class SingleStructure final : public Surrogate {
 public:
  static constexpr const char* kKind = "single-structure";  ///< no campaign file asks for it

  explicit SingleStructure(std::shared_ptr<const ParentCrystal> parent) : parent_(std::move(parent)) {}
  [[nodiscard]] std::string kind() const override { return kKind; }
  [[nodiscard]] const ParentCrystal& parent() const override { return *parent_; }
  /// The weighted mean.
  FitReport fit(std::span<const LabelledConfiguration> labels) override;
  [[nodiscard]] bool fitted() const override { return energy_ev_per_atom_.has_value(); }
  [[nodiscard]] std::unique_ptr<ConfigurationScorer> scorer(const Supercell& supercell) const override;
  [[nodiscard]] std::vector<std::byte> serialise() const override;
  static std::unique_ptr<Surrogate> deserialise(std::span<const std::byte> bytes,
                                                std::shared_ptr<const ParentCrystal> parent);

 private:
  std::shared_ptr<const ParentCrystal> parent_;
  std::optional<double> energy_ev_per_atom_;
};

}  // namespace hullscan
