/// @file
/// What every DFT code's adapter promises (dft_adapters/dft_code.hpp), on a directory that its program, or a stand-in
/// for it, has finished.

#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "../dft_adapters/qe_fixtures.hpp"
#include "../dft_adapters/vasp_fixtures.hpp"
#include "core/errors.hpp"
#include "dft_adapters/command/exchange.hpp"
#include "dft_adapters/dft_code.hpp"

namespace hullscan {
namespace {

using namespace test;

/// Al and Ni, three atoms.
Structure al_ni_al() {
  const Species al = Species::from_symbol("Al"), ni = Species::from_symbol("Ni");
  return {Lattice(3.6 * Eigen::Matrix3d::Identity()),
          {al, ni, al},
          {{Eigen::Vector3d(0, 0, 0)}, {Eigen::Vector3d(0.5, 0.5, 0)}, {Eigen::Vector3d(0.5, 0, 0.5)}}};
}

struct DftCodeUnderContract {
  std::string code;
  std::string table;        ///< [dft] without `code`
  std::string result_file;  ///< without which nothing is accepted
  /// What the program leaves in a directory with inputs; or inputs and outputs that were recorded together.
  void (*finish)(const DftSettings& settings, const fs::path& dir);
};

void answer_request(const DftSettings& /*settings*/, const fs::path& dir) {
  const auto request = exchange::read_request(dir / exchange::kRequestFile);
  exchange::write_result(DftConverged{.calculation = request.calculation,
                                      .energy_ev = -10.5,
                                      .structure = request.structure,
                                      .forces_ev_per_angstrom = {},
                                      .stress_kbar = {},
                                      .magnetization_bohr = {},
                                      .wall_time_s = 1,
                                      .code_version = "1",
                                      .hull_keys = {}},
                         dir);
  write_text(dir / "exit_code", "0\n");
}

/// One line a code.
std::vector<DftCodeUnderContract> codes_under_contract() {
  return {
      {"quantum-espresso", kBasic, "pw.out",
       [](const DftSettings&, const fs::path& dir) {
         fs::remove_all(dir);
         lay_out({"good_vcrelax_al", "0", "1", "", ""}, dir);
       }},
      {"vasp", "input_set = \"mp-relax\"\npotcar_dir = \"potcars\"\nkpoints = [2, 2, 2]\n", "OUTCAR",
       [](const DftSettings&, const fs::path& dir) { run_stand_in(dir); }},
      {"command", "command = \"true\"\nmethod = \"m\"\n", exchange::kResultFile, answer_request},
      {"kim", "model = \"any\"\ncalculation = \"scf\"\n", exchange::kResultFile, answer_request},
  };
}

/// Settings, made-up pseudopotentials of both codes, and places for attempts.
struct CodeAtWork {
  explicit CodeAtWork(const DftCodeUnderContract& which) : under(which), code(*find_dft_code(which.code)) {
    for (const char* folder : {"pseudo", "potcars"}) {
      const fs::path source = folder == std::string("pseudo") ? pseudos.dir.path() : potcars.dir.path();
      fs::copy(source / folder, folder_.path() / folder, fs::copy_options::recursive);
    }
  }
  [[nodiscard]] DftSettings resolved(const std::string& more = "") const {
    Problems problems;
    const auto table = parse_settings_toml(under.table + more, (folder_.path() / "campaign.toml").string());
    DftSettings settings = code.resolve(table, species_list({"Al", "Ni"}), problems);
    problems.throw_if_any();
    return settings;
  }
  [[nodiscard]] fs::path directory(const std::string& name) const {
    fs::create_directories(folder_.path() / name);
    return folder_.path() / name;
  }
  [[nodiscard]] fs::path finished(const std::string& name = "done") const {
    const fs::path dir = directory(name);
    code.write_inputs(al_ni_al(), resolved(), dir);
    under.finish(resolved(), dir);
    return dir;
  }

  DftCodeUnderContract under;
  const DftCode& code;

 private:
  PseudoFolder pseudos;
  PotcarFolder potcars;
  TemporaryDirectory folder_;
};

/// Every file below the directory and what is in it.
std::map<std::string, std::string> snapshot(const fs::path& dir) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(dir)) {
    if (entry.is_regular_file()) files[fs::relative(entry.path(), dir).string()] = text_of(entry.path());
  }
  return files;
}

const DftFailure& refused(const DftOutcome& outcome) {
  REQUIRE(std::holds_alternative<DftFailure>(outcome));
  const auto& failure = std::get<DftFailure>(outcome);
  CHECK_FALSE(failure.reason.empty());
  return failure;
}

std::vector<FailureKind> every_failure() {
  std::vector<FailureKind> kinds;
  for (int k = 0; k <= static_cast<int>(FailureKind::kHung); ++k) kinds.push_back(static_cast<FailureKind>(k));
  return kinds;
}

}  // namespace

