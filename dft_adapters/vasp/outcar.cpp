#include "dft_adapters/vasp/outcar.hpp"

#include <algorithm>
#include <cctype>

#include "core/errors.hpp"
#include "dft_adapters/detail/words.hpp"

namespace hullscan::vasp {
namespace {

bool contains(std::string_view line, std::string_view part) { return line.find(part) != std::string_view::npos; }

/// The numbers at the beginning of a text. Columns that are full stand without a blank: "0.1234-10.2345".
std::vector<double> numbers_of(std::string_view text) {
  std::string parted;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool glued = text[i] == '-' && i > 0 && std::isdigit(static_cast<unsigned char>(text[i - 1])) != 0;
    if (glued) parted += ' ';
    parted += text[i];
  }
  std::vector<double> numbers;
  for (const std::string& word : detail::words(parted)) {
    const auto number = detail::to_number(word);
    if (!number) break;
    numbers.push_back(*number);
  }
  return numbers;
}

/// The number behind `mark`, e.g. "NELM   =" or "(sec):".
std::optional<double> number_behind(std::string_view line, std::string_view mark) {
  const std::size_t at = line.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  std::string rest(line.substr(at + mark.size()));
  for (char& c : rest) {
    if (c == ';' || c == '=' || c == ',') c = ' ';
  }
  const auto parts = detail::words(rest);
  return parts.empty() ? std::nullopt : detail::to_number(parts[0]);
}

std::optional<std::int64_t> integer_behind(std::string_view line, std::string_view mark) {
  const auto number = number_behind(line, mark);
  if (!number || *number < 0 || *number > 1e12) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

/// Collinear: one number; non-collinear: the length of three. Nothing behind the mark: not spin-polarised.
std::optional<double> moment_behind(std::string_view line, std::string_view mark) {
  const std::size_t at = line.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const auto numbers = numbers_of(line.substr(at + mark.size()));
  if (numbers.size() >= 3) return Eigen::Vector3d(numbers[0], numbers[1], numbers[2]).norm();
  return numbers.empty() ? std::nullopt : std::optional(numbers[0]);
}

class OutcarReader {
 public:
  Outcar read(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      take(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return std::move(outcar_);
  }

 private:
  void take(std::string_view line) {
    if (table_ != Table::kNone && row_of_table(line)) return;
    take_state(line);
    if (!iterating_) take_head(line);
    if (contains(line, "direct lattice vectors")) begin(Table::kLattice);
    if (contains(line, "POSITION") && contains(line, "TOTAL-FORCE")) begin(Table::kForces);
    if (contains(line, " in kB ")) take_stress(line);
  }

  void take_state(std::string_view line) {
    if (!outcar_.begun && contains(line, "vasp.")) {
      outcar_.begun = true;
      const auto parts = detail::words(line.substr(line.find("vasp.") + 5));
      if (!parts.empty()) outcar_.version = parts[0];
    }
    if (contains(line, "General timing and accounting")) outcar_.end_marker = true;
    if (contains(line, "reached required accuracy")) outcar_.relaxed = true;
    if (contains(line, "soft stop encountered") || contains(line, "hard stop encountered"))
      outcar_.stopped = detail::trimmed(line);
    if (contains(line, "energy(sigma->0)")) {
      if (const auto energy = number_behind(line, "energy(sigma->0)")) outcar_.last_energy_ev = energy;
    }
    if (contains(line, "number of electron ")) outcar_.magnetization_bohr = moment_behind(line, "magnetization");
    if (contains(line, " Iteration ")) take_iteration(line);
    if (!outcar_.nelm && contains(line, "NELM ")) outcar_.nelm = integer_behind(line, "NELM ");
    if (contains(line, "NBANDS=")) outcar_.bands = integer_behind(line, "NBANDS=");
    if (contains(line, "Elapsed time (sec):")) outcar_.wall_time_s = number_behind(line, "(sec):");
  }

  /// "---- Iteration      3(  12)  ----"
  void take_iteration(std::string_view line) {
    iterating_ = true;
    std::string parted(line.substr(line.find(" Iteration ") + 11));
    std::replace_if(
        parted.begin(), parted.end(), [](char c) { return c == '(' || c == ')'; }, ' ');
    const auto numbers = numbers_of(parted);
    if (numbers.size() < 2 || !(std::abs(numbers[0]) < 1e15) || !(std::abs(numbers[1]) < 1e15)) return;
    outcar_.ionic_steps = static_cast<std::int64_t>(numbers[0]);
    outcar_.electronic_steps = static_cast<std::int64_t>(numbers[1]);
  }

  /// The list of what is used, the POTCARs, the numbers of atoms.
  void take_head(std::string_view line) {
    if (contains(line, "Startparameter for this run")) outcar_.parameters.clear();  // INCAR and POTCARs stood before
    if (contains(line, "VRHFIN")) {
      const std::string behind = detail::trimmed(line.substr(std::min(line.find('=') + 1, line.size())));
      outcar_.elements.push_back(detail::trimmed(behind.substr(0, behind.find_first_of(": "))));
    }
    if (contains(line, "POTCAR:")) {  // twice for each: in the list at the head and before its data
      const auto parts = detail::words(line.substr(line.find("POTCAR:") + 7));
      if (parts.size() > 1) titles_.push_back(parts[1].substr(0, parts[1].find('_')));
    }
    if (contains(line, "ions per type")) {
      for (const double n : numbers_of(line.substr(std::min(line.find('=') + 1, line.size()))))
        counts_.push_back(static_cast<std::size_t>(std::clamp(n, 0.0, 1e6)));
    }
    for (const std::string& part : detail::split(line, ';')) {
      const std::size_t equals = part.find('=');
      if (equals == std::string::npos) continue;
      const auto names = detail::words(part.substr(0, equals)), values = detail::words(part.substr(equals + 1));
      if (names.size() == 1 && names[0] != "ENMAX" && !values.empty())
        outcar_.parameters.try_emplace(names[0], values[0]);
    }
  }

  enum class Table { kNone, kLattice, kForces };

  void begin(Table table) {
    table_ = table;
    rows_.clear();
  }

  /// @returns false if the line is not one of the table, which then ends.
  bool row_of_table(std::string_view line) {
    if (contains(line, "-----") && rows_.empty()) return true;
    const auto numbers = numbers_of(line);
    if (numbers.size() >= 6) {
      rows_.push_back(
          {Eigen::Vector3d(numbers[0], numbers[1], numbers[2]), Eigen::Vector3d(numbers[3], numbers[4], numbers[5])});
      if (table_ == Table::kForces || rows_.size() < 3) return true;
      for (int i = 0; i < 3; ++i) cell_.row(i) = rows_[static_cast<std::size_t>(i)].first;
      has_cell_ = true;
    } else if (table_ == Table::kForces && has_cell_ && !rows_.empty()) {
      take_atoms();
    }
    table_ = Table::kNone;
    return numbers.size() >= 6;
  }

  void take_atoms() {
    const auto& elements = outcar_.elements.empty() ? titles_ : outcar_.elements;
    std::vector<Species> species;
    for (std::size_t type = 0; type < counts_.size() && type < elements.size(); ++type) {
      const auto one = Species::parse(elements[type]);
      if (one && !one->is_vacancy()) species.insert(species.end(), counts_[type], *one);
    }
    outcar_.forces_ev_per_angstrom.clear();
    for (const auto& [position, force] : rows_) outcar_.forces_ev_per_angstrom.push_back(force);
    if (species.size() != rows_.size()) return;
    try {
      Structure structure{Lattice(cell_), species, {}};
      const Eigen::Matrix3d to_fractional = cell_.transpose().inverse();
      for (const auto& [position, force] : rows_)
        structure.positions.push_back(wrapped(Fractional{to_fractional * position}));
      outcar_.last_structure = structure;
    } catch (const FormatError&) {  // a cell without volume is not a structure
      outcar_.last_structure.reset();
    }
  }

  /// "  in kB  xx yy zz xy yz zx"
  void take_stress(std::string_view line) {
    const auto s = numbers_of(line.substr(line.find(" in kB ") + 7));
    if (s.size() < 6) return;
    Eigen::Matrix3d stress;
    stress << s[0], s[3], s[5], s[3], s[1], s[4], s[5], s[4], s[2];
    outcar_.stress_kbar = stress;
  }

  Outcar outcar_;
  bool iterating_ = false, has_cell_ = false;
  Table table_ = Table::kNone;
  std::vector<std::pair<Eigen::Vector3d, Eigen::Vector3d>> rows_;
  Eigen::Matrix3d cell_ = Eigen::Matrix3d::Zero();
  std::vector<std::string> titles_;
  std::vector<std::size_t> counts_;
};

}  // namespace

Outcar parse_outcar(std::string_view text) { return OutcarReader().read(text); }

Oszicar parse_oszicar(std::string_view text) {
  Oszicar oszicar;
  bool ended = true;
  for (const std::string& line : detail::lines(text)) {
    const std::string plain = detail::trimmed(line);
    if (plain.empty()) continue;
    oszicar.last_line = plain;
    if (contains(plain, "F=") && contains(plain, "E0=")) {
      ++oszicar.ionic_steps;
      oszicar.last_energy_ev = number_behind(plain, "E0=");
      oszicar.magnetization_bohr = moment_behind(plain, "mag=");
      ended = true;
      continue;
    }
    const std::size_t colon = plain.find(':');
    if (colon == std::string::npos || colon > 4) continue;  // "DAV:   1 …", "RMM: 12 …"
    if (ended) oszicar.electronic_steps = 0;
    ended = false;
    ++oszicar.electronic_steps;
  }
  return oszicar;
}

}  // namespace hullscan::vasp
