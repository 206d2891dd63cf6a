#include "surrogates/external/scorer_pool.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <list>
#include <map>
#include <mutex>
#include <set>

#include "core/foreign_text.hpp"
#include "core/hash.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"

namespace hullscan {
namespace {

constexpr int kMostStarts = 4;

template <class Number>
Json rows_json(const Eigen::Matrix<Number, 3, 3>& rows) {
  Json json = Json::array();
  for (int r = 0; r < 3; ++r) json.push_back({rows(r, 0), rows(r, 1), rows(r, 2)});
  return json;
}

Json position_json(const Fractional& position) { return {position.x(0), position.x(1), position.x(2)}; }

Json crystal_json(const ParentCrystal& parent) {
  Json sublattices = Json::array(), sites = Json::array();
  for (const Sublattice& sublattice : parent.sublattices) {
    Json species = Json::array();
    for (const Species one : sublattice.allowed) species.push_back(one.symbol());
    sublattices.push_back({{"name", sublattice.name}, {"species", std::move(species)}});
  }
  for (const ParentSite& site : parent.sites) {
    Json json = {{"position", position_json(site.position)}};
    if (site.sublattice == kFixedSite)
      json["species"] = site.fixed_species.symbol();
    else
      json["sublattice"] = site.sublattice;
    sites.push_back(std::move(json));
  }
  return {{"lattice", rows_json(parent.lattice.rows())},
          {"sublattices", std::move(sublattices)},
          {"sites", std::move(sites)}};
}

Json supercell_json(const Supercell& supercell) {
  Json sites = Json::array();
  std::map<int, std::size_t> varied;
  for (std::size_t i = 0; i < supercell.varied_sites().size(); ++i) varied[supercell.varied_sites()[i]] = i;
  for (std::size_t s = 0; s < supercell.sites().size(); ++s) {
    const SupercellSite& site = supercell.sites()[s];
    Json json = {{"position", position_json(site.position)}, {"parent_site", site.parent_site}};
    if (const auto found = varied.find(static_cast<int>(s)); found != varied.end()) json["varied"] = found->second;
    sites.push_back(std::move(json));
  }
  return {{"matrix", rows_json(supercell.matrix())},
          {"lattice", rows_json(supercell.lattice().rows())},
          {"sites", std::move(sites)}};
}

Json structure_json(const Structure& structure) {
  Json species = Json::array(), positions = Json::array();
  for (std::size_t i = 0; i < structure.atom_count(); ++i) {
    species.push_back(structure.species[i].symbol());
    positions.push_back(position_json(structure.positions[i]));
  }
  return {{"lattice", rows_json(structure.lattice.rows())},
          {"species", std::move(species)},
          {"positions", std::move(positions)}};
}

void require_done(const ScorerMessage& answer, const char* what) {
  const auto done = answer.head.find("done");
  if (done == answer.head.end() || *done != what)
    throw ScorerError(fmt::format("it was to answer that \"{}\" is done and answered {}", what,
                                  json_text(answer.head).substr(0, 200)));
}

/// Ranks of one host share its scorers: [number of this rank, number of ranks].
std::pair<int, int> place_on_host() {
  for (const auto& [rank, size] :
       {std::pair("OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE"),
        std::pair("MPI_LOCALRANKID", "MPI_LOCALNRANKS"), std::pair("SLURM_LOCALID", "SLURM_NTASKS_PER_NODE")}) {
    const char *mine = std::getenv(rank), *all = std::getenv(size);
    if (mine == nullptr || all == nullptr) continue;
    const int number = std::atoi(mine), count = std::atoi(all);
    if (number >= 0 && count > number) return {number, count};
  }
  return {0, 1};
}

struct Permitted {
  std::mutex mutex;
  std::set<std::vector<std::string>> commands;
};

Permitted& permitted() {
  static Permitted all;
  return all;
}

void require_permitted(const std::vector<std::string>& command) {
  const std::lock_guard lock(permitted().mutex);
  if (permitted().commands.contains(command)) return;
  throw InputError(
      fmt::format("the stored model is the program \"{}\", which is started only where a campaign file names it: run "
                  "the campaign's "
                  "own line",
                  readable_line(fmt::format("{}", fmt::join(command, " ")))));
}

}  // namespace

void permit_scorer(const std::vector<std::string>& command) {
  const std::lock_guard lock(permitted().mutex);
  permitted().commands.insert(command);
}

void ScorerModel::set_fitted(std::vector<std::byte> bytes) {
  hash_ = bytes.empty() ? 0 : hash64(bytes);
  fitted_ = std::move(bytes);
}

/// A scorer and what it has been told.
struct ScorerPool::Slot {
  explicit Slot(ScorerCommand command) : process(std::move(command)) {}

