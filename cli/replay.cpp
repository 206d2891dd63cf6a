/// @file
/// `hullscan replay`: a campaign against labelled structures as if they were DFT: how many calculations a policy needs to
/// find the hull that is known already.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <limits>
#include <map>

#include "analysis/end_members.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/labelled_structures.hpp"
#include "cli/text_table.hpp"
#include "core/hash.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "enumerator/canonical_form.hpp"
#include "enumerator/supercell_group.hpp"
#include "scheduler/selection.hpp"
#include "surrogates/cross_validation.hpp"
#include "surrogates/surrogate_set.hpp"

namespace hullscan::cli {
namespace {

struct RoundResult {
  std::size_t labels = 0, vertices = 0;
  double rmse_mev_per_atom = 0;  ///< of the rest, by the model before its labels came; 0 without a model
};

/// One campaign on a pool of labels.
class Replay {
 public:
  Replay(const LabelledStructures& structures, const SurrogateSpec& model, SelectSpec select)
      : structures_(structures), pool_(structures.kept), select_(std::move(select)) {
    Problems problems;
    models_ = SurrogateSet::make(model, structures.parents, problems);
    problems.throw_if_any();
    prepare();
  }

  std::vector<RoundResult> run(std::uint64_t seed) {
    for (std::size_t i = 0; i < pool_.size(); ++i) prospects_[i].draw = random_bits(seed, hash64(pool_[i].id));
    known_.assign(pool_.size(), false);
    std::vector<RoundResult> rounds;
    label(rest(), [](std::span<const Prospect> offered, std::size_t) { return select_end_members(offered); }, pool_.size());
    const std::size_t initial = static_cast<std::size_t>(select_.initial);
    label(rest(), select_stratified, initial - std::min(initial, count()));
    rounds.push_back(result(0));
    for (int round = 0; round < select_.rounds && count() < pool_.size(); ++round) {
      const std::vector<std::size_t> open = rest();
      const double rmse = predict(open);
      label(open, find_policy(select_.policy), static_cast<std::size_t>(select_.per_round));
      rounds.push_back(result(rmse));
    }
    return rounds;
  }

 private:
  void prepare() {
    std::map<std::size_t, std::vector<Composition>> of_space;
    for (const LabelledStructure& entry : pool_) of_space[entry.space].push_back(entry.composition);
    for (auto& [space, compositions] : of_space) compositions = choose_end_members(compositions).compositions;
    std::map<const Supercell*, std::pair<std::uint32_t, std::shared_ptr<GroupAction>>> supercells;
    for (std::size_t i = 0; i < pool_.size(); ++i) {
      const LabelledStructure& entry = pool_[i];
      const Supercell& supercell = *entry.mapping.configuration.supercell;
      auto& [number, action] = supercells[&supercell];
      if (!action) {
        number = static_cast<std::uint32_t>(supercells.size() - 1);
        std::vector<int> sublattices;
        for (std::size_t v = 0; v < supercell.varied_sites().size(); ++v) sublattices.push_back(supercell.sublattice_of(static_cast<int>(v)));
        action = std::make_shared<GroupAction>(group_of(supercell).permutations, sublattices);
      }
      Prospect prospect;
      prospect.candidate.stratum = {static_cast<std::uint32_t>(entry.space), number, static_cast<std::uint32_t>(i)};
      prospect.candidate.occupation = entry.mapping.configuration.occupation;
      prospect.composition = entry.composition;
      prospect.atoms = entry.composition.atom_count();
      const auto& ends = of_space[entry.space];
      prospect.end_member = std::find(ends.begin(), ends.end(), entry.composition.reduced()) != ends.end();
      prospect.stabiliser_order = stabiliser_of(*action, entry.mapping.configuration.occupation).size();
      prospects_.push_back(std::move(prospect));
    }
  }

  [[nodiscard]] std::vector<std::size_t> rest() const {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < pool_.size(); ++i) {
      if (!known_[i]) open.push_back(i);
    }
    return open;
  }
  [[nodiscard]] std::size_t count() const { return static_cast<std::size_t>(std::count(known_.begin(), known_.end(), true)); }

  template <class Policy>
  void label(const std::vector<std::size_t>& open, const Policy& policy, std::size_t wanted) {
    std::vector<Prospect> offered;
    for (const std::size_t i : open) offered.push_back(prospects_[i]);
    for (const std::size_t choice : policy(offered, wanted)) known_[open[choice]] = true;
  }

