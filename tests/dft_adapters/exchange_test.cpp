#include "dft_adapters/command/exchange.hpp"

#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "dft_adapters/dft_code.hpp"
#include "recorded_outputs.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

const DftCode& adapter() { return *find_dft_code("command"); }

const std::string kTable = "command = [\"" + std::string(HULLSCAN_STAND_INS) +
                           "/harmonic_relaxer\"]\nmethod = \"harmonic\"\nparameters = { k = 0.1, v = 16.0 }\n";

DftSettings resolved(const std::string& toml, const std::string& file = "campaign.toml") {
  Problems problems;
  const auto table = parse_settings_toml(toml, file);
  DftSettings settings = adapter().resolve(table, {}, problems);
  problems.throw_if_any();
  return settings;
}

Structure exchange_sample() {
  const Species al = Species::from_symbol("Al"), ni = Species::from_symbol("Ni");
  return {Lattice(3.0 * Eigen::Matrix3d::Identity()),
          {ni, al},
          {{Eigen::Vector3d(0, 0, 0)}, {Eigen::Vector3d(0.5, 0.5, 0.5)}}};
}

DftOutcome run(const DftSettings& settings, const fs::path& dir, const std::string& environment = "") {
  adapter().write_inputs(exchange_sample(), settings, dir);
  std::string command = "cd '" + dir.string() + "' && " + environment;
  for (const std::string& word : adapter().command(settings)) command += " '" + word + "'";
  const int status = std::system((command + " > stdout.txt 2> stderr.txt").c_str());
  write_text(dir / "exit_code", std::to_string(WIFEXITED(status) ? WEXITSTATUS(status) : 255) + "\n");
  return adapter().read_outputs(dir);
}

const DftFailure& exchange_failed(const DftOutcome& outcome) {
  REQUIRE(std::holds_alternative<DftFailure>(outcome));
  return std::get<DftFailure>(outcome);
}

}  // namespace

TEST_CASE("a program is asked by request.json and answers by result.json", "[dft_adapters][command]") {
  TemporaryDirectory dir;
  const DftSettings settings = resolved(kTable);

  const auto outcome = run(settings, dir.path());

  if (const auto* failure = std::get_if<DftFailure>(&outcome)) FAIL(failure->reason);
  const auto& result = std::get<DftConverged>(outcome);
  CHECK(result.energy_ev == Approx(-4));  // the example's formula at its minimum
  CHECK(result.structure.lattice.volume_cubic_angstrom() == Approx(32));
  CHECK(result.structure.species == exchange_sample().species);
  CHECK(result.code_version == "harmonic 1");
  CHECK(result.hull_keys == adapter().hull_keys(settings));
  // What older versions wrote, byte by byte: programs of users read these files.
  CHECK(text_of(dir.path() / "structure.extxyz") ==
        "2\nLattice=\"3.000000000000 0.000000000000 0.000000000000 0.000000000000 3.000000000000 0.000000000000 "
        "0.000000000000 0.000000000000 3.000000000000\" Properties=species:S:1:pos:R:3 pbc=\"T T T\"\n"
        "Ni     0.000000000000     0.000000000000     0.000000000000\n"
        "Al     1.500000000000     1.500000000000     1.500000000000\n");
  CHECK(text_of(dir.path() / "POSCAR") ==
        "AlNi\n1.0\n    3.0000000000000000     0.0000000000000000     0.0000000000000000\n"
        "    0.0000000000000000     3.0000000000000000     0.0000000000000000\n"
        "    0.0000000000000000     0.0000000000000000     3.0000000000000000\n Al Ni\n 1 1\nDirect\n"
        "    0.5000000000000000     0.5000000000000000     0.5000000000000000\n"
        "    0.0000000000000000     0.0000000000000000     0.0000000000000000\n");
}

TEST_CASE("a single point keeps the structure", "[dft_adapters][command]") {
  TemporaryDirectory dir;

  const auto outcome = run(resolved(kTable + "calculation = \"scf\"\n"), dir.path());

  // V/N = 13.5: -2·2 + 0.1·2·2.5^2
  CHECK(std::get<DftConverged>(outcome).energy_ev == Approx(-4 + 1.25));
  CHECK(std::get<DftConverged>(outcome).structure == exchange_sample());
}

TEST_CASE("a program that crashes or does not converge says so by its result", "[dft_adapters][command]") {
  TemporaryDirectory crashed, moving;
  const DftSettings settings = resolved(kTable);

  const auto crash = run(settings, crashed.path(), "STAND_IN_FAULT=crash");
  CHECK(exchange_failed(crash).kind == FailureKind::kCrashed);
  CHECK(exchange_failed(crash).reason.find("cannot go on") != std::string::npos);
  CHECK_FALSE(adapter().correct(exchange_failed(crash), settings, {}));

  const auto outcome = run(settings, moving.path(), "STAND_IN_FAULT='not converged'");
  const DftFailure& still = exchange_failed(outcome);
  CHECK(still.kind == FailureKind::kIonicNotConverged);
  REQUIRE(still.last_structure);
  std::vector<std::string> tried;
  while (const auto next = adapter().correct(still, settings, tried)) {
    CHECK(next->from_last_structure);
    tried.push_back(next->handler);
    REQUIRE(tried.size() < 10);
  }
  CHECK(tried.size() == 3);
}

