// Results from elsewhere in a campaign whose energies have a formula: E = -3 n(Al) - 4 n(Ni) - 0.4 n(Al) n(Ni) / n eV.

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <sstream>

#include "campaign/import/competing_phases.hpp"
#include "campaign/import/import_results.hpp"
#include "campaign/open_directory.hpp"
#include "campaign/report/make_report.hpp"
#include "campaign/verification.hpp"
#include "small_campaign.hpp"
#include "storage/round_record.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

/// A folder with a campaign file, to be begun by an import into its folder c.
class Fresh {
 public:
  Fresh() : file_(write_calculation(folder_.path())) {}
  [[nodiscard]] fs::path directory() const { return folder_.path() / "c"; }
  [[nodiscard]] const fs::path& file() const { return file_; }
  [[nodiscard]] fs::path write(const std::string& name, const std::string& text) const {
    write_file(folder_.path() / name, text);
    return folder_.path() / name;
  }
  ImportOutcome take(const fs::path& source, const std::vector<std::string>& settings = {},
                     const std::optional<std::string>& space = {}) const {
    return import_results({.directory = directory(),
                           .sources = {source},
                           .settings = parse_stated_settings(settings),
                           .trust = false,
                           .space = space,
                           .begin = file_,
                           .who = "somebody@somewhere"});
  }
  void run() const { run_campaign(file_, directory()); }
  [[nodiscard]] CampaignStore store() const { return CampaignStore::open_read_only(directory()); }
  [[nodiscard]] Report report() const {
    const ResolvedCampaign resolved = resolve_stored_campaign(directory());
    return make_report(view_of(resolved.campaign, resolved.spaces), resolved.spaces, store());
  }
  /// Calculations that were made here.
  [[nodiscard]] std::size_t calculated() const {
    if (!fs::exists(directory() / "tasks")) return 0;
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory() / "tasks"), {}));
  }

 private:
  TemporaryFolder folder_;
  fs::path file_;
};

/// fcc of one atom per cell, its vectors as `rows` times half the lattice constant says.
std::string frame(const std::string& species, const std::string& rows, const std::string& places, double energy,
                  const std::string& id) {
  const auto atoms = std::count(species.begin(), species.end(), ' ') + 1;
  std::istringstream names(species), lines(places);
  std::string text = fmt::format("{}\nLattice=\"{}\" Properties=species:S:1:pos:R:3 id={} energy={} pbc=\"T T T\"\n",
                                 atoms, rows, id, energy);
  for (std::string name, place; names >> name && std::getline(lines, place);) text += name + " " + place + "\n";
  return text;
}

const std::string kAlFrame = frame("Al", "0 2 2 2 0 2 2 2 0", "0 0 0", -3, "al");
/// L1_0 along z: two atoms of a cell of 2 x 2.83^2 x 4 / 2.
const std::string kAlNiFrame = frame("Al Ni", "2 2 0 2 -2 0 0 0 4", "0.1 0 0\n2.1 0 2", -7.2, "alni");
/// Four atoms of a simple cubic cell: L1_2 Al3Ni, larger than any cell of the campaign.
const std::string kAl3NiFrame = frame("Ni Al Al Al", "4 0 0 0 4 0 0 0 4", "0 0 0\n2 2 0\n2 0 2\n0 2 2", -13.4, "al3ni");

TEST_CASE("a campaign that is imported into a fresh one is not calculated again", "[campaign][import]") {
  const CalculatedCampaign other;
  const Fresh fresh;

  const ImportOutcome outcome = fresh.take(other.directory());
  fresh.run();

  CHECK(outcome.labels.size() == 10);
  CHECK(outcome.left_out.empty());
  CHECK(fresh.calculated() == 0);
  const Report report = fresh.report();
  CHECK(report.content.set_aside.empty());
  REQUIRE(report.content.entries.size() == 10);
  for (std::size_t i = 0; i < report.content.entries.size(); ++i) {
    const ReportEntry& entry = report.content.entries[i];
    const double x = entry.composition.atomic_fraction(Species::from_symbol("Al"));
    CHECK(report.of_entry(i).formation_energy_ev_per_atom == Approx(-0.4 * x * (1 - x)).margin(1e-9));
    CHECK_FALSE(entry.left_lattice);
    REQUIRE(entry.remarks.size() == 1);
    CHECK_THAT(entry.remarks[0], Contains("calculated elsewhere: c: "));
  }
}

