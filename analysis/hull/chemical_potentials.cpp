#include "analysis/hull/chemical_potentials.hpp"

#include <fmt/format.h>

#include <Eigen/QR>
#include <cstdint>
#include <set>
#include <unordered_map>

#include "core/errors.hpp"

namespace hullscan {
namespace {

/// Vertices of a hull as columns: integer counts of the elements, and total formation energies.
class Vertices {
 public:
  Vertices(const HullReport& report, std::vector<Species> elements) : elements_(std::move(elements)) {
    std::set<Species> filled;
    for (const HullEntryResult& entry : report.entries) {
      if (!entry.vertex) continue;
      const Composition composition = entry.composition.reduced();
      add(entry.id, composition, entry.formation_energy_ev_per_atom * static_cast<double>(composition.atom_count()));
      if (composition.counts().size() == 1) filled.insert(composition.counts().begin()->first);
    }
    // Of formation energies an element without an entry is the zero.
    for (const Species element : elements_) {
      if (!filled.contains(element))
        add(fmt::format("{} (implicit reference)", element.symbol()), Composition({{element, 1}}), 0);
    }
  }

  struct Vertex {
    std::string id;
    Composition composition;  ///< reduced
    double formation_ev = 0;  ///< of the reduced formula
    Eigen::VectorXd counts;
  };
  [[nodiscard]] const std::vector<Vertex>& all() const { return entries_; }
  [[nodiscard]] const std::vector<Species>& elements() const { return elements_; }

  /// Energy that one atom of element i adds, where these phases share the composition between them.
  [[nodiscard]] double energy_of(std::size_t element, const std::vector<DecompositionPart>& phases) const {
    Eigen::MatrixXd counts(static_cast<Eigen::Index>(elements_.size()), static_cast<Eigen::Index>(phases.size()));
    Eigen::VectorXd energies(static_cast<Eigen::Index>(phases.size()));
    for (std::size_t p = 0; p < phases.size(); ++p) {
      const Vertex& vertex = entries_[index_.at(phases[p].id)];
      counts.col(static_cast<Eigen::Index>(p)) = vertex.counts;
      energies[static_cast<Eigen::Index>(p)] = vertex.formation_ev;
    }
    const Eigen::VectorXd one = Eigen::VectorXd::Unit(counts.rows(), static_cast<Eigen::Index>(element));
    return counts.colPivHouseholderQr().solve(one).dot(energies);
  }

 private:
  void add(const std::string& id, const Composition& composition, double formation_ev) {
    Eigen::VectorXd counts(static_cast<Eigen::Index>(elements_.size()));
    for (std::size_t i = 0; i < elements_.size(); ++i)
      counts[static_cast<Eigen::Index>(i)] = static_cast<double>(composition.count(elements_[i]));
    index_.emplace(id, entries_.size());
    entries_.push_back({id, composition, formation_ev, std::move(counts)});
  }