TEST_CASE("a result that is cut, foreign or unphysical is not accepted", "[dft_adapters][command]") {
  TemporaryDirectory dir;
  const auto outcome = run(resolved(kTable), dir.path());
  REQUIRE(std::holds_alternative<DftConverged>(outcome));
  const std::string whole = text_of(dir.path() / "result.json");
  const auto kind_of = [&](const std::string& result) {
    write_text(dir.path() / "result.json", result);
    return name_of(exchange_failed(adapter().read_outputs(dir.path())).kind);
  };

  for (std::size_t length = 0; length < whole.size(); length += 7) (void)kind_of(whole.substr(0, length));
  CHECK(kind_of(whole.substr(0, 40)) == name_of(FailureKind::kTruncated));
  CHECK(kind_of("{}") == name_of(FailureKind::kCrashed));
  CHECK(kind_of(R"({"converged": true, "energy_ev": -1})") == name_of(FailureKind::kCrashed));  // no structure
  Json other = Json::parse(whole);
  other["structure"]["species"] = {"Al", "Ni"};
  CHECK(kind_of(other.dump()) == name_of(FailureKind::kRequestNotEchoed));
  other = Json::parse(whole);
  other["structure"]["fractional_positions"] = {{0, 0, 0}, {0.01, 0, 0}};
  CHECK(kind_of(other.dump()) == name_of(FailureKind::kUnphysical));
  write_text(dir.path() / "exit_code", "1\n");
  CHECK(kind_of(whole) == name_of(FailureKind::kCrashed));
}

TEST_CASE("a calculator of ours writes what the judge accepts", "[dft_adapters][command]") {
  TemporaryDirectory dir;
  adapter().write_inputs(exchange_sample(), resolved(kTable), dir.path());
  const auto request = exchange::read_request(dir.path() / exchange::kRequestFile);
  DftConverged converged{.calculation = "vc-relax",
                         .energy_ev = -3,
                         .structure = exchange_sample(),
                         .forces_ev_per_angstrom = std::vector<Eigen::Vector3d>(2, Eigen::Vector3d(0, 0, 0.5)),
                         .stress_kbar = Eigen::Matrix3d(Eigen::Matrix3d::Identity()),
                         .magnetization_bohr = std::nullopt,
                         .wall_time_s = std::nullopt,
                         .code_version = "1",
                         .hull_keys = request.hull_keys};

  exchange::write_result(converged, dir.path());

  const auto outcome = adapter().read_outputs(dir.path());
  REQUIRE(std::holds_alternative<DftConverged>(outcome));
  CHECK(std::get<DftConverged>(outcome).structure == converged.structure);
  CHECK(std::get<DftConverged>(outcome).stress_kbar == converged.stress_kbar);
  CHECK(std::get<DftConverged>(outcome).hull_keys == converged.hull_keys);
}

TEST_CASE("method, parameters and model files are physics, the command is not", "[dft_adapters][command]") {
  TemporaryDirectory dir;
  write_text(dir.path() / "model.pt", "one");
  const std::string file = (dir.path() / "campaign.toml").string();
  const auto with_model = resolved(kTable + "files = \"model.pt\"\n", file);
  auto elsewhere = with_model;
  elsewhere.values["command"] = "[\"another\"]";

  CHECK(adapter().identity(with_model) == adapter().identity(elsewhere));
  CHECK(adapter().hull_keys(with_model) == adapter().hull_keys(elsewhere));
  write_text(dir.path() / "model.pt", "two");
  CHECK(adapter().hull_keys(resolved(kTable + "files = \"model.pt\"\n", file)) != adapter().hull_keys(with_model));
  CHECK_THROWS_WITH(resolved("calculation = \"md\"\nfiles = \"nothing.pt\"\nmethodd = 1\n"),
                    Catch::Contains("dft.method: missing") && Catch::Contains("dft.command: missing") &&
                        Catch::Contains("no file") && Catch::Contains("methodd: unknown key"));
}

TEST_CASE("a kim campaign asks hullscan itself to calculate", "[dft_adapters][kim]") {
  const DftCode& kim = *find_dft_code("kim");
  Problems problems;
  const auto table = parse_settings_toml("model = \"SomeModel__MO_000000000000_000\"\n", "campaign.toml");
  const DftSettings settings = kim.resolve(table, {}, problems);
  TemporaryDirectory dir;

  kim.write_inputs(exchange_sample(), settings, dir.path());

  CHECK(problems.empty());
  const auto request = exchange::read_request(dir.path() / exchange::kRequestFile);
  CHECK(request.parameters["model"] == "SomeModel__MO_000000000000_000");
  CHECK(request.calculation == "vc-relax");
  CHECK(kim.command(settings).back() == "kim-single-point");
  CHECK(kim.hull_keys(settings).at("model") == "SomeModel__MO_000000000000_000");
}
