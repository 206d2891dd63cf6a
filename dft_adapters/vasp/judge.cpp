#include "dft_adapters/vasp/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/errors.hpp"
#include "core/json.hpp"
#include "dft_adapters/detail/exit_codes.hpp"
#include "dft_adapters/detail/words.hpp"
#include "dft_adapters/vasp/code_errors.hpp"
#include "dft_adapters/vasp/outcar.hpp"
#include "dft_adapters/vasp/poscar.hpp"
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
  const Json json = text ? Json::parse(*text, nullptr, false) : Json();
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

/// One calculation under examination: everything that was read of it.
class Examination {
 public:
  explicit Examination(const fs::path& folder, const fs::path& vasprun) {
    const auto text = [&](const char* name) { return detail::file_text(folder / name); };
    has_outcar_ = fs::exists(folder / "OUTCAR");
    const std::string outcar_text = text("OUTCAR").value_or("");
    outcar_ = parse_outcar(outcar_text);
    oszicar_ = parse_oszicar(text("OSZICAR").value_or(""));
    words_of_code_ = text(kOutputFile).value_or("");
    for (const char* name : {"stderr.txt", "std_err.txt", "vasp.err", "stdout.txt"})
      words_of_code_ += text(name).value_or("");
    words_of_code_ += outcar_text;
    vasprun_ = read_vasprun(vasprun);
    request_ = read_request(folder / kRequestFile);
    if (const auto incar = text("INCAR")) {
      std::vector<std::string> ignored;
      incar_ = parse_incar(*incar, ignored);
    }
    if (const auto code = text("exit_code")) {
      if (const auto value = detail::to_integer(*code); value && *value >= 0 && *value <= 255)
        exit_code_ = static_cast<int>(*value);
    }
    if (const auto contcar = text("CONTCAR")) {
      std::string ignored;
      contcar_ = parse_poscar(*contcar, ignored);
    }
    if (vasprun_.found) {
      for (const auto& [tag, value] : vasprun_.incar) incar_.try_emplace(tag, normalised_value(value));
    }
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
    if (outcar_.begun || vasprun_.found) return std::nullopt;
    if (find_error(words_of_code_) != nullptr) return std::nullopt;
    const auto said = detail::lines(words_of_code_);
    const std::string reason =
        said.empty() ? "no output" : fmt::format("no output of VASP, but \"{}\"", said.back().substr(0, 300));
    DftFailure one = failure(FailureKind::kNotStarted, fmt::format("{} ({})", reason, detail::exit_text(exit_code_)));
    if (exit_code_ == detail::kNotFound || exit_code_ == detail::kNotExecutable) {
      one.failure_class = FailureClass::kEnvironment;
      one.reason = fmt::format("the program could not be started ({}): {}", detail::exit_text(exit_code_), reason);
    }
    return one;
  }

  /// The code says itself that it did not succeed, or was asked to stop.
  std::optional<DftFailure> given_up() const {
    const KnownError* error = find_error(words_of_code_);
    // Messages about too few bands and the like stand in finished outputs as mere warnings.
    if (error != nullptr && !finished()) {
      std::string reason = "VASP: " + line_of(words_of_code_, *error);
      if (outcar_.bands) reason += fmt::format(" (NBANDS = {})", *outcar_.bands);
      DftFailure one = failure(error->kind, reason);
      if (!error->ladder.empty() && one.failure_class == FailureClass::kPermanent)
        one.failure_class = FailureClass::kRecoverable;
      return one;
    }
    if (!outcar_.stopped.empty())
      return failure(FailureKind::kStoppedByUser, fmt::format("stopped by STOPCAR: {}", outcar_.stopped));
    return std::nullopt;
  }

  bool finished() const {
    return vasprun_.complete && (!has_outcar_ || outcar_.end_marker) && exit_code_.value_or(0) == 0;
  }

