/// @file
/// Exact atom counts of a periodic cell, and formulas read from and written as text.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "core/species.hpp"

namespace hullscan {

/// Exact atom counts of a periodic cell. A vacancy may be counted; it is not an atom.
///
/// Equality is of counts, so `Li2O` and `Li4O2` differ; compare `reduced()` to
/// compare chemistry. Counts are integers because a fraction such as 1/3 has no
/// exact `double`, and two ranks must agree on every composition bit for bit.
class Composition {
 public:
  Composition() = default;
  /// @param counts atoms of each species per cell; zero entries are dropped.
  /// @throws InputError if a count is negative.
  explicit Composition(const std::map<Species, std::int64_t>& counts);
  static Composition of(std::span<const Species> atoms);
  /// @param formula "Li2O", "Ca(OH)2", "NiAl"; integer subscripts. @throws InputError with the place of the fault.
  static Composition from_formula(std::string_view formula);

  [[nodiscard]] std::int64_t count(Species species) const;  ///< 0 if absent
  [[nodiscard]] const std::map<Species, std::int64_t>& counts() const { return counts_; }
  [[nodiscard]] std::int64_t atom_count() const;  ///< vacancies are not atoms
  [[nodiscard]] Composition without_vacancies() const;
  [[nodiscard]] Composition reduced() const;                    ///< atoms only, by the gcd: Li4O2 -> Li2O
  [[nodiscard]] double atomic_fraction(Species species) const;  ///< among atoms; 0 for the empty composition
  /// Atoms only, by Pauling electronegativity, least electronegative first; "1" is not written: NiAl3.
  [[nodiscard]] std::string formula() const;
  /// Atoms only, in the order given; species that `order` does not name follow by electronegativity.
  [[nodiscard]] std::string formula(std::span<const Species> order) const;

  friend bool operator==(const Composition&, const Composition&) = default;
  friend auto operator<=>(const Composition&, const Composition&) = default;

 private:
  std::map<Species, std::int64_t> counts_;  ///< no zero entries
};

/// Pauling's scale; 0 where no value is known.
double electronegativity(Species species);

}  // namespace hullscan
