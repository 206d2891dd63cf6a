#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include "analysis/hull/end_members.hpp"
#include "analysis/report/report_curves.hpp"
#include "analysis/statistics/finite_temperature.hpp"
#include "core/errors.hpp"

namespace hullscan {
namespace {

std::int64_t cells_of(const SupercellMatrix& matrix) {
  return std::llabs(std::llround(matrix.cast<double>().determinant()));
}

/// A sum over configurations is a free energy where the degeneracies count the arrangements of one and the same cell.
/// For cells of different size or shape they do not: ordered CuAu has two arrangements in its own cell of two atoms,
/// which differ by a translation, and k ln 2 would be the entropy of nothing.
std::string problem_of(const ReportSpace& space) {
  std::set<std::int64_t> sizes;
  for (const ReportSupercell& supercell : space.supercells) sizes.insert(cells_of(supercell.matrix));
  if (sizes.size() > 1) {
    return fmt::format(
        "its {} supercells have {} to {} cells, and a degeneracy counts the arrangements within one supercell, so sums "
        "over "
        "them are not a common ensemble; a space with one supercell has free energies",
        space.supercells.size(), *sizes.begin(), *sizes.rbegin());
  }
  if (space.supercells.size() > 1) {
    return fmt::format(
        "its {} supercells have the same size but different shapes, each holds other arrangements, and sums over them "
        "are not "
        "a common ensemble; a space with one supercell has free energies",
        space.supercells.size());
  }
  if (space.repeats_left_out && !sizes.empty() && *sizes.begin() > 1) {
    return "configurations that repeat within the supercell are left out (superperiodic = false), so the sum is not "
           "over all "
           "arrangements; superperiodic = true keeps them";
  }
  return "";
}

/// Sites of the sublattices that hold two species or more in some composition.
std::int64_t varied_sites(const ReportSpace& space) {
  std::map<std::string, std::pair<std::set<std::string>, std::int64_t>> sublattices;
  for (const ReportSupercell& supercell : space.supercells) {
    for (const ReportComposition& composition : supercell.compositions) {
      std::map<std::string, std::int64_t> sites;
      for (const auto& [name, count] : composition.counts) {
        const std::string sublattice = name.substr(0, name.rfind('.'));
        sites[sublattice] += count;
        if (count > 0) sublattices[sublattice].first.insert(name);
      }
      for (const auto& [sublattice, count] : sites) sublattices[sublattice].second = count;
    }
  }
  std::int64_t sum = 0;
  for (const auto& [name, found] : sublattices) sum += found.first.size() > 1 ? found.second : 0;
  return sum;
}

bool is_weighed(const ReportSpace& space, const ReportContent& content) {
  for (const ReportSupercell& supercell : space.supercells) {
    for (const ReportComposition& composition : supercell.compositions) {
      if (!composition.free_energies.empty()) return true;
    }
  }
  return std::any_of(content.entries.begin(), content.entries.end(),
                     [&](const ReportEntry& entry) { return entry.space == space.name; });
}

/// Free energies of different spaces are compared where their supercells have equally many sites to vary: a sum over a
/// smaller cell lacks more of the entropy.
std::string hull_problem_of(const ReportContent& content) {
  std::map<std::int64_t, std::string> of_size;
  std::size_t without = 0, with = 0;
  std::string name;
  for (const ReportSpace& space : content.spaces) {
    if (!space.list.empty() || !is_weighed(space, content)) continue;
    if (!space.free_energy_problem.empty()) {
      ++without;
      name = space.name;
      continue;
    }
    ++with;
    of_size.emplace(varied_sites(space), space.name);
  }
  if (with == 0) return "";
  if (without > 0)
    return fmt::format("{} has no free energies, so the hull at a temperature would lack its phases", name);
  if (of_size.size() < 2) return "";
  return fmt::format(
      "the supercells of {} and {} have {} and {} sites to vary, and a sum over the smaller one lacks more of the "
      "entropy of "
      "mixing; supercells of equally many sites can be compared",
      of_size.begin()->second, of_size.rbegin()->second, of_size.begin()->first, of_size.rbegin()->first);
}

/// -kT ln of the sum over distributions of the same atoms over the sublattices.
void sum_over_distributions(ReportSupercell& supercell) {
  std::map<Composition, std::vector<ReportComposition*>> of_formula;
  for (ReportComposition& composition : supercell.compositions)
    of_formula[composition.composition.without_vacancies()].push_back(&composition);
  for (auto& [formula, distributions] : of_formula) {
    if (distributions.size() < 2) continue;
    const auto& first = distributions.front()->free_energies;
    const bool all = std::all_of(distributions.begin(), distributions.end(), [&](const ReportComposition* one) {
      return one->free_energies.size() == first.size();
    });
    if (!all) {  // one was not scored in full: no sum over the formula
      for (ReportComposition* one : distributions) one->free_energies.clear();
      continue;
    }
    const auto atoms = static_cast<double>(formula.atom_count());
    for (std::size_t t = 0; t < first.size(); ++t) {
      const double kt = kBoltzmannEvPerKelvin * first[t].temperature_kelvin / atoms;
      double lowest = first[t].free_energy_ev_per_atom, sum = 0;
      for (const ReportComposition* one : distributions)
        lowest = std::min(lowest, one->free_energies[t].free_energy_ev_per_atom);
      for (const ReportComposition* one : distributions)
        sum += std::exp((lowest - one->free_energies[t].free_energy_ev_per_atom) / kt);
      for (ReportComposition* one : distributions)
        one->free_energies[t].of_formula_ev_per_atom = lowest - kt * std::log(sum);
    }
  }
}

/// A value per composition, against the report's end members, that gets its distance from their common hull.
struct FreePoint {
  Composition composition;
  double free_energy_ev_per_atom = 0;
  std::optional<double>* e_above_hull = nullptr;
};

/// References, which are ordered phases without configurations of their own, enter with their energies.
void add_distances(const Report& report, const std::vector<FreePoint>& points) {
  const EndMemberSpace space(report.hull->end_members);
  std::vector<HullEntry> entries;
  std::vector<const FreePoint*> kept;
  for (const FreePoint& point : points) {
    if (!space.shares(point.composition)) continue;
    kept.push_back(&point);
    entries.push_back({fmt::format("{}", entries.size()),
                       point.composition,
                       point.free_energy_ev_per_atom * static_cast<double>(point.composition.atom_count()),
                       {}});
  }
  if (kept.empty()) return;
  for (std::size_t j = 0; j < space.members().size(); ++j)
    entries.push_back({fmt::format("end member {}", j), space.members()[j], 0.0, {}});
  for (std::size_t i = 0; i < report.content.references.size(); ++i) {
    const HullEntryResult& reference = report.of_reference(i);
    if (!space.shares(reference.composition)) continue;
    entries.push_back({fmt::format("reference {}", i),
                       reference.composition,
                       reference.formation_energy_ev_per_atom * static_cast<double>(reference.composition.atom_count()),
                       {}});
  }
  HullOptions options;
  options.references = HullOptions::References::kEndMembers;
  options.end_members = space.members();
  try {
    const HullReport hull = compute_hull(entries, options);
    for (std::size_t k = 0; k < kept.size(); ++k) *kept[k]->e_above_hull = hull.entries[k].e_above_hull_ev_per_atom;
  } catch (const InputError&) {
    // A model that predicts beyond every bound has no hull; the free energies are shown without distances.
  }
}

}  // namespace

void judge_free_energies(Report& report) {
  for (ReportSpace& space : report.content.spaces) space.free_energy_problem = problem_of(space);
  report.free_energy_hull_problem = hull_problem_of(report.content);
  for (ReportSpace& space : report.content.spaces) {
    for (ReportSupercell& supercell : space.supercells) {
      if (space.free_energy_problem.empty()) {
        sum_over_distributions(supercell);
        continue;
      }
      for (ReportComposition& composition : supercell.compositions) {
        composition.free_energies.clear();
        composition.predicted_average.reset();
      }
    }
  }
}

void add_free_energy_hulls(Report& report) {
  if (!report.hull || !report.free_energy_hull_problem.empty()) return;
  std::map<double, std::vector<FreePoint>> predicted, calculated;
  for (ReportSpace& space : report.content.spaces) {
    for (ReportSupercell& supercell : space.supercells) {
      for (ReportComposition& composition : supercell.compositions) {
        if (composition.composition.atom_count() == 0) continue;
        for (auto& free : composition.free_energies)
          predicted[free.temperature_kelvin].push_back(
              {composition.composition, free.of_formula_ev_per_atom.value_or(free.free_energy_ev_per_atom),
               &free.e_above_hull_ev_per_atom});
      }
    }
  }
  for (ReportEnsemble& ensemble : report.ensembles) {
    for (auto& state : ensemble.states)
      calculated[state.temperature_kelvin].push_back(
          {ensemble.composition, state.free_energy_ev_per_atom, &state.e_above_hull_ev_per_atom});
  }
  for (const auto* of_kind : {&predicted, &calculated}) {
    for (const auto& [temperature, points] : *of_kind) add_distances(report, points);
  }
}

}  // namespace hullscan
