#include "dft_adapters/command/exchange_code.hpp"

#include <fmt/format.h>

#include "dft_adapters/detail/words.hpp"

namespace hullscan::exchange {

namespace fs = std::filesystem;

ExchangeCode::ExchangeCode(std::string name, std::vector<std::string> debian_packages)
    : info_{.name = std::move(name),
            .aliases = {},
            .default_command = "",  // the code says it
            .debian_packages = std::move(debian_packages),
            .calculations = {"scf", "relax", "vc-relax"},
            .stdout_file = "stdout.txt",
            .stop_file = "",
            .stop_text = "",
            .environment = {{"OMP_NUM_THREADS", "1"}},
            .files_to_open = {kResultFile}} {}

DftOutcome ExchangeCode::read_outputs(const fs::path& dir) const { return judge(dir, info_.stdout_file); }

DftOutcome ExchangeCode::read_path(const fs::path& file_or_directory) const {
  std::error_code error;
  if (!fs::exists(file_or_directory, error))
    throw InputError(fmt::format("{}: no such file or directory", file_or_directory.string()));
  return read_outputs(fs::is_directory(file_or_directory, error) ? file_or_directory
                                                                 : fs::absolute(file_or_directory).parent_path());
}

std::optional<Correction> ExchangeCode::correct(const DftFailure& failure, const DftSettings& settings,
                                                std::span<const std::string> tried) const {
  return next_correction(failure, settings, tried);
}

bool ExchangeCode::relaxes_cell(const DftSettings& settings) const {
  return value_of(settings, "calculation") == "vc-relax";
}

std::string ExchangeCode::value_of(const DftSettings& settings, const std::string& key) {
  const auto found = settings.values.find(key);
  return found == settings.values.end() ? "" : found->second;
}

Request ExchangeCode::request(const Structure& structure, const DftSettings& settings) const {
  if (structure.atom_count() == 0) throw InputError("a structure without atoms cannot be calculated");
  return {.calculation = value_of(settings, "calculation"),
          .structure = structure,
          .parameters = Json::object(),
          .files = {},
          .hull_keys = hull_keys(settings),
          .min_distance_angstrom =
              detail::to_number(value_of(settings, "min_distance_angstrom")).value_or(kDefaultMinimumDistanceAngstrom)};
}

}  // namespace hullscan::exchange
