#include "campaign/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <set>
#include <utility>

#include "analysis/entries/entries_file.hpp"
#include "analysis/report/report_files.hpp"
#include "analysis/statistics/energy_bins.hpp"
#include "campaign/campaign_directory.hpp"
#include "campaign/judgements.hpp"
#include "campaign/marked_pairs.hpp"
#include "campaign/version.hpp"
#include "core/lattice_departure.hpp"
#include "core/log.hpp"
#include "enumerator/files/structure_writer.hpp"
#include "enumerator/space/composition_constraints.hpp"
#include "enumerator/space/configuration_symmetry.hpp"
#include "enumerator/space/strata.hpp"
#include "scheduler/decisions/energy_remarks.hpp"
#include "scheduler/decisions/results.hpp"
#include "scheduler/decisions/search_limits.hpp"
#include "scheduler/decisions/soundness.hpp"
#include "scheduler/decisions/stages.hpp"
#include "scheduler/decisions/task_steps.hpp"
#include "storage/durable_stream.hpp"
#include "storage/round_record.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

/// Models differ by more than this between configurations that they tell apart (eV/atom, in units of a score).
constexpr std::int64_t kNoiseOfScores = 1000;
constexpr double kEvOfScore = 1e-9;

/// Energies of all orbits of a composition.
struct CountedEnergies {
  std::vector<EnergyCount> counts;  ///< empty: not all are known
  double resolution_ev = 0;
};

/// From the candidates where they are all, else from the spectrum.
CountedEnergies counted_energies(std::span<const Candidate> candidates, const EnergySpectrum& spectrum,
                                 const BigInteger& orbits) {
  constexpr double kExactly = 1e-6;
  std::vector<EnergyCount> counts;
  if (candidates.size() == orbits) {
    for (const Candidate& candidate : candidates)
      counts.push_back({static_cast<double>(candidate.score) * kEvOfScore, 1, candidate.degeneracy});
    return {std::move(counts), kExactly};
  }
  constexpr double kBinEvPerAtom = 1e-6 * EnergySpectrum::kBinMicroEv;
  for (std::size_t b = 0; b < spectrum.bins().size(); ++b) {
    const EnergySpectrum::Bin& bin = spectrum.bins()[b];
    counts.push_back({(spectrum.lowest_bin() + static_cast<double>(b)) * kBinEvPerAtom, bin.orbits, bin.labelled});
  }
  return {std::move(counts), kBinEvPerAtom};
}

/// Histograms of one formula have bins of one width, so that spaces and supercells can be laid over each other; the
/// supercells of a space are one set.
void add_histograms(std::vector<ReportSpace>& spaces,
                    const std::vector<std::vector<std::vector<CountedEnergies>>>& energies) {
  std::map<Composition, std::map<std::string, std::vector<EnergyCount>>> of_formula;
  std::map<Composition, double> resolution, width;
  const auto each = [&](const auto& visit) {
    for (std::size_t s = 0; s < energies.size(); ++s) {
      for (std::size_t i = 0; i < energies[s].size(); ++i) {
        for (std::size_t c = 0; c < energies[s][i].size(); ++c) {
          if (!energies[s][i][c].counts.empty())
            visit(spaces[s], spaces[s].supercells[i].compositions[c], energies[s][i][c]);
        }
      }
    }
  };
  each([&](const ReportSpace& space, const ReportComposition& composition, const CountedEnergies& counted) {
    std::vector<EnergyCount>& all = of_formula[composition.composition][space.name];
    all.insert(all.end(), counted.counts.begin(), counted.counts.end());
    resolution[composition.composition] = std::max(resolution[composition.composition], counted.resolution_ev);
  });
  for (const auto& [formula, of_space] : of_formula) {
    std::vector<std::vector<EnergyCount>> sets;
    for (const auto& [space, counts] : of_space) sets.push_back(counts);
    width[formula] = common_bin_width(sets, resolution[formula]);
  }
  each([&](const ReportSpace& /*space*/, ReportComposition& composition, const CountedEnergies& counted) {
    EnergyHistogram histogram = binned(counted.counts, width.at(composition.composition));
    composition.histogram_low_ev_per_atom = histogram.low_ev_per_atom;
    composition.histogram_bin_ev_per_atom = histogram.bin_ev_per_atom;
    composition.histogram = std::move(histogram.orbits);
    composition.histogram_configurations = std::move(histogram.configurations);
  });
}

