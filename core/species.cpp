#include "core/species.hpp"

#include <array>
#include <vector>

#include "core/errors.hpp"

namespace hullscan {
namespace {

constexpr std::uint8_t kDeuterium = 119;

constexpr std::array<std::string_view, 120> kSymbols = {
    "Va", "H",  "He", "Li", "Be", "B",  "C",  "N",  "O",  "F",  "Ne", "Na", "Mg", "Al", "Si", "P",  "S",  "Cl",
    "Ar", "K",  "Ca", "Sc", "Ti", "V",  "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ga", "Ge", "As", "Se", "Br",
    "Kr", "Rb", "Sr", "Y",  "Zr", "Nb", "Mo", "Tc", "Ru", "Rh", "Pd", "Ag", "Cd", "In", "Sn", "Sb", "Te", "I",
    "Xe", "Cs", "Ba", "La", "Ce", "Pr", "Nd", "Pm", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu",
    "Hf", "Ta", "W",  "Re", "Os", "Ir", "Pt", "Au", "Hg", "Tl", "Pb", "Bi", "Po", "At", "Rn", "Fr", "Ra", "Ac",
    "Th", "Pa", "U",  "Np", "Pu", "Am", "Cm", "Bk", "Cf", "Es", "Fm", "Md", "No", "Lr", "Rf", "Db", "Sg", "Bh",
    "Hs", "Mt", "Ds", "Rg", "Cn", "Nh", "Fl", "Mc", "Lv", "Ts", "Og", "D"};

constexpr std::array<double, 120> kMassesU = {
    0,      1.008,  4.0026, 6.94,   9.0122, 10.81,  12.011, 14.007, 15.999, 18.998, 20.18,  22.99,  24.305, 26.982,
    28.085, 30.974, 32.06,  35.45,  39.95,  39.098, 40.078, 44.956, 47.867, 50.942, 51.996, 54.938, 55.845, 58.933,
    58.693, 63.546, 65.38,  69.723, 72.63,  74.922, 78.971, 79.904, 83.798, 85.468, 87.62,  88.906, 91.224, 92.906,
    95.95,  97,     101.07, 102.91, 106.42, 107.87, 112.41, 114.82, 118.71, 121.76, 127.6,  126.9,  131.29, 132.91,
    137.33, 138.91, 140.12, 140.91, 144.24, 145,    150.36, 151.96, 157.25, 158.93, 162.5,  164.93, 167.26, 168.93,
    173.05, 174.97, 178.49, 180.95, 183.84, 186.21, 190.23, 192.22, 195.08, 196.97, 200.59, 204.38, 207.2,  208.98,
    209,    210,    222,    223,    226,    227,    232.04, 231.04, 238.03, 237,    244,    243,    247,    247,
    251,    252,    257,    258,    262,    262,    267,    270,    269,    270,    270,    278,    281,    281,
    285,    286,    289,    289,    293,    293,    294,    2.014};

}  // namespace

std::optional<Species> Species::parse(std::string_view symbol) {
  if (symbol == "Vac" || symbol == "vac" || symbol == "vacancy" || symbol == "X") return Species{};
  for (std::size_t code = 0; code < kSymbols.size(); ++code) {
    if (kSymbols[code] == symbol) return Species{static_cast<std::uint8_t>(code)};
  }
  return std::nullopt;
}

Species Species::from_symbol(std::string_view symbol) {
  if (const auto species = parse(symbol)) return *species;
  throw InputError("\"" + std::string(symbol) + "\" is not a chemical element" +
                   did_you_mean(std::string(symbol), {kSymbols.begin(), kSymbols.end()}) + "; a vacancy is written Va");
}

Species Species::from_atomic_number(int atomic_number) {
  if (atomic_number < 1 || atomic_number > 118) {
    throw InputError("atomic number " + std::to_string(atomic_number) + ", must be 1 to 118");
  }
  return Species{static_cast<std::uint8_t>(atomic_number)};
}

Species Species::from_code(std::uint8_t code) {
  if (code >= kSymbols.size()) throw InputError("no species has the code " + std::to_string(code));
  return Species{code};
}

int Species::atomic_number() const { return code_ == kDeuterium ? 1 : code_; }

std::string_view Species::symbol() const { return kSymbols[code_]; }

double Species::mass_u() const { return kMassesU[code_]; }

}  // namespace hullscan
