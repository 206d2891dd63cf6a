/// @file
/// `hullscan doctor`: what is installed and works, and the Debian package of what is not.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "campaign/version.hpp"
#include "cli/build_parts.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/messages.hpp"
#include "cli/terminal.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "core/processes/child_process.hpp"
#include "core/text_table.hpp"
#include "dft_adapters/dft_code.hpp"
#include "scheduler/executors/executor_kind.hpp"
#include "scheduler/executors/site_file.hpp"
#include "storage/campaign_store.hpp"
#include "storage/durable_file.hpp"
#include "surrogates/potentials/kim_calculator.hpp"
#include "surrogates/regression/table_model.hpp"
#include "surrogates/surrogate.hpp"
#include "workers/mpi_session.hpp"

namespace hullscan::cli {
namespace {

namespace fs = std::filesystem;

struct Finding {
  std::string what;
  bool good = false;
  bool needed = false;  ///< without it hullscan itself does not work
  std::string detail;
};

Finding program(const std::string& name, const std::string& purpose, const std::string& package) {
  const std::string where = find_program(name);
  return {name, !where.empty(), false,
          where.empty() ? fmt::format("not found ({}){}", purpose, package.empty() ? "" : "; Debian package " + package)
                        : fmt::format("{} ({})", where, purpose)};
}

Finding store_works() {
  try {
    CampaignStore store = CampaignStore::in_memory({"doctor", "doctor", "", "", kVersion});
    store.remember("question", "answer");
    return {"SQLite", store.recall("question") == "answer", true, "a transaction was stored and read back"};
  } catch (const Error& error) {
    return {"SQLite", false, true, error.what()};
  }
}

Finding disk_works() {
  const fs::path file = fs::temp_directory_path() / fmt::format("hullscan-doctor-{}", getpid());
  try {
    write_durably(file, "x");
    fs::remove(file);
    return {"disk", true, true, fmt::format("files can be written durably in {}", fs::temp_directory_path().string())};
  } catch (const std::exception& error) {
    return {"disk", false, true, error.what()};
  }
}

/// Which site files were read, and what they say together.
std::vector<Finding> sites(Json& said) {
  const Environment environment = own_environment();
  try {
    const Site site = read_site(environment);
    const auto texts = site_texts(site.settings);
    std::vector<Finding> findings;
    said = {{"files", Json::array()}, {"settings", Json::object()}};
    for (const auto& [key, text] : texts)
      said["settings"][key] = {{"value", text}, {"file", site.settings.find(key)->where.file}};
    for (const fs::path& file : site.files) {
      std::vector<std::string> own;
      for (const auto& [key, text] : texts) {
        if (site.settings.find(key)->where.file == file) own.push_back(fmt::format("{} = {}", key, text));
      }
      said["files"].push_back(file.string());
      findings.push_back(
          {"site file", true, false,
           fmt::format("{}: {}", file.string(),
                       own.empty() ? "sets nothing that another does not" : fmt::format("{}", fmt::join(own, ", ")))});
    }
    if (!findings.empty()) return findings;
    std::vector<std::string> places;
    for (const fs::path& place : site_file_places(environment)) places.push_back(place.string());
    return {{"site file", false, false,
             places.empty()
                 ? "HULLSCAN_SITE is empty: none is read"
                 : fmt::format("none ({}): jobs are asked for as campaign files say", fmt::join(places, ", "))}};
  } catch (const InputError& error) {
    return {{"site file", false, true, error.what()}};
  }
}

}  // namespace

ExitCode run_doctor(const Arguments& arguments) {
  CommandLine line("doctor [--json]", "Checks what hullscan needs and what it can use.");
  line.flag("json", "one JSON object");
  if (!line.parse(arguments)) return ExitCode::kDone;

  std::vector<Finding> findings;
  findings.push_back(
      {"hullscan", true, true, fmt::format("{}, {} cores", kVersion, std::thread::hardware_concurrency())});
  findings.push_back(store_works());
  findings.push_back(disk_works());
  findings.push_back({"MPI", true, false, MpiSession::library()});
  findings.push_back(program("mpirun", "more than one process", "openmpi-bin"));
  for (const std::string& name : dft_code_names()) {
    const DftCodeInfo& info = find_dft_code(name)->info();
    if (!info.default_command.empty()) {
      findings.push_back(program(info.default_command, name, fmt::format("{}", fmt::join(info.debian_packages, ", "))));
    }
  }
  for (const ExecutorKind* kind : executor_kinds()) {
    for (const ExecutorProgram& needed : kind->programs)
      findings.push_back(program(needed.name, needed.purpose, needed.debian_package));
  }
  Json site;
  for (Finding& finding : sites(site)) findings.push_back(std::move(finding));
  const std::string kim = kim_api_version();
  findings.push_back({"KIM API", !kim.empty(), false,
                      kim.empty() ? "this hullscan was built without it (interatomic potentials): configure with "
                                    "-DHULLSCAN_KIM=ON where it is installed"
                                  : fmt::format("{}, {} potentials installed", kim, installed_kim_models().size())});
  for (const BuildPart& part : build_parts()) {
    const bool absent = !part.why_absent.empty();
    findings.push_back({part.library, !absent, false, absent ? part.why_absent : part.purpose});
  }
  const auto no_trees = why_no_trees();
  findings.push_back({"XGBoost", !no_trees, false, no_trees.value_or("forests and boosting can be fitted")});
  findings.push_back({"surrogates", true, false, fmt::format("{}", fmt::join(surrogate_kinds(), ", "))});

  bool works = true;
  Json list = Json::array();
  TextTable table({"part", "", ""}, {'l', 'l', 'l'});
  for (const Finding& finding : findings) {
    works = works && (finding.good || !finding.needed);
    const char* mark = finding.good ? "ok" : finding.needed ? "BROKEN" : "absent";
    table.row({finding.what, mark, finding.detail});
    list.push_back(
        {{"part", finding.what}, {"ok", finding.good}, {"needed", finding.needed}, {"detail", finding.detail}});
  }
  if (line.has("json")) {
    fmt::print("{}\n", json_text(Json({{"works", works}, {"parts", std::move(list)}, {"site", std::move(site)}}), 2));
  } else {
    fmt::print("{}{}\n", table.str(output_columns()), works ? "hullscan works here" : "hullscan does not work here");
  }
  return works ? ExitCode::kDone : kSurroundings;
}

}  // namespace hullscan::cli
