/// @file
/// Interatomic potentials of the OpenKIM repository as the calculator. The adapter only exchanges files; the KIM API
/// is spoken by `hullscan kim-single-point`, which runs in the directory of the calculation: a potential that crashes
/// takes one attempt with it, not the campaign.

#include <fmt/format.h>

#include "core/json.hpp"
#include "dft_adapters/command/exchange_code.hpp"
#include "dft_adapters/detail/words.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKimSubcommand = "kim-single-point";

class Kim final : public exchange::ExchangeCode {
 public:
  Kim() : ExchangeCode("kim", {"openkim-models"}) {}

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
    values["calculation"] = reader.choice("calculation", info().calculations, "vc-relax");
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
    exchange::Request asked = request(structure, settings);
    asked.parameters["model"] = value_of(settings, "model");
    for (const char* key : {"force_tolerance", "stress_tolerance", "steps"})
      asked.parameters[key] = detail::to_number(value_of(settings, key)).value_or(0);
    exchange::write_request(asked, dir);
  }

  /// The program that is running, by its file: the campaign's calculations are of its own version.
  std::vector<std::string> command(const DftSettings& /*settings*/) const override {
    std::error_code error;
    const fs::path self = fs::read_symlink("/proc/self/exe", error);
    return {error || !fs::exists(self) ? "hullscan" : self.string(), kKimSubcommand};
  }

  std::map<std::string, std::string> hull_keys(const DftSettings& settings) const override {
    return {{"code", "kim"}, {"model", value_of(settings, "model")}};
  }

  DftSettings identity(const DftSettings& settings) const override {
    DftSettings identity = settings;
    identity.values.erase("steps");
    return identity;
  }

  double relative_cost(const Structure& structure, const DftSettings& settings) const override {
    return static_cast<double>(structure.atom_count()) * (value_of(settings, "calculation") == "scf" ? 1 : 50);
  }
};

}  // namespace

const DftCode& kim_code() {
  static const Kim code;
  return code;
}

}  // namespace hullscan