/// @param orbits of the stratum: a spectrum that does not count them all is left out.
CountedEnergies add_predictions(ReportComposition& composition, std::span<const Candidate> candidates,
                                const EnergySpectrum& spectrum, const BigInteger& orbits) {
  if (candidates.empty()) return {};
  composition.lowest_predicted_ev_per_atom = static_cast<double>(candidates.front().score) * kEvOfScore;
  const auto tied = std::count_if(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
    return candidate.score - candidates.front().score <= kNoiseOfScores;
  });
  composition.tied_lowest = static_cast<std::uint64_t>(tied);
  composition.all_tied = tied > 1 && static_cast<std::size_t>(tied) == candidates.size();
  BigInteger counted = 0;
  for (const EnergySpectrum::Bin& bin : spectrum.bins()) counted += bin.orbits;
  if (spectrum.empty() || counted != orbits) return {};
  for (std::size_t t = 0; spectrum.atoms() > 0 && t < spectrum.temperatures_kelvin().size(); ++t) {
    composition.free_energies.push_back({spectrum.temperatures_kelvin()[t], spectrum.free_energy_ev_per_atom(t)});
  }
  return counted_energies(candidates, spectrum, orbits);
}

/// Adds the counts of another orbit of marked objects with the same composition.
void add_counts(ReportComposition& sum, const ReportComposition& more) {
  const auto add = [](std::string& text, const std::string& other) {
    text = text.empty() || other.empty() ? "" : BigInteger(BigInteger(text) + BigInteger(other)).str();
  };
  add(sum.total, more.total);
  add(sum.inequivalent, more.inequivalent);
  add(sum.enumerated_orbits, more.enumerated_orbits);
  add(sum.degeneracy_sum, more.degeneracy_sum);
}

/// What the report wants to know of all tasks beside its entries; gathered while they pass by.
struct TasksSeen {
  std::set<std::uint32_t> judges;  ///< spaces whose judge has a label
  std::map<std::pair<Stratum, std::vector<std::uint8_t>>, TaskState> asked;
};

/// Spaces whose candidates were scored by a model, not at random.
std::set<std::uint32_t> scored_spaces(const CampaignView& view, const TasksSeen& seen) {
  if (view.campaign->dft) return modelled_spaces(view, seen.judges);
  std::set<std::uint32_t> all;  // a model that needed no labels
  for (std::uint32_t space = 0; space < view.spaces.size(); ++space) {
    if (view.campaign->spaces[space].markers.empty()) all.insert(space);
  }
  return all;
}

