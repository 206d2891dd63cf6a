// Samples by size and number of elements, and one campaign that has every panel.
#include <algorithm>
#include <cmath>

#include "core/hash.hpp"
#include "sample_reports.hpp"

namespace hullscan::test {
namespace {

double space_noise(std::uint64_t word) { return static_cast<double>(random_bits(11, word) >> 11) / 9007199254740992.0; }

Structure rock_salt_layer(const std::vector<Species>& atoms, double edge) {
  Structure structure{Lattice(edge * Eigen::Matrix3d(Eigen::Vector3d(2, 1, 1).asDiagonal())), {}, {}};
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    structure.species.push_back(atoms[i]);
    const double k = static_cast<double>(i);
    structure.positions.push_back(
        {Eigen::Vector3d(std::fmod(k * 0.25, 1.0), std::fmod(k * 0.5, 1.0), i % 3 == 0 ? 0.0 : 0.5)});
  }
  return structure;
}

}  // namespace

ReportContent half_finished_campaign() {
  ReportContent content = binary_campaign();
  content.campaign = "half finished";
  content.entries.resize(1);
  content.rounds.clear();
  content.outlook.reset();
  content.failures.clear();
  for (ReportSpace& space : content.spaces) {
    for (ReportSupercell& supercell : space.supercells) {
      for (ReportComposition& composition : supercell.compositions) {
        composition.enumerated_orbits.reset();
        composition.degeneracy_sum.reset();
        composition.lowest_predicted_ev_per_atom.reset();
      }
    }
  }
  return content;
}

