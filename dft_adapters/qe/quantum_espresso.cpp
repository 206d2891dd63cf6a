/// @file
/// The adapter of Quantum ESPRESSO (pw.x); see docs/dft-codes.md.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "dft_adapters/detail/command_words.hpp"
#include "dft_adapters/dft_code.hpp"
#include "dft_adapters/qe/corrections.hpp"
#include "dft_adapters/qe/input.hpp"
#include "dft_adapters/qe/judge.hpp"
#include "dft_adapters/qe/settings.hpp"
#include "dft_adapters/reduced_cell.hpp"

namespace hullscan {
namespace {

class QuantumEspresso final : public DftCode {
 public:
  QuantumEspresso()
      : info_{.name = qe::kCodeName,
              .aliases = {"qe"},
              .default_command = "pw.x",
              .debian_packages = {"quantum-espresso", "quantum-espresso-data"},
              .calculations = {"scf", "relax", "vc-relax"},
              .stdout_file = qe::kOutputFile,
              .stop_file = std::string(qe::kPrefix) + ".EXIT",
              .stop_text = "",
              .environment = {{"OMP_NUM_THREADS", "1"}},
              .files_to_open = {qe::kOutputFile},
              .stall_s = 6 * 3600,
              .writes_xml = true} {}

  const DftCodeInfo& info() const override { return info_; }

  DftSettings resolve(const SettingsTable& dft_table, std::span<const Species> campaign_species,
                      Problems& problems) const override {
    return qe::resolve_settings(dft_table, campaign_species, problems);
  }

  void write_inputs(const Structure& structure, const DftSettings& settings,
                    const std::filesystem::path& dir) const override {
    const std::string text = qe::input_text(with_reduced_cell(structure), settings);
    std::error_code error;
    std::filesystem::create_directory(dir / qe::kScratch, error);  // the code does not create it
    if (error) throw StorageError(fmt::format("{}: {}", (dir / qe::kScratch).string(), error.message()));
    std::ofstream out(dir / qe::kInputFile, std::ios::binary);
    out << text;
    out.close();
    if (!out) throw StorageError(fmt::format("{}: cannot be written", (dir / qe::kInputFile).string()));
  }

  std::vector<std::string> command(const DftSettings& settings) const override {
    std::vector<std::string> arguments = detail::command_words(qe::text_value(settings, "command"));
    if (arguments.empty()) arguments.push_back(info_.default_command);
    arguments.insert(arguments.end(), {"-in", qe::kInputFile});
    return arguments;
  }

  DftOutcome read_outputs(const std::filesystem::path& dir) const override {
    return qe::judge(qe::files_of_directory(dir));
  }

  DftOutcome read_path(const std::filesystem::path& file_or_directory) const override {
    return qe::judge_what_is_there(qe::files_of_path(file_or_directory));
  }

  std::optional<Correction> correct(const DftFailure& failure, const DftSettings& settings,
                                    std::span<const std::string> tried) const override {
    return qe::next_correction(failure, settings, tried);
  }

  std::map<std::string, std::string> hull_keys(const DftSettings& settings) const override {
    return qe::hull_keys_of(settings);
  }

  DftSettings identity(const DftSettings& settings) const override { return qe::identity_of(settings); }

  bool relaxes_cell(const DftSettings& settings) const override {
    return qe::text_value(settings, "calculation") == "vc-relax";
  }

  /// The code looks at its clock between electronic steps, so it needs a margin.
  DftSettings within_time(const DftSettings& settings, double seconds) const override {
    DftSettings limited = settings;
    const double end = seconds - std::clamp(0.05 * seconds, 5.0, 300.0);
    const auto own = qe::number_value(settings, "max_seconds");
    if (end >= 1 && (!own || *own > end)) limited.values["max_seconds"] = fmt::format("{:.0f}", std::floor(end));
    return limited;
  }

  std::string carry_over(const DftSettings& settings, const std::filesystem::path& old_attempt,
                         const std::filesystem::path& new_attempt) const override {
    if (qe::text_value(settings, "restart") != "true") return "";
    namespace fs = std::filesystem;
    if (!fs::is_directory(old_attempt / qe::kScratch)) return "";  // the code will say that it cannot go on
    try {
      for (const fs::directory_entry& entry : fs::directory_iterator(old_attempt / qe::kScratch)) {
        if (entry.path().extension() == ".xml") continue;  // the new attempt is judged by its own
        fs::copy(entry.path(), new_attempt / qe::kScratch / entry.path().filename(), fs::copy_options::recursive);
      }
    } catch (const fs::filesystem_error& error) {
      throw StorageError(error.what());
    }
    return "charge density and wavefunctions";
  }

  /// Plane waves grow with the volume, bands with the electrons; the Hamiltonian costs plane waves times bands, the
  /// orthogonalisation once more the bands: a power between. Symmetry, which saves k-points, is not looked at.
  double relative_cost(const Structure& structure, const DftSettings& settings) const override {
    double electrons = 0;
    for (const Species species : structure.species) {
      const std::string symbol(species.symbol());
      electrons += qe::number_value(settings, "valence_electrons." + symbol).value_or(1);
    }
    const auto grid = qe::k_point_grid(with_reduced_cell(structure), settings);
    const double steps = qe::text_value(settings, "calculation") == "scf" ? 1 : 4;
    return std::pow(electrons, 1.5) * structure.lattice.volume_cubic_angstrom() * grid[0] * grid[1] * grid[2] *
           (qe::is_spin_polarised(structure, settings) ? 2 : 1) * steps;
  }

 private:
  DftCodeInfo info_;
};

}  // namespace

const DftCode& qe_code() {
  static const QuantumEspresso code;
  return code;
}

}  // namespace hullscan
