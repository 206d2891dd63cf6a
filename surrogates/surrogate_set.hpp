/// @file
/// The models of a campaign: one surrogate for every space, of one kind and with one lifetime. What workers are sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "surrogates/spaces_together.hpp"
#include "surrogates/surrogate.hpp"

namespace hullscan {

class SurrogateSet {
 public:
  /// One model of `spec` for every parent, unfitted; what is wrong with the settings goes to `problems`, once.
  /// @returns an empty set if there was a problem.
  static SurrogateSet make(const SurrogateSpec& spec, const std::vector<std::shared_ptr<const ParentCrystal>>& parents,
                           Problems& problems);

  /// The same; the models of one group of `together` are fitted to the labels of all its spaces.
  static SurrogateSet make(const SurrogateSpec& spec, const std::vector<std::shared_ptr<const ParentCrystal>>& parents,
                           const SpacesTogether& together, Problems& problems);

  [[nodiscard]] std::size_t space_count() const { return models_.size(); }
  [[nodiscard]] Surrogate& space(std::size_t index) { return *models_[index]; }
  [[nodiscard]] const Surrogate& space(std::size_t index) const { return *models_[index]; }
  /// Spaces that are fitted together, each space in one; most are alone. Of a set that was stored: each alone.
  [[nodiscard]] const std::vector<std::vector<std::size_t>>& groups() const { return groups_; }
  /// Fits the models of one of groups(). @param labels [spaces of the group], not all empty.
  /// @returns of all labels, one space's after the other's.
  FitReport fit(const std::vector<std::size_t>& group, std::span<const std::vector<LabelledConfiguration>> labels);
  /// True if every space can be scored.
  [[nodiscard]] bool fitted() const;

  [[nodiscard]] std::vector<std::byte> serialise() const;
  /// hash64 of the serialised bytes: equal for equal models.
  [[nodiscard]] std::uint64_t hash() const;
  /// @param parents of the campaign's spaces, in their order.
  /// @throws StorageError if the bytes are damaged, of another version, or do not fit the parents.
  static SurrogateSet deserialise(std::span<const std::byte> bytes,
                                  const std::vector<std::shared_ptr<const ParentCrystal>>& parents);

 private:
  [[nodiscard]] std::vector<Surrogate*> members(const std::vector<std::size_t>& group) const;

  std::vector<std::unique_ptr<Surrogate>> models_;
  std::vector<std::vector<std::size_t>> groups_;
};

/// The second models of a campaign, which score only the best of what the first have kept.
struct RefiningModels {
  SurrogateSet models;   ///< empty: there are none
  std::size_t keep = 0;  ///< configurations of a pass that they score
  [[nodiscard]] bool any() const { return models.space_count() > 0; }
};

}  // namespace hullscan
