#include <map>
#include <string>

#include "analysis/hull/voltage_json.hpp"
#include "analysis/report/report_parts.hpp"

namespace hullscan {
Json ensembles_json(const Report& report) {
  Json ensembles = Json::array();
  for (const ReportEnsemble& ensemble : report.ensembles) {
    Json cell = Json::object(), states = Json::array(), on_axes = Json::array();
    const auto averaged = [&](double value) { return ensemble.averaged ? Json(value) : Json(nullptr); };
    for (const auto& place : ensemble.on_axes) on_axes.push_back(or_null(place));
    for (const auto& quantity : ensemble.cell) {
      cell[quantity.name] = {{"of_lowest", quantity.of_lowest},
                             {"mean", averaged(quantity.mean)},
                             {"deviation", averaged(quantity.deviation)},
                             {"smallest", quantity.smallest},
                             {"largest", quantity.largest}};
    }
    for (const auto& state : ensemble.states) {
      states.push_back({{"temperature", state.temperature_kelvin},
                        {"free_energy_per_atom", state.free_energy_ev_per_atom},
                        {"energy_per_atom", state.energy_ev_per_atom},
                        {"entropy_per_atom", state.entropy_ev_per_kelvin_per_atom},
                        {"lowest_share", state.lowest_share},
                        {"e_above_hull", or_null(state.e_above_hull_ev_per_atom)}});
    }
    ensembles.push_back({{"space", ensemble.space},
                         {"supercell", matrix_json(ensemble.matrix)},
                         {"formula", ensemble.composition.formula()},
                         {"reduced_formula", ensemble.composition.reduced().formula()},
                         {"x", or_null(ensemble.x)},
                         {"on_axes", std::move(on_axes)},
                         {"entries", ensemble.entries},
                         {"complete", ensemble.complete},
                         {"lowest", ensemble.lowest_id},
                         {"minimum_energy_per_atom", ensemble.minimum_ev_per_atom},
                         {"mean_energy_per_atom", averaged(ensemble.mean_ev_per_atom)},
                         {"deviation_per_atom", averaged(ensemble.deviation_ev_per_atom)},
                         {"cell", std::move(cell)},
                         {"states", std::move(states)}});
  }
  return ensembles;
}

Json voltages_json(const Report& report) {
  Json voltages = Json::array();
  for (const ReportVoltage& voltage : report.voltages) {
    voltages.push_back({{"space", voltage.space},
                        {"profile", voltage.profile ? voltage_json(*voltage.profile) : Json(nullptr)},
                        {"problem", voltage.problem.empty() ? Json(nullptr) : Json(voltage.problem)}});
  }
  return voltages;
}

Json measured_json(const Report& report) {
  Json measured = Json::array();
  for (const MeasuredPoint& point : report.content.measured) {
    measured.push_back(
        {{"x", or_null(point.x)}, {"quantity", point.quantity}, {"value", point.value}, {"source", point.source}});
  }
  return measured;
}

Json coefficients_json(const Report& report) {
  Json coefficients = Json::array();
  for (const ReportCoefficient& one : report.content.coefficients) {
    coefficients.push_back({{"space", one.space},
                            {"feature", one.feature},
                            {"sites", one.sites},
                            {"multiplicity", one.multiplicity},
                            {"energy", one.energy_ev}});
  }
  return coefficients;
}

Json candidates_json(const Report& report) {
  Json candidates = Json::array();
  for (const ReportCandidate& one : report.content.candidates) {
    candidates.push_back({{"space", one.space},
                          {"formula", one.composition.formula()},
                          {"reduced_formula", one.composition.reduced().formula()},
                          {"degeneracy", one.degeneracy.str()},
                          {"predicted_formation_energy_per_atom", one.predicted_ev_per_atom},
                          {"predicted_e_above_hull", or_null(one.e_above_hull_ev_per_atom)},
                          {"state", one.state},
                          {"structure", one.structure ? structure_json(*one.structure) : Json(nullptr)}});
    if (one.id.empty()) continue;
    candidates.back().update({{"id", one.id},
                              {"predicted_above_lowest", or_null(one.above_lowest_ev_per_atom)},
                              {"predicted_mixing_energy_per_atom", or_null(one.mixing_ev_per_atom)},
                              {"e_above_predicted_hull", or_null(one.e_above_predicted_hull_ev_per_atom)}});
  }
  return candidates;
}

Json other_hulls_json(const Report& report) {
  Json hulls = Json::array();
  for (const ReportOtherHull& other : report.other_hulls) {
    Json entries = Json::array();
    for (std::size_t i = 0; i < other.references.size(); ++i) {
      const ReportReference& reference = other.references[i];
      Json one = {{"id", reference.entry.id},
                  {"source", reference.source},
                  {"formula", reference.entry.composition.formula()},
                  {"reduced_formula", reference.entry.composition.reduced().formula()}};
      if (other.hull) {
        one["formation_energy_per_atom"] = other.hull->entries[i].formation_energy_ev_per_atom;
        one["e_above_hull"] = other.hull->entries[i].e_above_hull_ev_per_atom;
        one["vertex"] = other.hull->entries[i].vertex;
      }
      entries.push_back(std::move(one));
    }
    hulls.push_back({{"differs", other.differs},
                     {"problem", other.problem.empty() ? Json(nullptr) : Json(other.problem)},
                     {"entries", std::move(entries)}});
  }
  return hulls;
}

Json validations_json(const Report& report) {
  std::map<std::string, std::string> degeneracies;
  for (const ReportEntry& entry : report.content.entries) {
    if (report.content.validations.empty()) break;
    if (entry.degeneracy) degeneracies.emplace(entry.id, decimal_text(entry.degeneracy));
  }
  Json list = Json::array();
  for (const ReportValidation& one : report.content.validations) {
    Json models = Json::array(), labels = Json::array();
    for (const ReportValidation::Model& model : one.models) {
      Json groups = Json::array();
      for (const ReportValidation::Group& group : model.groups) {
        groups.push_back({{"by", group.by},
                          {"name", group.name},
                          {"n", group.count},
                          {"rmse", group.rmse_ev_per_atom},
                          {"mae", group.mae_ev_per_atom},
                          {"rmse_by_degeneracy", group.rmse_by_degeneracy ? Json(*group.rmse_by_degeneracy) : Json()},
                          {"mae_by_degeneracy", group.mae_by_degeneracy ? Json(*group.mae_by_degeneracy) : Json()}});
      }
      Json parity = Json::array();
      for (const ReportValidation::Point& point : model.parity) {
        parity.push_back({{"id", point.id},
                          {"formula", point.formula},
                          {"actual", point.actual_ev_per_atom},
                          {"predicted", point.predicted_ev_per_atom},
                          {"degeneracy", point.degeneracy > 0 ? Json(std::to_string(point.degeneracy)) : Json()}});
      }
      models.push_back({{"kind", model.kind}, {"groups", std::move(groups)}, {"parity", std::move(parity)}});
      Json parts = Json::array();
      for (const ReportValidation::Part& part : model.parts)
        parts.push_back({{"name", part.name}, {"only", part.only_ev_per_atom}, {"without", part.without_ev_per_atom}});
      models.back()["parts"] = std::move(parts);
      models.back()["rmse"] = model.rmse_ev_per_atom;
    }
    for (const ReportValidation::Label& label : one.labels) {
      const auto known = degeneracies.find(label.id);
      labels.push_back({{"id", label.id},
                        {"space", label.space},
                        {"formula", label.formula},
                        {"degeneracy", known == degeneracies.end() ? Json(nullptr) : Json(known->second)},
                        {"e_above_hull", label.e_above_hull_ev_per_atom},
                        {"predicted", label.predicted_above_hull_ev_per_atom}});
    }
    list.push_back(
        {{"name", one.name}, {"protocol", one.protocol}, {"models", std::move(models)}, {"labels", std::move(labels)}});
  }
  return list;
}

Json path_models_json(const Report& report) {
  Json list = Json::array();
  for (const ReportPathModel& model : report.content.path_models) {
    Json columns = Json::array(), parity = Json::array();
    for (const ReportPathModel::Column& column : model.columns) {
      columns.push_back({{"group", column.group},
                         {"name", column.name},
                         {"coefficient", column.coefficient},
                         {"importance", column.importance}});
    }
    for (const auto& [known, predicted] : model.parity) parity.push_back({known, predicted});
    list.push_back({{"space", model.space},
                    {"target", model.target},
                    {"method", model.method},
                    {"labels", model.parity.size()},
                    {"rmse", model.rmse},
                    {"out_of_sample_rmse", model.out_of_sample_rmse},
                    {"columns", std::move(columns)},
                    {"parity", std::move(parity)}});
  }
  return list;
}

}  // namespace hullscan
