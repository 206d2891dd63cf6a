/// @file
/// How a sample of a whole space falls on its compositions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/big_integer.hpp"

namespace hullscan {

/// Deals `wanted` draws among compositions, each at random with probability proportional to the composition's size.
/// @param sizes [compositions] orbits or labelled configurations.
/// @param available [compositions] what each can give at most; then it leaves the lottery. Empty: any number.
/// @returns [compositions]; their sum is less than `wanted` only if `available` is.
std::vector<std::uint64_t> sample_shares(std::uint64_t wanted, std::span<const BigInteger> sizes,
                                         std::span<const BigInteger> available, std::uint64_t seed);

}  // namespace hullscan
