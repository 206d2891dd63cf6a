/// @file
/// What the scheduler sees of the search space: supercells and strata, without the enumerator that made them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/big_integer.hpp"
#include "core/campaign/campaign.hpp"
#include "core/composition.hpp"
#include "core/structure.hpp"
#include "core/supercell.hpp"
#include "core/work_unit.hpp"

namespace hullscan {

struct StratumView {
  Stratum stratum;
  Composition composition;  ///< of the supercell, vacancies left out
  std::string formula;
  BigInteger total = 0;                    ///< labelled configurations
  std::optional<BigInteger> inequivalent;  ///< exact count; none where no closed form exists (minimum distances)
  std::uint64_t group_order = 1;  ///< operations of the supercell, those that act alike on the varied sites included
  bool end_member = false;        ///< of its space
  std::map<std::string, std::int64_t> types;  ///< "X.Se" -> sites; no zero entries
  bool by_branch_and_bound = false;           ///< too large to be generated: only its best are looked for
};

struct SpaceView {
  std::string name;
  std::shared_ptr<const ParentCrystal> parent;
  std::vector<std::shared_ptr<const Supercell>> supercells;
  /// Spaces that share their end members: for one structure of a list that a model predicts without its own energy, the
  /// first of the list; else the space itself.
  std::uint32_t family = 0;
};

/// An orbit of the campaign.
struct OrbitReached {
  Stratum stratum;
  std::vector<std::uint8_t> occupation;  ///< canonical form
  std::uint64_t degeneracy = 1;
};

/// Which orbit a relaxed structure is, whatever it began as.
class RelaxedOrbits {
 public:
  virtual ~RelaxedOrbits() = default;
  /// @param key of the task that `relaxed` is the result of: asked again, it is not looked for again.
  /// @returns nothing where it lies in none of the spaces.
  virtual std::optional<OrbitReached> orbit_of(const std::string& key, const Structure& relaxed) = 0;
};

struct CampaignView {
  const Campaign* campaign = nullptr;
  std::vector<SpaceView> spaces;
  std::vector<StratumView> strata;         ///< sorted by stratum
  std::shared_ptr<RelaxedOrbits> relaxed;  ///< null: what a relaxation became is not looked for; not for two threads

  [[nodiscard]] const Supercell& supercell(const Stratum& stratum) const {
    return *spaces[stratum.space].supercells[stratum.supercell];
  }
  [[nodiscard]] const StratumView& view(const Stratum& stratum) const;  ///< @throws Error if there is no such stratum
};

/// Those end members, as formulas, that have no configuration to be computed, with the number of their space: without
/// their energies formation energies are relative to other compositions.
std::vector<std::pair<std::uint32_t, std::string>> missing_end_members(const CampaignView& view);

/// Marks the strata whose composition is an end member of their space (analysis: choose_end_members).
void mark_end_members(CampaignView& view);

}  // namespace hullscan
