/// @file
/// The convex hull of entries: formation energy, energy above hull, decomposition and depth of each.
/// Energies in eV, per atom where the name says so. Where the entries come from is not known here.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/composition.hpp"

namespace hullscan {

struct HullEntry {
  std::string id;                           ///< unique on a hull
  Composition composition;                  ///< as given; vacancies are ignored
  double energy_ev = 0;                     ///< total, for that composition
  std::map<std::string, std::string> keys;  ///< functional, cutoffs, …: hull_keys.hpp; empty: not stated
};

struct HullOptions {
  double on_hull_tolerance_ev_per_atom = 1e-8;
  double largest_formation_energy_ev_per_atom = 20;
  enum class References {
    kElements,    ///< lowest entry of each element; missing ones are an error
    kZero,        ///< the energies are formation energies; an element without an entry is there with 0
    kEndMembers,  ///< lowest entry of each of `end_members`; the hull is within their span
  };
  References references = References::kElements;
  std::vector<Composition> end_members;  ///< kEndMembers only
};

struct DecompositionPart {
  std::string id;
  double fraction = 0;  ///< atomic; a decomposition sums to 1
  friend bool operator==(const DecompositionPart&, const DecompositionPart&) = default;
};

struct HullEntryResult {
  std::string id;
  Composition composition;  ///< as given, without vacancies
  double energy_ev_per_atom = 0;
  double formation_energy_ev_per_atom = 0;  ///< against the end members
  double e_above_hull_ev_per_atom = 0;      ///< >= 0
  bool on_hull = false;                     ///< e_above_hull <= tolerance
  bool vertex = false;                      ///< without it the hull is higher here; of several equal entries, the first
  /// Against all entries of other compositions: < 0 for a vertex (its depth), 0 on a facet. Nothing if the others
  /// cannot make this composition (an end member).
  std::optional<double> phase_separation_ev_per_atom;
  std::optional<double> equilibrium_reaction_ev_per_atom;  ///< vertices only: against the other vertices; end members 0
  std::vector<DecompositionPart> decomposition;            ///< vertices of the hull; largest first, then by id
};

struct HullReport {
  std::vector<HullEntryResult> entries;  ///< in the order given
  double tolerance_ev_per_atom = 0;      ///< of on_hull
  std::vector<Composition> end_members;  ///< reduced; elements least electronegative first, or as the options say
  std::vector<double> end_member_energies_ev_per_atom;
  bool elemental = true;  ///< end members are elements
};

/// @throws InputError, with every fault named: no entries, missing references, an energy that is not finite, duplicate
/// ids, a formation energy beyond the limit, a composition outside the end members' span, hull keys that differ.
HullReport compute_hull(std::span<const HullEntry> entries, const HullOptions& options = {});

/// Why a vertex is one.
enum class VertexKind {
  kNone,       ///< no vertex
  kReference,  ///< an end member: formation energies are against it, so it is on the hull by construction
  kUnopposed,  ///< no mix of the other entries has its composition: nothing could be below it
  kStable      ///< the others could make it, and it is lower: a finding
};
VertexKind vertex_kind(const HullReport& report, const HullEntryResult& entry);
const char* name_of(VertexKind kind);  ///< "end member", "unopposed", "stable"; empty: no vertex

/// How many vertices of each kind, in words: "2 stable phases beside the 2 end members".
std::string vertices_in_words(const HullReport& report);

/// Options for a campaign: elements where all have entries, else end members by choose_end_members.
HullOptions hull_options_for(std::span<const HullEntry> entries);
/// The same without a limit of the formation energy: for results that were judged already, and for predictions, since a
/// wild extrapolation of a young model must not stop a campaign.
HullOptions unbounded_hull_options_for(std::span<const HullEntry> entries);

}  // namespace hullscan
