/// @file
/// Which neighbourhoods a model has been shown: what a site holds, and how many of each species its nearest varied
/// neighbours are. A walk that leads to neighbourhoods that no label has is extrapolation.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "surrogates/features/primitive_sites.hpp"

namespace hullscan {

class LocalEnvironments {
 public:
  /// Neighbours are the varied sites within 1.1 times the distance of the nearest one.
  explicit LocalEnvironments(std::shared_ptr<const ParentCrystal> parent);

  /// @param occupation [varied sites of the supercell], of a label
  void add(const Supercell& supercell, std::span<const std::uint8_t> occupation);
  [[nodiscard]] bool empty() const { return known_.empty(); }

  struct Unknown {
    double share = 0;         ///< of the varied sites that have a choice
    std::string most_common;  ///< "Au with Ag7Cu5"; "" where nothing is unknown
  };
  [[nodiscard]] Unknown unknown(const Supercell& supercell, std::span<const std::uint8_t> occupation) const;

 private:
  using Environment = std::vector<int>;  ///< primitive site, occupant, then counts [sublattice][species] in order
  [[nodiscard]] std::map<Environment, std::int64_t> environments(const Supercell& supercell,
                                                                 std::span<const std::uint8_t> occupation) const;
  [[nodiscard]] std::string name_of(const Environment& environment) const;

  std::shared_ptr<const ParentCrystal> parent_;
  PrimitiveSites sites_;
  std::vector<int> class_of_site_;                    ///< [primitive site]: the first that symmetry joins it with
  std::vector<std::vector<LatticeSite>> neighbours_;  ///< [primitive site]
  std::vector<std::size_t> first_count_;              ///< [sublattice] where its counts begin
  std::size_t counts_ = 0;
  std::set<Environment> known_;
};

}  // namespace hullscan
