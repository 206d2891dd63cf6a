#include "core/energy_spectrum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/big_integer.hpp"
#include "core/errors.hpp"
#include "core/scaled_energy.hpp"

namespace hullscan {
namespace {

__extension__ using Wide128 = unsigned __int128;
__extension__ using Signed128 = __int128;

constexpr int kFractionBits = 62;

/// Largest r with r * r <= value.
std::uint64_t square_root(Wide128 value) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 63U; bit != 0; bit >>= 1U) {
    const std::uint64_t tried = root | bit;
    if (Wide128{tried} * tried <= value) root = tried;
  }
  return root;
}

/// 2^(i / 256) and 2^(i / 65536), scaled by 2^62: by integer square roots, the same on every machine.
struct PowersOfTwo {
  std::array<std::uint64_t, 256> coarse{}, fine{};

  PowersOfTwo() {
    std::array<std::uint64_t, 17> root{};
    root[0] = std::uint64_t{1} << 63U;  // 2
    for (std::size_t k = 1; k < root.size(); ++k) root[k] = square_root(Wide128{root[k - 1]} << kFractionBits);
    for (std::size_t i = 0; i < 256; ++i) {
      coarse[i] = fine[i] = std::uint64_t{1} << kFractionBits;
      for (std::size_t bit = 0; bit < 8; ++bit) {
        if ((i >> bit & 1U) == 0) continue;
        coarse[i] = static_cast<std::uint64_t>(Wide128{coarse[i]} * root[8 - bit] >> kFractionBits);
        fine[i] = static_cast<std::uint64_t>(Wide128{fine[i]} * root[16 - bit] >> kFractionBits);
      }
    }
  }
};

/// 2^(fraction / 2^32) * 2^31.
std::uint64_t mantissa(std::uint32_t fraction) {
  static const PowersOfTwo powers;
  constexpr std::uint64_t kLn2 = 0xB17217F7;  // ln 2 * 2^32
  const Wide128 product = Wide128{powers.coarse[fraction >> 24U]} * powers.fine[fraction >> 16U & 0xFFU];
  const auto value = static_cast<std::uint64_t>(product >> kFractionBits);
  // The last 16 bits by the tangent: off by less than 2^-33.
  const Wide128 rise = Wide128{(value >> 32U) * (fraction & 0xFFFFU)} * kLn2 >> 32U;
  return (value + static_cast<std::uint64_t>(rise)) >> 31U;
}

void add_to(std::array<std::uint64_t, 3>& sum, Wide128 value) {
  const auto low = static_cast<std::uint64_t>(value);
  Wide128 carry = Wide128{sum[0]} + low;
  sum[0] = static_cast<std::uint64_t>(carry);
  carry = (carry >> 64U) + sum[1] + static_cast<std::uint64_t>(value >> 64U);
  sum[1] = static_cast<std::uint64_t>(carry);
  sum[2] += static_cast<std::uint64_t>(carry >> 64U);
}

std::uint64_t checked_sum(std::uint64_t a, std::uint64_t b) {
  if (a > std::numeric_limits<std::uint64_t>::max() - b) throw Error("a count of configurations is beyond 64 bits");
  return a + b;
}

std::int32_t bin_of(std::int32_t energy) {
  const std::int32_t width = EnergySpectrum::kBinMicroEv;
  const std::int32_t down = energy / width - (energy % width < 0 ? 1 : 0);
  return std::clamp(down, -EnergySpectrum::kLargestBin, EnergySpectrum::kLargestBin);
}

class Bytes {
 public:
  void u64(std::uint64_t value) {
    for (unsigned shift = 0; shift < 64; shift += 8) bytes_.push_back(static_cast<std::uint8_t>(value >> shift));
  }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

class Words {
 public:
  explicit Words(std::span<const std::uint8_t> bytes) : rest_(bytes) {}
  std::uint64_t u64() {
    if (rest_.size() < 8) fail();
    std::uint64_t value = 0;
    for (std::size_t i = 8; i-- > 0;) value = value << 8U | rest_[i];
    rest_ = rest_.subspan(8);
    return value;
  }
  /// A number of elements of at least `words` words each.
  std::size_t count(std::size_t words) {
    const std::uint64_t n = u64();
    if (n > rest_.size() / (8 * words)) fail();
    return static_cast<std::size_t>(n);
  }
  [[nodiscard]] bool end() const { return rest_.empty(); }
  [[noreturn]] static void fail() { throw StorageError("an energy spectrum is damaged"); }