TEST_CASE("every DFT code has a contract to keep", "[contract][dft]") {
  std::set<std::string> tested;
  for (const auto& which : codes_under_contract()) tested.insert(which.code);
  for (const std::string& name : dft_code_names()) {
    INFO("add a line for \"" << name << "\" to codes_under_contract()");
    CHECK(tested.contains(name));
  }
}

TEST_CASE("settings are resolved to the same, and unknown ones are named with their lines, all at once",
          "[contract][dft]") {
  const auto which = GENERATE(from_range(codes_under_contract()));
  INFO(which.code);
  const CodeAtWork work(which);

  CHECK(work.resolved() == work.resolved());
  CHECK(work.resolved().code == which.code);
  CHECK_THROWS_WITH(work.resolved("no_such_key = 1\nnor_this = 2\n"),
                    Catch::Contains("campaign.toml:") && Catch::Contains("no_such_key") && Catch::Contains("nor_this"));
}

TEST_CASE("what cannot change a result is left out of a task's identity, and hull keys are not", "[contract][dft]") {
  const auto which = GENERATE(from_range(codes_under_contract()));
  INFO(which.code);
  const CodeAtWork work(which);
  const DftSettings settings = work.resolved();
  const DftSettings identity = work.code.identity(settings);

  CHECK(work.code.identity(identity) == identity);
  CHECK(work.code.hull_keys(settings) == work.code.hull_keys(settings));
  CHECK_FALSE(work.code.hull_keys(settings).empty());
  CHECK(work.code.identity(work.code.within_time(settings, 3600)) == identity);
  CHECK(work.code.hull_keys(work.code.within_time(settings, 3600)) == work.code.hull_keys(settings));
}

TEST_CASE("the same structure and settings are written as the same bytes, into the directory alone",
          "[contract][dft]") {
  const auto which = GENERATE(from_range(codes_under_contract()));
  INFO(which.code);
  const CodeAtWork work(which);
  const DftSettings settings = work.resolved();
  const fs::path first = work.directory("first"), second = work.directory("second");
  work.code.write_inputs(al_ni_al(), settings, first);
  const auto beside = snapshot(first.parent_path());
  work.code.write_inputs(al_ni_al(), settings, second);

  CHECK_FALSE(snapshot(first).empty());
  CHECK(snapshot(first) == snapshot(second));
  for (const auto& [name, text] : beside) CHECK(snapshot(first.parent_path()).at(name) == text);
  CHECK_FALSE(work.code.command(settings).empty());
  CHECK_FALSE(work.code.command(settings).front().empty());
  CHECK_THROWS_AS(work.code.write_inputs(Structure{al_ni_al().lattice, {}, {}}, settings, work.directory("none")),
                  InputError);
}

TEST_CASE("a finished calculation is accepted, alone too, and looking changes nothing", "[contract][dft]") {
  const auto which = GENERATE(from_range(codes_under_contract()));
  INFO(which.code);
  const CodeAtWork work(which);
  const fs::path dir = work.finished();
  const auto before = snapshot(dir);

  const DftOutcome outcome = work.code.read_outputs(dir);
  const DftOutcome alone = work.code.read_path(dir);

  if (const auto* failure = std::get_if<DftFailure>(&outcome)) FAIL(failure->reason);
  const auto& result = std::get<DftConverged>(outcome);
  CHECK(std::isfinite(result.energy_ev));
  CHECK(result.structure.atom_count() > 0);
  CHECK(result.missing.empty());
  const auto& calculations = work.code.info().calculations;
  CHECK(std::find(calculations.begin(), calculations.end(), result.calculation) != calculations.end());
  if (result.forces_ev_per_angstrom) CHECK(result.forces_ev_per_angstrom->size() == result.structure.atom_count());
  if (const auto* failure = std::get_if<DftFailure>(&alone)) FAIL(failure->reason);
  CHECK(std::get<DftConverged>(alone).energy_ev == result.energy_ev);
  const auto& to_open = work.code.info().files_to_open;
  CHECK((to_open.size() == 1 || to_open.size() == 2));
  for (const std::string& name : to_open) {
    INFO(name);
    CHECK(before.contains(name));
  }
  CHECK(snapshot(dir) == before);
  CHECK_THROWS_AS(work.code.read_path(dir / "no-such-file"), InputError);
}

TEST_CASE("a calculation that has not run is not accepted", "[contract][dft]") {
  const auto which = GENERATE(from_range(codes_under_contract()));
  INFO(which.code);
  const CodeAtWork work(which);
  const fs::path asked = work.directory("asked");
  work.code.write_inputs(al_ni_al(), work.resolved(), asked);

  (void)refused(work.code.read_outputs(work.directory("empty")));
  (void)refused(work.code.read_outputs(work.directory("empty") / "no-such-folder"));
  (void)refused(work.code.read_outputs(asked));
  write_text(asked / "exit_code", "0\n");
  (void)refused(work.code.read_outputs(asked));
}

