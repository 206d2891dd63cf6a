#include "dft_adapters/kim/kim.hpp"

#include <fmt/format.h>

#include "core/json.hpp"
#include "dft_adapters/command/exchange.hpp"
#include "dft_adapters/detail/words.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOutputFile = "stdout.txt";

std::string value_of(const DftSettings& settings, const std::string& key) {
  const auto found = settings.values.find(key);
  return found == settings.values.end() ? "" : found->second;
}

class Kim final : public DftCode {
 public:
  Kim()
      : info_{.name = "kim",
              .aliases = {},
              .default_command = "",  // this program itself
              .debian_packages = {"openkim-models"},
              .calculations = {"scf", "relax", "vc-relax"},
              .stdout_file = kOutputFile,
              .stop_file = "",
              .stop_text = "",
              .environment = {{"OMP_NUM_THREADS", "1"}}} {}

  const DftCodeInfo& info() const override { return info_; }

  /// Whether the model is installed and knows the elements is asked where the KIM API is known (cli).
  DftSettings resolve(const SettingsTable& dft_table, std::span<const Species> /*campaign_species*/,
                      Problems& problems) const override {
    SettingsReader reader(dft_table, "dft", problems);
    DftSettings settings{.code = "kim", .values = {}};
    auto& values = settings.values;
    if (!reader.has("model"))
      reader.require("model",
                     "the full name of a KIM model, e.g. \"EAM_Dynamo_MishinMehlPapaconstantopoulos_2002_NiAl__"
                     "MO_109933561507_005\"");
    values["model"] = reader.text("model", "");
    values["calculation"] = reader.choice("calculation", info_.calculations, "vc-relax");
    const auto number = [&](const char* key, double fallback, double lowest, double highest) {
      values[key] = fmt::format("{}", reader.number(key, fallback, lowest, highest));
    };
    number("force_tolerance", 1e-3, 1e-12, 1);      // eV/Å
    number("stress_tolerance", 1e-5, 1e-14, 1e-1);  // eV/Å^3
    values["steps"] = std::to_string(reader.integer("steps", 1000, 1, 1000000));
    number("min_distance_angstrom", exchange::kDefaultMinimumDistanceAngstrom, 0, 10);
    reader.finish();
    return settings;
  }

  void write_inputs(const Structure& structure, const DftSettings& settings, const fs::path& dir) const override {
    if (structure.atom_count() == 0) throw InputError("a structure without atoms cannot be calculated");
    exchange::Request request{.calculation = value_of(settings, "calculation"),
                              .structure = structure,
                              .parameters = {{"model", value_of(settings, "model")}},
                              .files = {},
                              .hull_keys = hull_keys(settings)};
    for (const char* key : {"force_tolerance", "stress_tolerance", "steps"})
      request.parameters[key] = detail::to_number(value_of(settings, key)).value_or(0);
    request.min_distance_angstrom = detail::to_number(value_of(settings, "min_distance_angstrom"))
                                        .value_or(exchange::kDefaultMinimumDistanceAngstrom);
    exchange::write_request(request, dir);
  }

  /// The program that is running, by its file: the campaign's calculations are of its own version.
  std::vector<std::string> command(const DftSettings& /*settings*/) const override {
    std::error_code error;
    const fs::path self = fs::read_symlink("/proc/self/exe", error);
    return {error || !fs::exists(self) ? "hullscan" : self.string(), kKimSubcommand};
  }

  DftOutcome read_outputs(const fs::path& dir) const override { return exchange::judge(dir, kOutputFile); }

  DftOutcome read_path(const fs::path& file_or_directory) const override {
    std::error_code error;
    if (!fs::exists(file_or_directory, error))
      throw InputError(fmt::format("{}: no such file or directory", file_or_directory.string()));
    return read_outputs(fs::is_directory(file_or_directory, error) ? file_or_directory
                                                                   : fs::absolute(file_or_directory).parent_path());
  }

  std::optional<Correction> correct(const DftFailure& failure, const DftSettings& settings,
                                    std::span<const std::string> tried) const override {
    return exchange::next_correction(failure, settings, tried);
  }

  std::map<std::string, std::string> hull_keys(const DftSettings& settings) const override {
    return {{"code", "kim"}, {"model", value_of(settings, "model")}};
  }

  DftSettings identity(const DftSettings& settings) const override {
    DftSettings identity = settings;
    identity.values.erase("steps");
    return identity;
  }

  bool relaxes_cell(const DftSettings& settings) const override {
    return value_of(settings, "calculation") == "vc-relax";
  }

  double relative_cost(const Structure& structure, const DftSettings& settings) const override {
    return static_cast<double>(structure.atom_count()) * (value_of(settings, "calculation") == "scf" ? 1 : 50);
  }

 private:
  DftCodeInfo info_;
};

}  // namespace

const DftCode& kim_code() {
  static const Kim code;
  return code;
}

}  // namespace hullscan
