#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "analysis/entries/csv_lines.hpp"
#include "analysis/hull/end_members.hpp"
#include "analysis/report/report_entries.hpp"
#include "analysis/report/report_files.hpp"
#include "analysis/report/report_parts.hpp"
#include "analysis/report/report_predictions.hpp"
#include "core/decimals.hpp"

namespace hullscan {
namespace {

constexpr const char* kHullColumns =
    ",id,formation_energy_per_atom,e_above_hull,on_hull,vertex,phase_separation,entries,decomposition,"
    "pulay_correction_per_atom,remarks,space_group_number,space_group_symbol,relaxed_space_group_number,"
    "relaxed_space_group_symbol,prototype,a,b,c,alpha,beta,gamma,volume_per_atom,source,predicted_energy_per_atom,"
    "predicted_mixing_energy_per_atom,e_above_predicted_hull\n";

/// Those of the crystal; empty where nothing is known.
std::string crystal_columns(const ReportContent& content, const ReportEntry* own) {
  std::string text = ",,";
  if (own != nullptr && own->space_group_number) {
    const auto symbol = content.space_group_symbols.find(*own->space_group_number);
    text = fmt::format(",{},{}", *own->space_group_number,
                       symbol == content.space_group_symbols.end() ? "" : csv_field(symbol->second));
  }
  const auto found = own != nullptr ? content.crystals.find(own->id) : content.crystals.end();
  if (found == content.crystals.end()) return text + ",,,,,,,,,,";
  const ReportCrystal& crystal = found->second;
  return text + fmt::format(",{},{},{},{},{},{},{},{},{},{}", crystal.space_group_number,
                            csv_field(crystal.space_group_symbol),
                            csv_field(crystal.strukturbericht.empty() ? crystal.example : crystal.strukturbericht),
                            crystal.a, crystal.b, crystal.c, crystal.alpha, crystal.beta, crystal.gamma,
                            crystal.volume_per_atom_cubic_angstrom);
}

std::string number_or_empty(const std::optional<double>& number) {
  return number ? fmt::format("{}", published_ev(*number)) : "";
}

std::string share_columns(const EndMemberSpace& space, const Composition& composition) {
  std::string text;
  const auto shares = space.shares(composition);
  for (std::size_t j = 0; j < space.members().size(); ++j)
    text += shares ? fmt::format(",{}", at_decimals((*shares)[j], kShareDecimals)) : ",";
  return text;
}

/// The lowest prediction of every composition, where there is no result: the columns of results stay empty.
std::string predictions_csv(const Report& report) {
  struct Lowest {
    const ReportCandidate* candidate = nullptr;
    std::size_t count = 0;
  };
  std::map<Composition, Lowest> lowest;
  for (const ReportCandidate& one : report.content.candidates) {
    Lowest& here = lowest[one.composition.reduced()];
    ++here.count;
    if (here.candidate == nullptr || one.predicted_ev_per_atom < here.candidate->predicted_ev_per_atom)
      here.candidate = &one;
  }
  std::vector<Composition> compositions;
  for (const auto& [composition, here] : lowest) compositions.push_back(composition);
  const EndMemberSpace space(choose_end_members(compositions).compositions);
  std::string text = "formula";
  for (const Composition& member : space.members()) text += ",x_" + member.formula();
  text += kHullColumns;
  const std::string remark =
      fmt::format("predicted by {}, not calculated{}", report.content.model,
                  report.content.model_compares_compositions ? "" : "; compare energies of one composition only");
  for (const auto& [composition, here] : lowest) {
    const ReportCandidate& one = *here.candidate;
    text += composition.formula() + share_columns(space, composition);
    text +=
        fmt::format(",{},,,,,,{},,,{}{},predicted,{},{},{}\n", csv_field(one.id), here.count, csv_field(remark),
                    crystal_columns(report.content, nullptr), published_ev(one.predicted_ev_per_atom),
                    number_or_empty(one.mixing_ev_per_atom), number_or_empty(one.e_above_predicted_hull_ev_per_atom));
  }
  return text;
}

}  // namespace

std::string hull_csv(const Report& report) {
  if (!report.hull) return holds_predictions(report) ? predictions_csv(report) : std::string("formula") + kHullColumns;
  const EndMemberSpace space(report.hull->end_members);
  std::string text = "formula";
  for (const Composition& member : space.members()) text += ",x_" + member.formula();
  text += kHullColumns;
  struct Lowest {
    const HullEntryResult* entry = nullptr;
    std::size_t count = 0;
  };
  std::map<Composition, Lowest> lowest;
  for (const HullEntryResult& entry : report.hull->entries) {
    Lowest& here = lowest[entry.composition.reduced()];
    ++here.count;
    if (here.entry == nullptr || entry.vertex ||
        (!here.entry->vertex && entry.formation_energy_ev_per_atom < here.entry->formation_energy_ev_per_atom)) {
      here.entry = &entry;
    }
  }
  for (const auto& [composition, here] : lowest) {
    const HullEntryResult& entry = *here.entry;
    text += composition.formula() + share_columns(space, composition);
    std::string parts;
    for (const DecompositionPart& part : entry.decomposition)
      parts += fmt::format("{}{} {}", parts.empty() ? "" : " + ", at_decimals(part.fraction, kShareDecimals), part.id);
    const auto index = static_cast<std::size_t>(here.entry - report.hull->entries.data());
    const ReportEntry* own = index < report.content.entries.size() ? &report.content.entries[index] : nullptr;
    const auto pulay = own != nullptr ? own->pulay_correction_ev_per_atom : std::nullopt;
    const std::string remarks = own != nullptr ? fmt::format("{}", fmt::join(own->remarks, "; ")) : "";
    text += fmt::format(",{},{},{},{},{},{},{},{},{},{}{},{},{},,\n", csv_field(entry.id),
                        published_ev(entry.formation_energy_ev_per_atom), published_ev(entry.e_above_hull_ev_per_atom),
                        entry.on_hull, entry.vertex, number_or_empty(entry.phase_separation_ev_per_atom), here.count,
                        csv_field(parts), number_or_empty(pulay), csv_field(remarks),
                        crystal_columns(report.content, own), own != nullptr ? "calculated" : "reference",
                        own != nullptr ? number_or_empty(own->predicted_ev_per_atom) : "");
  }
  return text;
}

void write_entries_json(const Report& report, const TextSink& out) {
  EntryTexts texts(report);
  const std::size_t own = report.content.entries.size();
  write_json_lines(
      own + report.content.references.size(),
      [&](std::size_t i) { return i < own ? texts.pymatgen_entry(i) : texts.pymatgen_reference(i - own); }, out);
  out("\n");
}

Json entries_json(const Report& report) {
  std::string text;
  write_entries_json(report, [&](std::string_view piece) { text += piece; });
  return Json::parse(text);
}

}  // namespace hullscan
