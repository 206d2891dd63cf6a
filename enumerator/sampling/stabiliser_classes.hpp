/// @file
/// The symmetry classes of the colourings of one composition: how many orbits have a stabiliser of each order, and
/// uniform draws among them, without enumeration. So the few symmetric configurations of a large space can be had.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/big_integer.hpp"
#include "enumerator/orbits/canonical_form.hpp"
#include "enumerator/orbits/cycle_index.hpp"
#include "enumerator/orbits/group_action.hpp"
#include "enumerator/orbits/search_order.hpp"

namespace hullscan {

namespace detail {
class RandomStream;
}

/// Every stabiliser H of a colouring is known by its orbits of sites: H is all of the group that maps each of them
/// onto itself. So the candidates are the partitions of the sites that join the cycles of some elements, and those
/// that fix no colouring of the composition are left out with everything coarser. With f(H) the colourings that are
/// constant on H's orbits, those with the stabiliser H and no more are e(H) = f(H) - sum of e(K) over K > H (Möbius
/// inversion; Burnside's table of marks), and a class of conjugates makes |class| |H| e(H) / |G| orbits.
class StabiliserClasses {
 public:
  struct Limits {
    std::size_t subgroups = 200'000;
    double steps = 3e10;  ///< of the search, about a nanosecond each
  };
  struct SymmetryClass {
    std::uint64_t stabiliser_order = 1;
    BigInteger orbits;  ///< > 0
  };

  /// @param superperiodic false: stabilisers that hold a nontrivial translation are left out.
  /// @returns nothing if there are more subgroups than the limits allow.
  /// Cost: O(classes of subgroups * order of the group * sites + classes * subgroups).
  static std::optional<StabiliserClasses> find(std::shared_ptr<const GroupAction> action, CompositionCounts counts,
                                               bool superperiodic, const Limits& limits);
  static std::optional<StabiliserClasses> find(std::shared_ptr<const GroupAction> action, CompositionCounts counts,
                                               bool superperiodic = true) {
    return find(std::move(action), std::move(counts), superperiodic, Limits{});
  }

  /// Those that occur, by ascending order of the stabiliser.
  [[nodiscard]] const std::vector<SymmetryClass>& classes() const { return classes_; }
  /// Configurations that the subgroups of a class fix, one by one: what weighs a draw in it.
  [[nodiscard]] const BigInteger& weight(std::size_t symmetry_class) const {
    return drawn_from_[symmetry_class].back().up_to;
  }
  /// One try: a subgroup with probability proportional to the colourings it fixes, then one of those. Any
  /// configuration of the class is as likely as any other. Not shared between threads.
  /// @returns its canonical form, or nothing if the colouring has more symmetry than its class.
  [[nodiscard]] std::optional<CanonicalForm> draw(std::size_t symmetry_class, detail::RandomStream& random);

 private:
  using Partition = std::vector<std::uint16_t>;  ///< [site] the first site of its block
  struct Hash {
    std::size_t operator()(const Partition& partition) const;
  };
  struct SubgroupClass {
    Partition blocks;  ///< of one of the conjugates
    std::uint64_t order = 1;
    std::uint64_t conjugates = 0;
    std::vector<CycleColourings*> colourings;  ///< [sublattice]
    BigInteger fixed, exact;                   ///< colourings constant on the blocks; with no more symmetry
  };
  struct Source {
    std::size_t subgroup_class = 0;
    BigInteger up_to;  ///< conjugates * fixed colourings of this and all before it
  };

  StabiliserClasses(std::shared_ptr<const GroupAction> action, CompositionCounts counts);
  bool search(const Limits& limits);
  bool count_exactly(const Limits& limits);
  void list_classes(bool superperiodic);
  [[nodiscard]] BigInteger fixed(const Partition& blocks, std::vector<CycleColourings*>& colourings);
  void add(const Partition& blocks, std::vector<CycleColourings*> colourings, BigInteger fixed);
  [[nodiscard]] bool keeps(std::size_t element, const Partition& blocks) const;

  std::shared_ptr<const GroupAction> action_;
  CompositionCounts counts_;
  SearchOrder order_;
  std::unique_ptr<Binomials> binomials_;
  std::vector<std::map<CycleType, std::unique_ptr<CycleColourings>>> colourings_;  ///< [sublattice]
  std::vector<SubgroupClass> subgroups_;                                           ///< up to conjugation
  std::unordered_map<Partition, std::size_t, Hash> class_of_;                      ///< all conjugates of all
  double steps_ = 0;
  std::vector<SymmetryClass> classes_;
  std::vector<std::vector<Source>> drawn_from_;  ///< [symmetry class]
};

}  // namespace hullscan
