/// @file
/// Exactly uniform random orbits or configurations of one composition, without enumeration.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "enumerator/orbits/canonical_form.hpp"
#include "enumerator/orbits/cycle_index.hpp"
#include "enumerator/orbits/orbit_enumerator.hpp"

namespace hullscan {

namespace detail {
class RandomStream;
}

enum class SampleMethod {
  kOrbit,          ///< every orbit is as likely as any other
  kConfiguration,  ///< every configuration is: orbits in proportion to their degeneracy
};

/// Draw i depends on the seed and on i, on nothing else, so any worker may make any draw.
///
/// Uniform over orbits: an element of the group with probability proportional to the number of colourings it fixes,
/// then one of those, uniformly. Source: Dixon & Wilf, J. Algorithms 4, 205 (1983). Draws are independent, so an
/// orbit can come more than once. What the options leave out is rejected and drawn again, which keeps the draw
/// uniform over the rest.
class OrbitSampler {
 public:
  /// @throws Error if the counts do not sum to the sublattices' sites.
  OrbitSampler(std::shared_ptr<const GroupAction> action, CompositionCounts counts, EnumerationOptions options = {});

  [[nodiscard]] const SearchOrder& order() const { return order_; }

  /// @returns the canonical form and degeneracy of draw `index`; nothing if a million tries gave no allowed one.
  /// Cost: O(order of the group * placed sites) a try. Not shared between threads.
  [[nodiscard]] std::optional<CanonicalForm> draw(SampleMethod method, std::uint64_t seed, std::uint64_t index);
  /// One try of a draw; nothing if it gave a configuration that the options leave out.
  [[nodiscard]] std::optional<CanonicalForm> attempt_draw(SampleMethod method, detail::RandomStream& random);

 private:
  struct Class {
    std::vector<std::size_t> types;  ///< [sublattice]
    std::vector<std::uint32_t> elements;
    BigInteger up_to;  ///< fixed colourings of this class's elements and of all before it
  };
  void prepare_classes();
  void colour_at_random(detail::RandomStream& random, std::span<std::uint8_t> occupation) const;
  void colour_as_fixed(detail::RandomStream& random, std::span<std::uint8_t> occupation);
  [[nodiscard]] bool repeats(std::span<const std::uint8_t> occupation) const;

  std::shared_ptr<const GroupAction> action_;
  CompositionCounts counts_;
  EnumerationOptions options_;
  SearchOrder order_;
  Binomials binomials_;
  std::vector<std::vector<std::optional<CycleColourings>>> colourings_;  ///< [sublattice][type]
  std::vector<Class> classes_;  ///< those that fix a colouring; empty until the first draw over orbits
};

}  // namespace hullscan