std::vector<ReportSpace> report_spaces(const CampaignView& view, const std::vector<SearchSpace>& spaces,
                                       const Strata& strata, const CampaignStore& store, const TasksSeen& seen) {
  const auto decision = stored_decision(store);
  const int survey = decision ? decision->first_pass : 0;
  const auto totals = store.unit_totals(survey);
  const bool enumerated = store.pass_complete(survey);
  const auto pass = store.current_pass();
  const bool predicted = pass && pass->number > survey && pass->finished;
  auto spectra = predicted ? store.spectra(pass->number) : std::map<Stratum, EnergySpectrum>{};
  auto totals_of_pass = predicted ? store.unit_totals(pass->number) : std::map<Stratum, UnitTotals>{};
  const std::set<std::uint32_t> modelled = scored_spaces(view, seen);
  const CampaignView searched = searched_strata(view, decision);  // without what a second stage does not search
  std::vector<ReportSpace> result;
  std::vector<std::vector<std::vector<CountedEnergies>>> energies(spaces.size());  // [space][supercell][composition]
  auto stratum = searched.strata.begin();
  for (std::size_t s = 0; s < spaces.size(); ++s) {
    const SearchSpace& space = spaces[s];
    const ParentCrystal& parent = *space.parent();
    ReportSpace report;
    report.name = space.name();
    report.structure_file = original_name(view.campaign->spaces[s].structure);
    report.space_group_number = parent.space_group_number;
    report.space_group_symbol = parent.space_group_symbol;
    report.repeats_left_out = !view.campaign->spaces[s].superperiodic;
    for (std::size_t i = 0; i < space.supercells().size(); ++i) {
      ReportSupercell supercell;
      energies[s].emplace_back();
      supercell.matrix = space.supercells()[i]->matrix();
      supercell.sites = static_cast<int>(space.supercells()[i]->sites().size());
      supercell.group_order = static_cast<std::int64_t>(space.operations(i).count());
      std::optional<std::size_t> last;  // composition of the stratum before: with markers several strata share one
      for (const SpaceStratum& at : strata.of(s, i)) {
        if (stratum == searched.strata.end() || stratum->stratum != at.key) continue;
        ReportComposition composition;
        composition.counts = at.named_counts();
        composition.composition = stratum->composition;
        if (stratum->inequivalent) {
          composition.total = stratum->total.str();
          composition.inequivalent = stratum->inequivalent->str();
        }
        const auto found = totals.find(stratum->stratum);
        if (enumerated && found != totals.end() && !stratum->by_branch_and_bound) {
          composition.enumerated_orbits = found->second.orbits.str();
          composition.degeneracy_sum = found->second.labelled.str();
          // Where no formula counts (minimum distances), the enumeration does.
          if (composition.total.empty()) composition.total = composition.degeneracy_sum;
          if (composition.inequivalent.empty()) composition.inequivalent = composition.enumerated_orbits;
        }
        CountedEnergies counted;
        if (predicted && !at.marker && modelled.count(static_cast<std::uint32_t>(s)) != 0)
          counted = add_predictions(composition, store.candidates(pass->number, stratum->stratum),
                                    spectra[stratum->stratum], totals_of_pass[stratum->stratum].orbits);
        if (predicted && stratum->by_branch_and_bound) {
          if (const auto bound = kept_search(pass->number, stratum->stratum, store)) {
            composition.search = ReportComposition::Search{bound->proven, {}};
            if (std::isfinite(bound->bound_ev_per_atom))
              composition.search->bound_ev_per_atom = bound->bound_ev_per_atom;
          }
        }
        if (last == at.composition) {
          add_counts(supercell.compositions.back(), composition);
        } else {
          supercell.compositions.push_back(std::move(composition));
          energies[s].back().push_back(std::move(counted));
        }
        last = at.composition;
        ++stratum;
      }
      report.supercells.push_back(std::move(supercell));
    }
    result.push_back(std::move(report));
  }
  add_histograms(result, energies);
  return result;
}

std::optional<double> ev_of_mev(const std::optional<double>& mev) {
  return mev ? std::optional(*mev * 1e-3) : std::nullopt;
}

/// Coefficients of the last fit of every space, where it kept them.
std::vector<ReportCoefficient> report_coefficients(const CampaignStore& store) {
  std::map<std::string, std::vector<ReportCoefficient>> of_space;
  for (const Round& round : store.rounds()) {
    if (!round.finished) continue;
    for (const FitRecord& fit : fit_records(round)) {
      std::vector<ReportCoefficient> coefficients;
      for (const ClusterRecord& one : fit.coefficients) {
        if (one.energy_ev)
          coefficients.push_back({fit.space, one.cluster, one.sites, one.multiplicity, *one.energy_ev});
      }
      if (!coefficients.empty()) of_space[fit.space] = std::move(coefficients);
    }
  }
  std::vector<ReportCoefficient> all;
  for (const auto& [space, coefficients] : of_space) all.insert(all.end(), coefficients.begin(), coefficients.end());
  return all;
}

