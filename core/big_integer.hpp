/// @file
/// Integers of any size: spaces have up to 10^90 configurations. The one place that names the library.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>

namespace hullscan {

using BigInteger = boost::multiprecision::cpp_int;

}  // namespace hullscan
