/// @file
/// Lambdas as one visitor of a variant.
#pragma once

namespace hullscan {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;  // clang before 17 does not deduce it by itself

}  // namespace hullscan
