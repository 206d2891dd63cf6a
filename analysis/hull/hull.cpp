#include "analysis/hull/hull.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "analysis/hull/end_members.hpp"
#include "analysis/hull/hull_keys.hpp"
#include "analysis/hull/hull_simplex.hpp"
#include "core/errors.hpp"

namespace hullscan {
namespace {

/// Energies that differ less are the same energy: the first entry given stands for the composition.
constexpr double kSameEnergyEv = 1e-12;
constexpr std::size_t kFaultsNamed = 20;

class Faults {
 public:
  void add(std::string fault) {
    if (++count_ <= kFaultsNamed) lines_ += (lines_.empty() ? "" : "\n") + std::move(fault);
  }
  void throw_if_any() const {
    if (count_ == 0) return;
    throw InputError(count_ <= kFaultsNamed ? lines_ : lines_ + fmt::format("\nand {} more", count_ - kFaultsNamed));
  }

 private:
  std::size_t count_ = 0;
  std::string lines_;
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

void check_entries(std::span<const HullEntry> entries) {
  if (entries.empty()) throw InputError("hull: no entries");
  Faults faults;
  std::map<std::string, std::size_t> seen;
  for (const HullEntry& entry : entries) {
    if (++seen[entry.id] == 2)
      faults.add(fmt::format("hull: id \"{}\" is given twice or more; ids must be unique", entry.id));
    if (!std::isfinite(entry.energy_ev))
      faults.add(fmt::format("hull: entry \"{}\": energy is {}, must be finite", entry.id, entry.energy_ev));
    if (entry.composition.atom_count() == 0) faults.add(fmt::format("hull: entry \"{}\": no atoms", entry.id));
  }
  faults.throw_if_any();
}

/// One distinct reduced composition.
struct Place {
  Composition reduced;
  double lowest_ev_per_atom = 0;  ///< formation energy
  std::size_t lowest_entry = 0;   ///< npos for an implicit reference
};
constexpr std::size_t kImplicit = static_cast<std::size_t>(-1);

struct Reference {
  std::vector<Composition> members;
  std::vector<double> energies_ev_per_atom;
  bool elemental = true;
};

std::map<Composition, double> lowest_energies(std::span<const HullEntry> entries,
                                              const std::vector<Composition>& reduced) {
  std::map<Composition, double> lowest;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const double per_atom = entries[i].energy_ev / static_cast<double>(entries[i].composition.atom_count());
    const auto [at, inserted] = lowest.emplace(reduced[i], per_atom);
    if (!inserted) at->second = std::min(at->second, per_atom);
  }
  return lowest;
}

Reference find_references(std::span<const HullEntry> entries, const std::vector<Composition>& reduced,
                          const HullOptions& options) {
  Reference result;
  if (options.references == HullOptions::References::kEndMembers) {
    for (const Composition& member : options.end_members) result.members.push_back(member.reduced());
    result.elemental = std::all_of(result.members.begin(), result.members.end(),
                                   [](const Composition& c) { return c.counts().size() == 1; });
  } else {
    std::set<Species> elements;
    for (const Composition& composition : reduced) {
      for (const auto& [species, count] : composition.counts()) elements.insert(species);
    }
    std::vector<Species> order(elements.begin(), elements.end());
    std::stable_sort(order.begin(), order.end(),
                     [](Species a, Species b) { return electronegativity(a) < electronegativity(b); });
    for (const Species element : order) result.members.push_back(Composition({{element, 1}}));
  }
  if (options.references == HullOptions::References::kZero) {
    result.energies_ev_per_atom.assign(result.members.size(), 0.0);
    return result;
  }
  const auto lowest = lowest_energies(entries, reduced);
  std::vector<std::string> missing;
  for (const Composition& member : result.members) {
    const auto found = lowest.find(member);
    if (found == lowest.end()) {
      missing.push_back(member.formula());
    } else {
      result.energies_ev_per_atom.push_back(found->second);
    }
  }
  if (missing.empty()) return result;
  if (options.references == HullOptions::References::kEndMembers) {
    throw InputError("hull: no entry for end member " + joined(missing));
  }
  std::sort(missing.begin(), missing.end());
  throw InputError(
      fmt::format("hull: missing elemental references: {}; add an entry of each, give formation energies with "
                  "implicit zero references, or name end members",
                  joined(missing)));
}

std::vector<double> formation_energies(std::span<const HullEntry> entries, const Reference& reference,
                                       const EndMemberSpace& space, const HullOptions& options) {
  std::vector<double> result;
  result.reserve(entries.size());
  Faults faults;
  std::vector<std::string> names;
  for (const Composition& member : reference.members) names.push_back(member.formula());
  for (const HullEntry& entry : entries) {
    double energy = entry.energy_ev;
    if (reference.elemental) {
      for (std::size_t j = 0; j < reference.members.size(); ++j) {
        const Species element = reference.members[j].counts().begin()->first;
        energy -= static_cast<double>(entry.composition.count(element)) * reference.energies_ev_per_atom[j];
      }
    }
    const auto units = reference.elemental && options.references != HullOptions::References::kEndMembers
                           ? std::optional<std::vector<double>>(std::in_place)
                           : space.units(entry.composition);
    if (!units) {
      faults.add(fmt::format("hull: entry \"{}\": {} is not a mix of the end members {}", entry.id,
                             entry.composition.formula(), joined(names)));
      result.push_back(0);
      continue;
    }
    if (!reference.elemental) {
      for (std::size_t j = 0; j < units->size(); ++j) {
        energy -=
            (*units)[j] * static_cast<double>(reference.members[j].atom_count()) * reference.energies_ev_per_atom[j];
      }
    }
    const double per_atom = energy / static_cast<double>(entry.composition.atom_count());
    if (!(std::abs(per_atom) <= options.largest_formation_energy_ev_per_atom)) {
      faults.add(fmt::format("hull: entry \"{}\": formation energy {} eV/atom, must be within ±{} eV/atom", entry.id,
                             per_atom, options.largest_formation_energy_ev_per_atom));
    }
    result.push_back(per_atom);
  }
  faults.throw_if_any();
  return result;
}

std::vector<DecompositionPart> decomposition(const HullValue& value, const std::vector<Place>& places,
                                             std::span<const HullEntry> entries) {
  std::vector<DecompositionPart> parts;
  for (const auto& [column, fraction] : value.mix) {
    const Place& place = places[column];
    parts.push_back({place.lowest_entry == kImplicit ? place.reduced.formula() + " (implicit reference)"
                                                     : entries[place.lowest_entry].id,
                     fraction});
  }
  std::sort(parts.begin(), parts.end(), [](const DecompositionPart& a, const DecompositionPart& b) {
    return std::abs(a.fraction - b.fraction) > 1e-9 ? a.fraction > b.fraction : a.id < b.id;
  });
  return parts;
}

}  // namespace

HullOptions hull_options_for(std::span<const HullEntry> entries) {
  std::vector<Composition> compositions;
  compositions.reserve(entries.size());
  for (const HullEntry& entry : entries) compositions.push_back(entry.composition);
  EndMembers members = choose_end_members(compositions);
  HullOptions options;
  if (members.elemental) return options;
  options.references = HullOptions::References::kEndMembers;
  options.end_members = std::move(members.compositions);
  return options;
}

HullOptions unbounded_hull_options_for(std::span<const HullEntry> entries) {
  HullOptions options = hull_options_for(entries);
  options.largest_formation_energy_ev_per_atom = std::numeric_limits<double>::max();
  return options;
}

HullReport compute_hull(std::span<const HullEntry> entries, const HullOptions& options) {
  check_entries(entries);
  require_same_keys(entries);
  std::vector<Composition> reduced;
  reduced.reserve(entries.size());
  for (const HullEntry& entry : entries) reduced.push_back(entry.composition.reduced());
  const Reference reference = find_references(entries, reduced, options);
  const EndMemberSpace space(reference.members);
  const std::vector<double> formation = formation_energies(entries, reference, space, options);

  // One place per reduced composition, in order of composition: nothing below depends on the order of the entries but
  // which of several equal ones stands for its composition.
  std::map<Composition, std::size_t> index;
  for (const Composition& composition : reduced) index.emplace(composition, 0);
  if (options.references == HullOptions::References::kZero) {
    for (const Composition& member : reference.members) index.emplace(member, 0);
  }
  std::vector<Place> places;
  places.reserve(index.size());
  for (auto& [composition, place] : index) {
    place = places.size();
    places.push_back({composition, 0.0, kImplicit});
  }
  std::vector<std::size_t> place_of(entries.size());
  std::vector<char> filled(places.size(), 0);
  if (options.references == HullOptions::References::kZero) {
    for (const Composition& member : reference.members) filled[index.at(member)] = 1;
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    Place& place = places[place_of[i] = index.at(reduced[i])];
    const bool first = filled[place_of[i]] == 0;
    // An entry at the implicit zero takes its place, so that decompositions name it.
    const double slack = place.lowest_entry == kImplicit && !first ? -kSameEnergyEv : kSameEnergyEv;
    if (first || formation[i] < place.lowest_ev_per_atom - slack) {
      place.lowest_ev_per_atom = formation[i];
      place.lowest_entry = i;
      filled[place_of[i]] = 1;
    }
  }

  HullColumns columns;
  const std::vector<Species>& rows = space.independent_elements();
  columns.rows = rows.size();
  for (const Place& place : places) {
    std::bitset<128> elements;
    for (const auto& [species, count] : place.reduced.counts()) elements.set(species.code());
    for (const Species element : rows) columns.counts.push_back(place.reduced.count(element));
    columns.atoms.push_back(place.reduced.atom_count());
    columns.costs.push_back(place.lowest_ev_per_atom);
    columns.elements.push_back(elements);
  }
  std::vector<std::size_t> starts;
  if (reference.elemental) {
    for (const Species element : rows) starts.push_back(index.at(Composition({{element, 1}})));
  }
  const LowerHull hull(std::move(columns), std::move(starts));

  struct AtPlace {
    HullValue value;
    std::optional<double> without, among_vertices;
    std::vector<DecompositionPart> parts;
  };
  std::vector<AtPlace> at(places.size());
  for (std::size_t c = 0; c < places.size(); ++c) {
    at[c].value = hull.at(c);
    at[c].parts = decomposition(at[c].value, places, entries);
    if (hull.is_vertex(c)) {
      const HullValue others = hull.without(c);
      if (others.feasible) at[c].without = others.ev_per_atom;
      const bool vertices_only = std::all_of(others.mix.begin(), others.mix.end(),
                                             [&](const auto& part) { return hull.is_vertex(part.first); });
      const HullValue vertices = vertices_only ? others : hull.among_other_vertices(c);
      at[c].among_vertices = vertices.feasible ? vertices.ev_per_atom : places[c].lowest_ev_per_atom;
    } else {
      at[c].without = at[c].value.ev_per_atom;
    }
  }

  HullReport report;
  report.tolerance_ev_per_atom = options.on_hull_tolerance_ev_per_atom;
  report.end_members = reference.members;
  report.end_member_energies_ev_per_atom = reference.energies_ev_per_atom;
  report.elemental = reference.elemental;
  report.entries.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::size_t c = place_of[i];
    HullEntryResult result;
    result.id = entries[i].id;
    result.composition = entries[i].composition.without_vacancies();
    result.energy_ev_per_atom = entries[i].energy_ev / static_cast<double>(result.composition.atom_count());
    result.formation_energy_ev_per_atom = formation[i];
    result.e_above_hull_ev_per_atom = std::max(0.0, formation[i] - at[c].value.ev_per_atom);
    result.on_hull = result.e_above_hull_ev_per_atom <= options.on_hull_tolerance_ev_per_atom;
    result.vertex = hull.is_vertex(c) && places[c].lowest_entry == i;
    if (at[c].without) result.phase_separation_ev_per_atom = formation[i] - *at[c].without;
    if (result.vertex) result.equilibrium_reaction_ev_per_atom = formation[i] - *at[c].among_vertices;
    result.decomposition = at[c].parts;
    report.entries.push_back(std::move(result));
  }
  return report;
}