/// As the campaign says it, or as its oxidation states do where they name one of the ion.
std::optional<int> ion_charge(const Campaign& campaign) {
  if (campaign.report.ion_charge || !campaign.report.working_ion) return campaign.report.ion_charge;
  std::set<int> states;
  for (const SpaceSpec& space : campaign.spaces) {
    const auto found = space.oxidation.find(*campaign.report.working_ion);
    if (found != space.oxidation.end()) states.insert(found->second.begin(), found->second.end());
  }
  return states.size() == 1 && *states.begin() > 0 ? std::optional(*states.begin()) : std::nullopt;
}

/// The scored paths of every space that marks some, from the histograms of the last finished pass. The reference set
/// is the campaign's, else the paths with the fewest dopants.
std::vector<PathStatistics> report_paths(const CampaignView& view, const std::vector<SearchSpace>& spaces,
                                         const Strata& strata, const CampaignStore& store) {
  std::vector<PathStatistics> all;
  const auto pass = store.current_pass();
  if (!pass || pass->number == 0 || !pass->finished || view.campaign->surrogates.empty()) return all;
  constexpr double kBinEv = 1e-6 * EnergySpectrum::kBinMicroEv;
  const auto spectra = store.spectra(pass->number);
  const auto& reference = view.campaign->report.path_reference;
  const Setting* target = view.campaign->surrogates.front().settings.find("target");
  const auto* quantity = target != nullptr ? std::get_if<std::string>(&target->value) : nullptr;
  for (std::size_t s = 0; s < spaces.size(); ++s) {
    const SearchSpace& space = spaces[s];
    if (space.spec().markers.empty()) continue;
    std::map<std::pair<std::size_t, std::size_t>, std::vector<PathSample>> of_type;  // supercell, marker
    std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
    for (const SpaceStratum& at : strata) {
      if (at.space != &space) continue;
      const std::size_t supercell = at.supercell();
      PathSample sample;
      sample.type = marker_name(space, supercell, *at.marker);
      if (space.supercells().size() > 1)
        sample.type = matrix_text(space.supercells()[supercell]->matrix()) + " " + sample.type;
      sample.dopants = dopant_count(*space.parent(), at.counts());
      sample.reference = reference && satisfies(*reference, *space.parent(), at.counts());
      const auto candidates = store.candidates(pass->number, at.key);
      const auto found = spectra.find(at.key);
      if (found == spectra.end() || candidates.empty()) continue;
      fewest = std::min(fewest, sample.dopants);
      const double best = static_cast<double>(candidates.front().score) * 1e-9;
      for (std::size_t b = 0; b < found->second.bins().size(); ++b) {
        const EnergySpectrum::Bin& bin = found->second.bins()[b];
        if (bin.orbits == 0) continue;
        const double low = (found->second.lowest_bin() + static_cast<double>(b)) * kBinEv;
        sample.value = low + kBinEv / 2;
        sample.lowest = b == 0 ? best : low;
        sample.highest = low + kBinEv;
        sample.paths = bin.orbits;
        sample.weight = static_cast<double>(bin.labelled);
        of_type[{supercell, *at.marker}].push_back(sample);
      }
    }
    std::vector<PathSample> samples;
    for (const auto& [type, some] : of_type) samples.insert(samples.end(), some.begin(), some.end());
    if (samples.empty()) continue;
    if (!reference) {
      for (PathSample& sample : samples) sample.reference = sample.dopants == fewest;
    }
    try {
      PathStatistics statistics = path_statistics(samples);
      statistics.space = space.name();
      statistics.quantity = quantity != nullptr ? *quantity : "energy per atom";
      statistics.reference = reference ? reference->text : fmt::format("{} dopant{}", fewest, fewest == 1 ? "" : "s");
      statistics.resolution = kBinEv;
      all.push_back(std::move(statistics));
    } catch (const InputError& error) {
      log_warning(fmt::format("report.path_reference: {}: {}", space.name(), error.what()));
    }
  }
  return all;
}

