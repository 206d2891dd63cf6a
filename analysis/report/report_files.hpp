/// @file
/// A report as the bytes of its files. The same report makes the same bytes: no times, no host names, no paths.
#pragma once

#include <string>

#include "analysis/entries/json_writer.hpp"
#include "analysis/report/report_content.hpp"
#include "core/json.hpp"

namespace hullscan {

/// Everything, schema "hullscan-report-1": docs/formats/report.md.
Json report_json(const Report& report);
/// The same as text, one line an entry, without a tree of it in memory.
void write_report_json(const Report& report, const TextSink& out);
/// One line per reduced composition with its lowest entry: formula, x of every end member, id, energies, decomposition.
std::string hull_csv(const Report& report);
/// A list that pymatgen's MontyDecoder loads: ComputedStructureEntry where the structure is known, else ComputedEntry.
void write_entries_json(const Report& report, const TextSink& out);
Json entries_json(const Report& report);
/// The structures as the answer of an OPTIMADE server (specification 1.1, endpoint /structures); energies as properties
/// with the prefix _hullscan_.
Json optimade_json(const Report& report);
/// One self-contained page; loads nothing, from anywhere.
std::string report_html(const Report& report);

/// JSON that can stand in a script element: every "<" is written as an escape. Invalid UTF-8 is replaced.
std::string json_for_script(const Json& json);
/// &, <, >, " and ' escaped.
std::string html_escaped(const std::string& text);

}  // namespace hullscan
