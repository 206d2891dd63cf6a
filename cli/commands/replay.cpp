/// @file
/// `hullscan replay`: a campaign against labelled structures as if they were DFT: how many calculations a policy needs
/// to find the hull that is known already.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <limits>
#include <map>

#include "analysis/hull/end_members.hpp"
#include "campaign/labelled_structures.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/text_table.hpp"
#include "core/file_bytes.hpp"
#include "core/foreign_json.hpp"
#include "core/hash.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "enumerator/crystal/supercell_group.hpp"
#include "enumerator/orbits/canonical_form.hpp"
#include "scheduler/decisions/round_selection.hpp"
#include "surrogates/regression/cross_validation.hpp"
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
    label(RoundKind::kEndMembers, rest());
    label(RoundKind::kInitial, rest());
    rounds.push_back(result(0));
    for (int round = 0; round < select_.rounds && count() < pool_.size(); ++round) {
      const std::vector<std::size_t> open = rest();
      const double rmse = predict(open);
      label(RoundKind::kByPolicy, open);
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
        number = static_cast<std::uint32_t>(supercells_.size());
        supercells_.push_back(&supercell);
        std::vector<int> sublattices;
        for (std::size_t v = 0; v < supercell.varied_sites().size(); ++v)
          sublattices.push_back(supercell.sublattice_of(static_cast<int>(v)));
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
  [[nodiscard]] std::size_t count() const {
    return static_cast<std::size_t>(std::count(known_.begin(), known_.end(), true));
  }

  void label(RoundKind kind, const std::vector<std::size_t>& open) {
    std::vector<Prospect> offered;
    for (const std::size_t i : open) offered.push_back(prospects_[i]);
    for (const std::size_t choice : choose_round(kind, offered, select_, count())) known_[open[choice]] = true;
  }

  /// Fits to what is known and tells every open prospect where it stands. @returns the error on them, meV/atom.
  double predict(const std::vector<std::size_t>& open) {
    std::vector<HullEntry> entries;
    std::vector<std::size_t> labelled;
    for (std::size_t i = 0; i < pool_.size(); ++i) {
      if (!known_[i]) continue;
      labelled.push_back(i);
      entries.push_back({pool_[i].id, pool_[i].composition, pool_[i].energy_ev, {}});
    }
    HullOptions options = unbounded_hull_options_for(entries);
    const HullReport hull = compute_hull(entries, options);

    std::vector<Prospect> asked;
    for (const std::size_t i : open) asked.push_back(prospects_[i]);
    for (std::size_t space = 0; space < models_.space_count(); ++space) {
      std::vector<LabelledConfiguration> training;
      for (std::size_t k = 0; k < labelled.size(); ++k) {
        const LabelledStructure& label = pool_[labelled[k]];
        if (label.space != space) continue;
        training.push_back({label.mapping.configuration, hull.entries[k].formation_energy_ev_per_atom, 1.0, label.id,
                            hull.entries[k].e_above_hull_ev_per_atom});
      }
      if (training.empty()) continue;
      (void)models_.space(space).fit(training);
      predict_space(space, asked);
    }
    place_above_hull(asked, formation_entries(hull));
    if (policy_needs_uncertainty(select_.policy)) {
      add_uncertainties(asked, models_,
                        [&](const Stratum& stratum) -> const Supercell& { return *supercells_[stratum.supercell]; });
    }

    // The error is measured against the labels' own references, which differ from the pool's by a plane.
    std::vector<HullEntry> truth;
    for (const LabelledStructure& entry : pool_) truth.push_back({entry.id, entry.composition, entry.energy_ev, {}});
    options.references = HullOptions::References::kEndMembers;
    options.end_members = hull.end_members;
    const HullReport actual = compute_hull(truth, options);
    double squares = 0;
    for (std::size_t k = 0; k < open.size(); ++k) {
      prospects_[open[k]] = asked[k];
      const double off = asked[k].predicted_formation_energy_ev_per_atom.value_or(0) -
                         actual.entries[open[k]].formation_energy_ev_per_atom;
      squares += off * off;
    }
    return 1e3 * std::sqrt(squares / static_cast<double>(open.size()));
  }

  void predict_space(std::size_t space, std::vector<Prospect>& asked) const {
    std::map<std::uint32_t, std::vector<std::size_t>> of_supercell;
    for (std::size_t k = 0; k < asked.size(); ++k) {
      if (asked[k].candidate.stratum.space == space) of_supercell[asked[k].candidate.stratum.supercell].push_back(k);
    }
    for (const auto& [supercell, members] : of_supercell) {
      std::vector<std::uint8_t> occupations;
      for (const std::size_t k : members) {
        const auto& occupation = asked[k].candidate.occupation;
        occupations.insert(occupations.end(), occupation.begin(), occupation.end());
      }
      std::vector<double> energies(members.size());
      models_.space(space).predict_batch(*supercells_[supercell], occupations, energies);
      for (std::size_t m = 0; m < members.size(); ++m)
        asked[members[m]].predicted_formation_energy_ev_per_atom = energies[m];
    }
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
  std::vector<const Supercell*> supercells_;  ///< [number of the stratum]
  std::vector<bool> known_;
};

}  // namespace

