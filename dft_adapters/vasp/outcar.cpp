#include "dft_adapters/vasp/outcar.hpp"

#include "dft_adapters/detail/words.hpp"

namespace hullscan::vasp {
namespace {

bool contains(std::string_view line, std::string_view part) { return line.find(part) != std::string_view::npos; }

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

}  // namespace

Outcar parse_outcar(std::string_view text) {
  Outcar outcar;
  for (const std::string& line : detail::lines(text)) {
    if (!outcar.begun && contains(line, "vasp.")) {
      outcar.begun = true;
      const auto parts = detail::words(std::string_view(line).substr(line.find("vasp.") + 5));
      if (!parts.empty()) outcar.version = parts[0];
    }
    if (contains(line, "General timing and accounting")) outcar.end_marker = true;
    if (contains(line, "reached required accuracy")) outcar.relaxed = true;
    if (contains(line, "soft stop encountered") || contains(line, "hard stop encountered"))
      outcar.stopped = detail::trimmed(line);
    if (contains(line, "energy(sigma->0)")) {
      if (const auto energy = number_behind(line, "energy(sigma->0)")) outcar.last_energy_ev = energy;
    }
    if (!outcar.nelm && contains(line, "NELM ")) outcar.nelm = integer_behind(line, "NELM ");
    if (contains(line, "NBANDS=")) outcar.bands = integer_behind(line, "NBANDS=");
    if (contains(line, "Elapsed time (sec):")) outcar.wall_time_s = number_behind(line, "(sec):");
  }
  return outcar;
}

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
      oszicar.magnetization_bohr = number_behind(plain, "mag=");
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
