#include "dft_adapters/qe/judge.hpp"
#include "dft_adapters/detail/atomic_units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "dft_adapters/detail/exit_codes.hpp"
#include "dft_adapters/detail/gzip_file.hpp"
#include "dft_adapters/detail/words.hpp"
#include "dft_adapters/qe/code_errors.hpp"
#include "dft_adapters/qe/echo.hpp"
#include "dft_adapters/qe/output_text.hpp"
#include "dft_adapters/qe/output_xml.hpp"
#include "dft_adapters/qe/settings.hpp"

namespace hullscan::qe {
namespace {

constexpr double kHighestForceEvPerAngstrom = 100;  ///< beyond it two atoms sit on each other

/// One calculation under examination: everything that was read of it.
class Examination {
 public:
  /// @param alone what is not there is said in the result instead of being a failure.
  Examination(const CalculationFiles& files, bool alone) : files_(files), alone_(alone) {
    if (!files.output.empty()) output_ = parse_output_text(text_of(files.output).value_or(""));
    if (!files.input.empty()) {
      if (const auto text = text_of(files.input)) request_ = parse_request(*text);
    }
    if (alone && !request_) lacks("no input file (what was asked is known only from what the code repeats)");
    if (alone && files.output.empty()) lacks("no output (how the program ended is not known)");
    if (alone && files.xml.empty())
      lacks("no XML file (the cutoffs, k-points and pseudopotentials that were used cannot be compared)");
  }

  DftOutcome outcome() {
    const bool only_xml = alone_ && files_.output.empty() && !files_.xml.empty();
    const bool only_text = alone_ && files_.xml.empty();
    if (!only_xml) {
      if (auto failure = not_begun()) return *failure;
      if (auto failure = given_up()) return *failure;
      if (auto failure = ended_early()) return *failure;
    }
    if (only_text) {
      if (auto failure = text_not_converged()) return *failure;
    } else {
      if (auto failure = xml_incomplete()) return *failure;
      if (auto failure = not_as_asked()) return *failure;
      if (auto failure = not_converged()) return *failure;
    }
    DftConverged result = only_text ? result_of_text() : result_of_xml();
    if (auto failure = unphysical(result)) return *failure;
    if (auto failure = files_damaged()) return *failure;
    for (Fractional& position : result.structure.positions) position = wrapped(position);
    result.missing = missing_;
    return result;
  }

 private:
  DftFailure failure(FailureKind kind, const std::string& reason) const {
    DftFailure one;
    one.kind = kind;
    one.failure_class = class_of(kind);
    one.reason = reason;
    if (request_) one.calculation = request_->calculation;
    if (output_.last_energy_ry) one.energy_ev = *output_.last_energy_ry * kRydbergEv;
    one.last_structure = output_.last_structure;
    one.wall_time_s = output_.wall_time_s;
    return one;
  }

  std::optional<DftFailure> not_begun() const {
    if (output_.is_pwscf) return std::nullopt;
    std::string reason = "no output";
    if (!output_.last_line.empty())
      reason = fmt::format("no output of pw.x, but \"{}\"", output_.last_line.substr(0, 300));
    DftFailure one =
        failure(FailureKind::kNotStarted, fmt::format("{} ({})", reason, detail::exit_text(files_.exit_code)));
    if (files_.exit_code == detail::kNotFound || files_.exit_code == detail::kNotExecutable) {
      one.failure_class = FailureClass::kEnvironment;
      one.reason =
          fmt::format("the program could not be started ({}): {}", detail::exit_text(files_.exit_code), reason);
    }
    return one;
  }

