#include "campaign/import/import_results.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "analysis/judging/result_judge.hpp"
#include "campaign/campaign_directory.hpp"
#include "campaign/import/competing_phases.hpp"
#include "campaign/import/import_files.hpp"
#include "campaign/import/result_source.hpp"
#include "campaign/judgements.hpp"
#include "campaign/open_directory.hpp"
#include "campaign/resolved_campaign.hpp"
#include "campaign/version.hpp"
#include "core/dft_identity.hpp"
#include "core/hash.hpp"
#include "core/json_text.hpp"
#include "core/lattice_departure.hpp"
#include "core/structure_files/extxyz.hpp"
#include "enumerator/mapping/orbit_placement.hpp"
#include "enumerator/mapping/primitive_structure.hpp"
#include "storage/campaign_backup.hpp"
#include "storage/campaign_facts.hpp"
#include "storage/campaign_lock.hpp"
#include "storage/campaign_store.hpp"
#include "storage/crash_point.hpp"
#include "storage/instant_now.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

constexpr double kSameEnergyEvPerAtom = 1e-6;

bool same_energy(double a, double b) { return std::abs(a - b) <= kSameEnergyEvPerAtom; }

/// A result that lies in one of the spaces.
struct PlacedResult {
  const ForeignResult* result;
  OnLattice at;           ///< of its primitive cell
  std::vector<int> atom;  ///< [atoms of that] which atom of the result each is
  std::string name;       ///< "fcc-1a2b3c4d"
  std::string space;
};

struct OutsideResult {
  const ForeignResult* result;
  std::string why;
};

/// What decides that two results are of one configuration.
using OrbitKey = std::pair<Stratum, std::vector<std::uint8_t>>;

struct KnownResult {
  double energy_ev_per_atom = 0;
  std::string id;
  std::string standing;
};

/// Of a campaign file that the directory was begun with: it lies where the files that [dft] names are.
ResolvedCampaign campaign_of_file(const fs::path& file, const fs::path& directory) {
  ResolvedCampaign resolved = resolve_campaign(file);
  take_earlier_defaults(resolved, earlier_defaults_of(resolved, directory), false);
  if (identity_of(resolved) != CampaignStore::open_read_only(directory).identity().identity) {
    throw InputError(fmt::format(
        "{} was begun with another campaign file than {}: leave --campaign out, or let the directory follow the file "
        "first: hullscan run {} --dir {} --dry-run says what that changes",
        directory.string(), file.string(), file.string(), directory.string()));
  }
  return resolved;
}

ResolvedCampaign stored_campaign(const fs::path& directory) {
  try {
    ResolvedCampaign resolved = resolve_stored_campaign(directory);
    take_earlier_defaults(resolved, earlier_defaults_of(resolved, directory), false);
    return resolved;
  } catch (const InputError& error) {
    throw InputError(
        fmt::format("{}\nif the campaign file names files beside it, say where it is: --campaign FILE", error.what()));
  }
}

ResolvedCampaign campaign_of(const ImportRequest& request) {
  if (fs::exists(request.directory / "campaign.db"))
    return request.begin ? campaign_of_file(*request.begin, request.directory) : stored_campaign(request.directory);
  if (!request.begin) {
    throw InputError(
        fmt::format("{} is not a campaign directory; --campaign FILE begins it", request.directory.string()));
  }
  return resolve_campaign(*request.begin);
}

class Importing {
 public:
  explicit Importing(const ImportRequest& request) : request_(request), resolved_(campaign_of(request)) {
    if (resolved_.code == nullptr) {
      throw InputError(
          "the campaign has no [dft], so it does not say what its energies are: add [dft] to the campaign file, with "
          "the "
          "code and settings of the results, and run it once");
    }
  }

  ImportOutcome run() {
    for (const fs::path& source : request_.sources) read_results(source, {request_.trust}, reading_);
    outcome_.left_out = std::move(reading_.left_out);
    require_our_settings();
    place_all();
    store();
    return std::move(outcome_);
  }

 private:
  void require_our_settings() const {
    const SettingsCheck check(resolved_.code->hull_keys(resolved_.settings), resolved_.settings, request_.settings);
    std::map<SettingsCheck::Difference, std::vector<std::string>> found;
    std::vector<std::string> silent;
    for (const ForeignResult& result : reading_.results) {
      if (result.keys.empty() && !request_.settings.given) {
        silent.push_back(name_of(result));
        continue;
      }
      for (auto& difference : check.differences(result)) found[std::move(difference)].push_back(name_of(result));
    }
    if (found.empty() && silent.empty()) return;
    const auto of = [](const std::vector<std::string>& names) {
      return names.size() == 1 ? names.front() : fmt::format("{} results, the first: {}", names.size(), names.front());
    };
    std::string text = "nothing was imported: energies of other settings cannot share a hull";
    bool unstated = !silent.empty();
    for (const auto& [difference, names] : found) {
      unstated = unstated || difference.import == kKeyNotStated;
      text += fmt::format("\n  {}: the campaign has {}, the import {} ({})", difference.key, difference.campaign,
                          difference.import, of(names));
    }
    if (!silent.empty()) text += fmt::format("\n  no settings are stated ({})", of(silent));
    text += fmt::format("\nthe campaign's are: {}", check.campaign_text());
    if (unstated)
      text +=
          "\nwhat the files do not say can be said: --settings KEY=VALUE,… ; --settings same says that everything else "
          "is "
          "as in the campaign";
    throw InputError(text);
  }