  std::optional<DftFailure> ended_early() const {
    if (has_outcar_ && !outcar_.end_marker) {
      return failure(FailureKind::kTruncated,
                     fmt::format("OUTCAR ends without its end marker after {} complete ionic steps ({})",
                                 vasprun_.steps, detail::exit_text(exit_code_)));
    }
    if (request_.known && !has_outcar_) return failure(FailureKind::kTruncated, "there is no OUTCAR");
    if (exit_code_.value_or(0) != 0)
      return failure(FailureKind::kCrashed,
                     fmt::format("{} although OUTCAR has its end marker", detail::exit_text(exit_code_)));
    if (!vasprun_.complete)
      return failure(FailureKind::kTruncated,
                     fmt::format("vasprun.xml: {}; {} ionic steps are complete",
                                 vasprun_.problem.empty() ? "ends early" : vasprun_.problem, vasprun_.steps));
    if (!vasprun_.last || !vasprun_.last->energy_ev || !last_structure())
      return failure(FailureKind::kTruncated, "vasprun.xml: no complete ionic step with energy and structure");
    return std::nullopt;
  }

  /// A number of INCAR as asked and as vasprun.xml says it was used.
  std::string difference(const char* tag, const char* parameter) const {
    const auto asked = incar_.find(tag);
    const auto used = vasprun_.parameters.find(parameter);
    if (asked == incar_.end() || used == vasprun_.parameters.end()) return "";
    const auto a = detail::to_number(asked->second), b = detail::to_number(used->second);
    if (!a || !b || std::abs(*a - *b) <= 1e-6 * std::max(std::abs(*a), std::abs(*b))) return "";
    return fmt::format("{}: asked for {}, computed with {}", tag, asked->second, used->second);
  }

  std::optional<DftFailure> not_as_asked() const {
    const auto refuse = [&](const std::string& what) { return failure(FailureKind::kRequestNotEchoed, what); };
    for (const auto& [tag, parameter] : {std::pair{"ENCUT", "ENMAX"},
                                         {"EDIFF", "EDIFF"},
                                         {"ISPIN", "ISPIN"},
                                         {"ISMEAR", "ISMEAR"},
                                         {"SIGMA", "SIGMA"},
                                         {"NSW", "NSW"},
                                         {"IBRION", "IBRION"},
                                         {"ISIF", "ISIF"},
                                         {"NELM", "NELM"}}) {
      if (const std::string text = difference(tag, parameter); !text.empty()) return refuse(text);
    }
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
          fmt::format("{} electronic steps were used up (NELM), whatever OUTCAR says of EDIFF", electronic));
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
    const double distance = last_structure()->shortest_distance_angstrom();
    if (!(distance >= request_.min_distance_angstrom)) {
      return failure(FailureKind::kUnphysical, fmt::format("atoms {:.3f} A apart, at least {} A expected", distance,
                                                           request_.min_distance_angstrom));
    }
    if (vasprun_.last->forces_ev_per_angstrom.size() != vasprun_.species.size())
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
    return {.calculation = calculation_of(incar_),
            .energy_ev = *last.energy_ev,
            .structure = *last_structure(),
            .forces_ev_per_angstrom = std::move(forces),
            .stress_kbar = last.stress_kbar,
            .magnetization_bohr = oszicar_.magnetization_bohr,
            .wall_time_s = outcar_.wall_time_s,
            .code_version = vasprun_.version.empty() ? outcar_.version : vasprun_.version,
            .hull_keys = request_.known ? request_.hull_keys : keys_from_output()};
  }

  /// Of a calculation that hullscan did not start: what vasprun.xml says of itself.
  std::map<std::string, std::string> keys_from_output() const {
    DftSettings settings{.code = kCodeName, .values = {}};
    for (const auto& [tag, value] : incar_) settings.values["incar." + tag] = value;
    auto keys = hull_keys_of(settings);
    keys.erase("functional");
    return keys;
  }

  bool has_outcar_ = false;
  Outcar outcar_;
  Oszicar oszicar_;
  std::string words_of_code_;
  Vasprun vasprun_;
  Request request_;
  Incar incar_;
  std::optional<Structure> contcar_;
  std::optional<int> exit_code_;
};

}  // namespace

DftOutcome judge(const fs::path& file_or_directory) {
  std::error_code error;
  if (!fs::exists(file_or_directory, error))
    throw InputError(fmt::format("{}: no such file or directory", file_or_directory.string()));
  if (fs::is_directory(file_or_directory, error))
    return Examination(file_or_directory, file_or_directory / "vasprun.xml").outcome();
  const fs::path folder = fs::absolute(file_or_directory).parent_path();
  const bool is_xml = file_or_directory.extension() == ".xml";
  return Examination(folder, is_xml ? fs::absolute(file_or_directory) : folder / "vasprun.xml").outcome();
}

}  // namespace hullscan::vasp
