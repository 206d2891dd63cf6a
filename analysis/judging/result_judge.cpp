#include "analysis/judging/result_judge.hpp"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>  // std::iota
#include <optional>
#include <tuple>
#include <utility>

#include "analysis/hull/hull_keys.hpp"
#include "analysis/judging/composition_curve.hpp"
#include "core/hash.hpp"
#include "core/lattice_departure.hpp"

namespace hullscan {
namespace {

// Limits for one result alone, which no sound calculation comes near; docs/results.md says where they come from.
constexpr double kHighestEnergyEvPerAtom = 1e6;  ///< all electrons of the heaviest elements: 8e5
constexpr double kHighestRelaxedForce = 0.5;     ///< eV/Å; usual thresholds of convergence are 0.01 to 0.1
constexpr double kHighestForce = 25;             ///< eV/Å, of an atom that may not move
constexpr double kHighestMeanForce = 0.2;      ///< eV/Å: by Newton's third law the forces of a cell add up to nothing
constexpr double kHighestRelaxedStress = 100;  ///< kbar
constexpr double kHighestStress = 3000;        ///< kbar, of a cell that may not change
constexpr double kLargestVolumeRatio = 4;      ///< of a relaxed cell to the one it began with, and its inverse
constexpr double kSameCellStrain = 0.005;      ///< of a cell that may not change: digits of outputs
constexpr double kSamePlaceAngstrom = 0.02;    ///< of atoms that may not move

// Against the others.
constexpr double kFarDeviations = 6;
constexpr double kFarBelow = 8;           ///< of energies of mixtures: a new ground state is what is looked for
constexpr double kShiftedAngstrom = 0.5;  ///< of a whole crystal; forces that cancel shift none
constexpr double kLeastEnergyOff = 0.15;  ///< eV/atom: nearer than that the composition alone is not evidence
constexpr double kLeastVolumeOff = 0.25;  ///< of the expected volume
constexpr double kNoEvidence = 100;       ///< eV/atom: an expectation less certain than this does not count as one
constexpr std::size_t kManyCompanions = 3;
constexpr double kLeastModelOff = 0.1;  ///< eV/atom
constexpr double kFarFromModel = 10;    ///< scaled medians
constexpr std::size_t kFewestLabels = 20;
constexpr std::size_t kWeighedCauses = 6;  ///< of those that stand out, how many are tried as the cause

std::string percent_text(double ratio) { return fmt::format("{:.3g} times", ratio); }

void judge_energy(const DftConverged& result, ResultFacts& facts) {
  if (!std::isfinite(result.energy_ev)) facts.faults.push_back("its energy is not a number");
  if (std::abs(facts.energy_ev_per_atom) > kHighestEnergyEvPerAtom)
    facts.faults.push_back(fmt::format("its energy is {:.4g} eV/atom, which no atom has", facts.energy_ev_per_atom));
}

void judge_forces(const DftConverged& result, ResultFacts& facts) {
  const bool relaxed = result.calculation != "scf" && result.calculation != kUnknownStart;
  if (result.forces_ev_per_angstrom && !result.forces_ev_per_angstrom->empty()) {
    double largest = 0;
    bool numbers = true;
    Eigen::Vector3d sum = Eigen::Vector3d::Zero();
    for (const Eigen::Vector3d& force : *result.forces_ev_per_angstrom) {
      numbers = numbers && force.allFinite();
      largest = std::max(largest, force.norm());
      sum += force;
    }
    const double mean = sum.norm() / static_cast<double>(result.forces_ev_per_angstrom->size());
    const double limit = relaxed ? kHighestRelaxedForce : kHighestForce;
    if (!numbers) {
      facts.faults.push_back("a force is not a number");
    } else if (largest > limit) {
      facts.faults.push_back(fmt::format("a force of {:.3g} eV/Å is left after {}, at most {:g} expected", largest,
                                         result.calculation, limit));
    } else if (mean > kHighestMeanForce) {
      facts.faults.push_back(
          fmt::format("its forces push the whole crystal with {:.3g} eV/Å per atom; they must cancel", mean));
    }
  }
  if (result.stress_kbar) {
    const double largest = result.stress_kbar->cwiseAbs().maxCoeff();
    const double limit = result.calculation == "vc-relax" ? kHighestRelaxedStress : kHighestStress;
    if (!result.stress_kbar->allFinite()) {
      facts.faults.push_back("its stress is not a number");
    } else if (largest > limit) {
      facts.faults.push_back(fmt::format("a stress of {:.4g} kbar is left after {}, at most {:g} expected", largest,
                                         result.calculation, limit));
    }
  }
}

/// How far all atoms went together, in the cell that was begun with; 0 where they went different ways.
double common_shift_angstrom(const Structure& start, const Structure& end) {
  constexpr double kTogether = 0.02;  // in fractions
  const auto nearest = [](Eigen::Vector3d x) -> Eigen::Vector3d { return x.array() - x.array().round(); };
  const Eigen::Vector3d first = nearest(end.positions.front().x - start.positions.front().x);
  for (std::size_t i = 1; i < start.atom_count(); ++i) {
    if (nearest(end.positions[i].x - start.positions[i].x - first).norm() > kTogether) return 0;
  }
  return start.lattice.distance_angstrom(start.positions.front(), Fractional{start.positions.front().x + first});
}

void judge_structure(const Structure& start, const DftConverged& result, ResultFacts& facts) {
  const Structure& end = result.structure;
  if (end.composition() != start.composition()) {
    facts.faults.push_back(fmt::format("its structure is {}, and {} was asked for", end.composition().formula(),
                                       start.composition().formula()));
    return;
  }
  const bool cell_may_change = result.calculation == "vc-relax" || result.calculation == kUnknownStart,
             atoms_may_move = result.calculation != "scf";
  const double ratio = end.lattice.volume_cubic_angstrom() / start.lattice.volume_cubic_angstrom();
  if (cell_may_change && !(ratio <= kLargestVolumeRatio && ratio >= 1 / kLargestVolumeRatio))
    facts.faults.push_back(fmt::format("its volume is {} that of its start", percent_text(ratio)));
  const auto departure = lattice_departure(start, end);
  facts.off_lattice = left_lattice(departure);
  facts.departure = departure ? departure->rms_displacement_angstrom + 2 * departure->shear_strain : 100;
  facts.departure += std::abs(std::log(ratio));
  facts.shift_angstrom = common_shift_angstrom(start, end);
  if (!cell_may_change &&
      (!departure || std::abs(ratio - 1) > 3 * kSameCellStrain || departure->shear_strain > kSameCellStrain))
    facts.faults.push_back(fmt::format("its cell has changed (volume {} the start's), which {} does not do",
                                       percent_text(ratio), result.calculation));
  else if (!atoms_may_move && departure && departure->rms_displacement_angstrom > kSamePlaceAngstrom)
    facts.faults.push_back(fmt::format("its atoms are {:.2g} Å (rms) from where they were put, and scf moves none",
                                       departure->rms_displacement_angstrom));
}

std::uint64_t fingerprint_of(const DftConverged& result) {
  std::vector<double> numbers{result.energy_ev};
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) numbers.push_back(result.structure.lattice.rows()(i, j));
  }
  for (const Fractional& position : result.structure.positions)
    numbers.insert(numbers.end(), position.x.data(), position.x.data() + 3);
  // Configurations of one supercell differ in nothing but their species, and a model may give them one energy.
  for (const Species species : result.structure.species) numbers.push_back(species.atomic_number());
  return hash64(std::as_bytes(std::span(numbers)));
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : "; ") + word;
  return text;
}