  /// The code says itself that it did not succeed.
  std::optional<DftFailure> given_up() const {
    std::optional<CodeError> error = output_.error;
    if (!error && !output_.job_done && !files_.crash.empty()) {
      error = parse_crash(text_of(files_.crash).value_or(""));
    }
    if (!output_.radial_table_message.empty())
      return failure(FailureKind::kIonicNotConverged, output_.radial_table_message);
    if (error) {
      FailureKind kind = kind_of(*error);
      if (kind == FailureKind::kIonicNotConverged && request_ && request_->calculation == "scf")
        kind = FailureKind::kCrashed;
      std::string reason = fmt::format("pw.x stopped in {}: {}", error->routine, error->message);
      if (kind == FailureKind::kNeedsSmearing) {
        reason +=
            "; smearing is a hull key and is not changed for one structure: set occupations = \"smearing\" for the "
            "campaign";
      }
      return failure(kind, reason);
    }
    if (!output_.diagonaliser_message.empty() && !output_.job_done)
      return failure(FailureKind::kDiagonalisation, output_.diagonaliser_message);
    if (!output_.disk_message.empty()) return failure(FailureKind::kDiskTrouble, output_.disk_message);
    if (!output_.not_converged.empty()) {
      return failure(FailureKind::kElectronicNotConverged,
                     output_.last_accuracy_ry ? fmt::format("{} (estimated accuracy {:.2g} Ry)", output_.not_converged,
                                                            *output_.last_accuracy_ry)
                                              : output_.not_converged);
    }
    if (!output_.stopped_by_time.empty()) return failure(FailureKind::kStoppedByTime, output_.stopped_by_time);
    if (!output_.stopped_by_user.empty()) return failure(FailureKind::kStoppedByUser, output_.stopped_by_user);
    if (!output_.ionic_not_converged.empty())
      return failure(FailureKind::kIonicNotConverged, output_.ionic_not_converged);
    return std::nullopt;
  }

  std::optional<DftFailure> ended_early() const {
    if (!output_.job_done) {
      return failure(FailureKind::kTruncated,
                     fmt::format("the output ends at \"{}\" without the end marker ({})",
                                 output_.last_line.substr(0, 100), detail::exit_text(files_.exit_code)));
    }
    if (files_.exit_code.value_or(0) != 0) {
      return failure(FailureKind::kCrashed,
                     fmt::format("{} although the output has its end marker", detail::exit_text(files_.exit_code)));
    }
    return std::nullopt;
  }

  std::optional<DftFailure> xml_incomplete() {
    if (files_.xml.empty()) {
      return failure(FailureKind::kTruncated,
                     "the output has its end marker, but there is no XML file, without which nothing is accepted");
    }
    std::string problem;
    xml_ = read_output_xml(files_.xml, problem);
    if (!xml_) return failure(FailureKind::kTruncated, fmt::format("{}: {}", files_.xml.filename().string(), problem));
    if (!xml_->closed)
      return failure(FailureKind::kTruncated,
                     fmt::format("{}: its last element is missing", files_.xml.filename().string()));
    if (!xml_->structure)
      return failure(FailureKind::kTruncated, fmt::format("{}: no readable structure", files_.xml.filename().string()));
    if (alone_ && files_.output.empty()) output_.last_energy_ry = xml_->energy_ry;
    if (!output_.last_energy_ry || !xml_->energy_ry) return failure(FailureKind::kUnphysical, "no finite total energy");
    if (std::abs(*output_.last_energy_ry - *xml_->energy_ry) > 1e-6 + 1e-9 * std::abs(*xml_->energy_ry)) {
      return failure(FailureKind::kRequestNotEchoed,
                     fmt::format("output and XML are of different runs: total energy {} Ry and {:.8f} Ry",
                                 *output_.last_energy_ry, *xml_->energy_ry));
    }
    return std::nullopt;
  }

