#include "dft_adapters/vasp/judge.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "core/errors.hpp"
#include "core/foreign_json.hpp"
#include "dft_adapters/detail/exit_codes.hpp"
#include "dft_adapters/detail/words.hpp"
#include "dft_adapters/vasp/code_errors.hpp"
#include "dft_adapters/vasp/corrections.hpp"
#include "dft_adapters/vasp/echo.hpp"
#include "dft_adapters/vasp/kpoints.hpp"
#include "dft_adapters/vasp/messages.hpp"
#include "dft_adapters/vasp/outcar.hpp"
#include "dft_adapters/vasp/poscar.hpp"
#include "dft_adapters/vasp/run_files.hpp"
#include "dft_adapters/vasp/settings.hpp"
#include "dft_adapters/vasp/vasprun.hpp"

namespace hullscan::vasp {
namespace {

namespace fs = std::filesystem;

constexpr double kHighestForceEvPerAngstrom = 100;  ///< beyond it two atoms sit on each other

/// What was asked, as write_inputs noted it; empty where somebody else started the calculation.
struct Request {
  bool known = false;
  std::vector<std::size_t> order;
  std::map<std::string, std::string> hull_keys;
  std::vector<std::string> titels;
  double min_distance_angstrom = kDefaultMinimumDistanceAngstrom;
};

Request read_request(const fs::path& file) {
  Request request;
  const auto text = detail::file_text(file, 1u << 26);
  const Json json = text ? foreign_json_or_null(*text) : Json();
  if (!json.is_object() || !json.contains("order") || !json["order"].is_array()) return request;
  for (const Json& i : json["order"]) request.order.push_back(i.is_number_unsigned() ? i.get<std::size_t>() : 0);
  const Json hull_keys = json.value("hull_keys", Json::object());
  for (const auto& [key, value] : hull_keys.items()) {
    if (value.is_string()) request.hull_keys[key] = value.get<std::string>();
  }
  const Json titels = json.value("titel", Json::array());
  for (const Json& titel : titels) {
    if (titel.is_string()) request.titels.push_back(titel.get<std::string>());
  }
  if (json.contains("min_distance_angstrom") && json["min_distance_angstrom"].is_number())
    request.min_distance_angstrom = json["min_distance_angstrom"].get<double>();
  request.known = true;
  return request;
}

std::string one_spaced(const std::string& text) { return fmt::format("{}", fmt::join(detail::words(text), " ")); }

/// What vasprun.xml would have said, from an OUTCAR that stands alone, with fewer digits.
Vasprun vasprun_from(const Outcar& outcar) {
  Vasprun vasprun;
  vasprun.found = outcar.begun;
  vasprun.complete = outcar.end_marker;
  vasprun.problem = outcar.end_marker ? "" : "OUTCAR ends early";
  vasprun.version = outcar.version;
  vasprun.parameters = outcar.parameters;
  vasprun.steps = outcar.ionic_steps;
  vasprun.last = IonicStep{.electronic_steps = outcar.electronic_steps,
                           .energy_ev = outcar.last_energy_ev,
                           .free_energy_ev = std::nullopt,
                           .structure = outcar.last_structure,
                           .forces_ev_per_angstrom = outcar.forces_ev_per_angstrom,
                           .stress_kbar = outcar.stress_kbar};
  if (outcar.last_structure) vasprun.species = outcar.last_structure->species;
  return vasprun;
}

/// What an OUTCAR says of the tags that decide how it is judged and what it may be compared with.
Incar tags_from(const Outcar& outcar) {
  Incar incar;
  for (const char* tag : {"NSW", "IBRION", "ISIF", "NELM", "ISMEAR", "SIGMA", "EDIFF", "ENCUT", "ISPIN", "GGA",
                          "METAGGA", "LHFCALC", "LASPH", "LSORBIT", "PSTRESS"}) {
    const auto found = outcar.parameters.find(tag);
    if (found != outcar.parameters.end() && found->second != "--") incar[tag] = normalised_value(found->second);
  }
  return incar;
}

/// One calculation under examination: everything that was read of it.
class Examination {
 public:
  /// @param for_campaign nothing may be missing.
  Examination(const RunFiles& files, bool for_campaign) {
    has_outcar_ = !files.path("OUTCAR").empty();
    const std::string outcar_text = files.text("OUTCAR").value_or("");
    outcar_ = parse_outcar(outcar_text);
    oszicar_ = parse_oszicar(files.text("OSZICAR").value_or(""));
    request_ = read_request(files.path(kRequestFile));
    const fs::path xml = files.path("vasprun.xml");
    outcar_alone_ = xml.empty() && has_outcar_ && !for_campaign && !request_.known;
    vasprun_ = outcar_alone_ ? vasprun_from(outcar_) : read_vasprun(xml);
    if (const auto incar = files.text("INCAR")) {
      IncarRemarks ignored;
      incar_file_ = parse_incar(*incar, ignored);
    }
    for (const auto& [tag, value] : vasprun_.incar) {
      std::string rest;
      read_by_vasp_[tag] = value_of_tag(tag, value, rest);
    }
    incar_ = incar_file_;
    for (const Incar& more : {read_by_vasp_, outcar_alone_ ? tags_from(outcar_) : Incar{}})
      for (const auto& [tag, value] : more) incar_.try_emplace(tag, value);
    exit_code_ = detail::exit_code_in(files.text("exit_code").value_or(""));
    if (const auto contcar = files.text("CONTCAR")) {
      std::string ignored;
      contcar_ = parse_poscar(*contcar, ignored);
    }
    if (const auto kpoints = files.text("KPOINTS")) {
      std::string ignored;
      grid_ = parse_kpoints(*kpoints, ignored);
    }
    listen(files.standard_output(), outcar_text);
  }