ReportContent two_phases_campaign() {
  ReportContent content = empty_campaign();
  content.campaign = "Li in NiO2, two stackings";
  const Species li = Species::from_symbol("Li"), ni = Species::from_symbol("Ni"), o = Species::from_symbol("O");
  const std::map<std::string, std::string> keys = {{"code", "quantum-espresso"}, {"functional", "PBE"}};
  content.temperatures_kelvin = {300, 600, 1200};
  content.working_ion = li;
  std::uint64_t draw = 0;
  for (const std::string name : {"O3", "O1"}) {
    ReportSpace space{name, name + ".cif", 166, "R-3m", false, {}};
    ReportSupercell supercell;
    supercell.matrix = SupercellMatrix(Eigen::Vector3i(2, 1, 1).asDiagonal());
    supercell.sites = 4;
    supercell.group_order = 8;
    for (int n = 0; n <= 4; ++n) {
      ReportComposition c;
      c.counts = {{"Li.Li", n}, {"Li.Va", 4 - n}};
      c.composition = Composition({{li, n}, {ni, 4}, {o, 8}});
      const int total = n == 2 ? 6 : n % 4 == 0 ? 1 : 4;
      c.total = c.degeneracy_sum = total;
      c.inequivalent = c.enumerated_orbits = n == 2 ? 2 : 1;
      const double x = n / 4.0, formation = -0.2 * x * (1 - x) + (name == "O1" ? 0.01 + 0.04 * (x - 0.3) : 0.0);
      c.lowest_predicted_ev_per_atom = formation - 0.002;
      c.histogram_low_ev_per_atom = formation - 0.002;
      c.histogram_bin_ev_per_atom = 0.002;
      c.histogram = {1, n == 2 ? 1U : 0U};
      c.histogram_configurations = {n == 2 ? 4U : static_cast<std::uint64_t>(total), n == 2 ? 2U : 0U};
      c.predicted_average = {formation - 0.0005, 0.0012 * x};
      for (const double t : content.temperatures_kelvin)
        c.free_energies.push_back({t, formation - 0.002 - 8.617e-5 * t * std::log(total) / (12 + n)});
      supercell.compositions.push_back(c);
      for (int k = 0; k < (n == 2 ? 2 : 1); ++k) {
        ReportEntry entry;
        entry.id = name + "-" + std::to_string(n) + std::to_string(k);
        entry.space = name;
        entry.matrix = supercell.matrix;
        entry.composition = c.composition;
        entry.counts = c.counts;
        entry.degeneracy = n == 2 ? (k == 0 ? 4 : 2) : total;
        entry.space_group_number = 12;
        entry.energy_ev = n * -23.6 + 4 * -19.0 + (12 + n) * (formation + 0.008 * k);
        entry.predicted_ev_per_atom = formation + 0.004 * (space_noise(draw++) - 0.5);
        entry.round = k + n / 3;
        entry.attempts = 1;
        if (name == "O3") entry.pulay_correction_ev_per_atom = -0.0042 + 0.001 * n;
        if (name == "O3" && n == 1)
          entry.remarks = {"closing single point: ISMEAR = 0 instead of -5 (vasp-gaussian-smearing)"};
        std::vector<Species> atoms(static_cast<std::size_t>(n), li);
        atoms.insert(atoms.end(), 4, ni);
        atoms.insert(atoms.end(), 8, o);
        entry.structure = rock_salt_layer(atoms, 5.0 - 0.05 * x + 0.02 * k);
        entry.keys = keys;
        entry.directory = "tasks/" + entry.id + "/1";
        content.entries.push_back(std::move(entry));
      }
    }
    space.supercells.push_back(supercell);
    content.spaces.push_back(space);
    for (int k = 0; k < 9; ++k) {
      content.coefficients.push_back({name,
                                      (k < 2   ? "point Li "
                                       : k < 6 ? "pair Li-Li "
                                               : "triplet Li-Li-Li ") +
                                          std::to_string(k + 2) + ".83 Å (" + std::to_string(3 + k) + " per cell)",
                                      1 + k / 3, 3 + k, 0.02 * (space_noise(draw++) - 0.5)});
    }
    content.rounds.push_back({1, "cluster-expansion (" + name + ")", 4, 5, 0.031, 0.01});
    content.rounds.push_back({2, "cluster-expansion (" + name + ")", 6, 5, 0.012, 0.006});
  }
  content.references.push_back({{"metal", Composition({{li, 2}}), -2 * 20.0, keys}, "references.json"});
  content.references.push_back(
      {{"mp-25411", Composition({{ni, 1}, {o, 2}}), -17.2, {{"code", "vasp"}, {"functional", "PBE"}}},
       "references.json"});
  content.references.push_back(
      {{"mp-25592", Composition({{li, 1}, {ni, 1}, {o, 2}}), -21.4, {{"code", "vasp"}, {"functional", "PBE"}}},
       "references.json"});
  content.measured = {{{}, 0.25, "volume", 61.0, "Ohzuku 1993"},
                      {{}, 0.9, "volume", 61.8, "Ohzuku 1993"},
                      {{}, 0.5, "voltage", 3.9, "Ohzuku 1993"},
                      {{}, 0.5, "a", 4.97, ""}};
  ReportCandidate candidate{"O3", Composition({{li, 2}, {ni, 4}, {o, 8}}), 2, -0.06, "not selected", {}, {}};
  candidate.structure = content.entries.front().structure;
  content.candidates.push_back(candidate);
  content.failures = {{"O1-9", "O1", Composition({{li, 2}, {ni, 4}, {o, 8}}), 3, "failed", "not enough memory"}};
  std::vector<PathSample> paths;
  for (const std::string type : {"path 1: Li1-Li1 2.88 Å", "path 2: Li1-Li2 3.15 Å"}) {
    for (int dopants = 1; dopants <= 3; ++dopants) {
      for (int k = 0; k < 40; ++k) {
        const double value = 0.3 + 0.05 * dopants + 0.3 * space_noise(draw++);
        paths.push_back({type, dopants, value, value, value, 1, 2.0 + k % 3, dopants == 1});
      }
    }
  }
  content.paths.push_back(path_statistics(paths));
  content.paths.back().space = "O3";
  content.paths.back().quantity = "barrier (eV)";
  content.paths.back().reference = "Ni.Ti == 1";
  for (int k = 0; k < 60; ++k) {
    const double distance = 1.5 + 9 * space_noise(draw++), angle = 90 * space_noise(draw++);
    content.paths.back().map.push_back({k % 2 == 0 ? "path 1: Li1-Li1 2.88 Å" : "path 2: Li1-Li2 3.15 Å", distance,
                                        angle, 0.6 - 0.02 * distance + 0.05 * space_noise(draw++), 2.0 + k % 3});
  }
  ReportPathModel path_model{"O3", "barrier (eV)", "ridge", 0.021, 0.034, {}, {}};
  for (const char* group : {"path type", "distance", "angle"}) {
    for (int k = 1; k <= 4; ++k)
      path_model.columns.push_back(
          {group, std::string(group) + " " + std::to_string(k), 0.1 * (space_noise(draw++) - 0.5), 1.0 / 12});
  }
  for (int k = 0; k < 70; ++k) {
    const double barrier = 0.3 + 0.3 * space_noise(draw++);
    path_model.parity.emplace_back(barrier, barrier + 0.05 * (space_noise(draw++) - 0.5));
  }
  content.path_models.push_back(path_model);
  for (int repeat = 1; repeat <= 3; ++repeat) {
    ReportValidation validation{
        "repeat" + std::to_string(repeat), "5-fold, random, seed " + std::to_string(repeat), {}, {}};
    for (const char* kind : {"ridge", "cluster-expansion"}) {
      ReportValidation::Model model{kind, {{"all", "all labels", 14, 0.004 + 0.001 * space_noise(draw++), 0.003}}};
      for (const char* formula : {"NiO2", "LiNi4O8", "LiNi2O4", "Li3Ni4O8", "LiNiO2"})
        model.groups.push_back({"composition", formula, 3, 0.002 + 0.004 * space_noise(draw++), 0.002});
      for (const char* space : {"O3", "O1"})
        model.groups.push_back({"space", space, 7, 0.003 + 0.002 * space_noise(draw++), 0.002});
      validation.models.push_back(std::move(model));
    }
    for (const ReportEntry& entry : content.entries) {
      const double above = entry.space == "O1" ? 0.02 : 0.001;
      validation.labels.push_back(
          {entry.id,
           entry.space,
           entry.composition.reduced().formula(),
           above,
           {above + 0.006 * (space_noise(draw++) - 0.5), above + 0.008 * (space_noise(draw++) - 0.5)}});
    }
    content.validations.push_back(std::move(validation));
  }
  content.changed = "2026-03-01T12:34:56Z";
  content.space_group_symbols = {{12, "C2/m"}};
  content.crystal_symprec_angstrom = 0.01;
  content.crystals["O3-40"] = {166, "R-3m", 2.88, 2.88, 14.2, 90, 90, 120, 8.5, "F5_1", "NaCrS2", "ABC2_hR4_166_a_b_c"};
  content.crystals["O3-00"] = {12, "C2/m", 4.9, 2.83, 5.6, 90, 115.2, 90, 9.1, "", "", ""};
  return content;
}