  std::optional<DftFailure> not_as_asked() {
    if (!request_ && alone_) {
      request_.emplace();
      request_->calculation = xml_->calculation;
      request_->conv_thr_ry = xml_->conv_thr_ry.value_or(0);
      request_->wants_forces = xml_->wants_forces;
      request_->wants_stress = xml_->wants_stress;
      request_->occupations = xml_->occupations;
      request_->smearing = smearing_name(xml_->smearing);
      request_->degauss_ry = xml_->degauss_ry.value_or(0);
      request_->ecutwfc_ry = xml_->ecutwfc_ry.value_or(0);
      request_->ecutrho_ry = xml_->ecutrho_ry.value_or(0);
      request_->vdw_corr = xml_->vdw_corr;
      request_->assume_isolated = xml_->assume_isolated;
      return std::nullopt;
    }
    if (!request_)
      return failure(FailureKind::kRequestNotEchoed, "the input file is not there, so it is not known what was asked");
    if (const std::string difference = first_difference(*request_, *xml_); !difference.empty()) {
      return failure(FailureKind::kRequestNotEchoed, difference);
    }
    hashes_ = pseudopotential_hashes(*request_, files_.save_directory, files_.pseudo_directory);
    for (const auto& [symbol, hash] : hashes_) {
      const auto note = request_->notes.find("pseudopotential." + symbol);
      if (note != request_->notes.end() && note->second != hash) {
        return failure(
            FailureKind::kRequestNotEchoed,
            fmt::format("the pseudopotential file of {} is not the one that was checked: hash {}, expected {}", symbol,
                        hash, note->second));
      }
    }
    return std::nullopt;
  }

  std::optional<DftFailure> not_converged() const {
    // Neither "convergence has been achieved" nor the XML's own flag can be trusted: with scf_must_converge = .false.
    // both are claimed of any result. Older versions write no flag; the error decides either way.
    if (!xml_->scf_error_ry || !xml_->scf_converged.value_or(true) ||
        *xml_->scf_error_ry > request_->conv_thr_ry * (1 + 1e-6)) {
      return failure(FailureKind::kElectronicNotConverged,
                     xml_->scf_error_ry ? fmt::format("estimated accuracy {:.2g} Ry, conv_thr = {:.2g} Ry",
                                                      *xml_->scf_error_ry, request_->conv_thr_ry)
                                        : "no estimate of the accuracy");
    }
    if (request_->calculation != "scf" && !xml_->ionic_converged.value_or(output_.relaxation.converged)) {
      return failure(FailureKind::kIonicNotConverged, "the XML does not say that the optimisation converged");
    }
    return std::nullopt;
  }

  /// The same from the text alone.
  std::optional<DftFailure> text_not_converged() const {
    if (output_.dynamics) return failure(FailureKind::kRequestNotEchoed, "molecular dynamics has no final energy");
    if (!output_.last_energy_ry || !output_.last_structure)
      return failure(FailureKind::kUnphysical, "no finite total energy, or no readable structure");
    if (request_ && request_->k_points.kind == RequestedKPoints::Kind::kMissing)
      return failure(FailureKind::kRequestNotEchoed, "k-points: the input has no K_POINTS card");
    if (request_ && request_->atom_count != static_cast<std::int64_t>(output_.last_structure->atom_count()))
      return failure(FailureKind::kRequestNotEchoed,
                     fmt::format("nat: asked for {}, computed with {}", request_->atom_count,
                                 output_.last_structure->atom_count()));
    const std::optional<double> threshold = request_ ? request_->conv_thr_ry : output_.conv_thr_ry;
    const bool reached = threshold && output_.last_accuracy_ry && *output_.last_accuracy_ry <= *threshold * (1 + 1e-6);
    if (!reached || output_.achieved < output_.total_energies) {
      return failure(
          FailureKind::kElectronicNotConverged,
          output_.last_accuracy_ry && threshold
              ? fmt::format("estimated accuracy {:.2g} Ry, conv_thr = {:.2g} Ry", *output_.last_accuracy_ry, *threshold)
              : "no estimate of the accuracy");
    }
    if (text_calculation() != "scf" && !output_.relaxation.converged)
      return failure(FailureKind::kIonicNotConverged, "the output does not say that the optimisation converged");
    return std::nullopt;
  }

  std::string text_calculation() const {
    if (request_) return request_->calculation;
    if (!output_.relaxation.begun) return "scf";
    return output_.relaxation.moves_cell ? "vc-relax" : "relax";
  }

