#include <fmt/format.h>

#include <map>

#include "analysis/csv_lines.hpp"
#include "analysis/end_members.hpp"
#include "analysis/report_files.hpp"

namespace hullscan {
namespace {

Json pymatgen_structure(const Structure& structure) {
  Json matrix = Json::array(), sites = Json::array();
  for (int i = 0; i < 3; ++i) matrix.push_back({structure.lattice.rows()(i, 0), structure.lattice.rows()(i, 1), structure.lattice.rows()(i, 2)});
  for (std::size_t i = 0; i < structure.atom_count(); ++i) {
    const auto& abc = structure.positions[i].x;
    const auto xyz = structure.lattice.to_cartesian(structure.positions[i]).x;
    const std::string symbol(structure.species[i].symbol());
    sites.push_back({{"species", Json::array({{{"element", symbol}, {"occu", 1.0}}})},
                     {"abc", {abc(0), abc(1), abc(2)}},
                     {"xyz", {xyz(0), xyz(1), xyz(2)}},
                     {"label", symbol},
                     {"properties", Json::object()}});
  }
  return {{"@module", "pymatgen.core.structure"},
          {"@class", "Structure"},
          {"charge", 0.0},
          {"lattice", {{"matrix", std::move(matrix)}}},
          {"sites", std::move(sites)}};
}

Json pymatgen_entry(const std::string& id, const Composition& composition, double energy_ev, const std::map<std::string, std::string>& keys) {
  Json counts = Json::object(), parameters = Json::object();
  for (const auto& [species, count] : composition.counts()) {
    if (!species.is_vacancy()) counts[std::string(species.symbol())] = static_cast<double>(count);
  }
  for (const auto& [key, value] : keys) parameters[key] = value;
  return {{"@module", "pymatgen.entries.computed_entries"},
          {"@class", "ComputedEntry"},
          {"energy", energy_ev},
          {"composition", std::move(counts)},
          {"entry_id", id},
          {"correction", 0.0},
          {"energy_adjustments", Json::array()},
          {"parameters", std::move(parameters)},
          {"data", Json::object()}};
}

}  // namespace

std::string hull_csv(const Report& report) {
  if (!report.hull) return "formula,id,formation_energy_per_atom,e_above_hull,on_hull,vertex,phase_separation,entries,decomposition,pulay_correction_per_atom,remarks\n";
  const EndMemberSpace space(report.hull->end_members);
  std::string text = "formula";
  for (const Composition& member : space.members()) text += ",x_" + member.formula();
  text += ",id,formation_energy_per_atom,e_above_hull,on_hull,vertex,phase_separation,entries,decomposition,pulay_correction_per_atom,remarks\n";
  struct Lowest {
    const HullEntryResult* entry = nullptr;
    std::size_t count = 0;
  };
  std::map<Composition, Lowest> lowest;
  for (const HullEntryResult& entry : report.hull->entries) {
    Lowest& here = lowest[entry.composition.reduced()];
    ++here.count;
    if (here.entry == nullptr || entry.vertex || (!here.entry->vertex && entry.formation_energy_ev_per_atom < here.entry->formation_energy_ev_per_atom)) {
      here.entry = &entry;
    }
  }
  for (const auto& [composition, here] : lowest) {
    const HullEntryResult& entry = *here.entry;
    text += composition.formula();
    const auto shares = space.shares(composition);
    for (std::size_t j = 0; j < space.members().size(); ++j) text += shares ? fmt::format(",{}", (*shares)[j]) : ",";
    std::string parts;
    for (const DecompositionPart& part : entry.decomposition) parts += fmt::format("{}{} {}", parts.empty() ? "" : " + ", part.fraction, part.id);
    const auto index = static_cast<std::size_t>(here.entry - report.hull->entries.data());
    const ReportEntry* own = index < report.content.entries.size() ? &report.content.entries[index] : nullptr;
    const auto pulay = own != nullptr ? own->pulay_correction_ev_per_atom : std::nullopt;
    const std::string remarks = own != nullptr ? fmt::format("{}", fmt::join(own->remarks, "; ")) : "";
    text += fmt::format(",{},{},{},{},{},{},{},{},{},{}\n", csv_field(entry.id), entry.formation_energy_ev_per_atom, entry.e_above_hull_ev_per_atom, entry.on_hull,
                        entry.vertex, entry.phase_separation_ev_per_atom ? fmt::format("{}", *entry.phase_separation_ev_per_atom) : "", here.count, csv_field(parts),
                        pulay ? fmt::format("{}", *pulay) : "", csv_field(remarks));
  }
  return text;
}

Json entries_json(const Report& report) {
  Json list = Json::array();
  for (std::size_t i = 0; i < report.content.entries.size(); ++i) {
    const ReportEntry& entry = report.content.entries[i];
    Json one = pymatgen_entry(entry.id, entry.composition, entry.energy_ev, entry.keys);
    one["data"] = {{"space", entry.space}, {"degeneracy", entry.degeneracy}};
    if (report.hull) {
      one["data"]["formation_energy_per_atom"] = report.of_entry(i).formation_energy_ev_per_atom;
      one["data"]["e_above_hull"] = report.of_entry(i).e_above_hull_ev_per_atom;
    }
    if (entry.structure) {
      one["@class"] = "ComputedStructureEntry";
      one["structure"] = pymatgen_structure(*entry.structure);
    }
    list.push_back(std::move(one));
  }
  for (const ReportReference& reference : report.content.references) {
    Json one = pymatgen_entry(reference.entry.id, reference.entry.composition, reference.entry.energy_ev, reference.entry.keys);
    one["data"] = {{"source", reference.source}};
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace hullscan