/// The same numbers as another task's, to the last bit: whoever is farther from what it began with is the copy.
void judge_copies(std::span<const ResultFacts> results, std::vector<std::string>& why) {
  std::map<std::uint64_t, std::vector<std::size_t>> alike;
  for (std::size_t i = 0; i < results.size(); ++i) alike[results[i].fingerprint].push_back(i);
  for (const auto& [fingerprint, members] : alike) {
    const std::size_t original = *std::min_element(members.begin(), members.end(), [&](std::size_t a, std::size_t b) {
      return results[a].departure < results[b].departure - 1e-9;
    });
    for (const std::size_t copy : members) {
      if (copy == original || results[copy].decided) continue;
      why[copy] = fmt::format("its energy and structure are those of {} to the last bit", results[original].id);
    }
  }
}

/// Atoms that all went the same way: no relaxation does that, but some programs put the origin elsewhere, then in most.
void judge_shifts(std::span<const ResultFacts> results, std::vector<std::string>& why) {
  const auto shifted = [](const ResultFacts& facts) { return facts.shift_angstrom > kShiftedAngstrom; };
  if (4 * std::count_if(results.begin(), results.end(), shifted) > static_cast<std::ptrdiff_t>(results.size())) return;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!why[i].empty() || results[i].decided || !shifted(results[i])) continue;
    why[i] =
        fmt::format("all its atoms are {:.2g} Å from where they began, in one direction: another order of the atoms?",
                    results[i].shift_angstrom);
  }
}

