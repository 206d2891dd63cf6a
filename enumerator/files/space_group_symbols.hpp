/// @file
/// Which of the 530 tabulated settings a Hall symbol, a Hermann–Mauguin symbol or a number of International Tables
/// means. Used only where a file lists no operations.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/lattice.hpp"

namespace hullscan {

/// @param symbol with spaces or underscores, or without where that leaves one; case as it likes. @returns a number of
/// Hall's table, 1 to 530.
std::optional<int> setting_of_hall_symbol(const std::string& symbol);

/// Accepts "F m -3 m", "Fm-3m", "F m 3 m" (before 1992), "P 21/n", "P 1 21/n 1", "R -3 m :H", "R -3 m R", "F d -3 m
/// S", "C m c a", "P 2(1)/c", "Fd-3m (No. 227)". A bare symbol means the first entry of International Tables: origin
/// 1, and hexagonal axes unless the cell is rhombohedral; of a monoclinic group, the axis whose angle is not 90°.
/// @param code of the coordinate system where the file gives it apart ("2", "H", "b1"), or empty.
std::optional<int> setting_of_hm_symbol(const std::string& symbol, const std::string& code, const Lattice& lattice);

/// All that the symbol may mean, the one above first; several where it does not say which origin or axes. Empty if
/// unknown.
std::vector<int> settings_of_hm_symbol(const std::string& symbol, const std::string& code, const Lattice& lattice);

/// The same of a number: every setting of the type.
std::vector<int> settings_of_number(long number, const std::string& code, const Lattice& lattice);

/// The first setting of a space group that fits the cell. Nothing for a number outside 1 to 230.
std::optional<int> setting_of_number(long number, const std::string& code, const Lattice& lattice);

/// The international short symbol of a space-group type: "Fm-3m" of 225. @pre 1 <= number <= 230.
std::string symbol_of_number(int number);

/// The lower number of an enantiomorphic pair (152 of 154), of any other type its own: what mirror images share.
int lower_of_enantiomorphs(int number);

}  // namespace hullscan