TEST_CASE("what was imported is among what the first round need not calculate", "[campaign][import]") {
  const Fresh fresh;

  const ImportOutcome outcome = fresh.take(fresh.write("two.extxyz", kAlFrame + kAlNiFrame), {"same"});
  fresh.run();

  REQUIRE(outcome.labels.size() == 2);
  CHECK(outcome.labels[1].formula == "AlNi");
  CHECK(fresh.calculated() == 8);
  const auto tasks = fresh.store().tasks({.round = kImportedRound, .states = {}});
  REQUIRE(tasks.size() == 2);
  CHECK(tasks[1].attempts.front().directory == outcome.folder);
  CHECK(tasks[1].result->converged.energy_ev == Approx(-7.2));
  CHECK_THAT(tasks[1].attempts.front().particulars, Contains("somebody@somewhere") && Contains("two.extxyz"));
}

TEST_CASE("twice the same is noticed and stored once", "[campaign][import]") {
  const Fresh fresh;
  const fs::path file = fresh.write("two.extxyz", kAlFrame + kAlNiFrame + kAl3NiFrame + kAlFrame);

  const ImportOutcome first = fresh.take(file, {"same"});
  const std::string copy = read_file(fresh.directory() / "imports" / "competing.json");
  const ImportOutcome second = fresh.take(file, {"same"});

  CHECK(first.labels.size() == 2);
  CHECK(first.known.size() == 1);
  CHECK(second.labels.empty());
  CHECK(second.competing.empty());
  CHECK(second.known.size() == 4);
  CHECK(second.known[0].id == first.labels[0].id);
  CHECK(fresh.store().tasks().size() == 2);
  CHECK(read_file(fresh.directory() / "imports" / "competing.json") == copy);
}

TEST_CASE("another energy of the same configuration is stored beside the first, and that is said",
          "[campaign][import]") {
  const Fresh fresh;
  std::string higher = kAlNiFrame;
  higher.replace(higher.find("-7.2"), 4, "-7.1");

  const ImportOutcome outcome = fresh.take(fresh.write("a.extxyz", kAlNiFrame + higher), {"same"});

  REQUIRE(outcome.labels.size() == 2);
  CHECK(outcome.labels[0].beside.empty());
  CHECK_THAT(outcome.labels[1].beside, Contains(outcome.labels[0].id) && Contains("+50.00 meV/atom"));
}

TEST_CASE("results of other settings are refused with both named, and nothing is begun", "[campaign][import]") {
  const Fresh fresh;
  const fs::path file = fresh.write("al.extxyz", kAlFrame);

  const std::string refused = refusal<InputError>([&] { (void)fresh.take(file, {"method=another"}); });
  const std::string unstated = refusal<InputError>([&] { (void)fresh.take(file); });

  CHECK_THAT(refused, Contains("method: the campaign has mean field, the import another") && Contains("al.extxyz: al"));
  CHECK_THAT(unstated,
             Contains("no settings are stated") && Contains("method=mean field") && Contains("--settings same"));
  CHECK_FALSE(fs::exists(fresh.directory()));
}

