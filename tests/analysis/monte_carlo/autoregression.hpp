/// @file
/// Time series whose statistics are known: x' = phi x + sqrt(1 - phi²) z, z normal with variance 1. Variance 1,
/// autocorrelation phi^t, statistical inefficiency (1 + phi) / (1 - phi).
#pragma once

#include <cmath>
#include <cstdint>
#include <random>

namespace hullscan::test {

class Autoregression {
 public:
  Autoregression(double phi, std::uint64_t seed) : phi_(phi), draws_(seed), value_(normal()) {}
  double next() { return value_ = phi_ * value_ + std::sqrt(1 - phi_ * phi_) * normal(); }
  [[nodiscard]] double inefficiency() const { return (1 + phi_) / (1 - phi_); }
  /// Box & Muller: the same numbers with every standard library.
  double normal() {
    const double u = (static_cast<double>(draws_() >> 11U) + 1) * 0x1p-53,
                 v = static_cast<double>(draws_() >> 11U) * 0x1p-53;
    return std::sqrt(-2 * std::log(u)) * std::cos(2 * 3.14159265358979323846 * v);
  }

 private:
  double phi_;
  std::mt19937_64 draws_;
  double value_;
};

}  // namespace hullscan::test