VertexKind vertex_kind(const HullReport& report, const HullEntryResult& entry) {
  if (!entry.vertex) return VertexKind::kNone;
  const auto& members = report.end_members;
  if (std::find(members.begin(), members.end(), entry.composition.reduced()) != members.end())
    return VertexKind::kReference;
  return entry.phase_separation_ev_per_atom ? VertexKind::kStable : VertexKind::kUnopposed;
}

const char* name_of(VertexKind kind) {
  switch (kind) {
    case VertexKind::kNone:
      break;
    case VertexKind::kReference:
      return "end member";
    case VertexKind::kUnopposed:
      return "unopposed";
    case VertexKind::kStable:
      return "stable";
  }
  return "";
}

std::string vertices_in_words(const HullReport& report) {
  std::size_t stable = 0, references = 0, unopposed = 0;
  for (const HullEntryResult& entry : report.entries) {
    const VertexKind kind = vertex_kind(report, entry);
    stable += kind == VertexKind::kStable ? 1 : 0;
    references += kind == VertexKind::kReference ? 1 : 0;
    unopposed += kind == VertexKind::kUnopposed ? 1 : 0;
  }
  std::string text = fmt::format("{} stable phase{}", stable, stable == 1 ? "" : "s");
  if (references > 0)
    text += fmt::format(" beside the {}{}", references == 1 ? "" : fmt::format("{} ", references),
                        references == 1 ? "end member" : "end members");
  if (unopposed > 0)
    text += fmt::format("{} {} that no other{} could make", references > 0 ? " and" : " beside", unopposed,
                        unopposed == 1 ? "" : "s");
  return text;
}

}  // namespace hullscan
