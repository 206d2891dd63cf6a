/// @file
/// A sample of one composition of one supercell, as the campaign's `sample` asks, marked objects included. The same
/// whoever draws it: it depends on the seed and on the space.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/big_integer.hpp"
#include "enumerator/orbits/canonical_form.hpp"
#include "enumerator/orbits/orbit_count.hpp"
#include "enumerator/space/search_space.hpp"

namespace hullscan {

/// A class of a stratified sample: the orbits of one degeneracy, which are those whose stabilisers have one order.
struct SampledClass {
  std::uint64_t degeneracy = 1;
  /// How many orbits the class has: a uniform draw takes one of these, so its members' share of the sample is divided
  /// by this number. Nothing where minimum distances leave out an unknown number of them.
  std::optional<BigInteger> orbits;
  std::uint64_t drawn = 0;
};

enum class SampleOrigin {
  kDirect,       ///< every draw was one of the composition
  kRejection,    ///< draws that minimum distances forbid were made anew
  kEnumeration,  ///< all orbits were enumerated, and these chosen among them
};

struct SampleOutcome {
  SampleOrigin origin = SampleOrigin::kDirect;
  std::uint64_t drawn = 0;
  std::uint64_t labelled = 0;           ///< sum of the degeneracies
  std::optional<std::uint64_t> orbits;  ///< that minimum distances left to draw from, where that came to light
  bool gave_up = false;               ///< many draws in a row gave nothing new before the number asked for was reached
  std::vector<SampledClass> classes;  ///< of a stratified sample, in the order drawn
};

/// One orbit of the sample; valid during the visit.
struct SampledOrbit {
  std::optional<std::size_t> marker;  ///< orbit of marked objects, if the space marks something
  const CanonicalForm& form;          ///< the degeneracy counts objects too
};

/// Draws `sample.number` members of one composition; what `per_space` says is for sample_shares() to share out.
///
/// "orbit": uniform over orbits, an orbit that comes again is drawn anew. "configuration": uniform over labelled
/// configurations, an orbit that comes again stays, since its number is its weight. "stratified": within each class
/// of orbits of one degeneracy uniform over orbits and without repetition; quotas by rising number of orbits (the
/// more symmetric first among equals): a class takes an equal share of what is still to be drawn, rounded up, or all
/// its orbits where they are fewer, and the rest passes on.
/// With markers orbits are those of (object, colouring) pairs, of all orbits of objects together.
///
/// Draws are made without enumeration; stratified ones through the subgroups that occur as stabilisers
/// (stabiliser_classes.hpp). The composition is enumerated, and random members of each class are kept, where to list
/// the subgroups would take long and there are at most 10^8 orbits (10^6: longer than a second).
///
/// With minimum distances a draw is uniform over what they allow, by rejection or by choosing among all orbits.
/// Nobody knows beforehand which is quicker, so both are tried in turn with growing limits until one has the whole
/// sample: no more than a few times the work of the better one, and the same choice on every machine. A stratified
/// sample is chosen among all where some seconds enumerate them, else by rejection within each class.
/// @throws InputError at sample.where if a stratified sample is possible neither way, or if minimum distances allow
/// none of two million draws and leave too much to enumerate.
/// @returns what was drawn; fewer than asked for if the composition has not so many, or if 10,000 draws in a row gave
/// nothing new (then gave_up is set; only where minimum distances leave configurations out).
SampleOutcome sample_composition(const SearchSpace& space, std::size_t supercell, std::size_t composition,
                                 const SampleSpec& sample, std::uint64_t seed,
                                 const std::function<void(const SampledOrbit&)>& visit);

/// Exact numbers of a composition that minimum distances leave without a formula, by enumeration; nothing if that
/// takes more than some seconds' work.
std::optional<OrbitCount> count_by_enumeration(const SearchSpace& space, std::size_t supercell,
                                               std::size_t composition);

}  // namespace hullscan
