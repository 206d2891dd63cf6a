#include "scheduler/decisions/soundness.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/errors.hpp"
#include "core/json.hpp"
#include "storage/campaign_store.hpp"
#include "storage/round_record.hpp"

namespace hullscan {
namespace {

constexpr std::size_t kMostNamed = 20;

}  // namespace

std::string fault_of_stratum(const CampaignView& view, const Stratum& stratum) {
  if (stratum.space >= view.spaces.size())
    return fmt::format("it belongs to space {}, and there are {}", stratum.space, view.spaces.size());
  const SpaceView& space = view.spaces[stratum.space];
  if (stratum.supercell >= space.supercells.size())
    return fmt::format("it belongs to supercell {} of {}, which has {}", stratum.supercell, space.name,
                       space.supercells.size());
  const auto known = std::lower_bound(view.strata.begin(), view.strata.end(), stratum,
                                      [](const StratumView& one, const Stratum& key) { return one.stratum < key; });
  if (known == view.strata.end() || known->stratum != stratum)
    return fmt::format("it belongs to composition {} of supercell {} of {}, which does not exist",
                       stratum.index_in_supercell, stratum.supercell, space.name);
  return "";
}

std::string fault_of_configuration(const CampaignView& view, const Stratum& stratum,
                                   const std::vector<std::uint8_t>& occupation) {
  if (std::string fault = fault_of_stratum(view, stratum); !fault.empty()) return fault;
  const SpaceView& space = view.spaces[stratum.space];
  const Supercell& supercell = *space.supercells[stratum.supercell];
  if (occupation.size() != supercell.varied_sites().size())
    return fmt::format("its occupation has {} sites, and {} are varied", occupation.size(),
                       supercell.varied_sites().size());
  for (std::size_t site = 0; site < occupation.size(); ++site) {
    const int sublattice = supercell.sublattice_of(static_cast<int>(site));
    const std::size_t allowed = space.parent->sublattices[static_cast<std::size_t>(sublattice)].allowed.size();
    if (occupation[site] >= allowed)
      return fmt::format("its site {} holds species {} of {}", site, occupation[site], allowed);
  }
  return "";
}

namespace {

bool is_json(const std::string& text, Json::value_t type) {
  const char opening = type == Json::value_t::object ? '{' : '[';
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string::npos && text[first] == opening && Json::accept(text);
}

/// "" if state, attempts and result of a task can stand beside each other.
std::string contradiction_in(const TaskRecord& task) {
  for (std::size_t i = 0; i < task.attempts.size(); ++i) {
    if (task.attempts[i].number != static_cast<int>(i) + 1)
      return fmt::format("its attempts are not numbered from 1 on: attempt {} is number {}", i + 1,
                         task.attempts[i].number);
  }
  const bool under_way =
      task.state == TaskState::kPrepared || task.state == TaskState::kRunning || task.state == TaskState::kContinuing;
  if ((under_way || task.result) && task.attempts.empty())
    return fmt::format("it is {} and has no attempt", name_of(task.state));
  if (task.result.has_value() != (task.state == TaskState::kConverged))
    return fmt::format("it is {} and has {} result", name_of(task.state), task.result ? "a" : "no");
  if (task.result && (task.result->attempt < 1 || task.result->attempt > static_cast<int>(task.attempts.size())))
    return fmt::format("its result is of attempt {}, and there are {}", task.result->attempt, task.attempts.size());
  return "";
}

}  // namespace

void add_faults(const CampaignView& view, const TaskRecord& task, std::vector<std::string>& faults) {
  const auto add = [&](const std::string& fault) {
    faults.push_back(fmt::format("task {}: {}", task.task.key, fault));
  };
  const std::string fault = fault_of_configuration(view, task.task.stratum, task.task.occupation);
  if (!fault.empty()) return add(fault);
  if (const std::string contradiction = contradiction_in(task); !contradiction.empty()) add(contradiction);
  const Composition& wanted = view.view(task.task.stratum).composition;
  if (task.task.structure.composition() != wanted)
    add(fmt::format("its structure is {}, and its composition is {}", task.task.structure.composition().formula(),
                    wanted.formula()));
  if (task.result && task.result->converged.structure.atom_count() == 0) add("its result has no atoms");
  for (const AttemptRecord& attempt : task.attempts) {
    if (!is_json(attempt.particulars, Json::value_t::object))
      add(fmt::format("the particulars of attempt {} are damaged", attempt.number));
  }
}

void add_faults_beside_tasks(const CampaignView& view, const CampaignStore& store, std::vector<std::string>& faults) {
  // What earlier campaign files had found lies in their own spaces and is not used any more.
  const int first = store.revision().first;
  if (const auto pass = store.current_pass(); pass && pass->number >= first) {
    for (const Candidate& candidate : store.candidates(pass->number)) {
      const std::string fault = fault_of_configuration(view, candidate.stratum, candidate.occupation);
      if (!fault.empty()) faults.push_back(fmt::format("a candidate of pass {}: {}", pass->number, fault));
    }
  }
  for (int number = first, last = store.current_pass() ? store.current_pass()->number : -1; number <= last; ++number) {
    for (const auto& [stratum, totals] : store.unit_totals(number)) {
      if (const std::string fault = fault_of_stratum(view, stratum); !fault.empty())
        faults.push_back(fmt::format("a work unit of pass {}: {}", number, fault));
    }
    for (const auto& [stratum, sums] : store.spectra(number)) {
      if (const std::string fault = fault_of_stratum(view, stratum); !fault.empty())
        faults.push_back(fmt::format("sums of pass {}: {}", number, fault));
    }
  }
  for (const Round& round : store.rounds()) {
    if (!round.finished) continue;
    const auto add_fault = [&](auto read) {
      try {
        (void)read(round);
      } catch (const StorageError& error) {
        faults.emplace_back(error.what());
      }
    };
    add_fault(fit_records);
    add_fault(hull_record);
  }
}

std::vector<std::string> unsound_records(const CampaignView& view, const CampaignStore& store) {
  std::vector<std::string> faults;
  store.each_task({}, [&](const TaskRecord& task) { add_faults(view, task, faults); });
  add_faults_beside_tasks(view, store, faults);
  return faults;
}

void require_sound(const CampaignView& view, const CampaignStore& store) { require_none(unsound_records(view, store)); }

void require_none(const std::vector<std::string>& faults) {
  if (faults.empty()) return;
  std::string text;
  for (std::size_t i = 0; i < std::min(faults.size(), kMostNamed); ++i)
    text += fmt::format("campaign.db: {}\n", faults[i]);
  if (faults.size() > kMostNamed) text += fmt::format("and {} more\n", faults.size() - kMostNamed);
  throw StorageError(text +
                     "the database is damaged; campaign.backup.db beside it is the last whole copy: with campaign.db "
                     "moved away, `hullscan rebuild-ledger DIR` goes on from it");
}

}  // namespace hullscan
