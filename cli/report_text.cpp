#include "cli/report_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "cli/hull_questions.hpp"
#include "cli/path_table.hpp"
#include "cli/terminal.hpp"
#include "core/big_integer.hpp"

namespace hullscan::cli {

HullTextOptions text_options() {
  constexpr std::size_t kMargin = 10;  // of the plot's numbers, and one column that stays free
  HullTextOptions options;
  options.unicode = unicode_allowed();
  options.columns = output_columns();
  if (options.columns > 0)
    options.width = std::min(options.width, static_cast<int>(std::max(options.columns, kMargin + 20) - kMargin));
  return options;
}

void print_summary(const Report& report) {
  fmt::print("{}\n", report.content.campaign);
  std::map<std::string, std::size_t> lists;
  for (const ReportSpace& space : report.content.spaces) {
    if (!space.list.empty()) {
      ++lists[space.list];
      continue;
    }
    BigInteger total = 0, inequivalent = 0;
    std::size_t compositions = 0;
    Books books = Books::kClosed;
    for (const ReportSupercell& supercell : space.supercells) {
      for (const ReportComposition& composition : supercell.compositions) {
        ++compositions;
        total += composition.total.value_or(0);
        inequivalent += composition.inequivalent.value_or(0);
        const Books here = books_of(space, composition);
        if (here == Books::kWrong || books == Books::kClosed) books = here;
      }
    }
    print_words(fmt::format("  {}: {} configurations, {} inequivalent, {} composition{}; {}", space.name, total.str(),
                            inequivalent.str(), compositions, compositions == 1 ? "" : "s",
                            space.sampled             ? "sampled"
                            : books == Books::kClosed ? "books closed"
                            : books == Books::kOpen   ? "not fully enumerated"
                                                      : "BOOKS DO NOT CLOSE"),
                "    ");
  }
  for (const auto& [list, structures] : lists)
    fmt::print("  {}: a list of {} structure{}\n", list, structures, structures == 1 ? "" : "s");
  const std::size_t aside = report.content.set_aside.size();
  fmt::print("  {} calculated, {} failed, {}{} reference{}\n\n", report.content.entries.size(),
             report.content.failures.size(), aside > 0 ? fmt::format("{} set aside, ", aside) : "",
             report.content.references.size(), report.content.references.size() == 1 ? "" : "s");
  for (const ReportSetAside& one : report.content.set_aside)
    print_words(fmt::format("  {} ({}) does not count, {} by {}: {}", one.id, one.composition.formula(), one.standing,
                            one.who, one.why),
                "    ");
  if (aside > 0) fmt::print("\n");
}

void print_curves(const Report& report) {
  for (const ReportVoltage& voltage : report.voltages) {
    fmt::print("\n{}: {}", voltage.space, voltage.profile ? voltage_table(*voltage.profile) : voltage.problem + "\n");
  }
  const HullTextOptions text = text_options();
  for (const ReportCut& cut : report.cuts)
    fmt::print("\n{}", cut.cut ? cut_table(*cut.cut, *report.hull, text) : cut.asked + ": " + cut.problem + "\n");
  for (const PathStatistics& paths : report.content.paths) fmt::print("\n{}", path_table(paths));
  for (const ReportOtherHull& other : report.other_hulls) {
    fmt::print("\n");
    print_words(fmt::format("{} reference{} not on this hull: {}", other.references.size(),
                            other.references.size() == 1 ? "" : "s", other.differs));
  }
}

void print_hull(const Report& report) {
  if (!report.hull) {
    print_words("no hull: " + (report.hull_problem.empty() ? "nothing was computed" : report.hull_problem));
    return;
  }
  HullTextOptions options = text_options();
  options.near_hull_ev_per_atom = report.content.near_hull_ev_per_atom;
  options.axis = report.hull_axis;
  fmt::print("{}", hull_table(*report.hull, options));
  const std::string plot = hull_plot(*report.hull, options);
  if (!plot.empty()) fmt::print("\n{}", plot);
}

}  // namespace hullscan::cli
