#include "analysis/report/report_curves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "analysis/hull/end_members.hpp"
#include "analysis/hull/hull_keys.hpp"
#include "analysis/hull/hull_levels.hpp"
#include "analysis/report/report_axes.hpp"
#include "analysis/statistics/finite_temperature.hpp"
#include "core/big_integer.hpp"
#include "core/errors.hpp"

namespace hullscan {
namespace {

const std::vector<double> kUsualTemperaturesKelvin = {100, 200,  300,  400,  500,  600,  700, 800,
                                                      900, 1000, 1200, 1400, 1600, 1800, 2000};
const char* const kCellQuantities[] = {"a", "b", "c", "alpha", "beta", "gamma", "volume"};

/// Lengths, angles and volume of the space's own cell within the relaxed supercell: rows S^-1 L.
std::vector<double> cell_of(const Structure& structure, const SupercellMatrix& matrix) {
  const Lattice cell(matrix.cast<double>().inverse() * structure.lattice.rows());
  const Eigen::Vector3d lengths = cell.lengths_angstrom(), angles = cell.angles_degree();
  return {lengths(0), lengths(1), lengths(2), angles(0), angles(1), angles(2), cell.volume_cubic_angstrom()};
}

std::tuple<std::string, std::vector<int>, Composition> place_of(const ReportEntry& entry) {
  return {entry.space, std::vector<int>(entry.matrix.data(), entry.matrix.data() + 9), entry.composition};
}

/// Configurations of all distributions of the atoms over the sublattices; nothing if one is not known.
std::optional<BigInteger> total_of(const ReportSpace& space, const ReportEnsemble& ensemble) {
  BigInteger total = 0;
  for (const ReportSupercell& supercell : space.supercells) {
    if (supercell.matrix != ensemble.matrix) continue;
    for (const ReportComposition& composition : supercell.compositions) {
      if (composition.composition.without_vacancies() != ensemble.composition.without_vacancies()) continue;
      if (!composition.total) return std::nullopt;
      total += *composition.total;
    }
  }
  return total;
}

ReportEnsemble ensemble_of(const Report& report, const std::vector<std::size_t>& members) {
  const ReportContent& content = report.content;
  const ReportEntry& first = content.entries[members.front()];
  ReportEnsemble ensemble{.space = first.space,
                          .matrix = first.matrix,
                          .composition = first.composition,
                          .x = {},
                          .on_axes = {},
                          .entries = members.size(),
                          .lowest_id = {},
                          .cell = {},
                          .states = {}};
  std::vector<EnergyLevel> levels;
  BigInteger degeneracies = 0;
  bool known = true;
  std::size_t lowest = members.front();
  for (const std::size_t i : members) {
    const ReportEntry& entry = content.entries[i];
    known = known && entry.degeneracy;
    degeneracies += entry.degeneracy.value_or(0);
    levels.push_back({entry.energy_ev, entry.degeneracy.value_or(1).convert_to<double>()});
    if (entry.energy_ev < content.entries[lowest].energy_ev) lowest = i;
  }
  const auto space = std::find_if(content.spaces.begin(), content.spaces.end(),
                                  [&](const ReportSpace& one) { return one.name == first.space; });
  ensemble.complete = known && space != content.spaces.end() && total_of(*space, ensemble) == degeneracies;
  ensemble.averaged = space == content.spaces.end() || space->free_energy_problem.empty();
  const auto atoms = static_cast<double>(first.composition.atom_count());
  const double t = report.temperature_kelvin;
  const ThermodynamicState state = canonical_state(levels, t);
  ensemble.lowest_id = content.entries[lowest].id;
  ensemble.minimum_ev_per_atom = content.entries[lowest].energy_ev / atoms;
  ensemble.mean_ev_per_atom = state.energy_ev / atoms;
  ensemble.deviation_ev_per_atom =
      std::sqrt(std::max(0.0, state.heat_capacity_ev_per_kelvin * kBoltzmannEvPerKelvin)) * t / atoms;
  if (std::all_of(members.begin(), members.end(),
                  [&](std::size_t i) { return content.entries[i].structure.has_value(); })) {
    std::vector<std::vector<double>> cells;
    for (const std::size_t i : members) cells.push_back(cell_of(*content.entries[i].structure, first.matrix));
    const auto at_lowest =
        cells[static_cast<std::size_t>(std::find(members.begin(), members.end(), lowest) - members.begin())];
    for (std::size_t q = 0; q < std::size(kCellQuantities); ++q) {
      ReportEnsemble::CellQuantity quantity{kCellQuantities[q], at_lowest[q], 0, 0, at_lowest[q], at_lowest[q]};
      for (std::size_t k = 0; k < cells.size(); ++k) quantity.mean += state.probabilities[k] * cells[k][q];
      for (std::size_t k = 0; k < cells.size(); ++k) {
        quantity.deviation += state.probabilities[k] * (cells[k][q] - quantity.mean) * (cells[k][q] - quantity.mean);
        quantity.smallest = std::min(quantity.smallest, cells[k][q]);
        quantity.largest = std::max(quantity.largest, cells[k][q]);
      }
      quantity.deviation = std::sqrt(quantity.deviation);
      ensemble.cell.push_back(quantity);
    }
  }
  if (!ensemble.complete || !ensemble.averaged || !report.hull) return ensemble;
  const double shift = report.of_entry(lowest).formation_energy_ev_per_atom - ensemble.minimum_ev_per_atom;
  const auto& asked = content.temperatures_kelvin.empty() ? kUsualTemperaturesKelvin : content.temperatures_kelvin;
  for (const double temperature : asked) {
    const ThermodynamicState at = canonical_state(levels, temperature);
    double lowest_share = 0;
    for (std::size_t k = 0; k < members.size(); ++k) {
      if (members[k] == lowest) lowest_share = at.probabilities[k];
    }
    ensemble.states.push_back({temperature, at.free_energy_ev / atoms + shift, at.energy_ev / atoms + shift,
                               at.entropy_ev_per_kelvin / atoms, lowest_share});
  }
  return ensemble;
}

}  // namespace

void split_references(Report& report, std::span<const HullEntry> entries) {
  if (entries.empty()) return;
  std::map<std::map<std::string, std::string>, std::vector<ReportReference>> groups;
  std::vector<ReportReference> shared;
  std::map<std::map<std::string, std::string>, std::string> differences;
  for (ReportReference& reference : report.content.references) {
    const std::string difference = difference_in_keys(reference.entry, entries);
    if (difference.empty()) {
      shared.push_back(std::move(reference));
      continue;
    }
    // Keys of single elements do not part a group: its entries are compared again by their own hull.
    std::map<std::string, std::string> common;
    for (const auto& [key, value] : reference.entry.keys) {
      if (key.find('.') == std::string::npos) common.emplace(key, value);
    }
    differences.emplace(common, difference);
    groups[common].push_back(std::move(reference));
  }
  report.content.references = std::move(shared);
  for (auto& [keys, references] : groups) {
    ReportOtherHull other{std::move(references), differences[keys], std::nullopt, ""};
    std::vector<HullEntry> own;
    for (const ReportReference& reference : other.references) own.push_back(reference.entry);
    try {
      HullOptions options = hull_options_for(own);
      if (keys.contains("energies")) options.references = HullOptions::References::kZero;
      other.hull = compute_hull(own, options);
    } catch (const InputError& error) {
      other.problem = error.what();
    }
    report.other_hulls.push_back(std::move(other));
  }
}

void set_ion_metal_aside(Report& report, std::span<const HullEntry> entries) {
  if (!report.content.working_ion || entries.empty()) return;
  std::vector<Composition> compositions;
  for (const HullEntry& entry : entries) compositions.push_back(entry.composition);
  for (const ReportReference& reference : report.content.references)
    compositions.push_back(reference.entry.composition);
  if (choose_end_members(compositions).elemental) return;
  std::erase_if(report.content.references, [&](const ReportReference& reference) {
    const Composition atoms = reference.entry.composition.without_vacancies();
    if (atoms.counts().size() != 1 || atoms.count(*report.content.working_ion) == 0) return false;
    const double each = reference.entry.energy_ev / static_cast<double>(atoms.atom_count());
    report.ion_metal_ev = std::min(report.ion_metal_ev.value_or(each), each);
    return true;
  });
}

void move_predictions(Report& report, std::span<const HullEntry> entries) {
  if (!report.hull || entries.empty()) return;
  HullReport own;
  try {
    own = compute_hull(entries, hull_options_for(entries));
  } catch (const InputError&) {
    return;  // no model was fitted to such entries
  }
  if (own.end_members == report.hull->end_members &&
      own.end_member_energies_ev_per_atom == report.hull->end_member_energies_ev_per_atom)
    return;
  const EndMemberSpace from(own.end_members), to(report.hull->end_members);
  // eV per formula unit of the campaign's end members, against the report's.
  std::vector<double> of_member;
  for (std::size_t j = 0; j < own.end_members.size(); ++j) {
    const auto units = to.units(own.end_members[j]);
    if (!units) return;
    double energy = own.end_member_energies_ev_per_atom[j] * static_cast<double>(own.end_members[j].atom_count());
    for (std::size_t k = 0; k < units->size(); ++k) {
      energy -= (*units)[k] * report.hull->end_member_energies_ev_per_atom[k] *
                static_cast<double>(report.hull->end_members[k].atom_count());
    }
    of_member.push_back(energy);
  }
  const auto shift = [&](const Composition& composition) {
    double energy = 0;
    if (composition.atom_count() == 0) return energy;
    const auto units = from.units(composition);
    if (!units) return energy;
    for (std::size_t j = 0; j < units->size(); ++j) energy += (*units)[j] * of_member[j];
    return energy / static_cast<double>(composition.atom_count());
  };
  for (ReportEntry& entry : report.content.entries) {
    if (entry.predicted_ev_per_atom) *entry.predicted_ev_per_atom += shift(entry.composition);
  }
  for (ReportCandidate& candidate : report.content.candidates)
    candidate.predicted_ev_per_atom += shift(candidate.composition);
  for (ReportSpace& space : report.content.spaces) {
    for (ReportSupercell& supercell : space.supercells) {
      for (ReportComposition& composition : supercell.compositions) {
        const double by = shift(composition.composition);
        if (composition.lowest_predicted_ev_per_atom) *composition.lowest_predicted_ev_per_atom += by;
        if (composition.search && composition.search->bound_ev_per_atom) *composition.search->bound_ev_per_atom += by;
        composition.histogram_low_ev_per_atom += by;
        for (auto& free : composition.free_energies) free.free_energy_ev_per_atom += by;
        if (composition.predicted_average) composition.predicted_average->mean_ev_per_atom += by;
      }
    }
  }
}

void add_ensembles(Report& report) {
  const ReportAxes axes(report);
  report.hull_axis = axes.hull();
  report.axes = axes.labels();
  if (!report.axes.empty()) report.axis = report.axes.front();
  if (!report.content.temperatures_kelvin.empty())
    report.temperature_kelvin = report.content.temperatures_kelvin.front();
  std::map<std::tuple<std::string, std::vector<int>, Composition>, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < report.content.entries.size(); ++i) {
    // A configuration is counted once, with its lowest result.
    if (!report.content.entries[i].repeats) groups[place_of(report.content.entries[i])].push_back(i);
  }
  for (const auto& [place, members] : groups) {
    ReportEnsemble ensemble = ensemble_of(report, members);
    const ReportEntry& first = report.content.entries[members.front()];
    ensemble.on_axes = axes.places(first.composition, first.counts);
    if (!ensemble.on_axes.empty()) ensemble.x = ensemble.on_axes.front();
    report.ensembles.push_back(std::move(ensemble));
  }
  std::stable_sort(report.ensembles.begin(), report.ensembles.end(),
                   [](const ReportEnsemble& a, const ReportEnsemble& b) {
                     return std::tuple(a.space, a.x.value_or(-1)) < std::tuple(b.space, b.x.value_or(-1));
                   });
  for (ReportSpace& space : report.content.spaces) {
    for (ReportSupercell& supercell : space.supercells) {
      for (ReportComposition& composition : supercell.compositions) {
        if (composition.lowest_predicted_ev_per_atom && composition.composition.atom_count() > 0)
          composition.on_axes = axes.places(composition.composition, composition.counts);
      }
    }
  }
  for (MeasuredPoint& point : report.content.measured) {
    if (point.x || !point.composition) continue;
    const auto places = axes.places(*point.composition, {});
    if (!places.empty()) point.x = places.front();
  }
}

