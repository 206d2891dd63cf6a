/// @file
/// `hullscan export`: the computed entries of a campaign in the formats of other programs.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>
#include <functional>
#include <iostream>

#include "analysis/report/report_files.hpp"
#include "analysis/report/report_predictions.hpp"
#include "campaign/campaign_directory.hpp"
#include "campaign/orbit_archive.hpp"
#include "campaign/orbit_writer.hpp"
#include "campaign/report/entry_files.hpp"
#include "campaign/report/make_report.hpp"
#include "campaign/report/report_folder.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/new_place.hpp"
#include "cli/standard_output.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "core/scaled_energy.hpp"
#include "core/structure_files/extxyz.hpp"
#include "core/structure_files/poscar.hpp"
#include "enumerator/files/cif_writer.hpp"
#include "enumerator/space/strata.hpp"
#include "scheduler/decisions/soundness.hpp"
#include "storage/durable_file.hpp"
#include "storage/durable_stream.hpp"
#include "storage/staged_file.hpp"

namespace hullscan::cli {
namespace {

namespace fs = std::filesystem;

ExitCode write_folder(const Report& report, const fs::path& folder, StructureFormat format) {
  const int written = write_structure_files(report, folder, format);
  fmt::print("{}: {} file{}\n", folder.string(), written, written == 1 ? "" : "s");
  return ExitCode::kDone;
}

/// Lines or one structure, to a file that appears when it is whole, or to standard output.
class TextOutput {
 public:
  explicit TextOutput(const std::optional<std::string>& file) {
    if (!file) return;
    staged_.emplace(fs::absolute(*file));
    stream_.open(staged_->temporary(), std::ios::binary);
  }
  void write(const std::string& text) {
    std::ostream& out = staged_ ? static_cast<std::ostream&>(stream_) : std::cout;
    out << text;
    if (!out && !staged_ && reader_has_gone()) throw ReaderGone{};
    if (!out)
      throw StorageError(staged_ ? staged_->temporary().string() + ": cannot be written"
                                 : "standard output cannot be written");
  }
  void finish() {
    if (!staged_) return;
    stream_.close();
    if (!stream_) throw StorageError(staged_->temporary().string() + ": cannot be written");
    staged_->publish();
  }

