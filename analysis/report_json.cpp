#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "analysis/end_members.hpp"
#include "analysis/report_files.hpp"
#include "analysis/report_parts.hpp"
#include "core/big_integer.hpp"

namespace hullscan {

Json or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

namespace {

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json composition_json(const Composition& composition) {
  Json counts = Json::object();
  for (const auto& [species, count] : composition.counts()) {
    if (!species.is_vacancy()) counts[std::string(species.symbol())] = count;
  }
  return counts;
}

Json decomposition_json(const HullEntryResult& result) {
  Json parts = Json::array();
  for (const DecompositionPart& part : result.decomposition) parts.push_back({{"id", part.id}, {"fraction", part.fraction}});
  return parts;
}

void add_hull(Json& json, const HullReport& hull, const HullEntryResult& result, const EndMemberSpace& space) {
  const auto shares = space.shares(result.composition);
  json["x"] = shares ? Json(*shares) : Json(nullptr);
  json["energy_per_atom"] = result.energy_ev_per_atom;
  json["formation_energy_per_atom"] = result.formation_energy_ev_per_atom;
  json["e_above_hull"] = result.e_above_hull_ev_per_atom;
  json["on_hull"] = result.on_hull;
  json["vertex"] = result.vertex;
  json["vertex_kind"] = text_or_null(name_of(vertex_kind(hull, result)));
  json["phase_separation"] = or_null(result.phase_separation_ev_per_atom);
  json["equilibrium_reaction"] = or_null(result.equilibrium_reaction_ev_per_atom);
  json["decomposition"] = decomposition_json(result);
}

const char* name_of(Books books) {
  switch (books) {
    case Books::kOpen: return "open";
    case Books::kClosed: return "closed";
    case Books::kWrong: return "wrong";
  }
  return "";
}

Json counts_json(const std::map<std::string, std::int64_t>& counts) {
  Json json = Json::object();
  for (const auto& [name, count] : counts) json[name] = count;
  return json;
}

/// Those of the entries shown whose structures fit, by distance from the hull.
std::set<std::size_t> structures_within(const Report& report, std::vector<std::size_t> shown, std::size_t bytes) {
  constexpr std::size_t kBytesPerAtom = 80;
  if (report.hull) {
    std::stable_sort(shown.begin(), shown.end(), [&](std::size_t a, std::size_t b) {
      return report.of_entry(a).e_above_hull_ev_per_atom < report.of_entry(b).e_above_hull_ev_per_atom;
    });
  }
  std::set<std::size_t> chosen;
  for (const std::size_t i : shown) {
    const auto& structure = report.content.entries[i].structure;
    if (!structure) continue;
    const std::size_t cost = kBytesPerAtom * (structure->atom_count() + 3);
    if (cost > bytes) break;
    bytes -= cost;
    chosen.insert(i);
  }
  return chosen;
}

Json space_json(const ReportSpace& space, const std::optional<EndMemberSpace>& end_members, bool with_compositions) {
  BigInteger total = 0, inequivalent = 0, orbits = 0;
  Books books = Books::kClosed;
  Json supercells = Json::array();
  for (const ReportSupercell& supercell : space.supercells) {
    Json compositions = Json::array();
    for (const ReportComposition& composition : supercell.compositions) {
      if (!composition.total.empty()) total += BigInteger(composition.total);
      if (!composition.inequivalent.empty()) inequivalent += BigInteger(composition.inequivalent);
      if (!composition.enumerated_orbits.empty()) orbits += BigInteger(composition.enumerated_orbits);
      const Books here = books_of(space, composition);
      if (here == Books::kWrong || (here == Books::kOpen && books == Books::kClosed)) books = here;
      if (!with_compositions && here != Books::kWrong) continue;
      const auto shares = end_members && composition.composition.atom_count() > 0 ? end_members->shares(composition.composition) : std::nullopt;
      Json json = {{"counts", counts_json(composition.counts)},
                   {"formula", composition.composition.formula()},
                   {"x", shares ? Json(*shares) : Json(nullptr)},
                   {"total", text_or_null(composition.total)},
                   {"inequivalent", text_or_null(composition.inequivalent)},
                   {"enumerated", text_or_null(composition.enumerated_orbits)},
                   {"degeneracy_sum", text_or_null(composition.degeneracy_sum)},
                   {"books", name_of(here)},
                   {"lowest_predicted", or_null(composition.lowest_predicted_ev_per_atom)},
                   {"hull_formation_energy", or_null(composition.hull_formation_energy_ev_per_atom)},
                   {"histogram", nullptr},
                   {"free_energies", nullptr}};
      if (!composition.free_energies.empty()) {
        Json list = Json::array();
        for (const auto& free : composition.free_energies) {
          list.push_back({{"temperature", free.temperature_kelvin},
                          {"free_energy_per_atom", free.free_energy_ev_per_atom},
                          {"of_formula", or_null(free.of_formula_ev_per_atom)},
                          {"e_above_hull", or_null(free.e_above_hull_ev_per_atom)}});
        }
        json["free_energies"] = std::move(list);
      }
      if (!composition.histogram.empty()) {
        json["histogram"] = {{"low", composition.histogram_low_ev_per_atom}, {"bin", composition.histogram_bin_ev_per_atom}, {"orbits", composition.histogram}};
        if (!composition.histogram_configurations.empty()) json["histogram"]["configurations"] = composition.histogram_configurations;
      }
      if (composition.tied_lowest > 1) json["tied_lowest"] = {{"configurations", composition.tied_lowest}, {"all_kept", composition.all_tied}};
      compositions.push_back(std::move(json));
    }
    supercells.push_back({{"matrix", matrix_json(supercell.matrix)},
                          {"sites", supercell.sites},
                          {"group_order", supercell.group_order},
                          {"compositions", std::move(compositions)}});
  }
  return {{"name", space.name},
          {"structure", space.structure_file},
          {"space_group", space.space_group_symbol},
          {"space_group_number", space.space_group_number},
          {"sampled", space.sampled},
          {"total", total.str()},
          {"inequivalent", inequivalent.str()},
          {"enumerated", orbits.str()},
          {"books", name_of(books)},
          {"free_energy_problem", text_or_null(space.free_energy_problem)},
          {"supercells", std::move(supercells)}};
}

Json judgements_json(const Report& report) {
  Json list = Json::array();
  for (const ReportJudgement& judged : report.content.judgements) {
    list.push_back({{"space", judged.space},
                    {"by", judged.by},
                    {"rule", judged.rule},
                    {"type", judged.type},
                    {"cost_per_site", or_null(judged.cost_ev_per_site)},
                    {"formula", judged.formula},
                    {"calculated", judged.calculated},
                    {"unopposed", judged.unopposed},
                    {"kept", judged.kept}});
  }
  return list;
}

Json searched_json(const Report& report) {
  Json list = Json::array();
  for (const ReportSpace& space : report.content.spaces) {
    for (const ReportSupercell& supercell : space.supercells) {
      for (const ReportComposition& composition : supercell.compositions) {
        if (!composition.search) continue;
        const auto lowest = composition.lowest_predicted_ev_per_atom;
        const auto bound = composition.search->bound_ev_per_atom;
        const bool proven = composition.search->proven;
        list.push_back({{"space", space.name},
                        {"formula", composition.composition.formula()},
                        {"inequivalent", text_or_null(composition.inequivalent)},
                        {"lowest_predicted", or_null(lowest)},
                        {"proven", proven},
                        {"bound", or_null(bound)},
                        {"gap", proven ? Json(0.0) : lowest && bound ? Json(std::max(0.0, *lowest - *bound)) : Json()}});
      }
    }
  }
  return list;
}

Json key_table(const std::map<std::string, std::string>& table) {
  Json json = Json::object();
  for (const auto& [key, value] : table) json[key] = value;
  return json;
}

}  // namespace

Json matrix_json(const SupercellMatrix& matrix) {
  Json rows = Json::array();
  for (int i = 0; i < 3; ++i) rows.push_back({matrix(i, 0), matrix(i, 1), matrix(i, 2)});
  return rows;
}

Json structure_json(const Structure& structure) {
  Json lattice = Json::array(), sites = Json::array();
  for (int i = 0; i < 3; ++i) lattice.push_back({structure.lattice.rows()(i, 0), structure.lattice.rows()(i, 1), structure.lattice.rows()(i, 2)});
  for (std::size_t i = 0; i < structure.atom_count(); ++i) {
    const auto& x = structure.positions[i].x;
    sites.push_back({{"element", structure.species[i].symbol()}, {"abc", {x(0), x(1), x(2)}}});
  }
  return {{"lattice", std::move(lattice)}, {"sites", std::move(sites)}};
}

Json report_json(const Report& report) { return report_json(report, ReportJsonOptions{}); }

Json report_json(const Report& report, const ReportJsonOptions& options) {
  const ReportContent& content = report.content;
  std::optional<EndMemberSpace> space;
  if (report.hull) space.emplace(report.hull->end_members);

  Json json = {{"schema", "hullscan-report-1"}, {"hullscan_version", content.hullscan_version}};
  json["campaign"] = {{"name", content.campaign}, {"hash", content.campaign_hash}, {"text", content.campaign_text}};
  json["units"] = {{"energy", "eV"}, {"per_atom", "eV/atom"}, {"length", "angstrom"}};
  Json spaces = Json::array();
  for (const ReportSpace& one : content.spaces) spaces.push_back(space_json(one, space, options.compositions));
  json["spaces"] = std::move(spaces);

  json["hull"] = nullptr;
  if (report.hull) {
    Json members = Json::array();
    for (std::size_t j = 0; j < report.hull->end_members.size(); ++j) {
      members.push_back({{"formula", report.hull->end_members[j].formula()},
                         {"atoms", report.hull->end_members[j].atom_count()},
                         {"energy_per_atom", report.hull->end_member_energies_ev_per_atom[j]}});
    }
    json["hull"] = {{"end_members", std::move(members)},
                    {"elemental", report.hull->elemental},
                    {"tolerance", report.hull->tolerance_ev_per_atom},
                    {"near_hull", content.near_hull_ev_per_atom},
                    {"axis", axis_json(report.hull_axis)}};
  }
  json["hull_problem"] = text_or_null(report.hull_problem);

  Json entries = Json::array();
  std::vector<std::size_t> shown = options.entries;
  if (options.all_entries) {
    shown.resize(content.entries.size());
    std::iota(shown.begin(), shown.end(), std::size_t{0});
  }
  const std::set<std::size_t> with_structure = structures_within(report, shown, options.structure_bytes);
  for (const std::size_t i : shown) {
    const ReportEntry& entry = content.entries[i];
    Json one = {{"id", entry.id},
                {"space", entry.space},
                {"supercell", matrix_json(entry.matrix)},
                {"formula", entry.composition.formula()},
                {"reduced_formula", entry.composition.reduced().formula()},
                {"composition", composition_json(entry.composition)},
                {"degeneracy", text_or_null(entry.degeneracy)},
                {"space_group_number", entry.space_group_number ? Json(*entry.space_group_number) : Json(nullptr)},
                {"energy", entry.energy_ev},
                {"predicted_formation_energy_per_atom", or_null(entry.predicted_ev_per_atom)},
                {"counts", counts_json(entry.counts)},
                {"directory", text_or_null(entry.directory)},
                {"round", entry.round},
                {"attempts", entry.attempts}};
    if (entry.displacement_angstrom || entry.left_lattice) {
      one["displacement_angstrom"] = or_null(entry.displacement_angstrom);
      one["shear_strain"] = or_null(entry.shear_strain);
      one["left_lattice"] = entry.left_lattice;
    }
    if (entry.pulay_correction_ev_per_atom) one["pulay_correction_per_atom"] = *entry.pulay_correction_ev_per_atom;
    if (!entry.remarks.empty()) one["remarks"] = entry.remarks;
    if (report.hull) add_hull(one, *report.hull, report.of_entry(i), *space);
    one["keys"] = key_table(entry.keys);
    one["structure"] = entry.structure && with_structure.contains(i) ? structure_json(*entry.structure) : Json(nullptr);
    entries.push_back(std::move(one));
  }
  json["entries"] = std::move(entries);

  Json references = Json::array();
  for (std::size_t i = 0; i < content.references.size(); ++i) {
    const HullEntry& entry = content.references[i].entry;
    Json one = {{"id", entry.id},
                {"source", content.references[i].source},
                {"formula", entry.composition.formula()},
                {"reduced_formula", entry.composition.reduced().formula()},
                {"composition", composition_json(entry.composition)},
                {"energy", entry.energy_ev}};
    if (report.hull) add_hull(one, *report.hull, report.of_reference(i), *space);
    one["keys"] = key_table(entry.keys);
    references.push_back(std::move(one));
  }
  json["references"] = std::move(references);

  Json rounds = Json::array();
  for (const ReportRound& round : content.rounds) {
    rounds.push_back({{"round", round.round},
                      {"surrogate", round.surrogate},
                      {"labels", round.labels},
                      {"features", round.features},
                      {"loo_rmse", or_null(round.loo_rmse_ev_per_atom)},
                      {"rmse", or_null(round.rmse_ev_per_atom)}});
  }
  json["rounds"] = std::move(rounds);
  Json failures = Json::array();
  for (const ReportFailure& failure : content.failures) {
    failures.push_back({{"id", failure.id},
                        {"space", failure.space},
                        {"formula", failure.composition.formula()},
                        {"attempts", failure.attempts},
                        {"state", failure.state},
                        {"reason", failure.reason}});
  }
  json["failures"] = std::move(failures);
  json["set_aside"] = Json::array();
  for (const ReportSetAside& one : content.set_aside) {
    json["set_aside"].push_back({{"id", one.id},
                                 {"space", one.space},
                                 {"formula", one.composition.formula()},
                                 {"energy", one.energy_ev},
                                 {"standing", one.standing},
                                 {"who", one.who},
                                 {"why", one.why}});
  }
  json["settings"] = key_table(content.settings);
  json["axis"] = text_or_null(report.axis);
  json["axes"] = report.axes;
  json["free_energy_hull_problem"] = text_or_null(report.free_energy_hull_problem);
  json["indistinguishable"] = Json::array();
  for (const IndistinguishableConfigurations& one : indistinguishable(report.content)) {
    json["indistinguishable"].push_back({{"space", one.space},
                                         {"compositions", one.compositions},
                                         {"of_compositions", one.of_compositions},
                                         {"configurations", one.configurations},
                                         {"at_least", one.at_least},
                                         {"text", one.text()}});
  }
  json["temperature"] = report.temperature_kelvin;
  json["ensembles"] = ensembles_json(report);
  json["voltages"] = voltages_json(report);
  json["measured"] = measured_json(report);
  json["coefficients"] = coefficients_json(report);
  json["candidates"] = candidates_json(report);
  json["other_hulls"] = other_hulls_json(report);
  json["cuts"] = Json::array();
  for (const ReportCut& cut : report.cuts) {
    json["cuts"].push_back({{"asked", cut.asked},
                            {"cut", cut.cut ? cut_json(*cut.cut) : Json(nullptr)},
                            {"problem", text_or_null(cut.problem)}});
  }
  json["paths"] = Json::array();
  for (const PathStatistics& paths : content.paths) json["paths"].push_back(paths_json(paths));
  json["judgements"] = judgements_json(report);
  json["searched"] = searched_json(report);
  return json;
}

}  // namespace hullscan
