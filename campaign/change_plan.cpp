#include "campaign/change_plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "campaign/campaign_directory.hpp"
#include "campaign/file_changes.hpp"
#include "campaign/version.hpp"
#include "core/hash.hpp"
#include "core/log.hpp"
#include "enumerator/mapping/orbit_placement.hpp"
#include "scheduler/decisions/search_limits.hpp"
#include "storage/campaign_facts.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

/// A start structure is the ideal one, up to its volume: a sheared cell is one of another crystal.
constexpr double kOnItsSitesAngstrom = 0.05;
constexpr double kUnsheared = 0.02;

std::string plural(std::size_t number, const char* word) {
  return fmt::format("{} {}{}", number, word, number == 1 ? "" : "s");
}

/// What decides a space and the meaning of its numbers: its table, in the order of the file, and its structure.
std::vector<std::string> space_texts(const Campaign& campaign) {
  const SettingsTable root = parse_settings_toml(campaign.text, campaign.file.string());
  std::vector<std::string> texts;
  const Setting* spaces = root.find("space");
  const auto* list = spaces != nullptr ? std::get_if<std::vector<Setting>>(&spaces->value) : nullptr;
  for (std::size_t i = 0; i < campaign.spaces.size(); ++i) {
    const SpaceSpec& space = campaign.spaces[i];
    std::string text = structure_hash(space);
    if (list != nullptr && space.table < list->size() && space.list.empty()) {
      if (const auto* table = std::get_if<SettingsTable>(&(*list)[space.table].value)) text += identity_text(*table);
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

std::string surrogate_text(const Campaign& campaign) {
  const SettingsTable root = parse_settings_toml(campaign.text, campaign.file.string());
  const Setting* surrogates = root.find("surrogate");
  std::string text = surrogates != nullptr ? value_text(*surrogates) : "";
  if (const auto labels = label_table(campaign)) text += file_hash128_hex(*labels);
  for (const ColumnTable& table : column_tables(campaign)) text += file_hash128_hex(table.file);
  return text;
}

class Planning {
 public:
  Planning(const fs::path& directory, const CampaignStore& store, const ResolvedCampaign& now, const CampaignView& view)
      : store_(store), now_(now), view_(view), stored_(store.revision()) {
    try {
      before_ = resolve_stored_campaign(directory);
      take_earlier_defaults(*before_, earlier_defaults_of(*before_, stored_.identity), false);
    } catch (const Error&) {
      // A file that it names is elsewhere now: what was searched is known all the same.
      take_spaces_of(directory);
    }
    refuse_a_lost_rule(directory);
  }

  std::optional<ChangePlan> plan(Instant at) {
    find_differences();
    const std::string identity = identity_of(now_);
    if (plan_.differs.empty() && identity == stored_.identity) return std::nullopt;
    if (const auto part = recall_part(store_); part && identity != stored_.identity) {
      throw InputError(
          fmt::format("the directory holds part {} of a campaign, and all parts must have one campaign "
                      "file: restore it, or use another --dir\n{}",
                      *part, fmt::join(plan_.differs, "\n")));
    }
    const Campaign& campaign = now_.campaign;
    plan_.change.campaign = {campaign.name, identity, campaign.text, campaign.text, kVersion};
    plan_.change.at = at;
    const bool limits_differ = search_limits_differ();
    if (identity != stored_.identity || limits_differ) change_what_is_searched(limits_differ);
    change_temperatures();
    change_archive();
    plan_.change.changes = plan_.differs;
    return std::move(plan_);
  }

 private:
  void take_spaces_of(const fs::path& directory) {
    try {
      LoadedCampaign loaded = load_stored_campaign(directory);
      before_.emplace(ResolvedCampaign{std::move(loaded.campaign), std::move(loaded.spaces), {}, nullptr, {}});
    } catch (const Error& error) {
      log_info(
          fmt::format("the campaign file of revision {} cannot be read any more ({}): its spaces are taken for others",
                      stored_.number, error.what()));
      return;
    }
    if (!before_->campaign.dft || now_.code == nullptr ||
        identity_text(before_->campaign.dft->settings) != identity_text(now_.campaign.dft->settings))
      return;
    before_->code = now_.code;
    before_->settings = now_.settings;
  }

  /// What an older hullscan began has no file that says so; a lost one must not be taken for that.
  void refuse_a_lost_rule(const fs::path& directory) const {
    if (!before_ || stored_repeat_rule(directory) != RepeatRule::kPrimitiveCell) return;
    const bool matters = std::any_of(before_->spaces.begin(), before_->spaces.end(),
                                     [](const SearchSpace& space) { return space.rules_differ(); });
    if (!matters || identity_of(*before_) == stored_.identity) return;
    if (identity_of(resolve_campaign(before_->campaign, RepeatRule::kReferenceCell)) != stored_.identity) return;
    throw InputError(
        fmt::format("{}: inputs/rules.json is missing; it says by which rule this campaign leaves out superperiodic "
                    "configurations: put it back, or use another --dir",
                    directory.string()));
  }

  void find_differences() {
    const Campaign& campaign = now_.campaign;
    const SettingsTable then = parse_settings_toml(stored_.text, "campaign.toml"),
                        is = parse_settings_toml(campaign.text, campaign.file.string());
    plan_.differs = differences(then, is);
    if (plan_.differs.empty() && identity_text(then) != identity_text(is))
      plan_.differs.emplace_back("the order of the keys, which numbers species and spaces");
    if (!before_) return;
    for (const SpaceSpec& space : campaign.spaces) {
      for (const SpaceSpec& old : before_->campaign.spaces) {
        if (old.name == space.name && structure_hash(old) != structure_hash(space))
          plan_.differs.push_back(fmt::format("space \"{}\": its structure file has changed", space.name));
      }
    }
    compare_lists();
    const auto labels = label_table(campaign), old_labels = label_table(before_->campaign);
    if (labels && old_labels && file_hash128_hex(*labels) != file_hash128_hex(*old_labels))
      plan_.differs.emplace_back("surrogate.labels: the table has changed");
    for (const ColumnTable& table : column_tables(campaign)) {
      for (const ColumnTable& old : column_tables(before_->campaign)) {
        if (table.surrogate == old.surrogate && file_hash128_hex(table.file) != file_hash128_hex(old.file))
          plan_.differs.emplace_back("surrogate.columns: the table has changed");
      }
    }
    if (before_->code != nullptr && now_.code != nullptr && !same_settings()) {
      const auto settings_then = before_->code->identity(before_->settings).values;
      for (const auto& [key, value] : now_.code->identity(now_.settings).values) {
        const auto found = settings_then.find(key);
        const std::string line =
            fmt::format("dft.{}: {} → {}", key, found == settings_then.end() ? "" : found->second, value);
        const bool told = std::any_of(
            plan_.differs.begin(), plan_.differs.end(),
            [&, &name = key](const std::string& one) { return one.starts_with(fmt::format("dft.{}", name)); });
        if (!told && (found == settings_then.end() || found->second != value))
          plan_.differs.push_back(line + " (by this hullscan's defaults, or by a file that it names)");
      }
    }
  }

  /// Structures that a list has now and had not, or the other way about.
  void compare_lists() {
    const auto structures = [](const Campaign& campaign) {
      std::map<std::string, std::string> listed;  // and the list of each
      for (const SpaceSpec& space : campaign.spaces) {
        if (!space.list.empty()) listed.emplace(space.name, space.list);
      }
      for (const ListedOrbit& orbit : campaign.listed_orbits) listed.emplace(orbit.name, orbit.list);
      return listed;
    };
    const auto then = structures(before_->campaign), is = structures(now_.campaign);
    std::map<std::string, std::pair<std::size_t, std::size_t>> changes;  // of a list: more, fewer
    for (const auto& [name, list] : is) changes[list].first += then.count(name) == 0 ? 1 : 0;
    for (const auto& [name, list] : then) changes[list].second += is.count(name) == 0 ? 1 : 0;
    for (const auto& [list, change] : changes) {
      const auto& [more, fewer] = change;
      if (more > 0)
        plan_.differs.push_back(fmt::format("space \"{}\": its list has {} more", list, plural(more, "structure")));
      if (fewer > 0)
        plan_.differs.push_back(fmt::format("space \"{}\": its list lacks {}", list, plural(fewer, "structure")));
    }
  }

  [[nodiscard]] bool same_settings() const {
    if (!before_ || (before_->code == nullptr) != (now_.code == nullptr)) return false;
    if (now_.code == nullptr) return true;
    const DftSettings then = before_->code->identity(before_->settings), is = now_.code->identity(now_.settings);
    return then.code == is.code && then.values == is.values;
  }

  /// Only where compositions are searched instead of generated; then others of them would be.
  [[nodiscard]] bool search_limits_differ() const {
    const auto held = recall_search_limits(store_);
    const SearchLimits asked = asked_search_limits(now_.campaign.run);
    if (!held || *held == asked) return false;
    CampaignView then = view_, is = view_;
    mark_branch_and_bound(then, *held);
    mark_branch_and_bound(is, asked);
    for (std::size_t i = 0; i < is.strata.size(); ++i) {
      if (then.strata[i].by_branch_and_bound != is.strata[i].by_branch_and_bound) return true;
    }
    return false;
  }

  void change_what_is_searched(bool limits_differ) {
    // Which of the old spaces are still there, under which number.
    std::map<std::uint32_t, std::uint32_t> same;
    bool spaces_same = false;
    if (before_) {
      const auto then = space_texts(before_->campaign), is = space_texts(now_.campaign);
      for (std::size_t i = 0; i < then.size(); ++i) {
        for (std::size_t j = 0; j < is.size(); ++j) {
          if (before_->campaign.spaces[i].name == now_.campaign.spaces[j].name && then[i] == is[j])
            same[static_cast<std::uint32_t>(i)] = static_cast<std::uint32_t>(j);
        }
      }
      spaces_same = then == is && same.size() == is.size();
    }
    const bool settings_same = same_settings();
    const bool model_same = before_ && surrogate_text(before_->campaign) == surrogate_text(now_.campaign);
    if (limits_differ) plan_.change.facts.push_back(fact_search_limits(asked_search_limits(now_.campaign.run)));
    if (!spaces_same || !settings_same) place_calculations(same, spaces_same);
    if (!spaces_same || !settings_same || limits_differ) {
      begin_anew(spaces_same && !limits_differ);
      if (!model_same && !now_.campaign.surrogates.empty())
        plan_.effects.emplace_back("the model is fitted with all results that count");
    } else if (!model_same) {
      change_model();
    }
  }

  void begin_anew(bool survey_may_stay) {
    int last = -1;
    for (const Round& round : store_.rounds()) last = std::max(last, round.number);
    if (const auto pass = store_.current_pass()) last = std::max(last, pass->number);
    plan_.change.first = last + 1;
    plan_.change.facts.push_back(fact_no_stage_decision());
    const int survey = stored_.first;
    const auto shards = store_.shards();
    const bool archived =
        std::any_of(shards.begin(), shards.end(), [&](const ShardRecord& shard) { return shard.pass == survey; });
    plan_.change.survey_stays = survey_may_stay && !archived && store_.pass_complete(survey);
    plan_.effects.push_back(plan_.change.survey_stays ? "the spaces are not enumerated again"
                                                      : "the spaces are enumerated, which computes nothing by DFT");
    if (now_.code == nullptr) return;
    const SelectSpec select = now_.campaign.select.value_or(SelectSpec{});
    plan_.effects.push_back(
        fmt::format("rounds begin anew with what is known: what is missing of end members and of {}, then up to {} "
                    "of {}; nothing is calculated twice",
                    plural(static_cast<std::size_t>(select.initial), "initial calculation"),
                    plural(static_cast<std::size_t>(select.rounds), "round"), select.per_round));
  }

  void change_model() {
    const auto pass = store_.current_pass();
    const bool scored = pass && pass->number > stored_.first;
    if (now_.code != nullptr) {
      if (!now_.campaign.surrogates.empty()) {
        plan_.change.facts.push_back(fact_fit_again());
        plan_.effects.push_back(fmt::format(
            "the model is fitted with the results that are there, and scores the configurations{}; no calculation is "
            "made again",
            scored ? " again" : ""));
      }
    } else if (scored) {
      plan_.change.forgotten_passes.push_back(pass->number);
      plan_.effects.emplace_back("the model scores the configurations again");
    }
    if (scored && now_.campaign.run.keep == "all")
      plan_.effects.emplace_back("the archive holds the new model's energies then; the earlier model stays in models/");
  }

  void change_temperatures() {
    const auto pass = store_.current_pass();
    if (!pass || pass->model.empty() || plan_.change.first || was_redone(pass->number)) return;
    const auto sums = recall_pass_temperatures(store_, pass->number);
    if (!sums || *sums == now_.campaign.report.temperatures_kelvin) return;
    plan_.change.repeated_passes.push_back(pass->number);
    plan_.change.facts.push_back(fact_no_pass_temperatures(pass->number));
    plan_.effects.emplace_back("the configurations are scored again, for the sums at the new temperatures");
  }

  void change_archive() {
    const auto pass = store_.current_pass();
    if (!pass || !pass->finished || plan_.change.first || was_redone(pass->number) || now_.campaign.run.keep != "all" ||
        !before_ || before_->campaign.run.keep == "all")
      return;
    plan_.change.repeated_passes.push_back(pass->number);
    plan_.effects.emplace_back("the configurations are scored again, to be kept in the archive");
  }

  [[nodiscard]] bool was_redone(int pass) const {
    const auto holds = [&](const std::vector<int>& passes) {
      return std::find(passes.begin(), passes.end(), pass) != passes.end();
    };
    return holds(plan_.change.forgotten_passes) || holds(plan_.change.repeated_passes);
  }

  /// Where every calculation lies now.
  void place_calculations(const std::map<std::uint32_t, std::uint32_t>& same, bool spaces_same) {
    OrbitPlacer placer(now_.spaces);
    const DftSettings ours_now = now_.code != nullptr ? now_.code->identity(now_.settings) : DftSettings{};
    struct Numbers {
      std::size_t known = 0, kept = 0;
    };
    std::map<std::string, Numbers> of_space;
    std::size_t other_settings = 0, count_again = 0, outside_now = 0;
    store_.each_task({.round = {}, .states = {}, .outside = true}, [&](const TaskRecord& task) {
      const bool was_in_spaces = task.outside == Outside::kNo || task.outside == Outside::kOtherSettings;
      const auto unchanged = same.find(task.task.stratum.space);
      TaskPlacement placement{task.task.key, Outside::kNo, task.task.stratum, task.task.occupation,
                              task.task.degeneracy};
      bool in_spaces = true;
      if (was_in_spaces && unchanged != same.end()) {
        placement.stratum.space = unchanged->second;
      } else {
        in_spaces = false;
        const auto placed = placer.place(task.task.structure);
        if (const auto* orbit = std::get_if<PlacedOrbit>(&placed);
            orbit != nullptr && orbit->rms_displacement_angstrom < kOnItsSitesAngstrom &&
            orbit->shear_strain < kUnsheared) {
          placement.stratum = orbit->stratum;
          placement.occupation = orbit->occupation;
          placement.degeneracy = orbit->degeneracy;
          in_spaces = true;
        }
      }
      const bool ours = now_.code != nullptr && task.task.settings.code == now_.settings.code &&
                        now_.code->identity(task.task.settings).values == ours_now.values;
      placement.outside = static_cast<Outside>((in_spaces ? 0 : static_cast<int>(Outside::kOtherSpaces)) +
                                               (ours ? 0 : static_cast<int>(Outside::kOtherSettings)));
      if (was_in_spaces && before_ && task.task.stratum.space < before_->campaign.spaces.size()) {
        Numbers& numbers = of_space[before_->campaign.spaces[task.task.stratum.space].name];
        ++numbers.known;
        numbers.kept += in_spaces ? 1 : 0;
      }
      const bool counted = task.outside == Outside::kNo, counts = placement.outside == Outside::kNo;
      other_settings += counted && !ours ? 1 : 0;
      count_again += !counted && counts ? 1 : 0;
      outside_now += counts ? 0 : 1;
      if (placement.outside != task.outside || placement.stratum != task.task.stratum ||
          placement.occupation != task.task.occupation)
        plan_.change.placements.push_back(std::move(placement));
    });
    if (!spaces_same) {
      if (before_) view_before_ = view_of(before_->campaign, before_->spaces);
      for (const SearchSpace& space : now_.spaces)
        tell_space(space.name(), of_space[space.name()].known, of_space[space.name()].kept);
      for (const auto& [name, numbers] : of_space) {
        const bool there = std::any_of(now_.spaces.begin(), now_.spaces.end(),
                                       [&, &name = name](const SearchSpace& space) { return space.name() == name; });
        if (!there)
          plan_.effects.push_back(fmt::format("{} is searched no more: {} of its {} belong to other spaces now", name,
                                              numbers.kept, plural(numbers.known, "calculation")));
      }
    }
    if (other_settings > 0) {
      plan_.effects.push_back(
          fmt::format("{} with the earlier settings stay{} as a set of their own, beside the new one: they do not "
                      "count on its hull",
                      plural(other_settings, "calculation"), other_settings == 1 ? "s" : ""));
    }
    if (count_again > 0)
      plan_.effects.push_back(fmt::format("{} of an earlier campaign file count{} again",
                                          plural(count_again, "calculation"), count_again == 1 ? "s" : ""));
    if (outside_now > 0)
      plan_.effects.push_back(fmt::format("{} altogether take no part; to see them: hullscan tasks DIR --outside",
                                          plural(outside_now, "calculation")));
  }

  void tell_space(const std::string& name, std::size_t known, std::size_t kept) {
    const auto now = configurations(view_, name);
    std::string text = known == 0 ? fmt::format("{}: no calculation yet", name)
                                  : fmt::format("{}: {} of {} kept", name, kept, plural(known, "calculation"));
    if (view_before_) {
      const auto then = configurations(*view_before_, name);
      if (now && then && *now != *then)
        text += fmt::format(", {} configurations {} ({} instead of {})",
                            (*now > *then ? BigInteger(*now - *then) : BigInteger(*then - *now)).str(),
                            *now > *then ? "more" : "less", now->str(), then->str());
    }
    plan_.effects.push_back(std::move(text));
  }

  /// Inequivalent ones of a space; nothing where there is none of this name, or no closed form.
  static std::optional<BigInteger> configurations(const CampaignView& view, const std::string& name) {
    BigInteger sum = 0;
    bool any = false;
    for (const StratumView& stratum : view.strata) {
      if (view.spaces[stratum.stratum.space].name != name) continue;
      if (!stratum.inequivalent) return std::nullopt;
      sum += *stratum.inequivalent;
      any = true;
    }
    if (!any) return std::nullopt;
    return sum;
  }

  const CampaignStore& store_;
  const ResolvedCampaign& now_;
  const CampaignView& view_;
  const Revision stored_;
  std::optional<ResolvedCampaign> before_;
  std::optional<CampaignView> view_before_;  ///< counted once the spaces are known to differ
  ChangePlan plan_;
};

}  // namespace

std::optional<ChangePlan> plan_change(const fs::path& directory, const CampaignStore& store,
                                      const ResolvedCampaign& now, const CampaignView& view, Instant at) {
  return Planning(directory, store, now, view).plan(at);
}

}  // namespace hullscan
