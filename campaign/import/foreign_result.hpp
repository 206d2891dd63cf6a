/// @file
/// A result as somebody else's file tells it, before anything is decided about it.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/dft.hpp"

namespace hullscan {

/// What an energy rests on.
enum class ImportVerdict {
  kJudged,   ///< the outputs of the calculation were read and are accepted, here or by the campaign that computed it
  kNone,     ///< the source gives energies alone
  kTrusted,  ///< the outputs are not accepted, and a person trusts the energy all the same
};
[[nodiscard]] std::string name_of(ImportVerdict verdict);  ///< "judged", "none", "trusted"

/// What else is known, as in DftConverged; "" and nothing: not known.
struct ResultDetails {
  std::string calculation = {};
  std::optional<std::vector<Eigen::Vector3d>> forces_ev_per_angstrom = {};
  std::optional<Eigen::Matrix3d> stress_kbar = {};
  std::optional<double> magnetization_bohr = {}, wall_time_s = {};
  std::string code_version = {};
};
[[nodiscard]] ResultDetails details_of(DftConverged&& converged);

struct ForeignResult {
  std::string id;              ///< within its file; "" where a file holds one
  std::filesystem::path file;  ///< or the directory of a calculation
  std::string kind;            ///< of the source: "extxyz"
  std::string hash;            ///< of what was read
  std::optional<Structure> structure;
  Composition composition;  ///< what the energy is of: that of the structure, where there is one
  double energy_ev = 0;     ///< total
  ResultDetails more = {};
  std::map<std::string, std::string> keys = {};  ///< hull keys that the source states
  ImportVerdict verdict = ImportVerdict::kNone;
  std::string reason = {};  ///< why its outputs are not accepted, or what they lack
};

/// "runs/a" or "x.extxyz: mp-1".
[[nodiscard]] std::string name_of(const ForeignResult& result);

struct LeftOut {
  std::string name;  ///< as name_of(ForeignResult)
  std::string reason;
};

struct Reading {
  std::vector<ForeignResult> results;
  std::vector<LeftOut> left_out;
};

}  // namespace hullscan