/// Settings that differ from those of most others never share a hull with them.
void judge_keys(std::span<const ResultFacts> results, std::vector<std::string>& why) {
  std::map<std::map<std::string, std::string>, std::vector<std::size_t>> of_keys;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (why[i].empty()) of_keys[results[i].hull_keys].push_back(i);
  }
  if (of_keys.size() < 2) return;
  std::vector<const std::vector<std::size_t>*> groups;
  for (const auto& [keys, members] : of_keys) groups.push_back(&members);
  std::stable_sort(groups.begin(), groups.end(), [](const auto* a, const auto* b) { return a->size() > b->size(); });
  const auto entry = [&](std::size_t i) {
    return HullEntry{results[i].id, results[i].composition, results[i].energy_ev_per_atom, results[i].hull_keys};
  };
  std::vector<HullEntry> accepted;
  for (const auto* members : groups) {
    std::vector<HullEntry> fits;
    for (const std::size_t i : *members) {
      const std::string difference = accepted.empty() ? "" : difference_in_keys(entry(i), accepted);
      // A person's word does not make settings equal: on one hull the differing ones would end the campaign.
      if (!difference.empty())
        why[i] = "its settings differ from the others': " + difference;
      else
        fits.push_back(entry(i));
    }
    accepted.insert(accepted.end(), fits.begin(), fits.end());
  }
}

/// One quantity of the results that are still trusted, against the others.
struct Quantity {
  CurvePriors priors;
  bool volume = false;
};

struct Finding {
  std::size_t result = 0;
  double times = 0;  ///< the limit; above 1 it stands out
  std::string words;
};

class Comparison {
 public:
  Comparison(std::span<const ResultFacts> results, Quantity quantity)
      : results_(results), quantity_(std::move(quantity)) {}

  [[nodiscard]] double value(std::size_t i) const {
    return quantity_.volume ? results_[i].volume_per_atom : results_[i].energy_ev_per_atom;
  }

  [[nodiscard]] std::vector<Finding> findings(std::span<const std::size_t> trusted) const {
    std::vector<CurvePoint> points;
    for (const std::size_t i : trusted) points.push_back({results_[i].lattice, results_[i].composition, value(i)});
    const CompositionCurve curve(points, quantity_.priors);
    std::vector<Finding> findings;
    for (std::size_t k = 0; k < trusted.size(); ++k) {
      const std::size_t i = trusted[k];
      const Expectation &others = curve.without_composition()[k], &all = curve.without_itself()[k];
      const double by_others = times_limit(i, others), by_all = times_limit(i, all);
      // Many labels of one composition that agree among themselves are right, whatever a smooth curve makes of them.
      const bool many = curve.companions()[k] >= kManyCompanions;
      const double times = many ? std::min(by_others, by_all) : std::max(by_others, by_all);
      if (times > 1) findings.push_back({i, times, words(i, by_all >= by_others || many ? all : others)});
    }
    return findings;
  }