ReportContent campaign_of(int elements, int entries) {
  ReportContent content = empty_campaign();
  content.campaign = std::to_string(elements) + " elements, " + std::to_string(entries) + " entries";
  const char* const symbols[] = {"Li", "Ni", "Co", "Mn", "O"};
  constexpr int kSites = 24;
  std::vector<Species> species;
  for (int k = 0; k < elements; ++k) species.push_back(Species::from_symbol(symbols[k]));
  ReportSpace space{"alloy", "alloy.cif", 225, "Fm-3m", true, {}};
  for (int i = 0; i < entries; ++i) {
    // The pure elements first, then any composition.
    std::vector<int> counts(static_cast<std::size_t>(elements), 0);
    if (i < elements) {
      counts[static_cast<std::size_t>(i)] = kSites;
    } else {
      std::vector<int> cuts = {0, kSites};
      for (int k = 1; k < elements; ++k)
        cuts.push_back(static_cast<int>(space_noise(static_cast<std::uint64_t>(8 * i + k)) * (kSites + 1)));
      std::sort(cuts.begin(), cuts.end());
      for (std::size_t k = 0; k < counts.size(); ++k) counts[k] = cuts[k + 1] - cuts[k];
    }
    std::map<Species, std::int64_t> atoms;
    double mixing = 0;
    for (std::size_t k = 0; k < counts.size(); ++k) {
      atoms[species[k]] += counts[k];
      for (std::size_t j = 0; j < k; ++j)
        mixing -= (0.1 + 0.05 * static_cast<double>(k + j)) * counts[k] * counts[j] / (kSites * kSites);
    }
    ReportEntry entry;
    entry.id = "alloy-" + hash128_hex(std::to_string(i)).substr(0, 10);
    entry.space = "alloy";
    entry.composition = Composition(atoms);
    entry.degeneracy = 1;
    const double formation =
        i < elements ? 0.0 : mixing + 0.12 * std::pow(space_noise(static_cast<std::uint64_t>(900000 + i)), 1.5);
    entry.energy_ev = kSites * (formation - 4.0);
    entry.predicted_ev_per_atom = formation + 0.02 * (space_noise(static_cast<std::uint64_t>(1900000 + i)) - 0.5);
    entry.round = i % 4;
    if (entries < 2000) entry.structure = rock_salt_layer(std::vector<Species>(24, species[0]), 4.0);
    content.entries.push_back(std::move(entry));
  }
  content.spaces.push_back(space);
  return content;
}

