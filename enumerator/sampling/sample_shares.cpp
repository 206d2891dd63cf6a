#include "enumerator/sampling/sample_shares.hpp"

#include <algorithm>

#include "enumerator/orbits/detail/random_stream.hpp"

namespace hullscan {
namespace {

constexpr std::uint64_t kPurpose = 0x5348'4152'4553ULL;

}  // namespace

std::vector<std::uint64_t> sample_shares(std::uint64_t wanted, std::span<const BigInteger> sizes,
                                         std::span<const BigInteger> available, std::uint64_t seed) {
  std::vector<std::uint64_t> shares(sizes.size(), 0);
  const auto used_up = [&](std::size_t i) { return !available.empty() && available[i] <= shares[i]; };
  std::vector<BigInteger> up_to;
  const auto refill = [&] {
    BigInteger sum = 0;
    up_to.clear();
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      if (!used_up(i)) sum += sizes[i];
      up_to.push_back(sum);
    }
  };
  refill();
  for (std::uint64_t draw = 0; draw < wanted && !up_to.empty() && up_to.back() > 0; ++draw) {
    detail::RandomStream random(seed, kPurpose, draw);
    const BigInteger ticket = random.below(up_to.back());
    const auto winner = static_cast<std::size_t>(std::upper_bound(up_to.begin(), up_to.end(), ticket) - up_to.begin());
    ++shares[winner];
    if (used_up(winner)) refill();
  }
  return shares;
}

}  // namespace hullscan
