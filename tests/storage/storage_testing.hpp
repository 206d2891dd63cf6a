/// @file
/// What the tests of the storage room share: a folder that goes away, sample values, children that are killed.
#pragma once

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>

#include "../files.hpp"
#include "core/errors.hpp"
#include "storage/campaign_store.hpp"
#include "storage/crash_point.hpp"

namespace hullscan::test {

inline CampaignIdentity sample_campaign() {
  return {"Al-Ni", "6f1c", "name = \"Al-Ni\"\nseed = 7\n", "{\"seed\":7}", "0.1.0"};
}

inline Structure nickel_aluminide(double a = 2.88699999999999) {
  return {Lattice::from_parameters(a, a, a, 90, 90, 90),
          {Species::from_symbol("Ni"), Species::from_symbol("Al")},
          {Fractional{{0, 0, 0}}, Fractional{{0.5, 0.5, 1.0 / 3}}}};
}

inline DftSettings sample_settings() { return {"quantum-espresso", {{"ecutwfc", "25"}, {"degauss", "0.02"}}}; }

inline NewTask sample_task(const std::string& key) {
  return {key, {0, 1, 2}, {0, 1, 1, 0}, 12, "NiAl", -0.1 - 0.2, nickel_aluminide(), sample_settings()};
}

inline DftConverged sample_result() {
  return {.calculation = "vc-relax",
          .energy_ev = -5234.5678901234567,
          .structure = nickel_aluminide(2.91),
          .forces_ev_per_angstrom = std::vector<Eigen::Vector3d>{{1e-300, -0.1, 0.3}, {0, 0.2, 1.0 / 7}},
          .stress_kbar = Eigen::Matrix3d{{1, 2, 3}, {4, 5, 6}, {7, 8, 0.1}},
          .magnetization_bohr = 0.25,
          .wall_time_s = 12.5,
          .code_version = "6.7",
          .hull_keys = {{"functional", "PBE"}, {"ecutwfc", "25"}}};
}

inline Instant at_s(int seconds) { return Instant(std::chrono::seconds(1'700'000'000 + seconds)); }

/// The only model of the tests' passes.
inline constexpr std::uint64_t kModel = 0xfedcba9876543210ULL;

inline WorkUnit whole_stratum(std::uint32_t composition) { return {0, {0, 0, composition}, {}, {}}; }

inline UnitScored scored(const WorkUnit& unit, std::uint64_t orbits = 10) {
  UnitScored result;
  result.unit = unit;
  result.model_hash = kModel;
  result.orbits = orbits;
  result.labelled = 4 * orbits;
  result.seconds = 0.5;
  return result;
}

/// Runs `work` in a child with HULLSCAN_CRASH_AT=`point` ("" = no crash). @returns the child's wait status.
inline int in_child(const std::string& point, const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    ::setenv("HULLSCAN_CRASH_AT", point.c_str(), 1);
    rearm_crash_points();
    int code = 0;
    try {
      work();
    } catch (const Error& error) {
      code = static_cast<int>(error.exit_code());
    } catch (...) {
      code = 99;
    }
    ::_exit(code);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

inline bool was_killed(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL; }
inline bool ended_with(int status, int code) { return WIFEXITED(status) && WEXITSTATUS(status) == code; }

inline std::string file_text(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

inline void overwrite(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

inline std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

/// The message of the error that `work` throws; "" if it throws none of this type.
template <class E>
std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const E& error) {
    return error.what();
  }
  return "";
}

}  // namespace hullscan::test
