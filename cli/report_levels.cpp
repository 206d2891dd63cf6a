#include "cli/report_levels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <optional>
#include <tuple>

#include "cli/terminal.hpp"
#include "cli/validation_spread.hpp"
#include "core/big_integer.hpp"
#include "core/text_table.hpp"

namespace hullscan::cli {
namespace {

std::string mev(std::optional<double> ev, int digits = 1) {
  return ev ? fmt::format("{:.{}f}", 1000 * *ev, digits) : "-";
}

struct Moments {
  double mean = 0, deviation = 0;
};

/// Of all configurations, from the middles of the histogram's bins.
std::optional<Moments> distribution_of(const ReportComposition& composition) {
  double weight = 0, sum = 0, squares = 0;
  for (std::size_t bin = 0; bin < composition.histogram_configurations.size(); ++bin) {
    const auto n = static_cast<double>(composition.histogram_configurations[bin]);
    const double energy = composition.histogram_low_ev_per_atom +
                          (static_cast<double>(bin) + 0.5) * composition.histogram_bin_ev_per_atom;
    weight += n;
    sum += n * energy;
    squares += n * energy * energy;
  }
  if (weight <= 0) return std::nullopt;
  const double mean = sum / weight;
  return Moments{mean, std::sqrt(std::max(0.0, squares / weight - mean * mean))};
}

std::string mean_degeneracy(const ReportComposition& composition) {
  if (!composition.total || !composition.inequivalent || *composition.inequivalent == 0) return "-";
  return fmt::format("{:.2f}",
                     composition.total->convert_to<double>() / composition.inequivalent->convert_to<double>());
}

/// The lowest of every composition of a space, by reduced composition.
std::map<Composition, const ReportComposition*> lowest_of(const ReportSpace& space) {
  std::map<Composition, const ReportComposition*> found;
  for (const ReportSupercell& supercell : space.supercells) {
    for (const ReportComposition& composition : supercell.compositions) {
      if (!composition.lowest_predicted_ev_per_atom) continue;
      const ReportComposition*& known = found[composition.composition.reduced()];
      if (known == nullptr || *composition.lowest_predicted_ev_per_atom < *known->lowest_predicted_ev_per_atom)
        known = &composition;
    }
  }
  return found;
}

}  // namespace

void print_levels(const Report& report) {
  TextTable table({"space", "composition", "configurations", "inequivalent", "mean weight", "lowest", "mean",
                   "± deviation", "Boltzmann", "± deviation"},
                  {'l', 'l', 'r', 'r', 'r', 'r', 'r', 'r', 'r', 'r'});
  BigInteger total = 0, inequivalent = 0;
  std::size_t rows = 0;
  for (const ReportSpace& space : report.content.spaces) {
    for (const ReportSupercell& supercell : space.supercells) {
      for (const ReportComposition& composition : supercell.compositions) {
        const auto spread = distribution_of(composition);
        const auto& average = composition.predicted_average;
        total += composition.total.value_or(0);
        inequivalent += composition.inequivalent.value_or(0);
        ++rows;
        table.row({space.name, composition.composition.formula(), composition.total ? composition.total->str() : "-",
                   composition.inequivalent ? composition.inequivalent->str() : "-", mean_degeneracy(composition),
                   mev(composition.lowest_predicted_ev_per_atom),
                   mev(spread ? std::optional(spread->mean) : std::nullopt),
                   mev(spread ? std::optional(spread->deviation) : std::nullopt),
                   mev(average ? std::optional(average->mean_ev_per_atom) : std::nullopt),
                   mev(average ? std::optional(average->deviation_ev_per_atom) : std::nullopt)});
      }
    }
  }
  if (rows == 0) return;
  std::cout << "\n" << table.str(output_columns());
  fmt::print("total: {} configurations, {} inequivalent\n", total.str(), inequivalent.str());
  print_words(
      fmt::format("Predicted formation energies, meV/atom: the lowest; mean and deviation over all "
                  "configurations; Boltzmann average at {:g} K.",
                  report.temperature_kelvin));
}

void print_phase_differences(const Report& report) {
  TextTable table({"space", "against", "composition", "lowest", "Boltzmann", "± deviation"},
                  {'l', 'l', 'l', 'r', 'r', 'r'});
  std::size_t rows = 0;
  const auto& spaces = report.content.spaces;
  for (std::size_t a = 0; a < spaces.size(); ++a) {
    const auto of_a = lowest_of(spaces[a]);
    for (std::size_t b = a + 1; b < spaces.size(); ++b) {
      const auto of_b = lowest_of(spaces[b]);
      std::vector<std::pair<const ReportComposition*, const ReportComposition*>> shared;
      for (const ReportSupercell& supercell : spaces[a].supercells) {
        for (const ReportComposition& one : supercell.compositions) {
          const Composition reduced = one.composition.reduced();
          const auto lowest = of_a.find(reduced), other = of_b.find(reduced);
          if (lowest != of_a.end() && lowest->second == &one && other != of_b.end())
            shared.emplace_back(&one, other->second);
        }
      }
      if (shared.size() < 2) continue;  // spaces that have only their parent in common
      for (const auto& [one, other] : shared) {
        const auto &p = one->predicted_average, &q = other->predicted_average;
        ++rows;
        table.row(
            {spaces[a].name, spaces[b].name, one->composition.formula(),
             mev(*one->lowest_predicted_ev_per_atom - *other->lowest_predicted_ev_per_atom, 2),
             mev(p && q ? std::optional(p->mean_ev_per_atom - q->mean_ev_per_atom) : std::nullopt, 2),
             mev(p && q ? std::optional(std::hypot(p->deviation_ev_per_atom, q->deviation_ev_per_atom)) : std::nullopt,
                 2)});
      }
    }
  }
  if (rows == 0) return;
  std::cout << "\n" << table.str(output_columns());
  print_words("Predicted energy of the first space less that of the second, meV/atom; below zero the first is lower.");
}

void print_validations(const Report& report) {
  std::vector<GroupSpread> spreads = group_spreads(report.content.validations);
  if (spreads.empty()) return;
  std::sort(spreads.begin(), spreads.end(), [](const GroupSpread& a, const GroupSpread& b) {
    return std::tie(a.by, a.group, a.kind) < std::tie(b.by, b.group, b.kind);
  });
  TextTable table({"by", "group", "model", "labels", "repeats", "RMSE", "± deviation", "smallest", "largest"},
                  {'l', 'l', 'l', 'r', 'r', 'r', 'r', 'r', 'r'});
  for (const GroupSpread& one : spreads) {
    const SpreadNumber rmse = spread_of(one.rmse);
    table.row({one.by, one.group, one.kind, std::to_string(one.labels.back()), std::to_string(one.rmse.size()),
               fmt::format("{:.2f}", rmse.mean), one.rmse.size() < 2 ? "-" : fmt::format("{:.2f}", rmse.deviation),
               fmt::format("{:.2f}", rmse.smallest), fmt::format("{:.2f}", rmse.largest)});
  }
  std::cout << "\n" << table.str(output_columns());
  print_words("RMSE of labels that the models had not seen, meV/atom, over the validations that are kept.");
}

}  // namespace hullscan::cli
