/// @file
/// `hullscan plot`: figures for papers of a campaign, or of a list of entries.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "analysis/entries/entries_file.hpp"
#include "analysis/figures/figures.hpp"
#include "analysis/figures/rendering.hpp"
#include "campaign/campaign_directory.hpp"
#include "campaign/report/make_report.hpp"
#include "campaign/version.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "storage/durable_file.hpp"

namespace hullscan::cli {
namespace {

namespace fs = std::filesystem;

const Figure* figure_of_kind(const std::string& kind) {
  std::vector<std::string> kinds;
  for (const Figure& figure : figures()) {
    if (kind == figure.kind) return &figure;
    kinds.emplace_back(figure.kind);
  }
  throw InputError(
      fmt::format("KIND: expected one of {}, found \"{}\"{}", fmt::join(kinds, ", "), kind, did_you_mean(kind, kinds)));
}

PictureFormat format_of(const std::string& out) {
  const std::string suffix = fs::path(out).extension().string();
  if (suffix == ".svg") return PictureFormat::kSvg;
  if (suffix == ".pdf") return PictureFormat::kPdf;
  if (suffix == ".png") return PictureFormat::kPng;
  throw InputError(fmt::format("--out: expected a file that ends in .svg, .pdf or .png, found \"{}\"", out));
}

/// Before any work: a place where a file can be, and nothing that it would replace unasked.
void require_place(const std::string& out, bool overwrite) {
  const fs::path folder = fs::absolute(out).parent_path();
  if (!fs::is_directory(folder))
    throw InputError(fmt::format("--out: the folder {} does not exist; make it first", folder.string()));
  if (fs::is_directory(out)) throw InputError(fmt::format("--out: {} is a folder; name a file", out));
  if (fs::exists(out) && !overwrite)
    throw InputError(fmt::format("--out: {} exists already; choose another name, or replace it with --overwrite", out));
}

FigureStyle style_of(const CommandLine& line) {
  FigureStyle style;
  if (const auto width = line.number("width", "mm", 40, 400)) style.width_mm = *width;
  style.height_mm = line.number("height", "mm", 30, 400);
  if (const auto size = line.number("font-size", "points", 4, 24)) style.font_pt = *size;
  style.whole_range = line.has("whole-range");
  return style;
}

Report report_of(const fs::path& source, const CommandLine& line) {
  if (fs::is_directory(source)) {
    if (line.value("columns")) throw InputError("--columns: only of a csv file of entries");
    const CampaignStore store = CampaignStore::open_read_only(source);
    const LoadedCampaign loaded = load_stored_campaign(source);
    return make_report(view_of(loaded.campaign, loaded.spaces), loaded.spaces, store);
  }
  ReportContent content;
  content.campaign = source.filename().string();
  for (HullEntry& entry : read_entries(source, parse_named_columns(line.values("columns")))) {
    ReportEntry one;
    one.id = std::move(entry.id);
    one.composition = std::move(entry.composition);
    one.energy_ev = entry.energy_ev;
    one.keys = std::move(entry.keys);
    content.entries.push_back(std::move(one));
  }
  return finish_report(std::move(content));
}

ExitCode list_figures(const Report& report, bool as_json) {
  if (as_json) {
    Json list = Json::array();
    for (const Figure& figure : figures()) {
      const std::string problem = figure.problem(report);
      list.push_back({{"kind", figure.kind},
                      {"what", figure.what},
                      {"possible", problem.empty()},
                      {"problem", problem.empty() ? Json() : Json(problem)}});
    }
    std::cout << json_text({{"figures", std::move(list)}}, 2) << "\n";
    return ExitCode::kDone;
  }
  for (const bool possible : {true, false}) {
    bool first = true;
    for (const Figure& figure : figures()) {
      const std::string problem = figure.problem(report);
      if (problem.empty() != possible) continue;
      if (first) fmt::print("{}\n", possible ? "can be drawn:" : "cannot be drawn:");
      first = false;
      fmt::print("  {:<12} {}\n", figure.kind, possible ? figure.what : problem);
    }
  }
  return ExitCode::kDone;
}

/// The moment of the campaign file's last version: two runs make the same bytes.
std::string date_of(const Report& report, const std::string& otherwise) {
  const auto& revisions = report.content.revisions;
  return revisions.empty() || revisions.back().at.empty() ? otherwise : revisions.back().at;
}

}  // namespace

ExitCode run_plot(const Arguments& arguments) {
  CommandLine line("plot DIR|ENTRIES [KIND --out X.{svg,pdf,png}] [--width MM] [--font-size PT] [--json]",
                   "Figures for papers, from the content of the report. Without a KIND: what can be drawn, and why the "
                   "rest cannot.");
  line.option("out", "X", "file to write, .svg, .pdf or .png; an existing one is not replaced");
  line.flag("overwrite", "replace the file");
  line.option("width", "MM", "of the figure; default 86, one column of a journal");
  line.option("height", "MM", "default: what the figure needs");
  line.option("font-size", "PT", "of the axes; names and legends are an eighth smaller; default 8");
  line.option("dpi", "N", "dots per inch of a .png; default 600");
  line.flag("whole-range", "energies far above the hull too");
  line.option("columns", "NAME=COLUMN,…", "of a csv of entries, as for hullscan hull");
  line.flag("json", "without a KIND: one JSON object");
  line.positionals("DIR, a campaign directory, or ENTRIES as hullscan hull reads them; KIND", 1, 2);
  std::string kinds = "KIND is one of";
  for (const Figure& figure : figures()) kinds += fmt::format("\n  {:<12} {}", figure.kind, figure.what);
  line.epilogue(kinds);
  if (!line.parse(arguments)) return ExitCode::kDone;

  const fs::path source = line.positional()[0];
  const Figure* figure = line.positional().size() > 1 ? figure_of_kind(line.positional()[1]) : nullptr;
  const FigureStyle style = style_of(line);
  RenderOptions options;
  if (const auto dpi = line.integer("dpi", 50, 2400)) options.dots_per_inch = static_cast<double>(*dpi);
  const auto out = line.value("out");
  if (figure == nullptr) {
    if (out)
      throw InputError("--out: say which figure: hullscan plot DIR KIND --out X.pdf; without --out they are listed");
    return list_figures(report_of(source, line), line.has("json"));
  }
  if (!out)
    throw InputError(fmt::format("{0}: say where: hullscan plot DIR {0} --out X.svg, .pdf or .png", figure->kind));
  const PictureFormat format = format_of(*out);
  if (const std::string why = why_no_pictures(); !why.empty()) throw InputError(why);
  require_place(*out, line.has("overwrite"));
  if (!fs::exists(source))
    throw InputError(fmt::format("{}: there is no campaign directory and no file of this name", source.string()));

  const Report report = report_of(source, line);
  if (const std::string problem = figure->problem(report); !problem.empty())
    throw InputError(fmt::format("{}: it cannot be drawn of {}: {}", figure->kind, source.string(), problem));
  const Picture picture = figure->draw(report, style);
  options.creator = fmt::format("hullscan {}", kVersion);
  options.date = date_of(report, options.date);
  write_durably(fs::absolute(*out), rendered(picture, format, options));
  fmt::print("{}: {:.0f} x {:.0f} mm\n", *out, picture.width_mm, picture.height_mm);
  for (const std::string& remark : picture.remarks) fmt::print("{}\n", remark);
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
