/// @file
/// The space a campaign asks for: parent crystal, supercells with their groups, and the compositions of each that the
/// counts, constraints and charges allow.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/campaign/campaign.hpp"
#include "core/composition.hpp"
#include "core/crystal.hpp"
#include "core/supercell.hpp"
#include "enumerator/crystal/supercell_group.hpp"
#include "enumerator/crystal/supercell_operations.hpp"
#include "enumerator/orbits/composition_counts.hpp"
#include "enumerator/orbits/group_action.hpp"
#include "enumerator/orbits/orbit_enumerator.hpp"
#include "enumerator/space/markers.hpp"

namespace hullscan {

/// Whose lattice makes a configuration superperiodic, where these are left out.
enum class RepeatRule {
  kReferenceCell,  ///< of the cell that `volume` counts: a smaller supercell holds what is left out
  kPrimitiveCell,  ///< of the primitive crystal, as campaigns were begun before there was the other rule
};

/// Immutable once built; threads may share it.
class SearchSpace {
 public:
  /// Reads the structure file, finds the symmetry, lists supercells and compositions.
  /// @throws InputError with every problem of the specification at once; FormatError for the structure file.
  static SearchSpace build(const SpaceSpec& spec, RepeatRule rule = RepeatRule::kReferenceCell);
  /// The same of a crystal that was read already. @pre not null
  static SearchSpace build(const SpaceSpec& spec, std::shared_ptr<const Crystal> crystal,
                           RepeatRule rule = RepeatRule::kReferenceCell);

  [[nodiscard]] const std::string& name() const { return spec_.name; }
  [[nodiscard]] const SpaceSpec& spec() const { return spec_; }
  /// As the structure file has it.
  [[nodiscard]] const std::shared_ptr<const Crystal>& crystal() const { return crystal_; }
  [[nodiscard]] const std::shared_ptr<const ParentCrystal>& parent() const { return parent_; }
  /// One for a matrix; for a volume range all distinct ones that can hold a composition, by volume, then matrix.
  [[nodiscard]] const std::vector<std::shared_ptr<const Supercell>>& supercells() const { return supercells_; }
  /// The operations of a supercell without a table of their permutations, for supercells of any size.
  [[nodiscard]] const SupercellOperations& operations(std::size_t supercell) const { return *operations_[supercell]; }
  /// Cells of the translations that make a configuration superperiodic, as the campaign asks; the zero vector first.
  [[nodiscard]] std::vector<std::size_t> repeating_cells(std::size_t supercell) const;
  /// Whether the two rules differ: superperiodic configurations are left out, and the reference cell is not primitive.
  [[nodiscard]] bool rules_differ() const;
  [[nodiscard]] RepeatRule repeat_rule() const { return rule_; }

  /// What makes a supercell too large for the searches, which need its table of permutations; nothing if it is not.
  [[nodiscard]] std::optional<std::string> why_not_enumerable(std::size_t supercell) const;
  /// The tables are made when somebody first asks for them. @throws InputError if why_not_enumerable() says so.
  [[nodiscard]] const SupercellGroup& group(std::size_t supercell) const { return *tables(supercell).group; }
  [[nodiscard]] const std::shared_ptr<const GroupAction>& action(std::size_t supercell) const {
    return tables(supercell).action;
  }
  /// Orbits of marked objects; empty if the campaign marks nothing.
  [[nodiscard]] const std::vector<MarkerOrbit>& markers(std::size_t supercell) const { return markers_[supercell]; }
  /// Sorted by counts; never empty. With markers these are the counts of the coloured sites, of any of the orbits:
  /// a composition is one of those marker orbits that hold it.
  [[nodiscard]] const std::vector<CompositionCounts>& compositions(std::size_t supercell) const {
    return compositions_[supercell];
  }
  /// Superperiodic configurations and minimum distances as the campaign asks.
  [[nodiscard]] const EnumerationOptions& options(std::size_t supercell) const { return options_[supercell]; }
  /// Precondition: the campaign marks nothing.
  [[nodiscard]] OrbitEnumerator enumerator(std::size_t supercell, std::size_t composition) const;
  /// The colourings round the representative of a marker orbit, which must hold the composition. Occupations have all
  /// varied sites, the marked ones with their native species; degeneracies count (object, colouring) pairs.
  [[nodiscard]] OrbitEnumerator enumerator(std::size_t supercell, std::size_t composition, std::size_t marker) const;

  /// The composition of the whole supercell: fixed and marked sites included, vacancies counted.
  [[nodiscard]] Composition composition(std::size_t supercell, const CompositionCounts& counts) const;
  /// Atoms only, in the order of the parent crystal's sites: "Cs32Pb26Zn6I96".
  [[nodiscard]] std::string formula(std::size_t supercell, const CompositionCounts& counts) const;

 private:
  struct Tables {
    std::once_flag once;
    std::shared_ptr<const SupercellGroup> group;
    std::shared_ptr<const GroupAction> action;
  };
  SearchSpace() = default;
  const Tables& tables(std::size_t supercell) const;

  SpaceSpec spec_;
  RepeatRule rule_ = RepeatRule::kReferenceCell;
  std::shared_ptr<const Crystal> crystal_;
  std::shared_ptr<const ParentCrystal> parent_;
  std::vector<std::shared_ptr<const Supercell>> supercells_;
  std::vector<std::shared_ptr<const SupercellOperations>> operations_;
  std::vector<std::shared_ptr<Tables>> tables_;
  std::vector<std::vector<CompositionCounts>> compositions_;
  std::vector<EnumerationOptions> options_;
  std::vector<std::vector<MarkerOrbit>> markers_;
  std::vector<Species> marked_species_;  ///< [sublattice] what its marked sites hold
};

/// Every combination of allowed counts of one supercell, sorted.
///
/// A sublattice's species take counts that its rules allow and that sum to its sites; "rest" takes what is left.
/// Constraints count atoms on the sublattices, not on fixed sites. With charge_neutral every atom, on fixed sites
/// too, takes one of its species' oxidation states, and some choice must sum to zero; vacancies are neutral.
/// Marked sites are not among the sublattices' sites here; their native atoms count for the charges.
/// @param problems what makes the list empty, at the rule's place; null: an empty list is not a problem.
std::vector<CompositionCounts> allowed_compositions(const SpaceSpec& spec, const Supercell& supercell,
                                                    Problems* problems, const MarkerOrbit* marker = nullptr);

/// What of the specification is wrong whatever the supercell: unknown names in constraints, missing oxidation states.
void check_composition_rules(const SpaceSpec& spec, const ParentCrystal& parent, Problems& problems);

}  // namespace hullscan