 private:
  std::span<const std::uint8_t> rest_;
};

constexpr std::uint64_t kFormatVersion = 1;

}  // namespace

PartitionSum::Wide* PartitionSum::bin(std::int64_t number) {
  if (empty_) {
    empty_ = false;
    highest_ = number;
  } else if (number > highest_) {
    const std::int64_t up = number - highest_;
    for (std::int64_t i = kBins - 1; i >= 0; --i) {
      bins_[static_cast<std::size_t>(i)] = i >= up ? bins_[static_cast<std::size_t>(i - up)] : Wide{};
    }
    highest_ = number;
  }
  const std::int64_t down = highest_ - number;
  return down < kBins ? &bins_[static_cast<std::size_t>(down)] : nullptr;
}

void PartitionSum::add(std::int64_t exponent, std::uint64_t degeneracy) {
  if (degeneracy == 0) return;
  const std::int64_t binary_order = exponent >> 32U;
  Wide* const into = bin(binary_order >> 5U);
  if (into == nullptr) return;
  const Wide128 term = Wide128{mantissa(static_cast<std::uint32_t>(exponent))} * degeneracy;
  add_to(*into, term << static_cast<unsigned>(binary_order & 31));
}

void PartitionSum::merge(const PartitionSum& other) {
  if (other.empty_) return;
  for (int i = 0; i < kBins; ++i) {
    const Wide& from = other.bins_[static_cast<std::size_t>(i)];
    if (i > 0 && from == Wide{}) continue;
    Wide* const into = bin(other.highest_ - i);
    if (into == nullptr) continue;
    add_to(*into, Wide128{from[1]} << 64U | from[0]);
    (*into)[2] += from[2];
  }
}

double PartitionSum::natural_logarithm() const {
  BigInteger sum = 0;
  for (const Wide& wide : bins_) {
    BigInteger bin = wide[2];
    bin = (bin << 64U) + wide[1];
    bin = (bin << 64U) + wide[0];
    sum = (sum << 32U) + bin;
  }
  const auto length = static_cast<std::int64_t>(boost::multiprecision::msb(sum)) + 1;
  const std::int64_t cut = std::max<std::int64_t>(0, length - 64);
  const auto leading = static_cast<double>(BigInteger(sum >> static_cast<unsigned>(cut)).convert_to<std::uint64_t>());
  // The lowest kept bin counts in units of 2^(32 (highest - 7) - 31).
  const std::int64_t binary_order = cut + 32 * (highest_ - (kBins - 1)) - 31;
  return std::log(leading) + static_cast<double>(binary_order) * std::numbers::ln2;
}

EnergySpectrum::EnergySpectrum(std::vector<double> temperatures_kelvin, std::int64_t atoms)
    : temperatures_kelvin_(std::move(temperatures_kelvin)), atoms_(atoms) {
  for (const double temperature : temperatures_kelvin_) {
    if (!(temperature >= 1 && temperature < 1e9)) {
      throw InputError(fmt::format("a temperature of {} K: expected at least 1 K", temperature));
    }
    const double scale = kMicroEv / (kBoltzmannEvPerKelvin * temperature * std::numbers::ln2);
    scales_.push_back(static_cast<std::uint64_t>(std::ldexp(scale, 64)));
  }
  if (atoms_ > 0) sums_.resize(scales_.size());
}

EnergySpectrum::Bin& EnergySpectrum::bin(std::int32_t number) {
  if (bins_.empty()) {
    lowest_bin_ = number;
    bins_.resize(1);
  } else if (number < lowest_bin_) {
    bins_.insert(bins_.begin(), static_cast<std::size_t>(lowest_bin_ - number), Bin{});
    lowest_bin_ = number;
  } else if (static_cast<std::size_t>(number - lowest_bin_) >= bins_.size()) {
    bins_.resize(static_cast<std::size_t>(number - lowest_bin_) + 1);
  }
  return bins_[static_cast<std::size_t>(number - lowest_bin_)];
}

