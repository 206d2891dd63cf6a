/// @file
/// Ridge, random forest and gradient boosting on descriptors, and an interatomic potential alone, as surrogates:
/// energies per primitive cell by a table model, as in cluster_expansion.hpp. Not polynomials: every orbit is scored
/// by itself, in packed batches.
#pragma once

#include "surrogates/features/descriptors.hpp"
#include "surrogates/surrogate.hpp"

namespace hullscan {

class DescriptorModel final : public Surrogate, public TakesOrbitColumns {
 public:
  DescriptorModel(Descriptors descriptors, TableModel model)
      : descriptors_(std::make_shared<Descriptors>(std::move(descriptors))),
        model_(std::make_shared<TableModel>(std::move(model))) {}

  [[nodiscard]] std::string kind() const override { return table_method_name(model_->settings().method); }
  [[nodiscard]] const ParentCrystal& parent() const override { return descriptors_->parent(); }
  FitReport fit(std::span<const LabelledConfiguration> labels) override;
  [[nodiscard]] std::optional<std::string> join(std::span<Surrogate* const> members) override;
  FitReport fit_together(std::span<Surrogate* const> members,
                         std::span<const std::vector<LabelledConfiguration>> labels) override;
  [[nodiscard]] bool fitted() const override { return model_->fitted(); }
  [[nodiscard]] std::unique_ptr<ConfigurationScorer> scorer(const Supercell& supercell) const override;
  [[nodiscard]] std::vector<Uncertainty> uncertainties(const Supercell& supercell,
                                                       std::span<const std::uint8_t> occupations) const override;
  [[nodiscard]] std::vector<std::byte> serialise() const override;
  void take_columns(std::shared_ptr<const OrbitColumns> columns) override {
    Descriptors with = *descriptors_;
    with.take_columns(std::move(columns));
    descriptors_ = std::make_shared<Descriptors>(std::move(with));
  }

  [[nodiscard]] const Descriptors& descriptors() const { return *descriptors_; }
  [[nodiscard]] const TableModel& model() const { return *model_; }

 private:
  std::shared_ptr<const Descriptors> descriptors_;
  std::shared_ptr<const TableModel> model_;
};

std::unique_ptr<Surrogate> make_ridge(const SurrogateSpec&, std::shared_ptr<const ParentCrystal>, Problems&);
std::unique_ptr<Surrogate> make_random_forest(const SurrogateSpec&, std::shared_ptr<const ParentCrystal>, Problems&);
std::unique_ptr<Surrogate> make_gradient_boosting(const SurrogateSpec&, std::shared_ptr<const ParentCrystal>,
                                                  Problems&);
std::unique_ptr<Surrogate> deserialise_descriptor_model(std::span<const std::byte>,
                                                        std::shared_ptr<const ParentCrystal>);

}  // namespace hullscan
