/// @file
/// The exchange with a program by files: request.json in, result.json out. docs/formats/exchange.md is its contract,
/// for any program a user plugs in (`command`) and for hullscan's own calculators (`kim`).
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/dft.hpp"
#include "core/errors.hpp"
#include "core/json.hpp"

namespace hullscan::exchange {

inline constexpr int kVersion = 1;
inline constexpr const char* kRequestFile = "request.json";
inline constexpr const char* kResultFile = "result.json";
inline constexpr double kDefaultMinimumDistanceAngstrom = 0.6;

struct Request {
  std::string calculation = "vc-relax";  ///< scf | relax | vc-relax
  Structure structure;
  Json parameters = Json::object();          ///< the program's own settings
  std::map<std::string, std::string> files;  ///< name -> absolute path
  std::map<std::string, std::string> hull_keys;
  double min_distance_angstrom = kDefaultMinimumDistanceAngstrom;
};

/// request.json alone: for a program that is asked in messages.
void write_bare_request(const Request& request, const std::filesystem::path& dir);
/// request.json, and the structure once more as POSCAR (species by species) and structure.extxyz (order kept).
/// @throws StorageError if a file cannot be written.
void write_request(const Request& request, const std::filesystem::path& dir);
/// @throws FormatError if the file is not what write_request writes.
Request read_request(const std::filesystem::path& file);

/// For calculators of ours: written under another name first, so that a result is whole or absent.
void write_result(const DftOutcome& outcome, const std::filesystem::path& dir);

/// Words on a result that is not as documented, or of other atoms than `dir`/request.json asks for; "" for one that can
/// be judged.
std::string why_no_answer(const Json& result, const std::filesystem::path& dir);

/// Judges request.json, result.json and exit_code. Never throws for what the program wrote.
DftOutcome judge(const std::filesystem::path& dir, const std::string& program_output_file);

/// After a failure: on from the last structure, or the same once more; bounded.
std::optional<Correction> next_correction(const DftFailure& failure, const DftSettings& settings,
                                          std::span<const std::string> tried);

Json structure_json(const Structure& structure);
/// @throws FormatError saying what is missing.
Structure structure_of(const Json& json);

}  // namespace hullscan::exchange
