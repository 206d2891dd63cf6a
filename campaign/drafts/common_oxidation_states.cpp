#include "campaign/drafts/common_oxidation_states.hpp"

#include <algorithm>
#include <array>

namespace hullscan {
namespace {

struct States {
  const char* symbol;
  std::array<int, 5> states;  ///< 0: no further
};

constexpr States kStates[] = {
    {"H", {1, -1}},
    {"D", {1, -1}},
    {"Li", {1}},
    {"Be", {2}},
    {"B", {3}},
    {"C", {4, -4}},
    {"N", {-3, 5, 3}},
    {"O", {-2}},
    {"F", {-1}},
    {"Na", {1}},
    {"Mg", {2}},
    {"Al", {3}},
    {"Si", {4, -4}},
    {"P", {5, -3, 3}},
    {"S", {-2, 6, 4, 2}},
    {"Cl", {-1, 7, 5, 3, 1}},
    {"K", {1}},
    {"Ca", {2}},
    {"Sc", {3}},
    {"Ti", {4, 3, 2}},
    {"V", {5, 4, 3, 2}},
    {"Cr", {3, 6, 4, 2}},
    {"Mn", {2, 4, 3, 7}},
    {"Fe", {3, 2}},
    {"Co", {2, 3, 4}},
    {"Ni", {2, 3, 4}},
    {"Cu", {2, 1, 3}},
    {"Zn", {2}},
    {"Ga", {3}},
    {"Ge", {4, 2, -4}},
    {"As", {3, 5, -3}},
    {"Se", {-2, 4, 6, 2}},
    {"Br", {-1, 5, 3, 1}},
    {"Rb", {1}},
    {"Sr", {2}},
    {"Y", {3}},
    {"Zr", {4}},
    {"Nb", {5, 4, 3}},
    {"Mo", {6, 4, 5, 3}},
    {"Tc", {7, 4}},
    {"Ru", {4, 3, 5}},
    {"Rh", {3, 4}},
    {"Pd", {2, 4}},
    {"Ag", {1}},
    {"Cd", {2}},
    {"In", {3, 1}},
    {"Sn", {4, 2}},
    {"Sb", {3, 5, -3}},
    {"Te", {-2, 4, 6, 2}},
    {"I", {-1, 5, 7, 3, 1}},
    {"Cs", {1}},
    {"Ba", {2}},
    {"La", {3}},
    {"Ce", {4, 3}},
    {"Pr", {3, 4}},
    {"Nd", {3}},
    {"Pm", {3}},
    {"Sm", {3, 2}},
    {"Eu", {3, 2}},
    {"Gd", {3}},
    {"Tb", {3, 4}},
    {"Dy", {3}},
    {"Ho", {3}},
    {"Er", {3}},
    {"Tm", {3}},
    {"Yb", {3, 2}},
    {"Lu", {3}},
    {"Hf", {4}},
    {"Ta", {5, 4}},
    {"W", {6, 4, 5}},
    {"Re", {7, 4, 6}},
    {"Os", {4, 8, 6}},
    {"Ir", {4, 3, 5}},
    {"Pt", {4, 2}},
    {"Au", {3, 1}},
    {"Hg", {2, 1}},
    {"Tl", {1, 3}},
    {"Pb", {2, 4}},
    {"Bi", {3, 5}},
    {"Po", {4, 2, -2}},
    {"At", {-1}},
    {"Fr", {1}},
    {"Ra", {2}},
    {"Ac", {3}},
    {"Th", {4}},
    {"Pa", {5, 4}},
    {"U", {6, 4, 5}},
    {"Np", {5, 4}},
    {"Pu", {4, 3}},
    {"Am", {3}},
    {"Cm", {3}},
    {"Bk", {3, 4}},
    {"Cf", {3}},
};

}  // namespace

std::span<const int> common_oxidation_states(Species species) {
  for (const States& one : kStates) {
    if (species.symbol() != one.symbol) continue;
    const auto end = std::find(one.states.begin(), one.states.end(), 0);
    return {one.states.begin(), end};
  }
  return {};
}

}  // namespace hullscan
