/// @file
/// `hullscan export`: the computed entries of a campaign in the formats of other programs.

#include <fmt/format.h>

#include <functional>
#include <iostream>

#include "analysis/report_files.hpp"
#include "cli/campaign_report.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/stored_campaign.hpp"
#include "enumerator/structure_writer.hpp"
#include "storage/durable_file.hpp"

namespace hullscan::cli {
namespace {

namespace fs = std::filesystem;

std::string csv(const Report& report) {
  std::string text = "id,space,formula,atoms,degeneracy,energy_ev,formation_energy_per_atom,e_above_hull,vertex\n";
  for (std::size_t i = 0; i < report.content.entries.size(); ++i) {
    const ReportEntry& entry = report.content.entries[i];
    text += fmt::format("{},{},{},{},{},{}", entry.id, entry.space, entry.composition.formula(),
                        entry.composition.atom_count(), entry.degeneracy, entry.energy_ev);
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

/// One file an entry, in a folder that must not exist yet.
void write_folder(const Report& report, const fs::path& folder, const std::string& extension,
                  const std::function<std::string(const ReportEntry&)>& text_of) {
  if (fs::exists(folder))
    throw InputError(fmt::format("{}: exists already; choose another name with --out", folder.string()));
  fs::create_directories(folder);
  int written = 0;
  for (const ReportEntry& entry : report.content.entries) {
    if (!entry.structure) continue;
    write_durably(folder / fmt::format("{}_{}{}", entry.id, entry.composition.formula(), extension), text_of(entry));
    ++written;
  }
  fmt::print("{}: {} file{}\n", folder.string(), written, written == 1 ? "" : "s");
}

}  // namespace

ExitCode run_export(const Arguments& arguments) {
  CommandLine line(
      "export DIR --format {csv,extxyz,poscar,cif,pymatgen} [--out PATH]",
      "The computed entries of a campaign in the formats of other programs. csv, extxyz and pymatgen go to standard "
      "output or one file, poscar and cif to one file an entry in a folder.");
  line.option("format", "F", "csv | extxyz | poscar | cif | pymatgen");
  line.option("out", "PATH", "file or folder; an existing one is not overwritten");
  line.positionals("DIR, a campaign directory", 1, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;

  const std::vector<std::string> formats = {"csv", "extxyz", "poscar", "cif", "pymatgen"};
  const std::string format = line.value("format").value_or("");
  if (std::find(formats.begin(), formats.end(), format) == formats.end()) {
    throw InputError(fmt::format("--format: expected one of {}, found \"{}\"{}", fmt::join(formats, ", "), format,
                                 did_you_mean(format, formats)));
  }
  const fs::path directory = line.positional()[0];
  const CampaignStore store = CampaignStore::open_read_only(directory);
  const LoadedCampaign loaded = load_stored_campaign(directory);
  const CampaignView view = view_of(loaded.campaign, loaded.spaces);
  const Report report = make_report(view, loaded.spaces, store);

  if (format == "poscar" || format == "cif") {
    const fs::path folder = line.value("out").value_or(format);
    if (format == "cif") {
      write_folder(report, folder, ".cif",
                   [](const ReportEntry& entry) { return to_cif(*entry.structure, entry.id); });
    } else {
      write_folder(report, folder, ".vasp",
                   [](const ReportEntry& entry) { return to_poscar(*entry.structure, entry.id); });
    }
    return ExitCode::kDone;
  }
  const std::string text = format == "csv"      ? csv(report)
                           : format == "extxyz" ? structures_extxyz(report)
                                                : entries_json(report).dump(2) + "\n";
  if (const auto out = line.value("out")) {
    if (fs::exists(*out)) throw InputError(fmt::format("{}: exists already; choose another name with --out", *out));
    write_durably(fs::absolute(*out), text);
  } else {
    std::cout << text;
  }
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