  DftOutcome outcome() const {
    if (auto failure = not_begun()) return *failure;
    if (auto failure = given_up()) return *failure;
    if (auto failure = ended_early()) return *failure;
    if (auto failure = not_as_asked()) return *failure;
    if (auto failure = not_converged()) return *failure;
    if (auto failure = unphysical()) return *failure;
    return accepted();
  }

 private:
  /// Errors stand on standard output and standard error; OUTCAR is asked where these say nothing that ended the run.
  void listen(const std::string& standard_output, const std::string& outcar_text) {
    said_ = error_said(standard_output, Source::kStandardOutput);
    if (!said_ || (said_->error != nullptr && said_->error->vasp_goes_on)) {
      if (auto in_outcar = error_said(outcar_text, Source::kOutcar)) said_ = std::move(in_outcar);
    }
    warning_ = warning_said(standard_output);
    crash_ = crash_said(standard_output);
    const auto lines = detail::lines(
        standard_output.substr(standard_output.size() - std::min<std::size_t>(standard_output.size(), 4096)));
    if (!lines.empty()) last_line_ = lines.back().substr(0, 300);
    if (finished() && oszicar_.last_energy_ev && vasprun_.last && vasprun_.last->energy_ev &&
        !same_energy(*oszicar_.last_energy_ev, *vasprun_.last->energy_ev)) {
      oszicar_ = {};  // of another run
    }
  }

  /// OUTCAR and OSZICAR print at least seven digits; PV of a run under pressure is in one and not in the other.
  bool same_energy(double a, double b) const {
    const auto pressure = incar_.find("PSTRESS");
    if (pressure != incar_.end() && detail::to_number(pressure->second).value_or(0) != 0) return true;
    return std::abs(a - b) <= std::max(1e-3, 1e-6 * std::abs(b));
  }

  /// The last complete structure, the atoms as they were given.
  std::optional<Structure> last_structure() const {
    std::optional<Structure> last;
    if (vasprun_.last) last = vasprun_.last->structure;
    if (vasprun_.final_structure) last = vasprun_.final_structure;
    if (!last) last = contcar_;
    if (last) last = in_given_order(*last, request_.order);
    return last;
  }