/// The best candidates of the last finished pass that have no result, over all compositions; by prediction alone, since
/// the hull is not known here.
std::vector<ReportCandidate> report_candidates(const CampaignView& view, const std::vector<SearchSpace>& spaces,
                                               const CampaignStore& store, const TasksSeen& seen) {
  constexpr std::size_t kOfComposition = 3;
  constexpr std::size_t kStrataWithStructures = 300;
  std::vector<ReportCandidate> all;
  const auto pass = store.current_pass();
  if (!pass || pass->number == 0 || !pass->finished) return all;
  const auto& asked = seen.asked;
  const std::set<std::uint32_t> modelled = scored_spaces(view, seen);
  for (const auto& known : view.strata) {
    const Stratum& stratum = known.stratum;
    if (modelled.count(stratum.space) == 0 || !view.campaign->spaces[stratum.space].markers.empty() ||
        known.composition.atom_count() == 0)
      continue;
    std::size_t taken = 0;
    for (const Candidate& candidate : store.candidates(pass->number, stratum)) {
      const auto found = asked.find(std::pair{stratum, candidate.occupation});
      if (found != asked.end() && found->second == TaskState::kConverged) continue;
      if (++taken > kOfComposition) break;
      ReportCandidate report;
      report.space = view.spaces[stratum.space].name;
      report.composition = known.composition;
      report.degeneracy = std::to_string(candidate.degeneracy);
      report.predicted_ev_per_atom = static_cast<double>(candidate.score) * 1e-9;
      report.state = found == asked.end() ? "not selected" : std::string(name_of(found->second));
      if (view.strata.size() <= kStrataWithStructures)
        report.structure = spaces[stratum.space].supercells()[stratum.supercell]->structure(candidate.occupation);
      all.push_back(std::move(report));
    }
  }
  return all;
}

std::vector<ReportJudgement> report_judgements(const CampaignStore& store) {
  std::vector<ReportJudgement> all;
  const auto decision = stored_decision(store);
  if (!decision) return all;
  for (const SpaceDecision& space : decision->spaces) {
    for (const JudgedSpecies& judged : space.types) {
      all.push_back({space.name, space.by, space.rule, judged.type, judged.cost_ev_per_site, judged.formula,
                     judged.calculated, judged.unopposed, judged.kept});
    }
  }
  return all;
}

std::vector<ReportRound> report_rounds(const CampaignStore& store) {
  std::vector<ReportRound> rounds;
  for (const Round& round : store.rounds()) {
    if (!round.finished) continue;
    for (const FitRecord& fit : fit_records(round)) {
      ReportRound report;
      report.round = round.number;
      report.surrogate = fmt::format("{} ({})", fit.kind, fit.space);
      report.labels = fit.labels;
      report.features = fit.features;
      report.loo_rmse_ev_per_atom = ev_of_mev(fit.loo_rmse_mev_per_atom);
      report.rmse_ev_per_atom = ev_of_mev(fit.rmse_mev_per_atom);
      rounds.push_back(std::move(report));
    }
  }
  return rounds;
}

}  // namespace

