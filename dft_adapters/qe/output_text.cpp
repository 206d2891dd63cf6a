#include "dft_adapters/qe/output_text.hpp"
#include "dft_adapters/detail/atomic_units.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cctype>
#include <cmath>
#include <vector>

#include "core/errors.hpp"
#include "dft_adapters/detail/words.hpp"
#include "dft_adapters/qe/input.hpp"

namespace hullscan::qe {
namespace {

constexpr std::int64_t kMostAtoms = 1'000'000;

bool contains(std::string_view line, std::string_view part) { return line.find(part) != std::string_view::npos; }

/// The number after the first '=' or '<'.
std::optional<double> number_after(std::string_view line, char mark) {
  const std::size_t at = line.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const auto parts = detail::words(line.substr(at + 1));
  return parts.empty() ? std::nullopt : detail::to_number(parts[0]);
}

std::optional<std::int64_t> integer_after(std::string_view line, char mark) {
  const auto value = number_after(line, mark);
  if (!value || std::abs(*value) > 1e15) return std::nullopt;
  return std::llround(*value);
}

std::optional<Eigen::Vector3d> vector_of(const std::vector<std::string>& parts, std::size_t first) {
  if (parts.size() < first + 3) return std::nullopt;
  Eigen::Vector3d x;
  for (int i = 0; i < 3; ++i) {
    const auto value = detail::to_number(parts[first + static_cast<std::size_t>(i)]);
    if (!value) return std::nullopt;
    x[i] = *value;
  }
  return x;
}

/// Follows the cell and the atoms through the output. Both are printed in several units; kept in Å.
class StructureFollower {
 public:
  void alat(double bohr) { alat_angstrom_ = bohr * kBohrAngstrom; }
  void atom_count(std::int64_t count) { atom_count_ = std::clamp<std::int64_t>(count, 0, kMostAtoms); }

  /// @returns true if the line belongs to a block that is being read.
  bool line(const std::string& text) {
    if (block_ == Block::kNone) return begins_block(text);
    const auto parts = detail::words(text);
    const bool taken = block_ == Block::kSites ? site(text) : block_ == Block::kAxes ? axis(text) : row(parts);
    if (!taken) block_ = Block::kNone;
    return taken;
  }

  std::optional<Structure> last() const { return last_; }

 private:
  enum class Block { kNone, kAxes, kSites, kCell, kPositions };

  bool begins_block(const std::string& text) {
    // The final loop of a vc-relax prints the first two again with fewer digits than the last two had.
    if (!moved_ && contains(text, "crystal axes: (cart. coord. in units of alat)"))
      begin(Block::kAxes, alat_angstrom_);
    else if (!moved_ && contains(text, "positions (alat units)"))
      begin(Block::kSites, alat_angstrom_);
    else if (text.starts_with("CELL_PARAMETERS"))
      begin(Block::kCell, unit_of(text));
    else if (text.starts_with("ATOMIC_POSITIONS"))
      begin(Block::kPositions, unit_of(text));
    else
      return false;
    return true;
  }

  void begin(Block block, double unit) {
    block_ = block;
    unit_ = unit;
    moved_ = moved_ || block == Block::kCell || block == Block::kPositions;
    rows_.clear();
    species_.clear();
  }

  /// Å per unit; 0 = fractional coordinates, negative = not understood.
  double unit_of(const std::string& header) const {
    if (contains(header, "crystal")) return 0;
    if (contains(header, "angstrom")) return 1;
    if (contains(header, "bohr")) return kBohrAngstrom;
    if (contains(header, "alat")) {
      const auto own = number_after(header, '=');  // "(alat=  7.50000000)", the parenthesis closes behind it
      if (own) return *own * kBohrAngstrom;
      const std::size_t equals = header.find('=');
      if (equals != std::string::npos) {
        const auto value = detail::to_number(header.substr(equals + 1, header.find(')', equals) - equals - 1));
        return value ? *value * kBohrAngstrom : -1;
      }
      return alat_angstrom_;
    }
    return -1;
  }

  bool axis(const std::string& text) {  // a(1) = (  -0.500000   0.000000   0.500000 )
    const std::size_t at = text.find("= (");
    if (at == std::string::npos) return false;
    const auto x = vector_of(detail::words(std::string_view(text).substr(at + 3)), 0);
    return x && add_cell_row(*x);
  }

  bool site(const std::string& text) {  // 1           Al  tau(   1) = (   0.0000000   0.0000000   0.0000000  )
    const std::size_t at = text.find("= (");
    const auto parts = detail::words(text);
    if (at == std::string::npos || parts.size() < 2) return false;
    const auto x = vector_of(detail::words(std::string_view(text).substr(at + 3)), 0);
    return x && add_atom(parts[1], *x);
  }

