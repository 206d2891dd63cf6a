#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <set>

#include "analysis/hull/end_members.hpp"
#include "analysis/report/published_numbers.hpp"
#include "analysis/report/report_entries.hpp"
#include "analysis/report/report_files.hpp"
#include "analysis/report/report_parts.hpp"
#include "core/big_integer.hpp"
#include "core/json_text.hpp"

namespace hullscan {

Json or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

namespace {

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

const char* name_of(Books books) {
  switch (books) {
    case Books::kOpen:
      return "open";
    case Books::kClosed:
      return "closed";
    case Books::kWrong:
      return "wrong";
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
      total += composition.total.value_or(0);
      inequivalent += composition.inequivalent.value_or(0);
      orbits += composition.enumerated_orbits.value_or(0);
      const Books here = books_of(space, composition);
      if (here == Books::kWrong || (here == Books::kOpen && books == Books::kClosed)) books = here;
      if (!with_compositions && here != Books::kWrong) continue;
      const auto shares = end_members && composition.composition.atom_count() > 0
                              ? end_members->shares(composition.composition)
                              : std::nullopt;
      Json json = {{"counts", counts_json(composition.counts)},
                   {"formula", composition.composition.formula()},
                   {"x", shares ? Json(*shares) : Json(nullptr)},
                   {"total", text_or_null(decimal_text(composition.total))},
                   {"inequivalent", text_or_null(decimal_text(composition.inequivalent))},
                   {"enumerated", text_or_null(decimal_text(composition.enumerated_orbits))},
                   {"degeneracy_sum", text_or_null(decimal_text(composition.degeneracy_sum))},
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
        json["histogram"] = {{"low", composition.histogram_low_ev_per_atom},
                             {"bin", composition.histogram_bin_ev_per_atom},
                             {"orbits", composition.histogram}};
        if (!composition.histogram_configurations.empty())
          json["histogram"]["configurations"] = composition.histogram_configurations;
      }
      if (const auto& average = composition.predicted_average)
        json["average"] = {{"mean", average->mean_ev_per_atom}, {"deviation", average->deviation_ev_per_atom}};
      if (!composition.on_axes.empty()) {
        Json places = Json::array();
        for (const auto& place : composition.on_axes) places.push_back(or_null(place));
        json["on_axes"] = std::move(places);
      }
      if (composition.tied_lowest > 1)
        json["tied_lowest"] = {{"configurations", composition.tied_lowest}, {"all_kept", composition.all_tied}};
      compositions.push_back(std::move(json));
    }
    supercells.push_back({{"matrix", matrix_json(supercell.matrix)},
                          {"sites", supercell.sites},
                          {"group_order", supercell.group_order},
                          {"compositions", std::move(compositions)}});
  }
  Json json = {{"name", space.name},
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
  if (!space.list.empty()) json["list"] = space.list;
  return json;
}

Json outlook_json(const std::optional<ReportOutlook>& outlook) {
  if (!outlook) return nullptr;
  Json likeliest = Json::array();
  for (const ReportOutlook::Candidate& one : outlook->likeliest) {
    likeliest.push_back({{"space", one.space},
                         {"formula", one.formula},
                         {"above", one.above_ev_per_atom},
                         {"deviation", one.deviation_ev_per_atom}});
  }
  return {{"round", outlook->round},
          {"calculated", outlook->calculated},
          {"looked_at", outlook->looked_at},
          {"bounded", outlook->bounded},
          {"sigmas", outlook->sigmas},
          {"possible_error", outlook->possible_error_ev_per_atom},
          {"expected_missing", outlook->expected_missing},
          {"probability_complete", outlook->probability_complete},
          {"deviation_factor", outlook->deviation_factor},
          {"likeliest", std::move(likeliest)}};
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
                        {"inequivalent", text_or_null(decimal_text(composition.inequivalent))},
                        {"lowest_predicted", or_null(lowest)},
                        {"proven", proven},
                        {"bound", or_null(bound)},
                        {"gap", proven            ? Json(0.0)
                                : lowest && bound ? Json(std::max(0.0, *lowest - *bound))
                                                  : Json()}});
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
  for (int i = 0; i < 3; ++i)
    lattice.push_back({structure.lattice.rows()(i, 0), structure.lattice.rows()(i, 1), structure.lattice.rows()(i, 2)});
  for (std::size_t i = 0; i < structure.atom_count(); ++i) {
    const auto& x = structure.positions[i].x;
    sites.push_back({{"element", structure.species[i].symbol()}, {"abc", {x(0), x(1), x(2)}}});
  }
  return {{"lattice", std::move(lattice)}, {"sites", std::move(sites)}};
}

