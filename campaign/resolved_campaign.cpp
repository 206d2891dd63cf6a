#include "campaign/resolved_campaign.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <span>

#include "campaign/descriptor_table.hpp"
#include "campaign/marked_pairs.hpp"
#include "campaign/relaxed_orbits.hpp"
#include "campaign/structure_lists.hpp"
#include "core/complaints.hpp"
#include "core/processes/child_process.hpp"
#include "enumerator/space/composition_constraints.hpp"
#include "enumerator/space/strata.hpp"
#include "scheduler/decisions/candidates_to_keep.hpp"
#include "scheduler/decisions/selection.hpp"
#include "scheduler/executors/executor_kind.hpp"
#include "scheduler/executors/site_file.hpp"
#include "surrogates/external/scorer_pool.hpp"
#include "surrogates/models/pair_model.hpp"
#include "surrogates/models/prior_model.hpp"
#include "surrogates/potentials/kim_calculator.hpp"
#include "surrogates/spaces_together.hpp"

namespace hullscan {
namespace {

std::vector<Species> species_of(const std::vector<SearchSpace>& spaces) {
  std::set<Species> found;
  for (const SearchSpace& space : spaces) {
    for (const ParentSite& site : space.parent()->sites) {
      if (site.sublattice == kFixedSite) found.insert(site.fixed_species);
    }
    for (const Sublattice& sublattice : space.parent()->sublattices) {
      found.insert(sublattice.allowed.begin(), sublattice.allowed.end());
    }
  }
  return {found.begin(), found.end()};
}

/// What the adapter cannot ask: whether the KIM model is installed and knows the elements.
void check_kim_model(const ResolvedCampaign& resolved, std::span<const Species> species, Problems& problems) {
  const auto model = resolved.settings.values.find("model");
  if (resolved.code->info().name != "kim" || model == resolved.settings.values.end() || model->second.empty()) return;
  const Setting* written = resolved.campaign.dft->settings.find("model");
  const SourcePosition where = written != nullptr ? written->where : resolved.campaign.dft->settings.where;
  try {
    const KimCalculator calculator(model->second);
    for (const Species one : species) {
      if (!one.is_vacancy() && !calculator.knows(one))
        problems.add(where, fmt::format("dft.model: {} does not know {}", model->second, one.symbol()));
    }
  } catch (const InputError& not_installed) {
    problems.add(where, fmt::format("dft.model: {}", not_installed.what()));
  }
}

/// Whether it predicts nothing before calculations are known.
bool needs_labels(const SurrogateSpec& spec) {
  const SurrogateAbilities* abilities = surrogate_abilities(spec.kind);
  const Setting* said = spec.settings.find("needs");
  const auto* needs = said != nullptr ? std::get_if<std::string>(&said->value) : nullptr;
  return needs != nullptr ? *needs == "labels" : abilities == nullptr || abilities->needs_labels;
}

constexpr std::int64_t kMostRefined = 1'000'000;

/// What a campaign file says of its second model beyond what the model itself reads.
void check_refining(const Campaign& campaign, Problems& problems) {
  const SurrogateSpec &first = campaign.surrogates[0], &second = campaign.surrogates[1];
  if (campaign.surrogates.size() > 2)
    problems.add(campaign.surrogates[2].settings.where,
                 "surrogate: at most two models work together, one that scores the whole space and one that scores the "
                 "best of it; leave out the third [[surrogate]]");
  if (first.kind == PairModel::kKind || second.kind == PairModel::kKind)
    problems.add(second.settings.where, "surrogate: a model of marked pairs works alone; leave out the other one");
  if (needs_labels(second) && surrogate_abilities(second.kind) != nullptr && !campaign.dft)
    problems.add(second.settings.where,
                 fmt::format("surrogate: a model of kind \"{}\" is fitted to calculations, and there is no [dft]; add "
                             "the table, or take a second model that needs no labels",
                             second.kind));
}

void check_stages(const ResolvedCampaign& resolved, Problems& problems) {
  const auto& spaces = resolved.campaign.spaces;
  if (resolved.spaces.size() != spaces.size()) return;
  for (std::size_t s = 0; s < spaces.size(); ++s) {
    if (!spaces[s].restricted) continue;
    if (!spaces[s].markers.empty())
      problems.add(spaces[s].restricted->where,
                   "space.restrict: a space that marks objects has no energies to be restricted by");
    if (resolved.campaign.surrogates.empty() && !resolved.campaign.dft) {
      problems.add(
          spaces[s].restricted->where,
          "space.restrict: nothing here gives an energy: add a [dft] table, or a [[surrogate]] that needs no labels");
    }
    for (std::size_t judge = 0; judge < spaces.size(); ++judge) {
      if (spaces[judge].name != spaces[s].restricted->by ||
          same_crystal(*resolved.spaces[judge].parent(), *resolved.spaces[s].parent()))
        continue;
      problems.add(
          spaces[s].restricted->where,
          fmt::format("space.restrict: \"{}\" and \"{}\" must have the same structure, the same sublattices and in "
                      "each the same species in the same order, so that the model of one knows the other; cells "
                      "and counts may differ",
                      spaces[s].name, spaces[judge].name));
    }
  }
}

/// A program that stays is one of this machine, and nobody watches how much memory it takes.
void check_lasting(const ResolvedCampaign& resolved, Problems& problems) {
  if (!resolved.code->lasting(resolved.settings)) return;
  const RunSpec& run = resolved.campaign.run;
  const Setting* written = resolved.campaign.dft->settings.find("lasting");
  const SourcePosition where = written != nullptr ? written->where : resolved.campaign.dft->settings.where;
  if (run.executor != "local")
    problems.add(where, fmt::format("dft.lasting: the program stays on the machine of hullscan, and run.executor is "
                                    "\"{}\": expected \"local\"",
                                    run.executor));
  if (const Setting* limit = run.settings.find("memory_limit_mb"); limit != nullptr)
    problems.add(limit->where,
                 "run.local.memory_limit_mb: a program that stays (dft.lasting) is not watched for its memory");
}

void resolve_dft(ResolvedCampaign& resolved, Problems& problems) {
  const DftSpec& dft = *resolved.campaign.dft;
  resolved.code = find_dft_code(dft.code);
  if (resolved.code == nullptr) {
    SourcePosition where = dft.settings.where;
    problems.add(where,
                 fmt::format("dft.code: expected one of \"{}\", found \"{}\"{}", fmt::join(dft_code_names(), "\", \""),
                             dft.code, did_you_mean(dft.code, dft_code_names())));
    return;
  }
  const std::vector<Species> species = species_of(resolved.spaces);
  if (const std::string why = why_no_xml(); resolved.code->info().writes_xml && !why.empty())
    problems.add(dft.settings.where, fmt::format("dft.code: results of \"{}\" cannot be read: {}", dft.code, why));
  resolved.settings = resolved.code->resolve(dft.settings, species, problems);
  check_kim_model(resolved, species, problems);
  check_lasting(resolved, problems);
}

/// A run, unlike a count and a sample, needs the tables of permutations.
void check_enumerable(const ResolvedCampaign& resolved, Problems& problems) {
  for (const SearchSpace& space : resolved.spaces) {
    for (std::size_t i = 0; i < space.supercells().size(); ++i) {
      const auto why = space.why_not_enumerable(i);
      if (!why) continue;
      problems.add(space.spec().where,
                   fmt::format("space \"{}\": supercell {} is too large to be enumerated: {}; {}", space.name(),
                               matrix_text(space.supercells()[i]->matrix()), *why, kTooLargeAdvice));
      break;
    }
  }
}

/// The reference set must hold paths of some space.
void check_path_reference(const ResolvedCampaign& resolved, Problems& problems) {
  const auto& reference = resolved.campaign.report.path_reference;
  if (!reference) return;
  for (const SpaceStratum& stratum : Strata(resolved.spaces)) {
    if (stratum.marker && satisfies(*reference, *stratum.space->parent(), stratum.counts())) return;
  }
  problems.add(reference->where,
               fmt::format("report.path_reference: no marked path has a composition with \"{}\"", reference->text));
}

}  // namespace

LoadedCampaign load_campaign(const std::filesystem::path& file) { return load_spaces(read_campaign(file)); }

LoadedCampaign load_spaces(Campaign campaign, RepeatRule rule) {
  Complaints complaints;
  LoadedCampaign loaded{std::move(campaign), {}};
  loaded.spaces = build_spaces(loaded.campaign, rule, complaints);
  complaints.throw_if_any();
  return loaded;
}

ResolvedCampaign resolve_campaign(const std::filesystem::path& file) {
  Campaign campaign = read_campaign(file);
  permit_scorers(campaign);
  return resolve_campaign(std::move(campaign));
}

ResolvedCampaign resolve_campaign_on_site(const std::filesystem::path& file) {
  Campaign campaign = read_campaign(file);
  permit_scorers(campaign);
  take_site(campaign.run);
  return resolve_campaign(std::move(campaign));
}

void take_site(RunSpec& run) {
  if (run.executor != "local") run = with_site(run, read_site(own_environment()));
}

ResolvedCampaign resolve_campaign(Campaign campaign, RepeatRule rule) {
  Complaints complaints;
  ResolvedCampaign resolved{std::move(campaign), {}, {}, nullptr, {}};
  resolved.spaces = build_spaces(resolved.campaign, rule, complaints);
  Problems problems;
  for (const SpaceSpec& spec : resolved.campaign.spaces) {
    if (spec.sample) {
      problems.add(spec.sample->where,
                   "space.sample: run enumerates every configuration; hullscan enumerate draws samples");
    }
    if (spec.markers.empty()) continue;
    if (resolved.campaign.dft) {
      problems.add(spec.markers.front().where,
                   "space.marker: marked spaces can be enumerated and scored by a model, but not calculated: leave out "
                   "[dft]; a migration path is not a structure that a calculation could take");
    }
  }
  check_enumerable(resolved, problems);
  if (resolved.spaces.size() == resolved.campaign.spaces.size()) check_path_reference(resolved, problems);
  check_stages(resolved, problems);
  if (resolved.spaces.size() == resolved.campaign.spaces.size()) {
    complaints.collect([&] { resolved.columns = read_model_columns(resolved.campaign, resolved.spaces, problems); });
    complaints.collect(
        [&] { resolved.surrogates = make_surrogates(resolved.campaign, resolved.spaces, resolved.columns, problems); });
    if (resolved.campaign.surrogates.size() > 1) check_refining(resolved.campaign, problems);
    complaints.collect([&] {
      (void)make_refining_models(resolved.campaign, parents_of(resolved.spaces), resolved.columns, problems);
    });
  }
  if (resolved.campaign.dft) resolve_dft(resolved, problems);
  if (const auto& select = resolved.campaign.select) {
    try {
      (void)find_policy(select->policy);
    } catch (const InputError& error) {
      problems.add(select->where, error.what());
    }
    if (policy_needs_prediction(select->policy) && select->rounds > 0 && resolved.campaign.surrogates.empty()) {
      problems.add(
          select->where,
          fmt::format("select.policy: \"{}\" needs a [[surrogate]] that predicts, or rounds = 0", select->policy));
    }
    if (select->stop.hull_error_mev_per_atom) {
      const std::string kind = resolved.campaign.surrogates.empty() ? "" : resolved.campaign.surrogates.back().kind;
      const SurrogateAbilities* abilities = surrogate_abilities(kind);
      if (abilities == nullptr || !abilities->knows_its_error) {
        problems.add(select->where,
                     fmt::format("select.stop: hull_error_mev_per_atom asks how far predictions may be off, and {}; "
                                 "cluster-expansion and gaussian-process, for example, know it",
                                 kind.empty() ? std::string("there is no [[surrogate]]")
                                              : fmt::format("a model of kind \"{}\" does not know that", kind)));
      }
    }
  }
  check_executor(resolved.campaign.run, problems);
  complaints.collect([&] { problems.throw_if_any(); });
  complaints.throw_if_any();
  return resolved;
}

void permit_scorers(const Campaign& campaign) {
  const auto permit = [](const SurrogateSpec& spec) {
    Problems said_elsewhere;
    SettingsReader reader(spec.settings, "surrogate", said_elsewhere);
    if (spec.kind == "external") permit_scorer(reader.texts("command"));
  };
  for (const SurrogateSpec& spec : campaign.surrogates) {
    permit(spec);
    if (const auto prior = prior_of(spec)) permit(*prior);
  }
}

std::optional<std::filesystem::path> label_table(const Campaign& campaign) {
  if (campaign.surrogates.empty() || campaign.surrogates.front().kind != PairModel::kKind) return std::nullopt;
  const Setting* written = campaign.surrogates.front().settings.find("labels");
  const auto* text = written != nullptr ? std::get_if<std::string>(&written->value) : nullptr;
  if (text == nullptr || text->empty()) return std::nullopt;
  return std::filesystem::path(*text).is_absolute() ? std::filesystem::path(*text)
                                                    : campaign.file.parent_path() / *text;
}

std::vector<std::shared_ptr<const ParentCrystal>> parents_of(const std::vector<SearchSpace>& spaces) {
  std::vector<std::shared_ptr<const ParentCrystal>> parents;
  for (const SearchSpace& space : spaces) parents.push_back(space.parent());
  return parents;
}

SurrogateSpec without_keep(SurrogateSpec spec) {
  std::erase_if(spec.settings.entries, [](const auto& entry) { return entry.first == "keep"; });
  return spec;
}

SurrogateSet make_set(const Campaign& campaign, const SurrogateSpec& spec,
                      const std::vector<std::shared_ptr<const ParentCrystal>>& parents, SpaceColumns columns,
                      Problems& problems) {
  const SurrogateSpec own = without_columns(without_spaces(spec), columns);
  SurrogateSet set = SurrogateSet::make(own, parents, spaces_together(spec, campaign.spaces, problems), problems);
  for (std::size_t space = 0; space < columns.size() && space < set.space_count(); ++space) {
    auto* model = dynamic_cast<TakesOrbitColumns*>(&set.space(space));
    if (columns[space] == nullptr || model == nullptr) continue;
    try {
      model->take_columns(columns[space]);
    } catch (const InputError& error) {
      problems.add(spec.settings.where, std::string("surrogate.columns: ") + error.what());
      break;
    }
  }
  return set;
}

RefiningModels make_refining_models(const Campaign& campaign,
                                    const std::vector<std::shared_ptr<const ParentCrystal>>& parents,
                                    const ModelColumns& columns, Problems& problems) {
  if (campaign.surrogates.size() < 2 || parents.empty()) return {};
  const SurrogateSpec& spec = campaign.surrogates[1];
  RefiningModels refining;
  SettingsTable only_keep{spec.settings.where, {}};
  if (const Setting* keep = spec.settings.find("keep")) only_keep.entries.emplace_back("keep", *keep);
  refining.keep = static_cast<std::size_t>(
      SettingsReader(only_keep, "surrogate", problems).integer("keep", kRefinedByDefault, 1, kMostRefined));
  refining.models = make_set(campaign, without_keep(spec), parents, columns.of(1), problems);
  return refining;
}

SurrogateSet make_surrogates(const Campaign& campaign, const std::vector<SearchSpace>& spaces,
                             const ModelColumns& columns, Problems& problems) {
  if (campaign.surrogates.empty() || spaces.empty()) return {};
  const auto parents = parents_of(spaces);
  SurrogateSet set = make_set(campaign, campaign.surrogates.front(), parents, columns.of(0), problems);
  const auto labels = label_table(campaign);
  if (!labels || set.space_count() == 0) return set;
  const SourcePosition where = dynamic_cast<PairModel&>(set.space(0)).settings().labels_where;
  const std::string name = labels->filename().string();
  const auto report = [&](const std::string& what) { problems.add(where, "surrogate.labels: " + what); };
  DescriptorTable table;
  try {
    table = read_descriptor_table(*labels);
  } catch (const FormatError& error) {
    report(error.what());
    return set;
  }
  for (std::size_t s = 0; s < spaces.size(); ++s) {
    auto& model = dynamic_cast<PairModel&>(set.space(s));
    try {
      model.learn(table.columns, table.features, table.numbers(model.settings().target, name));
      for (std::size_t i = 0; i < spaces[s].supercells().size(); ++i) {
        const auto& markers = spaces[s].markers(i);
        if (markers.empty() || std::any_of(markers.begin(), markers.end(),
                                           [](const MarkerOrbit& orbit) { return orbit.sites.size() != 2; })) {
          report(fmt::format("a model of marked pairs, and space \"{}\" marks no pairs", spaces[s].name()));
          break;
        }
        try {
          model.require_columns(*spaces[s].supercells()[i], markers.size());
        } catch (const InputError& error) {
          report(name + ": " + error.what());
        }
      }
    } catch (const InputError& error) {
      report(error.what());
    }
  }
  return set;
}

namespace {

StratumView stratum_view(const SpaceStratum& at, const std::optional<OrbitCount>& count) {
  const SearchSpace& space = *at.space;
  StratumView view;
  view.stratum = at.key;
  view.composition = space.composition(at.supercell(), at.counts()).without_vacancies();
  view.formula = at.formula();
  if (at.marker) view.formula += ", " + marker_name(space, at.supercell(), *at.marker);
  view.group_order = space.operations(at.supercell()).count();
  view.types = at.named_counts();
  std::erase_if(view.types, [](const auto& type) { return type.second == 0; });
  if (count) {
    view.total = count->total;
    view.inequivalent = count->inequivalent;
  }
  return view;
}

}  // namespace

std::vector<std::string> end_member_warnings(const ResolvedCampaign& resolved, const CampaignView& view) {
  std::vector<std::string> warnings;
  if (resolved.code == nullptr) return warnings;
  for (const auto& [space, formula] : missing_end_members(view)) {
    const SpaceSpec& spec = resolved.campaign.spaces[space];
    warnings.push_back(fmt::format(
        "{}: space \"{}\": its end member {} has no configuration to be computed, and formation energies lack it{}",
        to_string(spec.where), spec.name, formula,
        spec.superperiodic
            ? "; change what leaves it out (min_distance?)"
            : ": superperiodic = false leaves out copies of smaller cells; begin the volume range at 1, or "
              "set superperiodic = true"));
  }
  return warnings;
}

namespace {

/// [space] SpaceView::family.
std::vector<std::uint32_t> families_of(const Campaign& campaign) {
  const bool labels = !campaign.surrogates.empty() && needs_labels(campaign.surrogates.front());
  std::set<std::size_t> alone;  // spaces that the first model knows nothing of without a label of their own
  if (labels) {
    Problems said_elsewhere;
    for (const auto& group : spaces_together(campaign.surrogates.front(), campaign.spaces, said_elsewhere).groups) {
      if (group.size() == 1) alone.insert(group.front());
    }
  }
  std::map<std::string, std::uint32_t> first_of;
  std::vector<std::uint32_t> families;
  for (std::size_t s = 0; s < campaign.spaces.size(); ++s) {
    const auto number = static_cast<std::uint32_t>(s);
    const std::string& list = campaign.spaces[s].list;
    const bool by_itself = list.empty() || alone.contains(s);
    families.push_back(by_itself ? number : first_of.try_emplace(list, number).first->second);
  }
  return families;
}

}  // namespace

CampaignView view_of(const Campaign& campaign, const std::vector<SearchSpace>& spaces) {
  CampaignView view;
  view.campaign = &campaign;
  const std::vector<std::uint32_t> families = families_of(campaign);
  for (std::size_t s = 0; s < spaces.size(); ++s)
    view.spaces.push_back({spaces[s].name(), spaces[s].parent(), spaces[s].supercells(), families[s]});
  StratumCounts counts;
  for (const SpaceStratum& stratum : Strata(spaces)) view.strata.push_back(stratum_view(stratum, counts.of(stratum)));
  mark_end_members(view);
  view.relaxed = relaxed_orbits(spaces);
  return view;
}

std::string matrix_text(const SupercellMatrix& m) {
  if (SupercellMatrix(m.diagonal().asDiagonal()) == m) return fmt::format("{}×{}×{}", m(0, 0), m(1, 1), m(2, 2));
  return fmt::format("[[{},{},{}],[{},{},{}],[{},{},{}]]", m(0, 0), m(0, 1), m(0, 2), m(1, 0), m(1, 1), m(1, 2),
                     m(2, 0), m(2, 1), m(2, 2));
}

}  // namespace hullscan