TEST_CASE("an import that is excluded is not on the hull, and included it is again", "[campaign][import]") {
  const Fresh fresh;
  const ImportOutcome outcome = fresh.take(CalculatedCampaign().directory());
  const auto of_id = [&] {
    const Report report = fresh.report();
    return std::any_of(report.content.entries.begin(), report.content.entries.end(),
                       [&](const ReportEntry& entry) { return entry.id == outcome.labels.front().id; });
  };
  const std::string key = fresh.store().tasks().front().task.key;
  const auto judge = [&](JudgementKind kind) {
    CampaignStore::open_existing(fresh.directory()).judge(key, {Instant{}, kind, "somebody", "a test"});
  };

  judge(JudgementKind::kExcluded);
  fresh.run();
  CHECK_FALSE(of_id());
  CHECK_THAT(fresh.take(CalculatedCampaign().directory()).known.front().standing, Contains("excluded"));

  judge(JudgementKind::kIncluded);
  fresh.run();
  CHECK(of_id());
}

TEST_CASE("verify compares imports with their copies, and finds what was changed", "[campaign][import][verify]") {
  const Fresh fresh;
  const ImportOutcome outcome = fresh.take(fresh.write("two.extxyz", kAlFrame + kAlNiFrame), {"same"});

  const Verification well = verify_campaign(fresh.directory(), 0);
  CHECK(well.faults.empty());
  CHECK(well.compared == 2);

  const fs::path copy = fresh.directory() / outcome.folder / "results.extxyz";
  std::string text = read_file(copy);
  text.replace(text.find("energy=-3"), 9, "energy=-2");
  write_file(copy, text);
  const Verification damaged = verify_campaign(fresh.directory(), 0);
  REQUIRE(damaged.faults.size() == 2);
  CHECK_THAT(damaged.faults[0].why, Contains("checksum differs"));
}

TEST_CASE("what lies in no space competes on the hull until it is withdrawn", "[campaign][import]") {
  const Fresh fresh;
  // Ni3Al in a table of entries without structures, lower than any mixture of the campaign's.
  const fs::path entries =
      fresh.write("phases.json", R"([{"entry_id": "x-1", "composition": {"Ni": 3, "Al": 1}, "energy": -20},
                         {"entry_id": "x-2", "composition": {"U": 1, "Al": 1}, "energy": -20}])");

  const ImportOutcome outcome = fresh.take(entries, {"same"});
  fresh.run();

  REQUIRE(outcome.competing.size() == 1);
  CHECK(outcome.competing[0].why == "it has no structure");
  REQUIRE(outcome.left_out.size() == 1);
  CHECK_THAT(outcome.left_out[0].reason, Contains("it holds U"));
  const auto stable = [&] {
    std::set<std::string> ids;
    const Report report = fresh.report();
    for (const HullEntryResult& entry : report.hull->entries) {
      if (entry.vertex) ids.insert(entry.id);
    }
    return ids;
  };
  CHECK(stable().contains(outcome.competing[0].id));
  CHECK_THAT(read_file(fresh.directory() / "imports" / "competing.json"), Contains("phases.json"));

  CHECK(withdraw_competing_phase(fresh.directory(), outcome.competing[0].id) == "AlNi3");
  CHECK_FALSE(stable().contains(outcome.competing[0].id));
  CHECK_THROWS_AS(withdraw_competing_phase(fresh.directory(), "nobody"), InputError);
}

TEST_CASE("of two results for one configuration both are shown, and the lower counts", "[campaign][import][report]") {
  const Fresh fresh;
  fresh.run();
  // AlNi by the formula: -3 - 4 - 0.4/2 = -7.2 eV; the other one has it 20 meV lower.
  std::string lower = kAlNiFrame;
  const std::size_t at = lower.find("energy=") + 7;
  lower.replace(at, lower.find(' ', at) - at, "-7.22");
  const ImportOutcome outcome = fresh.take(fresh.write("lower.extxyz", lower), {"same"});
  REQUIRE(outcome.labels.size() == 1);

  const Report report = fresh.report();

  const auto& entries = report.content.entries;
  REQUIRE(entries.size() == 11);
  const auto higher = std::find_if(entries.begin(), entries.end(),
                                   [&](const ReportEntry& one) { return one.lower_result == outcome.labels[0].id; });
  REQUIRE(higher != entries.end());
  CHECK(higher->repeats);
  REQUIRE_FALSE(higher->remarks.empty());
  CHECK_THAT(higher->remarks.back(), Contains("lower by 10 meV/atom"));
  CHECK(std::count_if(entries.begin(), entries.end(), [](const ReportEntry& one) { return one.repeats; }) == 1);
  // A sum over configurations has each once.
  std::size_t summed = 0;
  for (const ReportEnsemble& ensemble : report.ensembles) summed += ensemble.entries;
  CHECK(summed == 10);
}

