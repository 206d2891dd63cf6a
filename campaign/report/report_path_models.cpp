#include "campaign/report/report_path_models.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "campaign/descriptor_table.hpp"
#include "core/errors.hpp"
#include "core/log.hpp"
#include "surrogates/models/pair_model.hpp"

namespace hullscan {
namespace {

ReportPathModel fitted_to(const DescriptorTable& table, PairModel& model, const std::string& file) {
  const Eigen::VectorXd targets = table.numbers(model.settings().target, file);
  const TableFit fit = model.learn(table.columns, table.features, targets);
  const TableModel& learnt = model.table_model();
  ReportPathModel report;
  report.target = model.settings().target;
  report.method = table_method_name(learnt.settings().method);
  report.rmse = fit.rmse;
  report.out_of_sample_rmse = fit.out_of_sample_rmse;
  for (std::size_t c = 0; c < table.columns.names.size(); ++c) {
    const auto i = static_cast<Eigen::Index>(c);
    report.columns.push_back({table.columns.groups[c], table.columns.names[c],
                              i < learnt.linear().size() ? learnt.linear()[i] : 0.0,
                              c < learnt.importance().size() ? learnt.importance()[c] : 0.0});
  }
  for (std::size_t row = 0; row < fit.out_of_sample_residuals.size(); ++row) {
    const double known = targets[static_cast<Eigen::Index>(row)];
    report.parity.emplace_back(known, known - fit.out_of_sample_residuals[row]);
  }
  return report;
}

}  // namespace

std::vector<ReportPathModel> report_path_models(const Campaign& campaign, const std::vector<SearchSpace>& spaces) {
  std::vector<ReportPathModel> all;
  const auto labels = label_table(campaign);
  if (!labels) return all;
  try {
    const DescriptorTable table = read_descriptor_table(*labels);
    for (const SearchSpace& space : spaces) {
      if (space.spec().markers.empty()) continue;
      Problems problems;
      const std::unique_ptr<Surrogate> model = make_pair_model(campaign.surrogates.front(), space.parent(), problems);
      problems.throw_if_any();
      all.push_back(fitted_to(table, dynamic_cast<PairModel&>(*model), labels->filename().string()));
      all.back().space = space.name();
    }
  } catch (const InputError& error) {
    log_warning(fmt::format("the report does not show the model of paths: {}", error.what()));
  } catch (const FormatError& error) {
    log_warning(fmt::format("the report does not show the model of paths: {}", error.what()));
  }
  return all;
}

}  // namespace hullscan