  DftFailure failure(FailureKind kind, const std::string& reason) const {
    DftFailure one;
    one.kind = kind;
    one.failure_class = class_of(kind);
    one.reason = reason;
    one.calculation = calculation_of(incar_);
    one.energy_ev = oszicar_.last_energy_ev ? oszicar_.last_energy_ev : outcar_.last_energy_ev;
    one.last_structure = last_structure();
    one.wall_time_s = outcar_.wall_time_s;
    return one;
  }

  std::optional<DftFailure> not_begun() const {
    if (outcar_.begun || vasprun_.found || said_) return std::nullopt;
    const std::string reason =
        last_line_.empty() ? "no output" : fmt::format("no output of VASP, but \"{}\"", last_line_);
    DftFailure one = failure(FailureKind::kNotStarted, fmt::format("{} ({})", reason, exit_words()));
    if (exit_code_ == detail::kNotFound || exit_code_ == detail::kNotExecutable) {
      one.failure_class = FailureClass::kEnvironment;
      one.reason = fmt::format("the program could not be started ({}): {}", exit_words(), reason);
    }
    return one;
  }

  /// The code says itself that it did not succeed, or was asked to stop.
  std::optional<DftFailure> given_up() const {
    // Messages about too few bands and the like stand in finished outputs as mere warnings.
    const bool ions_stuck = said_ && said_->error != nullptr && said_->error->kind == FailureKind::kIonicNotConverged &&
                            !outcar_.relaxed && calculation_of(incar_) != "scf";
    if (said_ && (!finished() || ions_stuck)) {
      const KnownError* error = said_->error;
      DftFailure one =
          failure(error != nullptr ? error->kind : FailureKind::kCrashed, "VASP: " + said_->words + circumstances());
      if (error != nullptr && !error->ladder.empty() && one.failure_class == FailureClass::kPermanent)
        one.failure_class = FailureClass::kRecoverable;
      return one;
    }
    if (!outcar_.stopped.empty())
      return failure(FailureKind::kStoppedByUser, fmt::format("stopped by STOPCAR: {}", outcar_.stopped));
    return std::nullopt;
  }

  /// A run-time library that says its own number ended by no signal of that number: "forrtl: severe (153)".
  std::string exit_words() const {
    if (exit_code_ && crash_.find(fmt::format("severe ({})", *exit_code_)) != std::string::npos)
      return fmt::format("exit code {}", *exit_code_);
    return detail::exit_text(exit_code_);
  }

  /// What a correction has to know and the settings do not say (see corrections.cpp).
  std::string circumstances() const {
    std::string text;
    if (outcar_.bands) text += fmt::format(" (NBANDS = {})", *outcar_.bands);
    const bool all_odd = grid_ && std::all_of(grid_->n.begin(), grid_->n.end(), [](int n) { return n % 2 == 1; });
    if (grid_ && (grid_->gamma_centred || all_odd)) text += fmt::format(" ({})", kCentredAtGamma);
    return text;
  }

  bool finished() const {
    return vasprun_.complete && (!has_outcar_ || outcar_.end_marker) && exit_code_.value_or(0) == 0;
  }

  std::optional<DftFailure> ended_early() const {
    if (has_outcar_ && !outcar_.end_marker) {
      return failure(FailureKind::kTruncated,
                     fmt::format("OUTCAR ends without its end marker after {} complete ionic steps ({}){}{}",
                                 vasprun_.steps, exit_words(), crash_.empty() ? "" : ": ", crash_));
    }
    if (request_.known && !has_outcar_) return failure(FailureKind::kTruncated, "there is no OUTCAR");
    if (exit_code_.value_or(0) != 0)
      return failure(FailureKind::kCrashed, fmt::format("{} although OUTCAR has its end marker{}{}", exit_words(),
                                                        crash_.empty() ? "" : ": ", crash_));
    if (!vasprun_.complete)
      return failure(FailureKind::kTruncated,
                     fmt::format("vasprun.xml: {}; {} ionic steps are complete",
                                 vasprun_.problem.empty() ? "ends early" : vasprun_.problem, vasprun_.steps));
    if (!vasprun_.last || !vasprun_.last->energy_ev || (!last_structure() && !outcar_alone_)) {
      return failure(FailureKind::kTruncated, fmt::format("{}: no complete ionic step with energy and structure",
                                                          outcar_alone_ ? "OUTCAR" : "vasprun.xml"));
    }
    return std::nullopt;
  }