  std::vector<SearchSpace> spaces_to_look_in() {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < resolved_.spaces.size(); ++i) {
      names.push_back(resolved_.spaces[i].name());
      if (request_.space && names.back() == *request_.space) {
        first_space_ = static_cast<std::uint32_t>(i);
        return {resolved_.spaces[i]};
      }
    }
    if (request_.space) {
      throw InputError(fmt::format("--space: the campaign has no space \"{}\"{}; it has: {}", *request_.space,
                                   did_you_mean(*request_.space, names), fmt::join(names, ", ")));
    }
    return resolved_.spaces;
  }

  void place_all() {
    const std::vector<SearchSpace> spaces = spaces_to_look_in();
    // A cell that is sheared further has left the lattice; not to look for it is what makes large cells quick.
    MappingLimits limits;
    limits.largest_shear_strain = kOffLatticeShear;
    OrbitPlacer placer(spaces, limits);
    for (const ForeignResult& result : reading_.results) {
      if (!result.structure) {
        outside_.push_back({&result, "it has no structure"});
        continue;
      }
      // A conventional cell is the configuration that its primitive cell is.
      PrimitiveStructure primitive = primitive_structure(*result.structure);
      auto placed = placer.place_atoms(primitive.structure);
      if (const auto* failed = std::get_if<NotMapped>(&placed)) {
        outside_.push_back({&result, failed->reason});
        continue;
      }
      auto& at = std::get<OnLattice>(placed);
      if (left_lattice(lattice_departure(at.sites, at.relaxed))) {
        outside_.push_back(
            {&result, fmt::format("it has left the lattice: {:.2f} Å (rms) from its sites, shear strain {:.2f}",
                                  at.orbit.rms_displacement_angstrom, at.orbit.shear_strain)});
        continue;
      }
      const SearchSpace& space = spaces[at.orbit.stratum.space];
      at.orbit.stratum.space += first_space_;
      placed_.push_back({&result, std::move(at), std::move(primitive.atom), "", space.name()});
    }
  }

  [[nodiscard]] CampaignStore open_store() const {
    if (fs::exists(request_.directory / "campaign.db")) {
      CampaignStore store = CampaignStore::open_existing(request_.directory);
      if (recall_part(store))
        throw InputError(fmt::format("{} holds a part of a campaign: join the parts with hullscan merge first",
                                     request_.directory.string()));
      return store;
    }
    return open_campaign_directory(request_.directory, resolved_);
  }

  void store() {
    std::error_code error;
    fs::create_directories(request_.directory, error);
    if (error) throw StorageError(fmt::format("{}: cannot be made: {}", request_.directory.string(), error.message()));
    CampaignLock lock(request_.directory);
    CampaignStore store = open_store();
    take_known(store);
    Import import;
    import.at = instant_now();
    when_ = moment_text(import.at);
    take_labels(import);
    take_competing(store, import);
    if (!import.results.empty()) {
      outcome_.folder = write_import_files(request_.directory, import.results, provenance());
      for (ImportedResult& result : import.results) result.directory = outcome_.folder;
      import.facts.push_back(fact_fit_again());
    }
    if (import.results.empty() && import.facts.empty() && import.answered.empty()) return;
    HULLSCAN_CRASH_POINT("import.files");
    store.add_results(import);
    store.back_up(request_.directory / kBackupFile);
    write_competing_copy(request_.directory, store);
    for (std::size_t i = 0; i < import.results.size(); ++i) {
      if (const auto task = store.task(import.results[i].task.key))
        outcome_.labels[i].id = fmt::format("{}-{}", outcome_.labels[i].space, task->short_id);
    }
  }

  void take_known(const CampaignStore& store) {
    store.each_task({}, [&](const TaskRecord& task) {
      const OrbitKey orbit{task.task.stratum, task.task.occupation};
      const std::string id = fmt::format("{}-{}", resolved_.spaces[task.task.stratum.space].name(), task.short_id);
      if (task.result) {
        const DftConverged& converged = task.result->converged;
        known_[orbit].push_back({converged.energy_ev / static_cast<double>(converged.structure.atom_count()), id,
                                 task.standing() == Standing::kExcluded  ? "excluded"
                                 : task.standing() == Standing::kSuspect ? "suspect"
                                                                         : ""});
      } else if (task.state == TaskState::kSelected || task.state == TaskState::kRetrying) {
        waiting_[orbit].emplace_back(task.task.key, id);
      }
    });
  }

  void take_labels(Import& import) {
    for (PlacedResult& placed : placed_) {
      const ForeignResult& result = *placed.result;
      const OrbitKey orbit{placed.at.orbit.stratum, placed.at.orbit.occupation};
      const double per_atom = result.energy_ev / static_cast<double>(result.structure->atom_count());
      std::vector<KnownResult>& known = known_[orbit];
      const auto twin = std::find_if(known.begin(), known.end(), [&](const KnownResult& one) {
        return same_energy(one.energy_ev_per_atom, per_atom);
      });
      if (twin != known.end()) {
        outcome_.known.push_back({name_of(result), twin->id, twin->standing});
        continue;
      }
      ImportedResult stored = stored_result(placed);
      const std::string id = fmt::format("{}-{}", placed.space, stored.task.key.substr(0, 8));
      ImportOutcome::Label label{id, placed.space, stored.task.formula, name_of(result), per_atom, ""};
      if (!known.empty()) {
        const double apart = 1e3 * (per_atom - known.front().energy_ev_per_atom);
        label.beside =
            fmt::format("{} has the same configuration, this is {:+.2f} meV/atom to it", known.front().id, apart);
      }
      known.push_back({per_atom, id, ""});
      for (const auto& [key, waiting] : waiting_[orbit]) {
        import.answered.emplace_back(key, fmt::format("its result was imported as {}", id));
        outcome_.answered.push_back(waiting);
      }
      waiting_.erase(orbit);
      outcome_.labels.push_back(std::move(label));
      import.results.push_back(std::move(stored));
    }
  }

  [[nodiscard]] ImportedResult stored_result(PlacedResult& placed) const {
    const ForeignResult& result = *placed.result;
    const double copies =
        static_cast<double>(placed.at.relaxed.atom_count()) / static_cast<double>(result.structure->atom_count());
    const ResultDetails& more = result.more;
    // Its start is not known; only a cell that was relaxed may be compared with others as such.
    DftConverged converged{.calculation = more.calculation == "vc-relax" ? more.calculation : kUnknownStart,
                           .energy_ev = copies * result.energy_ev,
                           .structure = std::move(placed.at.relaxed),
                           .forces_ev_per_angstrom = {},
                           .stress_kbar = more.stress_kbar,
                           .magnetization_bohr = more.magnetization_bohr,
                           .wall_time_s = more.wall_time_s,
                           .code_version = more.code_version,
                           .hull_keys = resolved_.code->hull_keys(resolved_.settings)};
    if (const auto& given = more.forces_ev_per_angstrom) {
      converged.forces_ev_per_angstrom.emplace();
      for (const int atom : placed.at.atom)
        converged.forces_ev_per_angstrom->push_back(
            (*given)[static_cast<std::size_t>(placed.atom[static_cast<std::size_t>(atom)])]);
    }
    if (converged.magnetization_bohr) *converged.magnetization_bohr *= copies;
    const auto& parent = *resolved_.spaces[placed.at.orbit.stratum.space].parent();
    NewTask task{.key = key_of(converged.structure, converged.energy_ev),
                 .stratum = placed.at.orbit.stratum,
                 .occupation = placed.at.orbit.occupation,
                 .degeneracy = placed.at.orbit.degeneracy,
                 .formula = placed.at.sites.composition().formula(parent.formula_order()),
                 .predicted_ev_per_atom = std::nullopt,
                 .structure = std::move(placed.at.sites),
                 .settings = resolved_.settings};
    Json origin = origin_of(result);
    origin["copies"] = copies;
    return {std::move(task), "", json_text(Json({{"imported", std::move(origin)}})), std::move(converged)};
  }

  /// Of structure, energy and what the campaign asks of a calculation: the same import has the same key.
  [[nodiscard]] std::string key_of(const Structure& structure, double energy_ev) const {
    std::string text = "import\n" + to_extxyz(structure, {}, {}, {6, 5e-7}) + fmt::format("{:.6f}", energy_ev);
    text += identity_lines(resolved_.code->identity(resolved_.settings));
    return hash128_hex(text);
  }

  [[nodiscard]] Json origin_of(const ForeignResult& result) const {
    std::error_code error;
    const fs::path file = fs::absolute(result.file, error);
    return {{"file", (error ? result.file : file).string()},
            {"id", result.id},
            {"kind", result.kind},
            {"hash", result.hash},
            {"calculation", result.more.calculation},
            {"at", when_},
            {"who", request_.who},
            {"verdict", name_of(result.verdict)},
            {"reason", result.reason},
            {"stated_by_source", result.keys},
            {"stated_by_person", request_.settings.values},
            {"rest_said_to_be_the_campaigns", request_.settings.given}};
  }

  [[nodiscard]] Json provenance() const {
    Json results = Json::array();
    for (const PlacedResult& placed : placed_) results.push_back(origin_of(*placed.result));
    return {{"at", when_},
            {"who", request_.who},
            {"hullscan", kVersion},
            {"trust", request_.trust},
            {"settings", resolved_.code->hull_keys(resolved_.settings)},
            {"results", std::move(results)}};
  }

  [[nodiscard]] std::set<Species> elements() const {
    std::set<Species> species;
    for (const SearchSpace& space : resolved_.spaces) {
      for (const Sublattice& sublattice : space.parent()->sublattices)
        species.insert(sublattice.allowed.begin(), sublattice.allowed.end());
      for (const ParentSite& site : space.parent()->sites) {
        if (site.sublattice == kFixedSite) species.insert(site.fixed_species);
      }
    }
    species.erase(Species::vacancy());
    return species;
  }

  void take_competing(const CampaignStore& store, Import& import) {
    std::vector<CompetingPhase> phases = competing_phases(store);
    const std::size_t before = phases.size();
    const std::set<Species> ours = elements();
    std::multimap<Composition, std::pair<double, std::string>> known;
    for (const CompetingPhase& phase : phases)
      known.emplace(phase.entry.composition.reduced(), std::pair{per_atom(phase.entry), phase.entry.id});
    for (const OutsideResult& outside : outside_) {
      const ForeignResult& result = *outside.result;
      std::string foreign;
      for (const auto& [species, count] : result.composition.counts()) {
        if (!ours.contains(species)) foreign += (foreign.empty() ? "" : ", ") + std::string(species.symbol());
      }
      if (!foreign.empty()) {
        outcome_.left_out.push_back(
            {name_of(result), fmt::format("it holds {}, which the campaign does not", foreign)});
        continue;
      }
      CompetingPhase phase{{"", result.composition, result.energy_ev, resolved_.code->hull_keys(resolved_.settings)},
                           name_of(result),
                           outside.why,
                           origin_of(result)};
      const double energy = per_atom(phase.entry);
      const Composition formula = result.composition.reduced();
      const auto [first, last] = known.equal_range(formula);
      const auto twin =
          std::find_if(first, last, [&](const auto& one) { return same_energy(one.second.first, energy); });
      if (twin != last) {
        outcome_.known.push_back({name_of(result), twin->second.second, ""});
        continue;
      }
      phase.entry.id = "imported-" + hash128_hex(fmt::format("{} {:.6f}", formula.formula(), energy)).substr(0, 8);
      known.emplace(formula, std::pair{energy, phase.entry.id});
      outcome_.competing.push_back({phase.entry.id, formula.formula(), phase.source, phase.why, energy});
      phases.push_back(std::move(phase));
    }
    if (phases.size() > before) import.facts.push_back(fact_competing_phases(phases));
  }

  static double per_atom(const HullEntry& entry) {
    return entry.energy_ev / static_cast<double>(entry.composition.atom_count());
  }

  const ImportRequest& request_;
  ResolvedCampaign resolved_;
  std::uint32_t first_space_ = 0;
  Reading reading_;
  std::vector<PlacedResult> placed_;
  std::vector<OutsideResult> outside_;
  std::map<OrbitKey, std::vector<KnownResult>> known_;
  std::map<OrbitKey, std::vector<std::pair<std::string, std::string>>> waiting_;  ///< key, id
  std::string when_;
  ImportOutcome outcome_;
};

}  // namespace

ImportOutcome import_results(const ImportRequest& request) { return Importing(request).run(); }

std::string withdraw_competing_phase(const fs::path& directory, const std::string& id) {
  CampaignLock lock(directory);
  CampaignStore store = CampaignStore::open_existing(directory);
  std::vector<CompetingPhase> phases = competing_phases(store);
  const auto found =
      std::find_if(phases.begin(), phases.end(), [&](const CompetingPhase& phase) { return phase.entry.id == id; });
  if (found == phases.end()) {
    throw InputError(
        fmt::format("{}: no competing phase \"{}\" was imported; results of the campaign's own spaces are "
                    "taken out by hullscan exclude",
                    directory.string(), id));
  }
  const std::string formula = found->entry.composition.reduced().formula();
  phases.erase(found);
  Import import;
  import.at = instant_now();
  import.facts.push_back(fact_competing_phases(phases));
  store.add_results(import);
  store.back_up(directory / kBackupFile);
  write_competing_copy(directory, store);
  return formula;
}

}  // namespace hullscan