void EnergySpectrum::add(std::int32_t energy, std::uint64_t degeneracy) {
  Bin& counted = bin(bin_of(energy));
  ++counted.orbits;
  counted.labelled = checked_sum(counted.labelled, degeneracy);
  const std::int64_t of_cell = std::int64_t{energy} * atoms_;
  for (std::size_t t = 0; t < sums_.size(); ++t) {
    constexpr Signed128 kFarthest = Signed128{1} << 62U;  // only an absurd energy gets there
    const Signed128 exponent = -(Signed128{of_cell} * scales_[t]) >> 32U;
    sums_[t].add(static_cast<std::int64_t>(std::clamp(exponent, -kFarthest, kFarthest)), degeneracy);
  }
}

void EnergySpectrum::merge(const EnergySpectrum& other) {
  if (other.empty()) return;
  if (empty()) {
    *this = other;
    return;
  }
  if (atoms_ != other.atoms_ || temperatures_kelvin_ != other.temperatures_kelvin_) {
    throw Error("energy spectra of different temperatures or cells cannot be added");
  }
  for (std::size_t i = 0; i < other.bins_.size(); ++i) {
    if (other.bins_[i] == Bin{}) continue;
    Bin& into = bin(other.lowest_bin_ + static_cast<std::int32_t>(i));
    into.orbits = checked_sum(into.orbits, other.bins_[i].orbits);
    into.labelled = checked_sum(into.labelled, other.bins_[i].labelled);
  }
  for (std::size_t t = 0; t < sums_.size(); ++t) sums_[t].merge(other.sums_[t]);
}

double EnergySpectrum::free_energy_ev_per_atom(std::size_t temperature) const {
  const double kt = kBoltzmannEvPerKelvin * temperatures_kelvin_[temperature];
  const double free_energy = -kt * sums_[temperature].natural_logarithm() / static_cast<double>(atoms_);
  return std::round(free_energy * 1e9) / 1e9;
}

std::vector<std::uint8_t> EnergySpectrum::serialise() const {
  if (empty()) return {};
  Bytes out;
  out.u64(kFormatVersion);
  out.u64(static_cast<std::uint64_t>(atoms_));
  out.u64(temperatures_kelvin_.size());
  for (const double temperature : temperatures_kelvin_) out.u64(std::bit_cast<std::uint64_t>(temperature));
  for (const PartitionSum& sum : sums_) {
    out.u64(static_cast<std::uint64_t>(sum.highest_));
    for (const PartitionSum::Wide& wide : sum.bins_) {
      for (const std::uint64_t word : wide) out.u64(word);
    }
  }
  const auto filled = std::count_if(bins_.begin(), bins_.end(), [](const Bin& bin) { return bin.orbits != 0; });
  out.u64(static_cast<std::uint64_t>(filled));
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    if (bins_[i].orbits == 0) continue;
    out.u64(static_cast<std::uint64_t>(std::int64_t{lowest_bin_} + static_cast<std::int64_t>(i)));
    out.u64(bins_[i].orbits);
    out.u64(bins_[i].labelled);
  }
  return out.take();
}

EnergySpectrum EnergySpectrum::deserialise(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return {};
  Words in(bytes);
  if (in.u64() != kFormatVersion) Words::fail();
  const auto atoms = static_cast<std::int64_t>(in.u64());
  if (atoms < 0) Words::fail();
  std::vector<double> temperatures(in.count(1));
  for (double& temperature : temperatures) {
    temperature = std::bit_cast<double>(in.u64());
    if (!(temperature >= 1 && temperature < 1e9)) Words::fail();
  }
  EnergySpectrum spectrum(std::move(temperatures), atoms);
  for (PartitionSum& sum : spectrum.sums_) {
    sum.empty_ = false;
    sum.highest_ = static_cast<std::int64_t>(in.u64());
    for (PartitionSum::Wide& wide : sum.bins_) {
      for (std::uint64_t& word : wide) word = in.u64();
    }
    if (sum.bins_[0] == PartitionSum::Wide{}) Words::fail();
  }
  std::int64_t last = std::numeric_limits<std::int64_t>::min();
  for (std::size_t left = in.count(3); left > 0; --left) {
    const auto number = static_cast<std::int64_t>(in.u64());
    if (number <= last || number < -kLargestBin || number > kLargestBin) Words::fail();
    last = number;
    Bin& bin = spectrum.bin(static_cast<std::int32_t>(number));
    bin.orbits = in.u64();
    bin.labelled = in.u64();
    if (bin.orbits == 0) Words::fail();
  }
  if (!in.end() || spectrum.empty()) Words::fail();
  return spectrum;
}

}  // namespace hullscan