Report make_report(const CampaignView& all, const std::vector<SearchSpace>& spaces, const CampaignStore& store) {
  CampaignView view = all;
  mark_branch_and_bound(view, search_limits(store));
  const CampaignIdentity identity = store.identity();
  const Strata strata(spaces);
  ReportContent content;
  content.campaign = identity.name;
  content.hullscan_version = kVersion;
  content.campaign_hash = identity.identity;
  content.campaign_text = identity.text;
  content.near_hull_ev_per_atom = view.campaign->report.near_hull_ev_per_atom;
  std::vector<std::string> faults;
  add_faults_beside_tasks(view, store, faults);
  require_none(faults);
  content.rounds = report_rounds(store);
  content.coefficients = report_coefficients(store);
  content.judgements = report_judgements(store);
  content.paths = report_paths(view, spaces, strata, store);
  content.temperatures_kelvin = view.campaign->report.temperatures_kelvin;
  content.working_ion = view.campaign->report.working_ion;
  content.ion_charge = ion_charge(*view.campaign);
  content.cuts = view.campaign->report.cuts;
  if (const auto& measured = view.campaign->report.experiment) content.measured = read_measured_points(*measured);
  std::map<std::pair<std::uint32_t, std::uint32_t>, ConfigurationSymmetry> symmetries;
  TasksSeen seen;
  const auto pass = store.current_pass();
  const bool ranked = pass && pass->number > 0 && pass->finished;
  const auto counts = store.task_counts();
  if (const auto found = counts.find(TaskState::kConverged); found != counts.end())
    content.entries.reserve(static_cast<std::size_t>(found->second));
  // One at a time: all of them at once are gigabytes.
  store.each_task({}, [&](TaskRecord&& task) {
    const std::size_t before = faults.size();
    add_faults(view, task, faults);
    if (faults.size() > before) return;
    const Stratum& stratum = task.task.stratum;
    if (ranked) seen.asked.emplace(std::pair{stratum, task.task.occupation}, task.state);
    const std::string id = entry_id(view, task);
    const std::string& space = view.spaces[stratum.space].name;
    if (content.settings.empty()) content.settings = task.task.settings.values;
    if (task.result && !task.counts()) {
      const Judgement& last = task.judgements.back();
      content.set_aside.push_back({id, space, task.task.structure.composition(), task.result->converged.energy_ev,
                                   task.standing() == Standing::kExcluded ? "excluded" : "suspect", last.who, last.why,
                                   moment_text(last.at)});
    } else if (task.result) {
      DftConverged& converged = task.result->converged;
      ReportEntry entry;
      entry.id = id;
      entry.space = space;
      entry.matrix = view.supercell(stratum).matrix();
      entry.composition = converged.structure.composition();
      entry.degeneracy = std::to_string(task.task.degeneracy);
      auto symmetry =
          symmetries.try_emplace({stratum.space, stratum.supercell}, spaces[stratum.space], stratum.supercell).first;
      const std::uint64_t group = view.view(stratum).group_order, orbit = task.task.degeneracy;
      // A marked path's degeneracy is of path and colouring together.
      const bool known = view.campaign->spaces[stratum.space].markers.empty() && orbit > 0 && group % orbit == 0;
      entry.space_group_number = symmetry->second.space_group_number(task.task.occupation, known ? group / orbit : 0);
      entry.counts = strata.at(stratum).named_counts();
      entry.energy_ev = converged.energy_ev;
      for (const AttemptRecord& attempt : task.attempts) {
        if (attempt.number == task.result->attempt) entry.directory = attempt.directory;
      }
      entry.pulay_correction_ev_per_atom = pulay_correction_ev_per_atom(task);
      if (const DftCode* code = find_dft_code(task.task.settings.code)) entry.remarks = energy_remarks(*code, task);
      entry.predicted_ev_per_atom = task.task.predicted_ev_per_atom;
      entry.round = task.round;
      entry.attempts = static_cast<int>(task.attempts.size());
      const auto departure = lattice_departure(task.task.structure, converged.structure);
      const auto rounded = [](double value) { return std::round(value * 1e6) / 1e6; };
      if (departure) entry.displacement_angstrom = rounded(departure->rms_displacement_angstrom);
      if (departure) entry.shear_strain = rounded(departure->shear_strain);
      entry.left_lattice = left_lattice(departure);
      if (!entry.left_lattice) seen.judges.insert(judge_of(view, stratum.space));
      entry.structure = std::move(converged.structure);
      entry.keys = std::move(converged.hull_keys);
      content.entries.push_back(std::move(entry));
    } else if (is_final(task.state)) {
      content.failures.push_back({id, space, task.task.structure.composition(), static_cast<int>(task.attempts.size()),
                                  std::string(name_of(task.state)),
                                  task.attempts.empty() ? "" : task.attempts.back().outcome});
    }
  });
  require_none(faults);
  content.spaces = report_spaces(view, spaces, strata, store, seen);
  content.candidates = report_candidates(view, spaces, store, seen);
  seen = {};
  if (view.campaign->report.references) {
    for (HullEntry& entry : read_entries(*view.campaign->report.references)) {
      content.references.push_back({std::move(entry), original_name(*view.campaign->report.references)});
    }
  }
  return finish_report(std::move(content));
}