  std::optional<DftFailure> not_as_asked() const {
    const auto refuse = [&](const std::string& what) { return failure(FailureKind::kRequestNotEchoed, what); };
    if (!outcar_alone_ && outcar_.last_energy_ev && !same_energy(*outcar_.last_energy_ev, *vasprun_.last->energy_ev)) {
      return refuse(fmt::format("OUTCAR and vasprun.xml are of different runs: {:.6f} eV and {:.6f} eV",
                                *outcar_.last_energy_ev, *vasprun_.last->energy_ev));
    }
    if (const std::string text = request_difference(incar_file_, read_by_vasp_, vasprun_.parameters); !text.empty())
      return refuse(text);
    if (!request_.known) return std::nullopt;
    if (vasprun_.species.size() != request_.order.size()) {
      return refuse(
          fmt::format("atoms: asked for {}, computed with {}", request_.order.size(), vasprun_.species.size()));
    }
    std::vector<std::string> used;
    for (const std::string& titel : vasprun_.titels) used.push_back(one_spaced(titel));
    std::vector<std::string> asked;
    for (const std::string& titel : request_.titels) asked.push_back(one_spaced(titel));
    if (used != asked)
      return refuse(
          fmt::format("POTCAR: asked for {}, computed with {}", fmt::join(asked, ", "), fmt::join(used, ", ")));
    return std::nullopt;
  }

  double number(const char* tag, double fallback) const {
    const auto used = vasprun_.parameters.find(tag);
    if (used != vasprun_.parameters.end()) return detail::to_number(used->second).value_or(fallback);
    const auto asked = incar_.find(tag);
    return asked == incar_.end() ? fallback : detail::to_number(asked->second).value_or(fallback);
  }

  std::optional<DftFailure> not_converged() const {
    const double most = number("NELM", outcar_.nelm ? static_cast<double>(*outcar_.nelm) : 60);
    const std::int64_t electronic = std::max(vasprun_.last->electronic_steps, oszicar_.electronic_steps);
    if (static_cast<double>(electronic) >= most && most > 1) {
      return failure(
          FailureKind::kElectronicNotConverged,
          fmt::format("{} electronic steps were used up (NELM), whatever OUTCAR says of EDIFF{}{}", electronic,
                      warning_ ? "; VASP: " : "", warning_ ? warning_->words + circumstances() : ""));
    }
    if (calculation_of(incar_) != "scf" && !outcar_.relaxed &&
        static_cast<double>(vasprun_.steps) >= number("NSW", 0)) {
      return failure(FailureKind::kIonicNotConverged,
                     fmt::format("{} ionic steps were used up (NSW) before the required accuracy", vasprun_.steps));
    }
    if (has_outcar_ && calculation_of(incar_) != "scf" && !outcar_.relaxed)
      return failure(FailureKind::kIonicNotConverged, "OUTCAR does not say that the required accuracy was reached");
    return std::nullopt;
  }

  std::optional<DftFailure> unphysical() const {
    if (*vasprun_.last->energy_ev >= 0)
      return failure(FailureKind::kUnphysical,
                     fmt::format("total energy {:.3f} eV is not below zero", *vasprun_.last->energy_ev));
    if (const auto structure = last_structure()) {
      const double distance = structure->shortest_distance_angstrom();
      if (!(distance >= request_.min_distance_angstrom)) {
        return failure(FailureKind::kUnphysical, fmt::format("atoms {:.3f} A apart, at least {} A expected", distance,
                                                             request_.min_distance_angstrom));
      }
    }
    if (!outcar_alone_ && vasprun_.last->forces_ev_per_angstrom.size() != vasprun_.species.size())
      return failure(FailureKind::kUnphysical, "no finite forces");
    for (const Eigen::Vector3d& force : vasprun_.last->forces_ev_per_angstrom) {
      if (!(force.norm() <= kHighestForceEvPerAngstrom))
        return failure(FailureKind::kUnphysical, fmt::format("a force of {:.3g} eV/A", force.norm()));
    }
    return std::nullopt;
  }