  std::vector<Species> elements_;
  std::vector<Vertex> entries_;
  std::unordered_map<std::string, std::size_t> index_;
};

bool names(const std::vector<DecompositionPart>& phases, const std::string& id) {
  for (const DecompositionPart& part : phases)
    if (part.id == id) return true;
  return false;
}

/// The composition of a vertex many times over, and one atom more or less.
struct Probe {
  std::size_t vertex = 0, element = 0;
  int sign = 1;
  Composition composition;
};

Composition many_and_one(const Composition& composition, std::int64_t times, Species element, int sign) {
  std::map<Species, std::int64_t> counts;
  for (const auto& [species, count] : composition.counts()) counts[species] = times * count;
  counts[element] += sign;
  return Composition(counts);
}

std::vector<Probe> first_probes(const Vertices& vertices) {
  std::vector<Probe> probes;
  for (std::size_t v = 0; v < vertices.all().size(); ++v) {
    const Composition& composition = vertices.all()[v].composition;
    if (composition.counts().size() == 1) continue;
    for (std::size_t e = 0; e < vertices.elements().size(); ++e) {
      for (const int sign : {1, -1}) {
        if (sign > 0 || composition.count(vertices.elements()[e]) > 0) probes.push_back({v, e, sign, {}});
      }
    }
  }
  return probes;
}

}  // namespace

std::vector<PotentialWindow> chemical_potential_windows(std::span<const HullEntry> entries,
                                                        const HullOptions& options) {
  const HullReport report = compute_hull(entries, options);
  if (!report.elemental)
    throw InputError("chemical potentials: every element needs an entry; a hull between compounds has no windows");
  std::vector<Species> elements;
  for (const Composition& member : report.end_members) elements.push_back(member.counts().begin()->first);
  const Vertices vertices(report, elements);

  // Formation energies of the vertices alone make the same hull. A probe lies so near its vertex that the facet below
  // it has the vertex for a corner; where it has not yet, the probe moves nearer.
  HullOptions plain = options;
  plain.references = HullOptions::References::kZero;
  std::vector<HullEntry> hull;
  for (const Vertices::Vertex& vertex : vertices.all())
    hull.push_back({vertex.id, vertex.composition, vertex.formation_ev, {}});
  std::vector<PotentialWindow> windows;
  std::unordered_map<std::size_t, std::size_t> window_of;
  for (std::size_t v = 0; v < vertices.all().size(); ++v) {
    if (vertices.all()[v].composition.counts().size() == 1) continue;
    window_of.emplace(v, windows.size());
    windows.push_back({vertices.all()[v].id, vertices.all()[v].composition, {}});
    for (const Species element : elements) windows.back().ranges.push_back({element, std::nullopt, 0});
  }
  std::vector<Probe> probes = first_probes(vertices);
  for (std::int64_t times = 1000; !probes.empty(); times *= 100) {
    if (times > 10'000'000)
      throw Error(fmt::format("chemical potentials: no facet found at {}; this is a fault of hullscan",
                              vertices.all()[probes.front().vertex].id));
    std::vector<HullEntry> all = hull;
    for (std::size_t p = 0; p < probes.size(); ++p) {
      Probe& probe = probes[p];
      probe.composition =
          many_and_one(vertices.all()[probe.vertex].composition, times, elements[probe.element], probe.sign);
      all.push_back(
          {fmt::format("probe {}", p), probe.composition, static_cast<double>(probe.composition.atom_count()), {}});
    }
    const HullReport below = compute_hull(all, plain);
    std::vector<Probe> again;
    for (std::size_t p = 0; p < probes.size(); ++p) {
      const Probe& probe = probes[p];
      const std::vector<DecompositionPart>& phases = below.entries[hull.size() + p].decomposition;
      if (!names(phases, vertices.all()[probe.vertex].id)) {
        again.push_back(probe);
        continue;
      }
      PotentialRange& range = windows[window_of.at(probe.vertex)].ranges[probe.element];
      const double energy = vertices.energy_of(probe.element, phases);
      if (probe.sign > 0)
        range.highest = energy;
      else
        range.lowest = energy;
    }
    probes = std::move(again);
  }
  return windows;
}

HullReport grand_potential_hull(std::span<const HullEntry> entries, const std::map<Species, double>& potentials_ev,
                                const HullOptions& options) {
  std::set<Species> seen;
  std::vector<HullEntry> closed;
  for (const HullEntry& entry : entries) {
    HullEntry open = entry;
    const Composition atoms = entry.composition.without_vacancies();
    std::map<Species, std::int64_t> counts;
    for (const auto& [species, count] : atoms.counts()) {
      const auto found = potentials_ev.find(species);
      if (found == potentials_ev.end()) {
        counts[species] = count;
      } else {
        seen.insert(species);
        open.energy_ev -= found->second * static_cast<double>(count);
      }
    }
    if (counts.empty()) continue;
    open.composition = Composition(counts);
    closed.push_back(std::move(open));
  }
  Problems problems;
  for (const auto& [species, potential] : potentials_ev) {
    if (seen.count(species) == 0) problems.add({}, fmt::format("open system: no entry holds {}", species.symbol()));
  }
  if (closed.empty()) problems.add({}, "open system: no entry holds an element that is not exchanged");
  problems.throw_if_any();
  return compute_hull(closed, options);
}

}  // namespace hullscan
