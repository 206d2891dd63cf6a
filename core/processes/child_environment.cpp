#include "core/processes/child_environment.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

namespace hullscan {
namespace {

constexpr std::array<std::string_view, 6> kLauncherPrefixes = {"OMPI_", "PMIX_", "PMI_", "PRTE_", "HYDRA_", "HYDI_"};
constexpr std::array<std::string_view, 3> kLauncherSigns = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"};
constexpr std::array<std::string_view, 9> kLaunchers = {"mpirun", "mpiexec", "orterun", "prterun",      "prun",
                                                        "srun",   "aprun",   "jsrun",   "mpiexec.hydra"};
constexpr std::array<const char*, 3> kThreadCounts = {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"};

bool is_launcher_variable(std::string_view name) {
  // A permission given by the user, which a calculation that calls mpirun itself needs too.
  if (name.starts_with("OMPI_ALLOW_RUN_AS_ROOT")) return false;
  return std::any_of(kLauncherPrefixes.begin(), kLauncherPrefixes.end(),
                     [&](auto prefix) { return name.starts_with(prefix); });
}

}  // namespace

bool names_mpi_launcher(const Environment& environment) {
  return std::any_of(kLauncherSigns.begin(), kLauncherSigns.end(),
                     [&](std::string_view sign) { return environment.contains(std::string(sign)); });
}

bool command_launches_mpi(const std::vector<std::string>& command) {
  return std::any_of(command.begin(), command.end(), [](const std::string& word) {
    const std::string name = std::filesystem::path(word).filename().string();
    return std::find(kLaunchers.begin(), kLaunchers.end(), name) != kLaunchers.end();
  });
}

Environment child_environment(const Environment& own, const Environment& wanted, bool mpi_singleton,
                              const std::string& session_directory) {
  Environment result = own;
  // Without a launcher the same names are the user's own settings, and stay.
  if (names_mpi_launcher(own))
    std::erase_if(result, [](const auto& variable) { return is_launcher_variable(variable.first); });
  for (const char* name : kThreadCounts) result[name] = "1";
  if (mpi_singleton) {
    result.emplace("OMPI_MCA_ess_singleton_isolated", "1");
    result.emplace("OMPI_MCA_orte_tmpdir_base", session_directory);
    if (!result.contains("OMPI_MCA_pml") && !result.contains("OMPI_MCA_btl")) {
      result.emplace("OMPI_MCA_pml", "ob1");
      result.emplace("OMPI_MCA_btl", "self");
    }
  }
  for (const auto& [name, value] : wanted) result[name] = value;
  return result;
}

}  // namespace hullscan