  ScorerProcess process;
  int told_in_start = 0;
  std::map<std::shared_ptr<const ParentCrystal>, std::size_t> parents;  ///< what has been looked up in `crystals`
  std::map<std::string, std::size_t> crystals, supercells;
  std::map<std::size_t, std::uint64_t> models;  ///< [crystal] hash of what it was given

  const ScorerHello& start() {
    const ScorerHello& hello = process.start();
    if (told_in_start != process.starts()) {
      parents.clear();
      crystals.clear();
      supercells.clear();
      models.clear();
      told_in_start = process.starts();
    }
    return hello;
  }

  std::size_t crystal(const std::shared_ptr<const ParentCrystal>& parent) {
    if (const auto found = parents.find(parent); found != parents.end()) return found->second;
    Json json = crystal_json(*parent);
    const auto [known, unknown] = crystals.try_emplace(json_text(json), crystals.size());
    if (unknown) {
      json["crystal"] = known->second;
      process.send(json);
    }
    return parents[parent] = known->second;
  }

  std::size_t supercell(std::size_t of_crystal, const Supercell& cell) {
    const auto& m = cell.matrix();
    const std::string name = fmt::format("{}: {} {} {} {} {} {} {} {} {}", of_crystal, m(0, 0), m(0, 1), m(0, 2),
                                         m(1, 0), m(1, 1), m(1, 2), m(2, 0), m(2, 1), m(2, 2));
    const auto [known, unknown] = supercells.try_emplace(name, supercells.size());
    if (unknown) {
      Json json = supercell_json(cell);
      json["supercell"] = known->second;
      json["crystal"] = of_crystal;
      process.send(json);
    }
    return known->second;
  }

  void load(std::size_t of_crystal, const ScorerModel& model) {
    std::uint64_t& has = models[of_crystal];
    if (has == model.hash()) return;
    process.send({{"do", "load"}, {"crystal", of_crystal}}, model.fitted());
    require_done(process.receive(), "load");
    has = model.hash();
  }
};

struct ScorerPool::Slots {
  std::mutex mutex;
  std::condition_variable freed;
  std::list<Slot> all;
  std::vector<Slot*> free;
};

class ScorerPool::Borrowed {
 public:
  explicit Borrowed(Slots& slots) : slots_(slots) {
    std::unique_lock lock(slots_.mutex);
    slots_.freed.wait(lock, [&] { return !slots_.free.empty(); });
    slot_ = slots_.free.back();
    slots_.free.pop_back();
  }
  ~Borrowed() {
    {
      const std::lock_guard lock(slots_.mutex);
      slots_.free.push_back(slot_);
    }
    slots_.freed.notify_one();
  }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  [[nodiscard]] Slot& slot() { return *slot_; }

