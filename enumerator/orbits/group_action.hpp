/// @file
/// A permutation group together with the sublattices it preserves, laid out for the searches: per sublattice, sites
/// are numbered from 0 in the order of the varied sites, and every element's image table is stored for that
/// numbering.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "enumerator/orbits/permutation_group.hpp"

namespace hullscan {

/// Built once per supercell and shared by all its compositions. Immutable, so threads may share it.
class GroupAction {
 public:
  static constexpr std::size_t kMostSites = 2048;  ///< of a sublattice

  /// @param sublattice_of_site [degree] 0, 1, …; every element maps a sublattice to itself.
  /// @param translations indices of the pure translations that make a configuration superperiodic (identity included),
  /// with all their powers and conjugates; may be empty.
  /// @throws Error if an element mixes sublattices, if a sublattice has more than 2048 sites, or if two translations
  /// move site 0 alike.
  GroupAction(PermutationGroup group, std::span<const int> sublattice_of_site,
              std::vector<std::size_t> translations = {});

  [[nodiscard]] const PermutationGroup& group() const { return group_; }
  [[nodiscard]] std::size_t order() const { return group_.order(); }
  [[nodiscard]] std::size_t site_count() const { return sublattice_of_site_.size(); }
  [[nodiscard]] std::size_t sublattice_count() const { return sublattices_.size(); }
  [[nodiscard]] std::span<const int> sublattice_of_site() const { return sublattice_of_site_; }
  /// Varied sites of a sublattice, ascending: local number -> varied site.
  [[nodiscard]] std::span<const std::uint16_t> sites(std::size_t sublattice) const {
    return sublattices_[sublattice].sites;
  }
  [[nodiscard]] int local_number(std::size_t site) const { return local_number_[site]; }
  [[nodiscard]] std::span<const std::size_t> translations() const { return translations_; }
  [[nodiscard]] bool is_translation(std::size_t element) const { return is_translation_[element] != 0; }

  /// Words of 64 sites that hold the largest sublattice: 1, 2, 4, 8 or 32.
  [[nodiscard]] int words() const { return words_; }

  /// The tables of one sublattice. Rows of `images`, `preimages`: [order][size]; of `lowered`, `fixed`:
  /// [order][words()].
  struct Tables {
    std::vector<std::uint16_t> sites;
    std::vector<std::uint8_t> images8, preimages8;     ///< filled if words() <= 4
    std::vector<std::uint16_t> images16, preimages16;  ///< filled otherwise
    std::vector<std::uint64_t> lowered;                ///< sites x with g(x) < x
    std::vector<std::uint64_t> fixed;                  ///< sites x with g(x) = x
  };
  [[nodiscard]] const Tables& tables(std::size_t sublattice) const { return sublattices_[sublattice]; }

 private:
  PermutationGroup group_;
  std::vector<int> sublattice_of_site_;
  std::vector<int> local_number_;
  std::vector<std::size_t> translations_;
  std::vector<std::uint8_t> is_translation_;
  std::vector<Tables> sublattices_;
  int words_ = 1;
};

}  // namespace hullscan