  bool row(const std::vector<std::string>& parts) {
    if (block_ == Block::kCell) {
      const auto x = vector_of(parts, 0);
      return x && add_cell_row(*x);
    }
    const auto x = vector_of(parts, 1);
    return x && add_atom(parts[0], *x);
  }

  bool add_cell_row(const Eigen::Vector3d& x) {
    if (unit_ <= 0) return false;
    rows_.push_back(x * unit_);
    if (rows_.size() < 3) return true;
    for (int i = 0; i < 3; ++i) cell_.row(i) = rows_[static_cast<std::size_t>(i)];
    have_cell_ = true;
    block_ = Block::kNone;
    return true;
  }

  bool add_atom(const std::string& label, const Eigen::Vector3d& x) {
    const auto species = species_of_label(label);
    if (!species || unit_ < 0 || !have_cell_) return false;
    species_.push_back(*species);
    rows_.push_back(unit_ == 0 ? x : Eigen::Vector3d(x * unit_));
    if (static_cast<std::int64_t>(rows_.size()) < atom_count_) return true;
    finish_atoms();
    block_ = Block::kNone;
    return true;
  }

  void finish_atoms() {
    try {
      Structure structure{Lattice(cell_), species_, {}};
      for (const Eigen::Vector3d& x : rows_) {
        structure.positions.push_back(unit_ == 0 ? Fractional{x} : structure.lattice.to_fractional(Cartesian{x}));
      }
      last_ = std::move(structure);
    } catch (const FormatError&) {
      // A cell without volume: printed before the code complains of it itself. There is no structure to go on from.
      last_.reset();
    }
  }

  double alat_angstrom_ = 0;
  std::int64_t atom_count_ = 0;
  Block block_ = Block::kNone;
  double unit_ = 0;
  bool moved_ = false;
  std::vector<Eigen::Vector3d> rows_;
  std::vector<Species> species_;
  Eigen::Matrix3d cell_ = Eigen::Matrix3d::Zero();
  bool have_cell_ = false;
  std::optional<Structure> last_;
};

/// "Error in routine  read_namelists (1):" -> "read_namelists"
std::string routine_of(std::string_view text) {
  const auto parts = detail::words(text);
  return parts.empty() ? "" : parts[0];
}

void read_end_states(const std::string& line, OutputText& output) {
  if (contains(line, "convergence NOT achieved after")) output.not_converged = detail::trimmed(line);
  if (contains(line, "Maximum CPU time exceeded")) output.stopped_by_time = detail::trimmed(line);
  if (contains(line, "Program stopped by user request")) output.stopped_by_user = detail::trimmed(line);
  if (contains(line, "The maximum number of steps has been reached") || contains(line, "bfgs failed after") ||
      contains(line, "history already reset at previous step")) {
    output.ionic_not_converged = detail::trimmed(line);
  }
  // Printed before a plain STOP, which is exit code 0 for some compilers.
  if (contains(line, "[Q, R] = qr(X, 0) failed")) output.diagonaliser_message = detail::trimmed(line);
  if (contains(line, "Not enough space allocated for radial FFT")) output.radial_table_message = detail::trimmed(line);
  if (contains(line, "No space left on device") || contains(line, "Disk quota exceeded") ||
      contains(line, "Input/output error")) {
    output.disk_message = detail::trimmed(line);
  }
}

void read_numbers(const std::string& line, OutputText& output, StructureFollower& structure) {
  if (line.starts_with('!') && contains(line, "total energy")) {
    ++output.total_energies;
    if (const auto energy = number_after(line, '=')) output.last_energy_ry = energy;
  } else if (contains(line, "estimated scf accuracy")) {
    output.last_accuracy_ry = number_after(line, '<');
  } else if (contains(line, "number of k points=")) {
    output.k_points = integer_after(line, '=');
  } else if (contains(line, "lattice parameter (alat)")) {
    if (const auto alat = number_after(line, '=')) structure.alat(*alat);
  } else if (contains(line, "number of atoms/cell")) {
    structure.atom_count(integer_after(line, '=').value_or(0));
  } else if (contains(line, "PWSCF        :") && contains(line, "WALL")) {
    const std::size_t cpu = line.find("CPU");
    if (cpu != std::string::npos)
      output.wall_time_s = parse_duration(std::string_view(line).substr(cpu + 3, line.find("WALL") - cpu - 3));
  } else if (contains(line, "Program PWSCF v.")) {
    output.is_pwscf = true;
    output.version = routine_of(std::string_view(line).substr(line.find("v.") + 2));
  } else if (contains(line, "Reading input from ")) {
    const std::string name = detail::trimmed(std::string_view(line).substr(line.find("from ") + 5));
    if (name != "standard input") output.input_file = name;
  }
}

/// What a text alone says of the result.
class ResultFollower {
 public:
  explicit ResultFollower(OutputText& output) : output_(output) {}

