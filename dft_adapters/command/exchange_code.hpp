/// @file
/// What the calculators that are reached by the exchange of files (exchange.hpp) have in common.
#pragma once

#include "dft_adapters/command/exchange.hpp"
#include "dft_adapters/dft_code.hpp"

namespace hullscan::exchange {

class ExchangeCode : public DftCode {
 public:
  /// scf, relax and vc-relax; the program's output goes to stdout.txt.
  ExchangeCode(std::string name, std::vector<std::string> debian_packages);

  const DftCodeInfo& info() const override { return info_; }
  DftOutcome read_outputs(const std::filesystem::path& dir) const override;
  DftOutcome read_path(const std::filesystem::path& file_or_directory) const override;
  std::optional<Correction> correct(const DftFailure& failure, const DftSettings& settings,
                                    std::span<const std::string> tried) const override;
  bool relaxes_cell(const DftSettings& settings) const override;

 protected:
  /// "" for a key that is not set.
  static std::string value_of(const DftSettings& settings, const std::string& key);
  /// Calculation, structure, hull keys and shortest distance; parameters and files are the code's own.
  /// @throws InputError for a structure without atoms.
  [[nodiscard]] Request request(const Structure& structure, const DftSettings& settings) const;

 private:
  DftCodeInfo info_;
};

}  // namespace hullscan::exchange