  /// Fits to what is known and tells every open prospect where it stands. @returns the error on them, meV/atom.
  double predict(const std::vector<std::size_t>& open) {
    std::vector<HullEntry> entries;
    std::vector<std::size_t> labelled;
    for (std::size_t i = 0; i < pool_.size(); ++i) {
      if (known_[i]) labelled.push_back(i);
    }
    for (const std::size_t i : labelled) entries.push_back({pool_[i].id, pool_[i].composition, pool_[i].energy_ev, {}});
    HullOptions options = hull_options_for(entries);
    options.largest_formation_energy_ev_per_atom = 1e6;
    const HullReport hull = compute_hull(entries, options);
    std::vector<double> formation(pool_.size(), 0.0);
    std::vector<double> above_hull(pool_.size(), 0.0);
    for (std::size_t k = 0; k < labelled.size(); ++k) {
      formation[labelled[k]] = hull.entries[k].formation_energy_ev_per_atom;
      above_hull[labelled[k]] = hull.entries[k].e_above_hull_ev_per_atom;
    }

    double squares = 0;
    for (std::size_t space = 0; space < models_.space_count(); ++space) {
      std::vector<LabelledConfiguration> training;
      for (const std::size_t i : labelled) {
        if (pool_[i].space == space)
          training.push_back({pool_[i].mapping.configuration, formation[i], 1.0, pool_[i].id, above_hull[i]});
      }
      if (training.empty()) continue;
      Surrogate& model = models_.space(space);
      (void)model.fit(training);
      std::map<const Supercell*, std::vector<std::size_t>> of_supercell;
      for (const std::size_t i : open) {
        if (pool_[i].space == space) of_supercell[pool_[i].mapping.configuration.supercell.get()].push_back(i);
      }
      for (const auto& [supercell, members] : of_supercell) {
        std::vector<std::uint8_t> occupations;
        for (const std::size_t i : members) {
          const auto& occupation = pool_[i].mapping.configuration.occupation;
          occupations.insert(occupations.end(), occupation.begin(), occupation.end());
        }
        std::vector<double> energies(members.size());
        model.predict_batch(*supercell, occupations, energies);
        std::vector<Doubt> doubts;
        if (policy_needs_doubt(select_.policy)) doubts = model.doubts(*supercell, occupations);
        for (std::size_t k = 0; k < members.size(); ++k) {
          formation[members[k]] = energies[k];
          prospects_[members[k]].predicted_formation_energy_ev_per_atom = energies[k];
          if (doubts.empty()) continue;
          prospects_[members[k]].deviation_ev_per_atom = doubts[k].deviation_ev_per_atom;
          prospects_[members[k]].doubt = std::move(doubts[k].factor);
        }
      }
    }

    // Labels and predictions on one hull; formation energies of both are against the labels' end members.
    std::vector<HullEntry> both;
    for (std::size_t i = 0; i < pool_.size(); ++i) {
      both.push_back({pool_[i].id, pool_[i].composition, formation[i] * static_cast<double>(pool_[i].composition.atom_count()), {}});
    }
    HullOptions all = hull_options_for(both);
    all.largest_formation_energy_ev_per_atom = 1e9;
    const HullReport predicted = compute_hull(both, all);
    // The error is measured against the labels' own references, which differ from the pool's by a plane.
    std::vector<HullEntry> truth;
    for (const LabelledStructure& entry : pool_) truth.push_back({entry.id, entry.composition, entry.energy_ev, {}});
    options.references = HullOptions::References::kEndMembers;
    options.end_members = hull.end_members;
    const HullReport actual = compute_hull(truth, options);
    for (const std::size_t i : open) {
      prospects_[i].predicted_e_above_hull_ev_per_atom = predicted.entries[i].e_above_hull_ev_per_atom;
      const double off = formation[i] - actual.entries[i].formation_energy_ev_per_atom;
      squares += off * off;
    }
    return 1e3 * std::sqrt(squares / static_cast<double>(open.size()));
  }

  [[nodiscard]] RoundResult result(double rmse) const {
    RoundResult result{count(), 0, rmse};
    for (std::size_t i = 0; i < pool_.size(); ++i) result.vertices += known_[i] && pool_[i].vertex ? 1 : 0;
    return result;
  }

  const LabelledStructures& structures_;
  const std::vector<LabelledStructure>& pool_;
  SelectSpec select_;
  SurrogateSet models_;
  std::vector<Prospect> prospects_;
  std::vector<bool> known_;
};

}  // namespace