 private:
  [[nodiscard]] double times_limit(std::size_t i, const Expectation& expected) const {
    const double least = quantity_.volume ? kLeastVolumeOff * std::abs(expected.value) : kLeastEnergyOff;
    if (!quantity_.volume && expected.deviation > kNoEvidence) return 0;
    const bool may_be_new =
        !quantity_.volume && value(i) < expected.value && results_[i].composition.counts().size() > 1;
    const double far = may_be_new ? kFarBelow : kFarDeviations;
    return std::abs(value(i) - expected.value) / std::max(least, far * expected.deviation);
  }

  [[nodiscard]] std::string words(std::size_t i, const Expectation& expected) const {
    if (quantity_.volume)
      return fmt::format("its volume is {:.4g} Å³/atom, and the others make it {:.4g} ± {:.2g}", value(i),
                         expected.value, expected.deviation);
    return fmt::format("its energy is {:.5g} eV/atom, and the others make it {:.5g} ± {:.2g}{}", value(i),
                       expected.value, expected.deviation, unit_words(value(i), expected.value));
  }

  /// The usual mix-ups of units, where the energy becomes what is expected by one of them.
  static std::string unit_words(double found, double expected) {
    struct Unit {
      double ev;
      const char* name;
    };
    constexpr std::array kUnits = {
        Unit{13.605693, "rydberg"},  Unit{27.211386, "hartree"},    Unit{1e-3, "meV"},
        Unit{0.010364270, "kJ/mol"}, Unit{0.043364104, "kcal/mol"}, Unit{-1, "the other sign"}};
    if (found == 0) return "; an energy of exactly 0 is a missing one";
    for (const Unit& unit : kUnits) {
      if (std::abs(found * unit.ev - expected) < 0.1 * std::abs(expected))
        return fmt::format("; as {} it would fit",
                           unit.name[0] == 't' ? unit.name : std::string("a number in ") + unit.name);
    }
    return "";
  }

  std::span<const ResultFacts> results_;
  Quantity quantity_;
};

/// How unlike the others a number is in size, whatever its composition.
double oddness(const Comparison& comparison, std::span<const std::size_t> trusted, std::size_t i) {
  std::vector<double> sizes;
  const auto size = [&](std::size_t k) { return std::log(std::abs(comparison.value(k)) + 1e-6); };
  for (const std::size_t k : trusted) sizes.push_back(size(k));
  return std::abs(size(i) - median_of(std::move(sizes)));
}

/// Sets aside one result after the other (or all of a composition that stand out together) until nothing stands out. A
/// wrong result makes others stand out too: of the worst, that one is the cause without which the rest agree best.
void set_aside(std::span<const ResultFacts> results, const Comparison& comparison, std::vector<std::size_t> trusted,
               std::vector<std::string>& why) {
  while (true) {
    std::vector<Finding> found = comparison.findings(trusted);
    if (found.empty()) return;
    std::stable_sort(found.begin(), found.end(), [](const Finding& a, const Finding& b) { return a.times > b.times; });
    // One cause: a single result, or those of a composition together.
    std::vector<std::vector<std::size_t>> causes;  // indices into `found`
    std::map<Composition, std::vector<std::size_t>> of_composition;
    for (std::size_t f = 0; f < found.size(); ++f) {
      auto& together = of_composition[results[found[f].result].composition.reduced()];
      together.push_back(f);
      if (causes.size() < kWeighedCauses) causes.push_back({f});
    }
    std::size_t groups = 0;
    for (std::size_t f = 0; f < found.size() && groups < kWeighedCauses; ++f) {
      auto& together = of_composition[results[found[f].result].composition.reduced()];
      if (together.size() < 2) continue;
      causes.push_back(std::exchange(together, {}));
      ++groups;
    }
    std::optional<std::tuple<std::size_t, double, double>> best;
    std::size_t cause = 0;
    for (std::size_t c = 0; c < causes.size(); ++c) {
      std::vector<std::size_t> rest;
      double odd = 0;
      for (const std::size_t i : trusted) {
        const bool gone =
            std::any_of(causes[c].begin(), causes[c].end(), [&](std::size_t f) { return found[f].result == i; });
        if (!gone) rest.push_back(i);
      }
      for (const std::size_t f : causes[c])
        odd += oddness(comparison, trusted, found[f].result) / static_cast<double>(causes[c].size());
      double sum = 0;
      const std::vector<Finding> left = comparison.findings(rest);
      for (const Finding& finding : left) sum += std::min(finding.times, 1e3);
      // Fewest set aside in the end; then the rest nearest to its curve; then the one that is least like the others.
      const std::tuple cost(left.size() + causes[c].size(), std::round(10 * sum), -odd);
      if (best && !(cost < *best)) continue;
      best = cost;
      cause = c;
    }
    for (const std::size_t f : causes[cause]) {
      why[found[f].result] = found[f].words;
      std::erase(trusted, found[f].result);
    }
  }
}

}  // namespace