namespace {

/// Takes the members of report.json in their order.
class MemberSink {
 public:
  virtual ~MemberSink() = default;
  virtual void member(const char* name, Json value) = 0;
  /// A list whose elements come as text, one after the other.
  virtual void list(const char* name, std::size_t count, const std::function<std::string(std::size_t)>& element) = 0;
};

/// What the user wrote stays as it was written.
Json published_member(const std::string& name, Json value) {
  return name == "measured" ? value : published(std::move(value));
}

/// Members of a tree, as `json["name"] = …` sets them.
class TreeSink final : public MemberSink {
 public:
  void member(const char* name, Json value) override { json[name] = published_member(name, std::move(value)); }
  void list(const char* name, std::size_t count, const std::function<std::string(std::size_t)>& element) override {
    Json all = Json::array();
    for (std::size_t i = 0; i < count; ++i) all.push_back(Json::parse(element(i)));
    json[name] = std::move(all);
  }
  Json json = Json::object();
};

/// One line a member, and of lists of objects one line an object.
class LineSink final : public MemberSink {
 public:
  explicit LineSink(const TextSink& out) : out_(out) { out_("{"); }
  void member(const char* name, Json tree) override {
    begin(name);
    const Json value = published_member(name, std::move(tree));
    const bool objects = value.is_array() && !value.empty() && value.front().is_object();
    if (!objects) return out_(json_text(value));
    elements(value.size(), [&](std::size_t i) { return json_text(value[i]); });
  }
  void list(const char* name, std::size_t count, const std::function<std::string(std::size_t)>& element) override {
    begin(name);
    elements(count, element);
  }
  void finish() { out_("\n}\n"); }

 private:
  void begin(const char* name) {
    out_(first_ ? "\n" : ",\n");
    first_ = false;
    out_(json_text(Json(name)) + ": ");
  }
  void elements(std::size_t count, const std::function<std::string(std::size_t)>& element) {
    write_json_lines(count, element, out_);
  }