TEST_CASE("a structure that has left the lattice is no label", "[campaign][import]") {
  const Fresh fresh;
  std::string moved = kAlNiFrame;
  moved.replace(moved.find("2.1 0 2"), 7, "2.1 0 3");

  const ImportOutcome outcome = fresh.take(fresh.write("moved.extxyz", kAlFrame + moved), {"same"});

  CHECK(outcome.labels.size() == 1);
  REQUIRE(outcome.competing.size() == 1);
  CHECK_THAT(outcome.competing[0].why, Contains("it has left the lattice"));
}

TEST_CASE("a conventional cell is the configuration of its primitive cell, with its share of the energy",
          "[campaign][import]") {
  const Fresh fresh;
  const std::string cubic = frame("Al Al Al Al", "4 0 0 0 4 0 0 0 4", "0 0 0.004\n2 2 0\n2 0 2\n0 2 2", -12, "al4");

  const ImportOutcome outcome = fresh.take(fresh.write("cubic.extxyz", kAlFrame + cubic), {"same"});

  REQUIRE(outcome.labels.size() == 1);
  REQUIRE(outcome.known.size() == 1);
  CHECK(outcome.known[0].id == outcome.labels[0].id);
  CHECK(fresh.store().tasks()[0].result->converged.energy_ev == Approx(-3));
}

TEST_CASE("a calculation that waits is answered by an import", "[campaign][import]") {
  const Fresh fresh;
  const CalculatedCampaign other;
  const std::vector<TaskRecord> known = other.store().tasks();
  {
    fs::create_directories(fresh.directory());
    CampaignStore store = open_campaign_directory(fresh.directory(), resolve_campaign(fresh.file()));
    store.begin_round(0, "end members");
    store.add_tasks(0, std::vector<NewTask>{known[3].task});
  }

  const ImportOutcome outcome = fresh.take(other.directory());
  fresh.run();

  CHECK(outcome.labels.size() == 10);
  CHECK(outcome.answered.size() == 1);
  CHECK(fresh.calculated() == 0);
}

TEST_CASE("an import after the end of a campaign makes its last fit and hull again", "[campaign][import]") {
  const CalculatedCampaign finished;
  TemporaryFolder folder;
  write_file(folder.path() / "alni.extxyz", kAlNiFrame);
  const auto entries_of_hull = [&] { return hull_record(finished.store().rounds().back()).entries; };
  const std::uint64_t before = entries_of_hull();
  std::string lower = kAlNiFrame;
  lower.replace(lower.find("-7.2"), 4, "-7.21");
  write_file(folder.path() / "alni.extxyz", lower);

  const ImportOutcome outcome = import_results({.directory = finished.directory(),
                                                .sources = {folder.path() / "alni.extxyz"},
                                                .settings = parse_stated_settings({"same"}),
                                                .begin = {},
                                                .who = "x"});
  run_campaign(write_calculation(finished.folder()), finished.directory());

  REQUIRE(outcome.labels.size() == 1);
  CHECK_FALSE(outcome.labels[0].beside.empty());
  CHECK(entries_of_hull() == before + 1);
}

TEST_CASE("a space of another name is named, with those there are", "[campaign][import]") {
  const Fresh fresh;
  const fs::path file = fresh.write("al.extxyz", kAlFrame);
  CHECK_THAT(refusal<InputError>([&] { (void)fresh.take(file, {"same"}, "fc"); }),
             Contains("no space \"fc\"") && Contains("did you mean \"fcc\""));
  CHECK(fresh.take(file, {"same"}, "fcc").labels.size() == 1);
}

}  // namespace
