#include "campaign/report/entry_files.hpp"

#include <fmt/format.h>

#include "analysis/report/report_predictions.hpp"
#include "core/decimals.hpp"
#include "core/structure_files/poscar.hpp"
#include "enumerator/files/cif_writer.hpp"
#include "storage/durable_file.hpp"

namespace hullscan {

std::string entries_csv(const Report& report) {
  std::string text =
      "id,space,formula,atoms,degeneracy,energy_ev,formation_energy_per_atom,e_above_hull,vertex,source,"
      "predicted_energy_per_atom,predicted_above_lowest\n";
  if (holds_predictions(report)) {
    for (const ReportCandidate& one : report.content.candidates)
      text += fmt::format("{},{},{},{},{},,,,,predicted,{},{}\n", one.id, one.space, one.composition.formula(),
                          one.composition.atom_count(), one.degeneracy.str(), published_ev(one.predicted_ev_per_atom),
                          published_ev(one.above_lowest_ev_per_atom.value_or(0)));
    return text;
  }
  for (std::size_t i = 0; i < report.content.entries.size(); ++i) {
    const ReportEntry& entry = report.content.entries[i];
    text += fmt::format("{},{},{},{},{},{}", entry.id, entry.space, entry.composition.formula(),
                        entry.composition.atom_count(), decimal_text(entry.degeneracy), published_ev(entry.energy_ev));
    if (report.hull) {
      const HullEntryResult& hull = report.of_entry(i);
      text += fmt::format(",{},{},{},", published_ev(hull.formation_energy_ev_per_atom),
                          published_ev(hull.e_above_hull_ev_per_atom), hull.vertex ? 1 : 0);
    } else {
      text += ",,,,";
    }
    text +=
        fmt::format("calculated,{},\n",
                    entry.predicted_ev_per_atom ? fmt::format("{}", published_ev(*entry.predicted_ev_per_atom)) : "");
  }
  return text;
}

int write_structure_files(const Report& report, const std::filesystem::path& folder, StructureFormat format) {
  std::filesystem::create_directories(folder);
  const bool cif = format == StructureFormat::kCif;
  int written = 0;
  const auto write = [&](const std::string& id, const Composition& composition, const Structure& structure) {
    write_durably(folder / fmt::format("{}_{}{}", id, composition.formula(), cif ? ".cif" : ".vasp"),
                  cif ? to_cif(structure, id) : to_poscar(structure, id));
    ++written;
  };
  if (holds_predictions(report)) {
    for (const ReportCandidate& one : report.content.candidates)
      if (one.structure) write(one.id, one.composition, *one.structure);
  }
  for (const ReportEntry& entry : report.content.entries) {
    if (entry.structure) write(entry.id, entry.composition, *entry.structure);
  }
  return written;
}

}  // namespace hullscan
