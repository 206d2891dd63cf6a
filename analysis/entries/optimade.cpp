#include <algorithm>

#include "analysis/report/report_files.hpp"
#include "core/decimals.hpp"

namespace hullscan {
namespace {

std::string with_count(const std::string& symbol, std::int64_t count) {
  return symbol + (count == 1 ? "" : std::to_string(count));
}

/// "A2B" of the counts, largest first; letters after Z are "Aa", "Ba", … as the specification has it.
std::string anonymous(std::vector<std::int64_t> counts) {
  std::sort(counts.rbegin(), counts.rend());
  std::string formula;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    std::string letter(1, static_cast<char>('A' + i % 26));
    if (i >= 26) letter += static_cast<char>('a' + i / 26 - 1);
    formula += with_count(letter, counts[i]);
  }
  return formula;
}

Json attributes_of(const ReportEntry& entry, const HullEntryResult* hull) {
  const Structure& structure = *entry.structure;
  const Composition composition = structure.composition(), reduced = composition.reduced();
  std::map<std::string, std::int64_t> alphabetical;
  for (const auto& [species, count] : reduced.counts()) alphabetical[std::string(species.symbol())] = count;
  Json elements = Json::array(), ratios = Json::array(), species = Json::array();
  std::string formula;
  std::vector<std::int64_t> counts;
  for (const auto& [symbol, count] : alphabetical) {
    elements.push_back(symbol);
    ratios.push_back(static_cast<double>(count) / static_cast<double>(reduced.atom_count()));
    formula += with_count(symbol, count);
    counts.push_back(count);
    species.push_back({{"name", symbol}, {"chemical_symbols", {symbol}}, {"concentration", {1.0}}});
  }
  Json lattice = Json::array(), positions = Json::array(), at_sites = Json::array();
  const auto& rows = structure.lattice.rows();
  for (int i = 0; i < 3; ++i) lattice.push_back({rows(i, 0), rows(i, 1), rows(i, 2)});
  for (std::size_t i = 0; i < structure.atom_count(); ++i) {
    const Eigen::Vector3d x = structure.lattice.to_cartesian(structure.positions[i]).x;
    positions.push_back({x(0), x(1), x(2)});
    at_sites.push_back(std::string(structure.species[i].symbol()));
  }
  Json attributes = {{"elements", std::move(elements)},
                     {"nelements", alphabetical.size()},
                     {"elements_ratios", std::move(ratios)},
                     {"chemical_formula_descriptive", composition.formula()},
                     {"chemical_formula_reduced", formula},
                     {"chemical_formula_anonymous", anonymous(counts)},
                     {"dimension_types", {1, 1, 1}},
                     {"nperiodic_dimensions", 3},
                     {"lattice_vectors", std::move(lattice)},
                     {"cartesian_site_positions", std::move(positions)},
                     {"nsites", structure.atom_count()},
                     {"species", std::move(species)},
                     {"species_at_sites", std::move(at_sites)},
                     {"structure_features", Json::array()},
                     {"last_modified", nullptr},
                     {"immutable_id", nullptr},
                     {"_hullscan_space", entry.space},
                     {"_hullscan_degeneracy", decimal_text(entry.degeneracy)},
                     {"_hullscan_energy", published_ev(entry.energy_ev)}};
  if (hull != nullptr) {
    attributes["_hullscan_formation_energy_per_atom"] = published_ev(hull->formation_energy_ev_per_atom);
    attributes["_hullscan_e_above_hull"] = published_ev(hull->e_above_hull_ev_per_atom);
  }
  return attributes;
}

}  // namespace

Json optimade_json(const Report& report) {
  Json data = Json::array();
  for (std::size_t i = 0; i < report.content.entries.size(); ++i) {
    const ReportEntry& entry = report.content.entries[i];
    if (!entry.structure) continue;
    data.push_back({{"type", "structures"},
                    {"id", entry.id},
                    {"attributes", attributes_of(entry, report.hull ? &report.of_entry(i) : nullptr)}});
  }
  const std::size_t count = data.size();
  return {
      {"data", std::move(data)},
      {"meta",
       {{"query", {{"representation", "/structures"}}},
        {"api_version", "1.1.0"},
        {"more_data_available", false},
        {"data_returned", count},
        {"provider", {{"name", "hullscan"}, {"description", "structures of one campaign"}, {"prefix", "hullscan"}}}}}};
}

}  // namespace hullscan