  DftConverged accepted() const {
    const IonicStep& last = *vasprun_.last;
    std::vector<Eigen::Vector3d> forces = last.forces_ev_per_angstrom;
    if (request_.known) {
      for (std::size_t i = 0; i < forces.size() && i < request_.order.size(); ++i) {
        if (request_.order[i] < forces.size()) forces[request_.order[i]] = last.forces_ev_per_angstrom[i];
      }
    }
    DftConverged result{.calculation = calculation_of(incar_),
                        .energy_ev = *last.energy_ev,
                        .structure = last_structure().value_or(Structure{Lattice(Eigen::Matrix3d::Identity()), {}, {}}),
                        .forces_ev_per_angstrom = std::nullopt,
                        .stress_kbar = last.stress_kbar,
                        .magnetization_bohr = magnetization(),
                        .wall_time_s = outcar_.wall_time_s,
                        .code_version = vasprun_.version.empty() ? outcar_.version : vasprun_.version,
                        .hull_keys = request_.known ? request_.hull_keys : keys_from_output(),
                        .missing = missing()};
    if (!forces.empty()) result.forces_ev_per_angstrom = std::move(forces);
    return result;
  }

  /// OSZICAR says it last; where there is none, OUTCAR.
  std::optional<double> magnetization() const {
    if (oszicar_.magnetization_bohr) return oszicar_.magnetization_bohr;
    const auto is = [&](const char* tag, std::initializer_list<std::string_view> values) {
      const auto used = vasprun_.parameters.find(tag);
      return used != vasprun_.parameters.end() &&
             std::find(values.begin(), values.end(), detail::trimmed(used->second)) != values.end();
    };
    if (is("ISPIN", {"1"}) && !is("LNONCOLLINEAR", {"T", ".TRUE."})) return std::nullopt;
    return outcar_.magnetization_bohr;
  }

  std::string missing() const {
    if (!outcar_alone_) return "";
    std::string text = "vasprun.xml";
    if (incar_file_.empty()) text += ", INCAR (what was asked is not known)";
    if (!last_structure()) text += ", the structure";
    if (vasprun_.last->forces_ev_per_angstrom.empty()) text += ", the forces";
    return "there is no " + text;
  }

  /// What vasprun.xml says of the settings of a calculation that hullscan did not start.
  std::map<std::string, std::string> keys_from_output() const {
    DftSettings settings{.code = kCodeName, .values = {}};
    for (const auto& [tag, value] : incar_) settings.values["incar." + tag] = value;
    auto keys = hull_keys_of(settings);
    keys.erase("functional");
    return keys;
  }

  bool has_outcar_ = false, outcar_alone_ = false;
  Outcar outcar_;
  Oszicar oszicar_;
  Vasprun vasprun_;
  Request request_;
  Incar incar_file_, read_by_vasp_;
  Incar incar_;  ///< of all of them, the file first
  std::optional<Structure> contcar_;
  std::optional<KPointGrid> grid_;
  std::optional<int> exit_code_;
  std::optional<SaidError> said_, warning_;
  std::string crash_, last_line_;
};

}  // namespace

DftOutcome judge_for_campaign(const fs::path& directory) {
  return Examination(RunFiles::plain(directory), true).outcome();
}

DftOutcome judge(const fs::path& file_or_directory) {
  std::error_code error;
  if (!fs::exists(file_or_directory, error))
    throw InputError(fmt::format("{}: no such file or directory", file_or_directory.string()));
  return Examination(RunFiles::found(file_or_directory), false).outcome();
}

}  // namespace hullscan::vasp