 private:
  Slots& slots_;
  Slot* slot_;
};

std::shared_ptr<ScorerPool> ScorerPool::of(const ScorerSettings& settings) {
  static std::mutex mutex;
  static std::vector<std::pair<ScorerSettings, std::weak_ptr<ScorerPool>>> pools;
  const std::lock_guard lock(mutex);
  std::erase_if(pools, [](const auto& one) { return one.second.expired(); });
  for (const auto& [known, pool] : pools) {
    if (known == settings) {
      if (auto held = pool.lock()) return held;
    }
  }
  auto pool = std::make_shared<ScorerPool>(settings);
  pools.emplace_back(settings, pool);
  return pool;
}

ScorerPool::ScorerPool(ScorerSettings settings) : settings_(std::move(settings)), slots_(std::make_unique<Slots>()) {
  const auto [rank, ranks] = place_on_host();
  for (int number = rank; number < std::max(settings_.processes, rank + 1); number += ranks)
    slots_->all.emplace_back(ScorerCommand{settings_.command, number, settings_.answer_within_s});
  for (Slot& slot : slots_->all) slots_->free.push_back(&slot);
  std::reverse(slots_->free.begin(), slots_->free.end());  // the first is taken first
}

ScorerPool::~ScorerPool() = default;

template <class Ask>
auto ScorerPool::ask(const Ask& ask) {
  require_permitted(settings_.command);
  Borrowed borrowed(*slots_);
  Slot& slot = borrowed.slot();
  for (int start = 1;; ++start) {
    try {
      slot.start();
      return ask(slot);
    } catch (const ScorerError& error) {
      slot.process.end();
      if (start == kMostStarts)
        throw ScorerError(
            fmt::format("{}\nIt was started {} times. Nothing that was stored is lost: mend the scorer "
                        "and run the same line again",
                        error.what(), kMostStarts));
      log_warning(fmt::format("{}; it is started again", error.what()));
    }
  }
}

ScorerHello ScorerPool::hello() {
  return ask([](Slot& slot) { return slot.start(); });
}

std::vector<double> ScorerPool::score(const ScorerModel& model, const Supercell& supercell,
                                      std::span<const std::uint8_t> occupations, std::size_t count, bool deviations) {
  return ask([&](Slot& slot) {
    const std::size_t crystal = slot.crystal(model.parent), cell = slot.supercell(crystal, supercell);
    slot.load(crystal, model);
    Json want = Json::array({"energies"});
    if (deviations) want.push_back("deviations");
    slot.process.send({{"do", "score"}, {"supercell", cell}, {"count", count}, {"want", std::move(want)}},
                      std::as_bytes(occupations));
    const ScorerMessage answer = slot.process.receive();
    require_done(answer, "score");
    return scorer_numbers(answer, deviations ? 2 * count : count, deviations ? "energies and deviations" : "energies");
  });
}

ScorerPool::Fitted ScorerPool::fit(std::span<const std::shared_ptr<const ParentCrystal>> parents,
                                   std::span<const LabelOfCrystal> labels) {
  return ask([&](Slot& slot) {
    std::vector<std::size_t> crystals;  // equal ones have one number
    for (const auto& parent : parents) {
      const std::size_t crystal = slot.crystal(parent);
      if (std::find(crystals.begin(), crystals.end(), crystal) == crystals.end()) crystals.push_back(crystal);
    }
    Json list = Json::array();
    std::vector<std::byte> occupations;
    for (const auto& [label, parent] : labels) {
      const Configuration& configuration = label->configuration;
      Json json = {{"id", label->id},
                   {"supercell", slot.supercell(slot.crystal(parent), *configuration.supercell)},
                   {"formation_energy_per_atom", label->formation_energy_ev_per_atom},
                   {"weight", label->weight},
                   {"e_above_hull", label->e_above_hull_ev_per_atom}};
      if (label->relaxed != nullptr) json["relaxed"] = structure_json(*label->relaxed);
      const auto bytes = std::as_bytes(std::span(configuration.occupation));
      occupations.insert(occupations.end(), bytes.begin(), bytes.end());
      list.push_back(std::move(json));
    }
    Json question = {{"do", "fit"}, {"crystal", crystals.front()}};
    if (crystals.size() > 1) question["crystals"] = crystals;
    question["labels"] = std::move(list);
    slot.process.send(question, occupations);
    ScorerMessage answer = slot.process.receive();
    require_done(answer, "fit");
    const auto report = answer.head.find("report");
    if (answer.bytes.empty())
      throw ScorerError("it fitted a model and answered no bytes of it, so no other process has it");
    for (const std::size_t crystal : crystals)
      slot.models.erase(crystal);  // it may have kept what it fitted, or not: it is loaded before it scores
    return Fitted{std::move(answer.bytes), report != answer.head.end() ? *report : Json::object()};
  });
}

}  // namespace hullscan
