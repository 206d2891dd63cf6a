/// @file
/// A chemical species: an element, deuterium, or the vacancy.
/// Oxidation states are not part of a species; they are said where charge matters.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hullscan {

class Species {
 public:
  constexpr Species() = default;  ///< the vacancy

  /// @param symbol "Li", "D", or "Va" (also "Vac", "vac", "vacancy", "X" for the vacancy). Case counts: "CO" is no
  /// element.
  static std::optional<Species> parse(std::string_view symbol);
  /// @throws InputError naming the symbol, with the nearest element if there is one.
  static Species from_symbol(std::string_view symbol);
  /// @param atomic_number 1..118. @throws InputError outside.
  static Species from_atomic_number(int atomic_number);
  static constexpr Species vacancy() { return Species{}; }

  [[nodiscard]] constexpr bool is_vacancy() const { return code_ == 0; }
  [[nodiscard]] int atomic_number() const;        ///< 0 for the vacancy, 1 for deuterium
  [[nodiscard]] std::string_view symbol() const;  ///< "Va" for the vacancy
  [[nodiscard]] double mass_u() const;            ///< standard atomic weight (IUPAC 2021, rounded); 0 for the vacancy
  [[nodiscard]] constexpr std::uint8_t code() const { return code_; }  ///< stable across versions; vacancy 0
  /// @throws InputError if no species has this code.
  static Species from_code(std::uint8_t code);

  friend constexpr auto operator<=>(Species, Species) = default;

 private:
  explicit constexpr Species(std::uint8_t code) : code_(code) {}
  std::uint8_t code_ = 0;  ///< atomic number; 119 = deuterium
};

}  // namespace hullscan