void add_voltages(Report& report) {
  if (!report.content.working_ion || report.content.entries.empty()) return;
  const Species ion = *report.content.working_ion;
  std::optional<double> metal = report.ion_metal_ev;
  const auto offer = [&](const Composition& composition, double energy_ev) {
    const Composition atoms = composition.without_vacancies();
    if (atoms.counts().size() != 1 || atoms.count(ion) == 0) return;
    const double each = energy_ev / static_cast<double>(atoms.atom_count());
    metal = std::min(metal.value_or(each), each);
  };
  std::map<std::string, std::vector<ElectrodeEntry>> electrodes;
  for (const ReportEntry& entry : report.content.entries) {
    offer(entry.composition, entry.energy_ev);
    electrodes[entry.space].push_back(
        {entry.id, entry.composition, entry.energy_ev,
         entry.structure ? std::optional(entry.structure->lattice.volume_cubic_angstrom()) : std::nullopt});
  }
  for (const ReportReference& reference : report.content.references)
    offer(reference.entry.composition, reference.entry.energy_ev);
  for (const auto& [space, entries] : electrodes) {
    ReportVoltage voltage{space, std::nullopt, ""};
    try {
      if (!metal) {
        throw InputError(fmt::format(
            "voltage: no entry of {0} alone; put the metal, calculated with the same settings, into report.references",
            ion.symbol()));
      }
      voltage.profile =
          voltage_profile(entries, ion, *metal, report.content.ion_charge.value_or(usual_ion_charge(ion)));
    } catch (const InputError& error) {
      voltage.problem = error.what();
    }
    report.voltages.push_back(std::move(voltage));
  }
}