void write_structures_extxyz(const Report& report, const TextSink& out) {
  for (std::size_t i = 0; i < report.content.entries.size(); ++i) {
    const ReportEntry& entry = report.content.entries[i];
    if (!entry.structure) continue;
    std::map<std::string, std::string> properties{{"id", entry.id},
                                                  {"space", entry.space},
                                                  {"energy", fmt::format("{}", entry.energy_ev)},
                                                  {"degeneracy", entry.degeneracy}};
    if (report.hull) {
      const HullEntryResult& hull = report.of_entry(i);
      properties["formation_energy_per_atom"] = fmt::format("{}", hull.formation_energy_ev_per_atom);
      properties["e_above_hull"] = fmt::format("{}", hull.e_above_hull_ev_per_atom);
    }
    out(to_extxyz(*entry.structure, properties));
  }
}

namespace {

void warn_of_left_lattices(const Report& report) {
  constexpr int kMost = 5;
  int count = 0;
  for (const ReportEntry& entry : report.content.entries) {
    if (!entry.left_lattice || ++count > kMost) continue;
    const std::string how = entry.shear_strain ? fmt::format("atoms {:.2f} Å (rms) from their sites, shear {:.2f}",
                                                             *entry.displacement_angstrom, *entry.shear_strain)
                                               : "its cell is not a strained cell of the lattice any more";
    log_warning(
        fmt::format("{} ({}) has left its lattice ({}): its energy says nothing about the configuration it came from",
                    entry.id, entry.composition.reduced().formula(), how));
  }
  if (count > kMost) log_warning(fmt::format("and {} more: \"left_lattice\" in report.json", count - kMost));
}

/// Where degeneracies are of no common cell, and where a ranking says nothing.
void tell_of_weights(const Report& report) {
  for (const ReportSpace& space : report.content.spaces) {
    if (space.free_energy_problem.empty()) continue;
    const std::string text =
        fmt::format("{}: no free energies and no Boltzmann averages: {}", space.name, space.free_energy_problem);
    report.content.temperatures_kelvin.empty() ? log_info(text) : log_warning(text);
  }
  if (!report.free_energy_hull_problem.empty())
    log_info(fmt::format("no hull of free energies: {}", report.free_energy_hull_problem));
  for (const IndistinguishableConfigurations& one : indistinguishable(report.content)) log_warning(one.text());
}

}  // namespace

void write_report(const fs::path& directory, const Report& report) {
  const fs::path folder = directory / "report";
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw StorageError(fmt::format("{}: cannot be made: {}", folder.string(), error.message()));
  const auto stream = [&](const char* name, const std::function<void(const TextSink&)>& fill) {
    DurableStream file(folder / name);
    fill([&](std::string_view piece) { file.write(piece); });
    return file.finish();
  };
  const auto write = [&](const char* name, const std::string& text) {
    return stream(name, [&](const TextSink& out) { out(text); });
  };
  write("report.html", report_html(report));
  const bool news = stream("report.json", [&](const TextSink& out) { write_report_json(report, out); });
  write("hull.csv", hull_csv(report));
  stream("entries.json", [&](const TextSink& out) { write_entries_json(report, out); });
  stream("structures.extxyz", [&](const TextSink& out) { write_structures_extxyz(report, out); });
  if (!report.content.paths.empty()) write("paths.csv", paths_csv(report.content.paths));
  warn_of_left_lattices(report);
  if (news) tell_of_weights(report);  // those of a report that was written before have been shown
}

}  // namespace hullscan