  void line(const std::string& text) {
    if (stress_rows_ < 3 && stress_row(text)) return;
    if (contains(text, "convergence has been achieved in")) ++output_.achieved;
    if (contains(text, "convergence threshold") && !output_.conv_thr_ry) output_.conv_thr_ry = number_after(text, '=');
    OutputRelaxation& relaxation = output_.relaxation;
    if (contains(text, "BFGS Geometry Optimization") || contains(text, "Damped Dynamics")) relaxation.begun = true;
    if (contains(text, "new unit-cell volume") || text.starts_with("CELL_PARAMETERS")) relaxation.moves_cell = true;
    if (contains(text, "bfgs converged in") || contains(text, "Damped Dynamics: convergence achieved"))
      relaxation.converged = true;
    if (contains(text, "Entering Dynamics:") && !relaxation.begun) output_.dynamics = true;
    if (contains(text, "Forces acting on atoms")) {
      output_.forces_ev_per_angstrom.clear();
      forces_open_ = true;
    } else if (forces_open_ && contains(text, "force =")) {
      force(text);
    } else if (contains(text, "Total force =") || contains(text, "contrib")) {
      forces_open_ = false;  // of single terms, one table each
    }
    if (contains(text, "total   stress") || contains(text, "total stress")) stress_rows_ = 0;
    if (contains(text, "total magnetization"))
      if (const auto moment = number_after(text, '=')) output_.magnetization_bohr = moment;
  }

 private:
  void force(const std::string& text) {  // atom    1 type  1   force =     0.00000000    0.00000000    0.00000000
    const auto x = vector_of(detail::words(std::string_view(text).substr(text.find("force =") + 7)), 0);
    if (x) output_.forces_ev_per_angstrom.push_back(*x * (kRydbergEv / kBohrAngstrom));
  }

  /// Three numbers in Ry/bohr^3, then three in kbar.
  bool stress_row(const std::string& text) {
    const auto kbar = vector_of(detail::words(text), 3);
    if (!kbar) {
      stress_rows_ = 3;
      return false;
    }
    stress_.row(stress_rows_++) = *kbar;
    if (stress_rows_ == 3) output_.stress_kbar = stress_;
    return true;
  }

  OutputText& output_;
  bool forces_open_ = false;
  int stress_rows_ = 3;
  Eigen::Matrix3d stress_ = Eigen::Matrix3d::Zero();
};

}  // namespace

OutputText parse_output_text(std::string_view text) {
  OutputText output;
  StructureFollower structure;
  ResultFollower result(output);
  const std::vector<std::string> all = detail::lines(text);
  std::size_t end_marker = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string& line = all[i];
    const std::string plain = detail::trimmed(line);
    if (!plain.empty()) output.last_line = plain;
    if (structure.line(line)) {
      if (line.starts_with("CELL_PARAMETERS")) result.line(line);
      continue;
    }
    if (plain == "JOB DONE.") end_marker = i + 1;
    read_end_states(line, output);
    read_numbers(line, output, structure);
    result.line(line);
    const std::size_t error = line.find("Error in routine");
    if (error != std::string::npos && !output.error) {
      output.error = CodeError{routine_of(std::string_view(line).substr(error + 16)),
                               i + 1 < all.size() ? detail::trimmed(all[i + 1]) : ""};
    }
  }
  // Something of substance behind the marker means that more was to come.
  std::size_t lines_behind = 0;
  for (std::size_t i = end_marker; i < all.size(); ++i) lines_behind += detail::trimmed(all[i]).empty() ? 0 : 1;
  output.job_done = end_marker > 0 && lines_behind <= 3;
  output.last_structure = structure.last();
  return output;
}

std::optional<CodeError> parse_crash(std::string_view text) {
  const auto all = detail::lines(text);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto parts = detail::words(all[i]);
    if (parts.size() >= 2 && parts[0] == "from" && contains(all[i], "error #")) {
      return CodeError{parts[1], i + 1 < all.size() ? detail::trimmed(all[i + 1]) : ""};
    }
  }
  return std::nullopt;
}

std::optional<double> parse_duration(std::string_view text) {
  double seconds = 0;
  std::string number;
  bool any = false;
  for (const char c : text) {
    if (std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.') {
      number += c;
    } else if (c == 'd' || c == 'h' || c == 'm' || c == 's') {
      const auto value = detail::to_number(number);
      if (!value) return std::nullopt;
      seconds += *value * (c == 'd' ? 86400 : c == 'h' ? 3600 : c == 'm' ? 60 : 1);
      number.clear();
      any = true;
    } else if (c != ' ') {
      return std::nullopt;
    }
  }
  if (!any || !number.empty()) return std::nullopt;
  return seconds;
}

}  // namespace hullscan::qe
