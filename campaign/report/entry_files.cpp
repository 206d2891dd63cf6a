#include "campaign/report/entry_files.hpp"

#include <fmt/format.h>

#include "core/structure_files/poscar.hpp"
#include "enumerator/files/cif_writer.hpp"
#include "storage/durable_file.hpp"

namespace hullscan {

std::string entries_csv(const Report& report) {
  std::string text = "id,space,formula,atoms,degeneracy,energy_ev,formation_energy_per_atom,e_above_hull,vertex\n";
  for (std::size_t i = 0; i < report.content.entries.size(); ++i) {
    const ReportEntry& entry = report.content.entries[i];
    text += fmt::format("{},{},{},{},{},{}", entry.id, entry.space, entry.composition.formula(),
                        entry.composition.atom_count(), decimal_text(entry.degeneracy), entry.energy_ev);
    if (report.hull) {
      const HullEntryResult& hull = report.of_entry(i);
      text += fmt::format(",{},{},{}\n", hull.formation_energy_ev_per_atom, hull.e_above_hull_ev_per_atom,
                          hull.vertex ? 1 : 0);
    } else {
      text += ",,,\n";
    }
  }
  return text;
}

int write_structure_files(const Report& report, const std::filesystem::path& folder, StructureFormat format) {
  std::filesystem::create_directories(folder);
  const bool cif = format == StructureFormat::kCif;
  int written = 0;
  for (const ReportEntry& entry : report.content.entries) {
    if (!entry.structure) continue;
    write_durably(folder / fmt::format("{}_{}{}", entry.id, entry.composition.formula(), cif ? ".cif" : ".vasp"),
                  cif ? to_cif(*entry.structure, entry.id) : to_poscar(*entry.structure, entry.id));
    ++written;
  }
  return written;
}

}  // namespace hullscan
