#include "campaign/report/report_folder.hpp"

#include <fmt/format.h>

#include <functional>
#include <future>
#include <map>
#include <string>

#include "analysis/report/report_files.hpp"
#include "analysis/report/report_predictions.hpp"
#include "campaign/report/report_crystals.hpp"
#include "campaign/report/report_validations.hpp"
#include "core/decimals.hpp"
#include "core/errors.hpp"
#include "core/log.hpp"
#include "core/structure_files/extxyz.hpp"
#include "storage/durable_stream.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

void warn_of_left_lattices(const Report& report) {
  constexpr int kMost = 5;
  int count = 0;
  for (const ReportEntry& entry : report.content.entries) {
    if (!entry.left_lattice || ++count > kMost) continue;
    const std::string how = entry.shear_strain ? fmt::format("atoms {:.2f} Å (rms) from their sites, shear {:.2f}",
                                                             *entry.displacement_angstrom, *entry.shear_strain)
                                               : "its cell is not a strained cell of the lattice any more";
    const std::string became =
        entry.became ? fmt::format("; it became {} of space {}", entry.became->formula, entry.became->space) : "";
    log_warning(
        fmt::format("{} ({}) has left its lattice ({}): its energy says nothing about the configuration it came from{}",
                    entry.id, entry.composition.reduced().formula(), how, became));
  }
  if (count > kMost) log_warning(fmt::format("and {} more: \"left_lattice\" in report.json", count - kMost));
}

/// Where degeneracies are of no common cell, and where a ranking says nothing.
void tell_of_weights(const Report& report) {
  for (const ReportSpace& space : report.content.spaces) {
    if (space.free_energy_problem.empty()) continue;
    const std::string text =
        fmt::format("{}: no free energies and no Boltzmann averages: {}", space.name, space.free_energy_problem);
    report.content.temperatures_kelvin.empty() ? log_info(text) : log_warning(text);
  }
  if (!report.free_energy_hull_problem.empty())
    log_info(fmt::format("no hull of free energies: {}", report.free_energy_hull_problem));
  for (const IndistinguishableConfigurations& one : indistinguishable(report.content)) log_warning(one.text());
}

constexpr CoordinateLayout kPublishedLayout = {kEnergyDecimals, 5e-10};

std::string energy_text(double energy_ev) { return fmt::format("{}", published_ev(energy_ev)); }

}  // namespace

void write_structures_extxyz(const Report& report, const TextSink& out) {
  if (holds_predictions(report)) {
    for (const ReportCandidate& one : report.content.candidates) {
      if (!one.structure) continue;
      out(to_extxyz(*one.structure,
                    {{"id", one.id},
                     {"space", one.space},
                     {"source", "predicted"},
                     {"model", report.content.model},
                     {"degeneracy", one.degeneracy.str()},
                     {"predicted_energy_per_atom", energy_text(one.predicted_ev_per_atom)},
                     {"predicted_above_lowest", energy_text(one.above_lowest_ev_per_atom.value_or(0))}},
                    {}, kPublishedLayout));
    }
    return;
  }
  for (std::size_t i = 0; i < report.content.entries.size(); ++i) {
    const ReportEntry& entry = report.content.entries[i];
    if (!entry.structure) continue;
    std::map<std::string, std::string> properties{{"id", entry.id},
                                                  {"space", entry.space},
                                                  {"energy", energy_text(entry.energy_ev)},
                                                  {"degeneracy", decimal_text(entry.degeneracy)}};
    if (report.hull) {
      const HullEntryResult& hull = report.of_entry(i);
      properties["formation_energy_per_atom"] = energy_text(hull.formation_energy_ev_per_atom);
      properties["e_above_hull"] = energy_text(hull.e_above_hull_ev_per_atom);
    }
    out(to_extxyz(*entry.structure, properties, {}, kPublishedLayout));
  }
}

void complete_report(const fs::path& directory, Report& report) {
  add_crystals(report);
  report.content.validations = kept_validations(directory);
}

void write_report(const fs::path& directory, const Report& report) {
  const fs::path folder = directory / "report";
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw StorageError(fmt::format("{}: cannot be made: {}", folder.string(), error.message()));
  const auto stream = [&](const char* name, const std::function<void(const TextSink&)>& fill) {
    DurableStream file(folder / name);
    fill([&](std::string_view piece) { file.write(piece); });
    return file.finish();
  };
  const auto write = [&](const char* name, const std::string& text) {
    return stream(name, [&](const TextSink& out) { out(text); });
  };
  // A third of the work is in each of the large lists: other threads write them meanwhile.
  std::future<void> entries = std::async(std::launch::async, [&] {
    stream("entries.json", [&](const TextSink& out) { write_entries_json(report, out); });
  });
  std::future<void> structures = std::async(std::launch::async, [&] {
    stream("structures.extxyz", [&](const TextSink& out) { write_structures_extxyz(report, out); });
  });
  write("report.html", report_html(report));
  const bool news = stream("report.json", [&](const TextSink& out) { write_report_json(report, out); });
  write("hull.csv", hull_csv(report));
  entries.get();
  structures.get();
  if (!report.content.paths.empty()) write("paths.csv", paths_csv(report.content.paths));
  warn_of_left_lattices(report);
  if (news) tell_of_weights(report);  // those of a report that was written before have been shown
}

}  // namespace hullscan
