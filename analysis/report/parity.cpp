#include "analysis/report/parity.hpp"

#include <cmath>

namespace hullscan {

std::optional<Parity> parity_of(const Report& report) {
  if (!report.hull) return std::nullopt;
  Parity parity;
  double absolute = 0, squares = 0;
  for (std::size_t i = 0; i < report.content.entries.size(); ++i) {
    const auto& predicted = report.content.entries[i].predicted_ev_per_atom;
    if (!predicted) continue;
    const double calculated = report.of_entry(i).formation_energy_ev_per_atom, error = *predicted - calculated;
    parity.pairs.push_back({calculated, *predicted});
    absolute += std::abs(error);
    squares += error * error;
  }
  if (parity.pairs.empty()) return std::nullopt;
  const auto n = static_cast<double>(parity.pairs.size());
  parity.mae_ev_per_atom = absolute / n;
  parity.rmse_ev_per_atom = std::sqrt(squares / n);
  return parity;
}

}  // namespace hullscan
