/// @file
/// Lambdas as one visitor of a variant.
#pragma once

namespace hullscan {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

}  // namespace hullscan