std::vector<Sample> samples(bool everything) {
  const std::string summary = "Summary", settings = "Settings and provenance", hull = "Formation energy and hull",
                    table = "Stable and near-stable phases", parity = "Surrogate against calculation",
                    rounds = "Surrogate by round", failed = "Calculations that failed", structure = "Structure",
                    predicted = "Surrogate hull against calculated hull", spread = "Spread of formation energies",
                    finite = "Finite temperature", phases = "Phase difference",
                    predicted_phases = "Phase difference, predicted", levels = "Spread by composition",
                    lattice = "Lattice parameters and volume", lacking = "What the hull may still lack";
  if (!everything) {
    return {{"binary",
             binary_campaign(),
             {summary, hull, predicted, lacking, table, structure, parity, rounds, finite, phases, predicted_phases,
              lattice, failed, settings}},
            {"ternary", ternary_campaign(), {summary, "Composition triangle", "Cuts of the hull", table, settings}},
            {"hostile",
             hostile_campaign(),
             {summary, hull, lacking, table, structure, parity, rounds, lattice, failed, settings, predicted}},
            {"empty", empty_campaign(), {summary, settings}},
            {"two_phases",
             two_phases_campaign(),
             {summary,
              hull,
              predicted,
              spread,
              table,
              structure,
              parity,
              "What the surrogate weighs",
              rounds,
              finite,
              phases,
              predicted_phases,
              levels,
              "Two models against each other",
              "Model errors by group",
              "Map of dopants round a path",
              "Model of migration paths against its labels",
              "What the model of migration paths weighs",
              "Voltage",
              lattice,
              "What touched these energies",
              "Migration paths",
              "References with other settings",
              failed,
              settings}}};
  }
  std::vector<Sample> list = {
      {"pseudo_binary",
       pseudo_binary_campaign(),
       {summary, hull, predicted, spread, levels, table, parity, rounds, settings}},
      {"half_finished", half_finished_campaign(), {summary, table, structure, settings, parity, finite, lattice}}};
  for (int elements = 1; elements <= 5; ++elements) {
    for (const int entries : {1, 1000, 100000}) {
      Sample sample{"elements" + std::to_string(elements) + "_entries" + std::to_string(entries),
                    campaign_of(elements, std::max(entries, entries == 1 ? 1 : elements)),
                    {summary, table, parity, settings}};
      if (entries > 1 && elements == 2) sample.panels.push_back(hull);
      if (entries > 1 && elements == 3) sample.panels.push_back("Composition triangle");
      if (entries > 1 && elements == 4) sample.panels.push_back("Composition tetrahedron");
      if (entries < 2000) sample.panels.push_back(structure);
      // Of four elements or more the page holds no averages of so many compositions.
      if (entries < 2000 && (entries == 1 || elements <= 3)) sample.panels.push_back(lattice);
      list.push_back(std::move(sample));
    }
  }
  return list;
}

}  // namespace hullscan::test