  std::optional<DftFailure> unphysical(const DftConverged& result) const {
    if (result.energy_ev >= 0)
      return failure(FailureKind::kUnphysical,
                     fmt::format("total energy {:.3f} eV is not below zero", result.energy_ev));
    double limit = kDefaultMinimumDistanceAngstrom;
    const Request asked = request_.value_or(Request{});
    if (const auto note = asked.notes.find("min_distance_angstrom"); note != asked.notes.end()) {
      limit = detail::to_number(note->second).value_or(limit);
    }
    const double distance = result.structure.shortest_distance_angstrom();
    if (!(distance >= limit))
      return failure(FailureKind::kUnphysical,
                     fmt::format("atoms {:.3f} A apart, at least {} A expected", distance, limit));
    if (asked.wants_forces && !result.forces_ev_per_angstrom)
      return failure(FailureKind::kUnphysical, "no finite forces");
    if (asked.wants_stress && !result.stress_kbar) return failure(FailureKind::kUnphysical, "no finite stress");
    if (result.forces_ev_per_angstrom) {
      for (const Eigen::Vector3d& force : *result.forces_ev_per_angstrom) {
        if (!(force.norm() <= kHighestForceEvPerAngstrom)) {
          return failure(FailureKind::kUnphysical, fmt::format("a force of {:.3g} eV/A", force.norm()));
        }
      }
    }
    return std::nullopt;
  }

  /// A full disk leaves empty files and exit code 0.
  std::optional<DftFailure> files_damaged() const {
    if (files_.save_directory.empty()) return std::nullopt;
    std::vector<std::string> empty;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(files_.save_directory, error), last; !error && entry != last;
         entry.increment(error)) {
      std::error_code size_error;
      if (entry->is_regular_file(size_error) && entry->file_size(size_error) == 0 && !size_error)
        empty.push_back(entry->path().filename().string());
    }
    if (empty.empty()) return std::nullopt;
    std::sort(empty.begin(), empty.end());
    return failure(FailureKind::kDiskTrouble,
                   fmt::format("{} empty files in {}, e.g. {}: the disk was full", empty.size(),
                               files_.save_directory.filename().string(), empty.front()));
  }

  DftConverged result_of_xml() const {
    return {.calculation = request_->calculation,
            .energy_ev = *xml_->energy_ev,
            .structure = *xml_->structure,
            .forces_ev_per_angstrom = xml_->forces_ev_per_angstrom,
            .stress_kbar = xml_->stress_kbar,
            .magnetization_bohr = xml_->magnetization_bohr,
            .wall_time_s = xml_->wall_time_s ? xml_->wall_time_s : output_.wall_time_s,
            .code_version = xml_->version,
            .hull_keys = hull_keys_of(*request_, *xml_, hashes_)};
  }

  DftConverged result_of_text() const {
    DftConverged result{.calculation = text_calculation(),
                        .energy_ev = *output_.last_energy_ry * kRydbergEv,
                        .structure = *output_.last_structure,
                        .forces_ev_per_angstrom = {},
                        .stress_kbar = output_.stress_kbar,
                        .magnetization_bohr = output_.magnetization_bohr,
                        .wall_time_s = output_.wall_time_s,
                        .code_version = output_.version,
                        .hull_keys = request_ ? request_->notes : std::map<std::string, std::string>{}};
    if (output_.forces_ev_per_angstrom.size() == result.structure.atom_count())
      result.forces_ev_per_angstrom = output_.forces_ev_per_angstrom;
    return result;
  }

  void lacks(const std::string& what) { missing_ += (missing_.empty() ? "" : "; ") + what; }

  const CalculationFiles& files_;
  bool alone_;
  std::string missing_;
  OutputText output_;
  std::optional<Request> request_;
  std::optional<OutputXml> xml_;
  std::map<std::string, std::string> hashes_;
};

}  // namespace

DftOutcome judge(const CalculationFiles& files) { return Examination(files, false).outcome(); }

DftOutcome judge_what_is_there(const CalculationFiles& files) { return Examination(files, true).outcome(); }

std::optional<std::string> text_of(const std::filesystem::path& file, std::uintmax_t limit) {
  if (file.extension() != ".gz") return detail::file_text(file, limit);
  constexpr std::size_t kLargest = std::size_t{1} << 30;
  auto text = detail::unpacked_text(file, kLargest);
  if (text && text->size() > limit) text->resize(limit);
  return text;
}

}  // namespace hullscan::qe