void add_cuts(Report& report) {
  for (const std::string& asked : report.content.cuts) {
    ReportCut cut{asked, std::nullopt, ""};
    try {
      if (!report.hull) throw InputError("there is no hull yet");
      const auto [from, to] = parse_cut(asked);
      cut.cut = hull_cut(*report.hull, from, to);
    } catch (const InputError& error) {
      cut.problem = error.what();
    }
    report.cuts.push_back(std::move(cut));
  }
}

void add_hull_of_predictions(Report& report) {
  if (!report.hull) return;
  std::vector<Composition> asked;
  for (const ReportSpace& space : report.content.spaces) {
    for (const ReportSupercell& supercell : space.supercells) {
      for (const ReportComposition& composition : supercell.compositions) asked.push_back(composition.composition);
    }
  }
  for (const ReportCandidate& candidate : report.content.candidates) asked.push_back(candidate.composition);
  const std::vector<std::optional<double>> levels = hull_levels(*report.hull, asked);
  auto level = levels.begin();
  for (ReportSpace& space : report.content.spaces) {
    for (ReportSupercell& supercell : space.supercells) {
      for (ReportComposition& composition : supercell.compositions)
        composition.hull_formation_energy_ev_per_atom = *level++;
    }
  }
  for (ReportCandidate& candidate : report.content.candidates) {
    if (*level) candidate.e_above_hull_ev_per_atom = candidate.predicted_ev_per_atom - **level;
    ++level;
  }
  std::stable_sort(report.content.candidates.begin(), report.content.candidates.end(),
                   [](const ReportCandidate& a, const ReportCandidate& b) {
                     return a.e_above_hull_ev_per_atom.value_or(1e9) < b.e_above_hull_ev_per_atom.value_or(1e9);
                   });
  constexpr std::size_t kCandidates = 200;
  if (report.content.candidates.size() > kCandidates) report.content.candidates.resize(kCandidates);
}

}  // namespace hullscan