ExitCode run_replay(const Arguments& arguments) {
  CommandLine line("replay FILE --data X.extxyz [--policy P] [--json]",
                   "Runs a campaign's selection on structures whose energies are known, as if each were a calculation.");
  line.option("data", "FILE", "extended XYZ; every frame with a lattice and a total energy, ids optional");
  line.option("energy-key", "KEY", "which key of a frame is its total energy in eV; default: energy");
  line.option("policy", "P", "instead of the campaign's select.policy");
  line.option("initial", "N", "labels before the first fit, instead of the campaign's");
  line.option("per-round", "N", "labels a round, instead of the campaign's");
  line.option("rounds", "N", "instead of the campaign's");
  line.option("seeds", "N", "how many times with different draws; default 1");
  line.option("seed", "N", "the first seed; default: the campaign's");
  line.option("only", "FILE", "json with a list \"ids\" of structures to take; off-lattice ones among them stay in");
  line.flag("off-lattice", fmt::format("keep structures displaced by more than {} Å (rms)", kOffLatticeAngstrom));
  line.flag("json", "one JSON object");
  line.positionals("FILE, a campaign file", 1, 1);
  line.epilogue("The model is the first [[surrogate]]. Round 0: the end members, then the most symmetric of every composition.");
  if (!line.parse(arguments)) return ExitCode::kDone;
  if (!line.value("data")) throw InputError("replay: --data FILE is missing; hullscan replay --help");

  LabelledStructuresRequest request{line.positional()[0], *line.value("data"), line.value("energy-key").value_or("energy"),
                                    line.has("off-lattice"), {}};
  if (const auto file = line.value("only")) {
    std::ifstream stream(*file);
    if (!stream) throw InputError(fmt::format("{}: cannot be read", *file));
    try {
      request.only = Json::parse(stream).at("ids").get<std::vector<std::string>>();
    } catch (const Json::exception& error) {
      throw InputError(fmt::format("{}: expected {{\"ids\": [id, …]}}: {}", *file, error.what()));
    }
    request.keep_off_lattice = true;
  }
  const LabelledStructures structures = read_labelled_structures(request);
  log_info(mapping_summary(structures));
  if (structures.campaign.surrogates.empty()) throw InputError(fmt::format("{}: no [[surrogate]] to select with", request.campaign.string()));
  SelectSpec select = structures.campaign.select.value_or(SelectSpec{});
  if (!structures.campaign.select) select.policy = "lower-confidence-bound";
  select.policy = line.value("policy").value_or(select.policy);
  (void)find_policy(select.policy);
  select.initial = static_cast<int>(line.integer("initial", 1, 1'000'000).value_or(select.initial));
  select.per_round = static_cast<int>(line.integer("per-round", 1, 1'000'000).value_or(select.per_round));
  select.rounds = static_cast<int>(line.integer("rounds", 0, 1'000'000).value_or(select.rounds));
  const auto seeds = static_cast<std::size_t>(line.integer("seeds", 1, 10'000).value_or(1));
  const auto first_seed = static_cast<std::uint64_t>(
      line.integer("seed", 0, std::numeric_limits<long>::max()).value_or(static_cast<long>(structures.campaign.seed)));

  std::size_t vertices = 0;
  for (const LabelledStructure& entry : structures.kept) vertices += entry.vertex ? 1 : 0;
  Replay replay(structures, structures.campaign.surrogates.front(), select);
  std::vector<std::vector<RoundResult>> runs;
  for (std::size_t s = 0; s < seeds; ++s) {
    runs.push_back(replay.run(first_seed + s));
    log_info(fmt::format("seed {}: {} of {} vertices with {} labels", first_seed + s, runs.back().back().vertices, vertices,
                         runs.back().back().labels));
  }

  Json rounds = Json::array(), until = Json::array();
  for (std::size_t r = 0; r < runs.front().size(); ++r) {
    double labels = 0, found = 0, rmse = 0, count = 0;
    for (const auto& run : runs) {
      if (r >= run.size()) continue;
      labels += static_cast<double>(run[r].labels);
      found += static_cast<double>(run[r].vertices);
      rmse += run[r].rmse_mev_per_atom;
      ++count;
    }
    rounds.push_back({{"labels", labels / count},
                      {"vertices_found", found / count},
                      {"share", found / count / static_cast<double>(std::max<std::size_t>(1, vertices))},
                      {"rmse_mev_per_atom", r == 0 ? Json(nullptr) : Json(rmse / count)}});
  }
  double sum = 0;
  bool all_found = true;
  for (const auto& run : runs) {
    const auto complete = std::find_if(run.begin(), run.end(), [&](const RoundResult& r) { return r.vertices == vertices; });
    if (complete == run.end()) {
      all_found = false;
      until.push_back(nullptr);
    } else {
      sum += static_cast<double>(complete->labels);
      until.push_back(complete->labels);
    }
  }
  const Json json = {{"campaign", structures.campaign.name},
                     {"model", structures.campaign.surrogates.front().kind},
                     {"policy", select.policy},
                     {"pool", structures.kept.size()},
                     {"vertices", vertices},
                     {"seeds", seeds},
                     {"labels_until_all_vertices", {{"mean", all_found ? Json(sum / static_cast<double>(seeds)) : Json(nullptr)}, {"each", until}}},
                     {"rounds", rounds}};
  if (line.has("json")) {
    std::cout << json_text(json, 2) << "\n";
    return ExitCode::kDone;
  }
  fmt::print("{}\n{} by {}, {} seed{}; the hull of all {} has {} vertices\n\n", mapping_summary(structures), select.policy,
             structures.campaign.surrogates.front().kind, seeds, seeds == 1 ? "" : "s", structures.kept.size(), vertices);
  TextTable table({"labels", "vertices", "share", "RMSE of the rest"}, {'r', 'r', 'r', 'r'});
  for (const Json& round : rounds) {
    table.row({fmt::format("{:.0f}", round["labels"].get<double>()), fmt::format("{:.1f}", round["vertices_found"].get<double>()),
               fmt::format("{:.0f} %", 100 * round["share"].get<double>()),
               round["rmse_mev_per_atom"].is_null() ? "" : fmt::format("{:.1f} meV/atom", round["rmse_mev_per_atom"].get<double>())});
  }
  std::cout << table.str();
  if (all_found) fmt::print("\nall vertices with {:.0f} labels on average\n", sum / static_cast<double>(seeds));
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