  const TextSink& out_;
  bool first_ = true;
};

void visit_members(const Report& report, const ReportJsonOptions& options, MemberSink& sink) {
  const ReportContent& content = report.content;
  std::optional<EndMemberSpace> space;
  if (report.hull) space.emplace(report.hull->end_members);

  sink.member("schema", "hullscan-report-1");
  sink.member("hullscan_version", content.hullscan_version);
  sink.member("campaign",
              {{"name", content.campaign}, {"hash", content.campaign_hash}, {"text", content.campaign_text}});
  sink.member("units", {{"energy", "eV"}, {"per_atom", "eV/atom"}, {"length", "angstrom"}});
  Json spaces = Json::array();
  for (const ReportSpace& one : content.spaces) spaces.push_back(space_json(one, space, options.compositions));
  sink.member("spaces", std::move(spaces));

  Json hull = nullptr;
  if (report.hull) {
    Json members = Json::array();
    for (std::size_t j = 0; j < report.hull->end_members.size(); ++j) {
      members.push_back({{"formula", report.hull->end_members[j].formula()},
                         {"atoms", report.hull->end_members[j].atom_count()},
                         {"energy_per_atom", report.hull->end_member_energies_ev_per_atom[j]}});
    }
    hull = {{"end_members", std::move(members)},
            {"elemental", report.hull->elemental},
            {"tolerance", report.hull->tolerance_ev_per_atom},
            {"near_hull", content.near_hull_ev_per_atom},
            {"axis", axis_json(report.hull_axis)}};
  }
  sink.member("hull", std::move(hull));
  sink.member("hull_problem", text_or_null(report.hull_problem));

  EntryTexts texts(report);
  std::vector<std::size_t> shown = options.entries;
  if (options.all_entries) {
    shown.resize(content.entries.size());
    std::iota(shown.begin(), shown.end(), std::size_t{0});
  }
  const bool every_structure = options.structure_bytes == kNoLimit;
  const std::set<std::size_t> with_structure =
      every_structure ? std::set<std::size_t>{} : structures_within(report, shown, options.structure_bytes);
  sink.list("entries", shown.size(),
            [&](std::size_t n) { return texts.entry(shown[n], every_structure || with_structure.contains(shown[n])); });
  sink.list("references", content.references.size(), [&](std::size_t n) { return texts.reference(n); });

  Json rounds = Json::array();
  for (const ReportRound& round : content.rounds) {
    rounds.push_back({{"round", round.round},
                      {"surrogate", round.surrogate},
                      {"labels", round.labels},
                      {"features", round.features},
                      {"loo_rmse", or_null(round.loo_rmse_ev_per_atom)},
                      {"rmse", or_null(round.rmse_ev_per_atom)}});
  }
  sink.member("rounds", std::move(rounds));
  sink.member("hull_outlook", outlook_json(content.outlook));
  if (content.ranked_by_prior > 0) sink.member("ranked_by_prior", content.ranked_by_prior);
  if (content.revisions.size() > 1) {
    Json revisions = Json::array();
    for (const ReportRevision& revision : content.revisions)
      revisions.push_back({{"number", revision.number}, {"at", revision.at}, {"changes", revision.changes}});
    sink.member("revisions", std::move(revisions));
    sink.member("calculations_outside", content.outside);
  }
  Json failures = Json::array();
  for (const ReportFailure& failure : content.failures) {
    failures.push_back({{"id", failure.id},
                        {"space", failure.space},
                        {"formula", failure.composition.formula()},
                        {"attempts", failure.attempts},
                        {"state", failure.state},
                        {"reason", failure.reason}});
  }
  sink.member("failures", std::move(failures));
  Json set_aside = Json::array();
  for (const ReportSetAside& one : content.set_aside) {
    set_aside.push_back({{"id", one.id},
                         {"space", one.space},
                         {"formula", one.composition.formula()},
                         {"energy", one.energy_ev},
                         {"standing", one.standing},
                         {"who", one.who},
                         {"why", one.why}});
  }
  sink.member("set_aside", std::move(set_aside));
  sink.member("settings", key_table(content.settings));
  sink.member("axis", text_or_null(report.axis));
  sink.member("axes", report.axes);
  sink.member("free_energy_hull_problem", text_or_null(report.free_energy_hull_problem));
  Json alike = Json::array();
  for (const IndistinguishableConfigurations& one : indistinguishable(report.content)) {
    alike.push_back({{"space", one.space},
                     {"compositions", one.compositions},
                     {"of_compositions", one.of_compositions},
                     {"configurations", one.configurations},
                     {"at_least", one.at_least},
                     {"text", one.text()}});
  }
  sink.member("indistinguishable", std::move(alike));
  sink.member("temperature", report.temperature_kelvin);
  sink.member("ensembles", ensembles_json(report));
  sink.member("voltages", voltages_json(report));
  sink.member("measured", measured_json(report));
  sink.member("coefficients", coefficients_json(report));
  sink.member("candidates", candidates_json(report));
  sink.member("other_hulls", other_hulls_json(report));
  Json cuts = Json::array();
  for (const ReportCut& cut : report.cuts) {
    cuts.push_back({{"asked", cut.asked},
                    {"cut", cut.cut ? cut_json(*cut.cut) : Json(nullptr)},
                    {"problem", text_or_null(cut.problem)}});
  }
  sink.member("cuts", std::move(cuts));
  Json paths = Json::array();
  for (const PathStatistics& one : content.paths) paths.push_back(paths_json(one));
  sink.member("paths", std::move(paths));
  sink.member("judgements", judgements_json(report));
  sink.member("searched", searched_json(report));
  sink.member("validations", validations_json(report));
  sink.member("path_models", path_models_json(report));
  sink.member("crystals", {{"described", content.crystals.size()}, {"symprec", content.crystal_symprec_angstrom}});
}

}  // namespace

Json report_json(const Report& report) { return report_json(report, ReportJsonOptions{}); }

Json report_json(const Report& report, const ReportJsonOptions& options) {
  TreeSink tree;
  visit_members(report, options, tree);
  return std::move(tree.json);
}

void write_json_lines(std::size_t count, const std::function<std::string(std::size_t)>& element, const TextSink& out) {
  out("[");
  for (std::size_t i = 0; i < count; ++i) {
    out(i == 0 ? "\n" : ",\n");
    out(element(i));
  }
  out(count == 0 ? "]" : "\n]");
}

void write_report_json(const Report& report, const TextSink& out) {
  LineSink lines(out);
  visit_members(report, ReportJsonOptions{}, lines);
  lines.finish();
}

}  // namespace hullscan