 private:
  std::optional<StagedFile> staged_;
  std::ofstream stream_;
};

int pass_to_export(const CommandLine& line, const CampaignStore& store) {
  if (const auto asked = line.integer("pass", 0, 1'000'000)) {
    if (!store.pass(static_cast<int>(*asked))) throw InputError(fmt::format("--pass: there is no pass {} yet", *asked));
    return static_cast<int>(*asked);
  }
  const auto last = store.current_pass();
  if (!last) throw InputError("nothing is enumerated yet");
  return last->finished || !store.pass(last->number - 1) ? last->number : last->number - 1;
}

ExitCode export_orbits(const CommandLine& line, const std::string& format) {
  const bool one = line.value("orbit").has_value();
  if (format == "pymatgen" || format == "optimade" || (!one && format != "csv"))
    throw InputError(fmt::format("--format: {} cannot be written as {}", one ? "an orbit" : "orbits", format));
  if (const auto out = line.value("out")) require_new_place(*out, Parents::kMustExist);
  const fs::path directory = line.positional()[0];
  const CampaignStore store = CampaignStore::open_read_only(directory);
  const LoadedCampaign loaded = load_stored_campaign(directory);
  require_sound(view_of(loaded.campaign, loaded.spaces), store);
  const OrbitArchive archive(directory, store, loaded.spaces);
  const int pass = pass_to_export(line, store);
  TextOutput out(line.value("out"));
  const Strata strata(loaded.spaces);
  std::optional<Stratum> named;
  std::string name, marker;  // of the stratum
  const bool markers = std::any_of(loaded.spaces.begin(), loaded.spaces.end(),
                                   [](const SearchSpace& space) { return !space.spec().markers.empty(); });
  const auto csv_line = [&](const StoredOrbit& orbit) {
    if (named != orbit.stratum) {
      named = orbit.stratum;
      const SpaceStratum& at = strata.at(orbit.stratum);
      name = at.space->name() + "," + at.formula();
      marker = at.marker ? "," + std::to_string(*at.marker) : markers ? "," : "";
    }
    out.write(fmt::format("{},{},{},{},{}{}\n", to_string(OrbitKey{orbit.stratum, orbit.index}), name, orbit.degeneracy,
                          orbit.energy ? fmt::format("{:.6f}", micro_ev_to_ev(*orbit.energy)) : "",
                          occupation_text(orbit.occupation), marker));
  };
  if (format == "csv")
    out.write(fmt::format("key,space,formula,degeneracy,predicted_formation_energy_per_atom,occupation{}\n",
                          markers ? ",marker" : ""));
  if (!one) {
    archive.visit(pass, csv_line);
  } else {
    archive.visit_one(pass, parse_orbit_key(*line.value("orbit")), [&](const StoredOrbit& orbit) {
      if (format == "csv") return csv_line(orbit);
      const auto& cell = loaded.spaces[orbit.stratum.space].supercells()[orbit.stratum.supercell];
      const Structure structure = cell->structure(orbit.occupation);
      const std::string key = to_string(OrbitKey{orbit.stratum, orbit.index});
      std::map<std::string, std::string> properties{{"key", key}, {"degeneracy", std::to_string(orbit.degeneracy)}};
      if (orbit.energy)
        properties["predicted_formation_energy_per_atom"] = fmt::format("{:.6f}", micro_ev_to_ev(*orbit.energy));
      out.write(format == "cif"      ? to_cif(structure, key)
                : format == "poscar" ? to_poscar(structure, key)
                                     : to_extxyz(structure, properties));
    });
  }
  out.finish();
  return ExitCode::kDone;
}

}  // namespace

ExitCode run_export(const Arguments& arguments) {
  CommandLine line("export DIR --format {csv,extxyz,poscar,cif,pymatgen,optimade} [--out PATH]",
                   "The computed entries of a campaign in the formats of other programs. csv, extxyz, pymatgen and "
                   "optimade go to standard "
                   "output or one file, poscar and cif to one file per entry in a folder.");
  line.option("format", "F", "csv | extxyz | poscar | cif | pymatgen | optimade");
  line.flag("orbits", "every enumerated orbit instead, as csv: key, degeneracy, predicted energy, occupation");
  line.option("orbit", "KEY", "one orbit by its key, e.g. 0.0.3.1042, as csv, extxyz, poscar or cif");
  line.option("pass", "N", "for --orbits and --orbit: which walk over the space; default: the last complete one");
  line.option("out", "PATH", "file or folder; an existing one is not overwritten");
  line.positionals("DIR, a campaign directory", 1, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;

  const std::vector<std::string> formats = {"csv", "extxyz", "poscar", "cif", "pymatgen", "optimade"};
  const std::string format = line.value("format").value_or("");
  if (std::find(formats.begin(), formats.end(), format) == formats.end()) {
    throw InputError(fmt::format("--format: expected one of {}, found \"{}\"{}", fmt::join(formats, ", "), format,
                                 did_you_mean(format, formats)));
  }
  if (line.has("orbits") || line.value("orbit")) return export_orbits(line, format);
  const bool many_files = format == "poscar" || format == "cif";
  if (many_files || line.value("out"))
    require_new_place(line.value("out").value_or(format), many_files ? Parents::kAreMade : Parents::kMustExist);
  const fs::path directory = line.positional()[0];
  const CampaignStore store = CampaignStore::open_read_only(directory);
  const LoadedCampaign loaded = load_stored_campaign(directory);
  const CampaignView view = view_of(loaded.campaign, loaded.spaces);
  const Report report = make_report(view, loaded.spaces, store);

  if (holds_predictions(report)) {
    if (format == "pymatgen" || format == "optimade") {
      log_warning(
          fmt::format("nothing was calculated. {} --format csv and extxyz hold the predictions", kNoPredictedEntries));
    } else {
      log_info("nothing was calculated: what is written are predictions of the model, named so");
    }
  } else if (report.content.entries.empty()) {
    log_warning("nothing was calculated and no model has ranked the space, so the export is empty");
  }
  if (many_files) {
    const fs::path folder = line.value("out").value_or(format);
    return write_folder(report, folder, format == "cif" ? StructureFormat::kCif : StructureFormat::kPoscar);
  }
  const auto fill = [&](const TextSink& sink) {
    if (format == "csv") sink(entries_csv(report));
    if (format == "extxyz") write_structures_extxyz(report, sink);
    if (format == "optimade") sink(json_text(optimade_json(report), 2) + "\n");
    if (format == "pymatgen") write_entries_json(report, sink);
  };
  if (const auto out = line.value("out")) {
    DurableStream file(fs::absolute(*out));
    fill([&](std::string_view piece) { file.write(piece); });
    file.finish();
  } else {
    fill([](std::string_view piece) { std::cout << piece; });
  }
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