ResultFacts facts_of(const std::string& id, std::uint32_t lattice, const Structure& start, const DftConverged& result,
                     bool decided) {
  ResultFacts facts;
  facts.id = id;
  facts.lattice = lattice;
  facts.composition = start.composition();
  const double atoms = static_cast<double>(std::max<std::size_t>(1, start.atom_count()));
  facts.energy_ev_per_atom = result.energy_ev / atoms;
  facts.volume_per_atom = result.structure.lattice.volume_cubic_angstrom() / atoms;
  facts.cell_relaxed = result.calculation == "vc-relax";
  facts.fingerprint = fingerprint_of(result);
  facts.hull_keys = result.hull_keys;
  facts.decided = decided;
  judge_energy(result, facts);
  judge_structure(start, result, facts);
  judge_forces(result, facts);
  return facts;
}

std::vector<std::string> judge_results(std::span<const ResultFacts> results) {
  std::vector<std::string> why(results.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i].decided) why[i] = joined(results[i].faults);
  }
  judge_copies(results, why);
  judge_shifts(results, why);
  judge_keys(results, why);

  const std::vector<std::string> of_settings = why;

  std::vector<std::size_t> trusted, volumes;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!why[i].empty()) continue;
    if (results[i].cell_relaxed) volumes.push_back(i);
  }
  if (!volumes.empty()) {
    std::vector<double> sizes;
    for (const std::size_t i : volumes) sizes.push_back(results[i].volume_per_atom);
    const double size = median_of(std::move(sizes));
    set_aside(results,
              Comparison(results, {{.element = 1e3 * size,
                                    .lattice = 0.1 * size,
                                    .pair = 0.5 * size,
                                    .asymmetry = 0.2 * size,
                                    .pair_on_lattice = 0.2 * size,
                                    .scatter = 0.05 * size,
                                    .scatter_weight = 4},
                                   true}),
              volumes, why);
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (why[i].empty()) trusted.push_back(i);
  }
  set_aside(results, Comparison(results, {CurvePriors{}, false}), trusted, why);
  // A person's word stands, but what stands out is not a measure for the others.
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].decided) why[i] = of_settings[i];
  }
  return why;
}

std::vector<std::size_t> far_from_model(std::span<const double> residuals_ev_per_atom, int rank) {
  std::vector<std::size_t> far;
  const std::size_t n = residuals_ev_per_atom.size();
  if (n < std::max(kFewestLabels, 2 * static_cast<std::size_t>(std::max(0, rank)))) return far;
  std::vector<double> sizes;
  for (const double residual : residuals_ev_per_atom) sizes.push_back(std::abs(residual));
  const double limit = std::max(kLeastModelOff, kFarFromModel * 1.4826 * median_of(std::move(sizes)));
  for (std::size_t i = 0; i < n; ++i) {
    if (!(std::abs(residuals_ev_per_atom[i]) <= limit)) far.push_back(i);
  }
  return far;
}

}  // namespace hullscan