ExitCode run_replay(const Arguments& arguments) {
  CommandLine line(
      "replay FILE --data X.extxyz [--policy P] [--json]",
      "Runs a campaign's selection on structures whose energies are known, as if each were a calculation.");
  line.option("data", "FILE", "extended XYZ; every frame with a lattice and a total energy, ids optional");
  line.option("energy-key", "KEY", "which key of a frame is its total energy in eV; default: energy");
  line.option("policy", "P", "instead of the campaign's select.policy");
  line.option("initial", "N", "labels before the first fit, instead of the campaign's");
  line.option("per-round", "N", "labels per round, instead of the campaign's");
  line.option("rounds", "N", "instead of the campaign's");
  line.option("seeds", "N", "how many times with different draws; default 1");
  line.option("seed", "N", "the first seed; default: the campaign's");
  line.option("only", "FILE", "json with a list \"ids\" of structures to take; off-lattice ones among them stay in");
  line.flag("off-lattice", fmt::format("keep structures displaced by more than {} Å (rms)", kOffLatticeAngstrom));
  line.flag("json", "one JSON object");
  line.positionals("FILE, a campaign file", 1, 1);
  line.epilogue(
      "The model is the first [[surrogate]]. Round 0: the end members, then the most symmetric of every composition.");
  if (!line.parse(arguments)) return ExitCode::kDone;
  if (!line.value("data")) throw InputError("replay: --data FILE is missing; hullscan replay --help");

  LabelledStructuresRequest request{line.positional()[0],
                                    *line.value("data"),
                                    line.value("energy-key").value_or("energy"),
                                    line.has("off-lattice"),
                                    {}};
  if (const auto file = line.value("only")) {
    const std::string text = user_file(*file);
    std::string problem;
    const auto json = parse_foreign_json(text, problem);
    if (!json) throw InputError(fmt::format("{}:{}", *file, problem));
    try {
      request.only = json->at("ids").get<std::vector<std::string>>();
    } catch (const Json::exception& error) {
      throw InputError(fmt::format("{}: expected {{\"ids\": [id, …]}}: {}", *file, error.what()));
    }
    request.keep_off_lattice = true;
  }
  const LabelledStructures structures = read_labelled_structures(request);
  log_info(mapping_summary(structures));
  if (structures.campaign.surrogates.empty())
    throw InputError(fmt::format("{}: there is no [[surrogate]] to select with", request.campaign.string()));
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
    log_info(fmt::format("seed {}: {} of {} vertices with {} labels", first_seed + s, runs.back().back().vertices,
                         vertices, runs.back().back().labels));
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
    const auto complete =
        std::find_if(run.begin(), run.end(), [&](const RoundResult& r) { return r.vertices == vertices; });
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
                     {"labels_until_all_vertices",
                      {{"mean", all_found ? Json(sum / static_cast<double>(seeds)) : Json(nullptr)}, {"each", until}}},
                     {"rounds", rounds}};
  if (line.has("json")) {
    std::cout << json_text(json, 2) << "\n";
    return ExitCode::kDone;
  }
  fmt::print("{}\n{} by {}, {} seed{}; the hull of all {} has {} vertices\n\n", mapping_summary(structures),
             select.policy, structures.campaign.surrogates.front().kind, seeds, seeds == 1 ? "" : "s",
             structures.kept.size(), vertices);
  TextTable table({"labels", "vertices", "share", "RMSE of the rest"}, {'r', 'r', 'r', 'r'});
  for (const Json& round : rounds) {
    table.row({fmt::format("{:.0f}", round["labels"].get<double>()),
               fmt::format("{:.1f}", round["vertices_found"].get<double>()),
               fmt::format("{:.0f} %", 100 * round["share"].get<double>()),
               round["rmse_mev_per_atom"].is_null()
                   ? ""
                   : fmt::format("{:.1f} meV/atom", round["rmse_mev_per_atom"].get<double>())});
  }
  std::cout << table.str();
  if (all_found) fmt::print("\nall vertices with {:.0f} labels on average\n", sum / static_cast<double>(seeds));
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
