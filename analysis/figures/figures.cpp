#include "analysis/figures/figures.hpp"

namespace hullscan {

Figure hull_figure();
Figure ternary_figure();
Figure cut_figure();
Figure parity_figure();
Figure rounds_figure();
Figure voltage_figure();
Figure free_energy_figure();
Figure phase_difference_figure();

const std::vector<Figure>& figures() {
  static const std::vector<Figure> kFigures = {hull_figure(),        ternary_figure(),         cut_figure(),
                                               parity_figure(),      rounds_figure(),          voltage_figure(),
                                               free_energy_figure(), phase_difference_figure()};
  return kFigures;
}

}  // namespace hullscan