TEST_CASE("a calculation that was ended by a signal or failed is not accepted, whatever its outputs say",
          "[contract][dft]") {
  const auto which = GENERATE(from_range(codes_under_contract()));
  INFO(which.code);
  const CodeAtWork work(which);
  const fs::path dir = work.finished();
  for (const char* code : {"1", "127", "137", "139", "143"}) {
    CAPTURE(code);
    write_text(dir / "exit_code", std::string(code) + "\n");
    (void)refused(work.code.read_outputs(dir));
  }
}

TEST_CASE("an output that is cut, absent or junk is not accepted, and nothing throws whatever lies there",
          "[contract][dft]") {
  const auto which = GENERATE(from_range(codes_under_contract()));
  INFO(which.code);
  const CodeAtWork work(which);
  const fs::path dir = work.finished();
  std::mt19937 random(11);
  std::string junk;
  for (int i = 0; i < 3000; ++i) junk += static_cast<char>(random() % 256);
  const auto files = snapshot(dir);
  REQUIRE(files.contains(which.result_file));
  for (const auto& [name, whole] : files) {
    CAPTURE(name);
    const bool is_result = name == which.result_file;
    for (const std::string& text :
         {std::string(), whole.substr(0, whole.size() / 3), whole.substr(0, whole.size() * 2 / 3), junk}) {
      write_text(dir / name, text);
      const DftOutcome outcome = work.code.read_outputs(dir);
      if (is_result) (void)refused(outcome);
    }
    fs::remove(dir / name);
    const DftOutcome outcome = work.code.read_outputs(dir);
    if (is_result) (void)refused(outcome);
    write_text(dir / name, whole);
  }
  CHECK(std::holds_alternative<DftConverged>(work.code.read_outputs(dir)));
}

TEST_CASE("corrections come to an end, change no hull key, and are the same when asked again", "[contract][dft]") {
  const auto which = GENERATE(from_range(codes_under_contract()));
  INFO(which.code);
  const CodeAtWork work(which);
  const auto keys = work.code.hull_keys(work.resolved());
  for (const FailureKind kind : every_failure()) {
    CAPTURE(name_of(kind));
    for (const bool has_structure : {false, true}) {
      DftFailure failure{.kind = kind,
                         .failure_class = class_of(kind),
                         .reason = "made up",
                         .calculation = "",
                         .energy_ev = {},
                         .last_structure = {},
                         .wall_time_s = {}};
      if (has_structure) failure.last_structure = al_ni_al();
      DftSettings settings = work.resolved();
      std::vector<std::string> tried;
      std::optional<Correction> next;
      while ((next = work.code.correct(failure, settings, tried)) && tried.size() < 100) {
        const auto again = work.code.correct(failure, settings, tried);
        REQUIRE(again);
        CHECK(again->handler == next->handler);
        CHECK(again->settings == next->settings);
        CHECK_FALSE(next->handler.empty());
        CHECK_FALSE(next->explanation.empty());
        CHECK(work.code.hull_keys(next->settings) == keys);
        if (next->from_last_structure) CHECK(has_structure);
        tried.push_back(next->handler);
        settings = next->settings;
      }
      CHECK(tried.size() < 100);
    }
  }
}

TEST_CASE("a task has a last step, and a larger cell costs more", "[contract][dft]") {
  const auto which = GENERATE(from_range(codes_under_contract()));
  INFO(which.code);
  const CodeAtWork work(which);
  const DftSettings asked = work.resolved();
  DftSettings done = asked;
  int steps = 0;
  while (const auto step = work.code.next_step(asked, done)) {
    CHECK_FALSE(step->name.empty());
    CHECK(work.code.hull_keys(step->settings) == work.code.hull_keys(asked));
    CHECK(work.code.next_step(asked, done)->settings == step->settings);
    done = step->settings;
    REQUIRE(++steps < 10);
  }
  Structure twice = al_ni_al();
  Eigen::Matrix3d rows = twice.lattice.rows();
  rows.row(2) *= 2;
  twice.lattice = Lattice(rows);
  for (std::size_t i = 0; i < 3; ++i) {
    twice.positions[i].x[2] /= 2;
    twice.species.push_back(twice.species[i]);
    twice.positions.push_back(Fractional{Eigen::Vector3d(twice.positions[i].x + Eigen::Vector3d(0, 0, 0.5))});
  }

  const double cost = work.code.relative_cost(al_ni_al(), asked);
  CHECK(cost > 0);
  CHECK(work.code.relative_cost(twice, asked) > cost);
}

}  // namespace hullscan
