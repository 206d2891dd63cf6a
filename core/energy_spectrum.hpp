/// @file
/// How the energies of many configurations are spread: a histogram, and the partition sums of a few temperatures.
/// Everything is counted in integers, so that sums over any parts, in any order, on any machine, are the same bits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hullscan {

/// Z = sum over configurations of degeneracy * 2^y, y = -E / (k T ln 2), for y of any size.
///
/// Every term is an integer of 32 bits times the degeneracy times a power of two. Terms are summed exactly in bins of
/// 32 binary orders; only the eight highest bins are kept. A part's highest bin is never above the whole's, so
/// whatever the whole keeps has been kept by every part: the result does not depend on how the sum was divided. What
/// is dropped is below 2^-128 of the sum.
class PartitionSum {
 public:
  static constexpr int kBins = 8;

  /// @param exponent y in units of 2^-32.
  void add(std::int64_t exponent, std::uint64_t degeneracy);
  void merge(const PartitionSum& other);
  [[nodiscard]] bool empty() const { return empty_; }
  /// ln Z, to about 1e-9. Precondition: not empty.
  [[nodiscard]] double natural_logarithm() const;
  friend bool operator==(const PartitionSum&, const PartitionSum&) = default;

 private:
  friend class EnergySpectrum;
  /// 192 bits, lowest word first.
  using Wide = std::array<std::uint64_t, 3>;
  Wide* bin(std::int64_t number);

  bool empty_ = true;
  std::int64_t highest_ = 0;           ///< number of the highest bin
  std::array<Wide, kBins> bins_ = {};  ///< [i]: bin highest_ - i
};

class EnergySpectrum {
 public:
  static constexpr std::int32_t kBinMicroEv = 1000;   ///< width of a bin of the histogram, 1e-6 eV/atom
  static constexpr std::int32_t kLargestBin = 32767;  ///< energies beyond +-32.8 eV/atom are counted in the outermost
  static constexpr double kBoltzmannEvPerKelvin = 8.617333262e-5;  ///< CODATA 2018

  struct Bin {
    std::uint64_t orbits = 0;
    std::uint64_t labelled = 0;  ///< sum of degeneracies
    friend bool operator==(const Bin&, const Bin&) = default;
  };

  EnergySpectrum() = default;
  /// @param atoms of the supercell, vacancies left out; 0: no partition sums are kept.
  /// @throws InputError for a temperature below 1 K.
  EnergySpectrum(std::vector<double> temperatures_kelvin, std::int64_t atoms);

  /// @param energy formation energy in 1e-6 eV per atom.
  void add(std::int32_t energy, std::uint64_t degeneracy);
  /// Adds the counts of another part. An empty spectrum takes what the other one is.
  /// @throws Error if they are of different temperatures or numbers of atoms, or a count exceeds 64 bits.
  void merge(const EnergySpectrum& other);

  [[nodiscard]] bool empty() const { return bins_.empty(); }
  [[nodiscard]] std::int64_t atoms() const { return atoms_; }
  [[nodiscard]] const std::vector<double>& temperatures_kelvin() const { return temperatures_kelvin_; }
  /// -k T ln Z / atoms, eV per atom, relative to the end members; rounded to 1e-9. Precondition: not empty, atoms >
  /// 0.
  [[nodiscard]] double free_energy_ev_per_atom(std::size_t temperature) const;
  /// bins()[i] counts energies in [lowest_bin() + i, lowest_bin() + i + 1) * kBinMicroEv. First and last are not
  /// zero.
  [[nodiscard]] std::int32_t lowest_bin() const { return lowest_bin_; }
  [[nodiscard]] const std::vector<Bin>& bins() const { return bins_; }

  /// Little-endian; documented in docs/formats/campaign-db.md. Nothing for an empty spectrum.
  [[nodiscard]] std::vector<std::uint8_t> serialise() const;
  /// @throws StorageError if the bytes are not a spectrum.
  static EnergySpectrum deserialise(std::span<const std::uint8_t> bytes);
  friend bool operator==(const EnergySpectrum&, const EnergySpectrum&) = default;

 private:
  Bin& bin(std::int32_t number);

  std::vector<double> temperatures_kelvin_;
  std::vector<std::uint64_t> scales_;  ///< [temperature] 2^64 * 1e-6 eV / (k T ln 2)
  std::vector<PartitionSum> sums_;     ///< [temperature]; empty without atoms
  std::int64_t atoms_ = 0;
  std::int32_t lowest_bin_ = 0;
  std::vector<Bin> bins_;
};

}  // namespace hullscan
