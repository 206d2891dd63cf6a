/// @file
/// The adapter of VASP (vasp_std and its kin). Energies are extrapolated to zero smearing; see docs/dft-codes.md.

#include <fmt/format.h>

#include <cmath>
#include <fstream>

#include "core/json.hpp"
#include "core/json_text.hpp"
#include "dft_adapters/detail/command_words.hpp"
#include "dft_adapters/detail/gzip_file.hpp"
#include "dft_adapters/detail/sha256.hpp"
#include "dft_adapters/detail/words.hpp"
#include "dft_adapters/dft_code.hpp"
#include "dft_adapters/reduced_cell.hpp"
#include "dft_adapters/vasp/corrections.hpp"
#include "dft_adapters/vasp/judge.hpp"
#include "dft_adapters/vasp/poscar.hpp"
#include "dft_adapters/vasp/settings.hpp"
#include "dft_adapters/vasp/steps.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

void write_file(const fs::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw StorageError(fmt::format("{}: cannot be written", file.string()));
}

std::string symbol_of(Species species) { return std::string(species.symbol()); }

/// The user's files one behind the other, as VASP wants them; each must still be the one that was checked.
std::string potcar_text(const std::vector<Species>& blocks, const DftSettings& settings) {
  std::string text;
  for (const Species species : blocks) {
    const std::string file = vasp::text_value(settings, "potcar_file." + symbol_of(species));
    if (file.empty()) throw InputError(fmt::format("no POTCAR is set for {}", species.symbol()));
    const auto one = detail::unpacked_text(file);
    if (!one) throw StorageError(fmt::format("{}: cannot be read", file));
    const std::string expected = vasp::text_value(settings, "potcar_sha256." + symbol_of(species));
    if (detail::sha256_hex(*one) != expected)
      throw StorageError(fmt::format("{}: is not the file that was checked (SHA-256 {})", file, expected));
    text += *one;
    if (!text.empty() && text.back() != '\n') text += '\n';
  }
  return text;
}

std::string request_text(const Structure& structure, const std::vector<Species>& blocks, const DftSettings& settings) {
  Json request = {{"format", "hullscan-vasp-request"}, {"version", 1}, {"order", vasp::file_order(structure)}};
  request["hull_keys"] = vasp::hull_keys_of(settings);
  request["titel"] = Json::array();
  request["potcar_sha256"] = Json::array();
  for (const Species species : blocks) {
    request["titel"].push_back(vasp::text_value(settings, "potcar_titel." + symbol_of(species)));
    request["potcar_sha256"].push_back(vasp::text_value(settings, "potcar_sha256." + symbol_of(species)));
  }
  request["min_distance_angstrom"] = detail::to_number(vasp::text_value(settings, "min_distance_angstrom")).value_or(0);
  return json_text(request, 1) + "\n";
}

class Vasp final : public DftCode {
 public:
  Vasp()
      : info_{.name = vasp::kCodeName,
              .aliases = {},
              .default_command = "vasp_std",
              .debian_packages = {},
              .calculations = {"scf", "relax", "vc-relax"},
              .stdout_file = vasp::kOutputFile,
              .stop_file = "STOPCAR",
              .stop_text = "LABORT = .TRUE.\n",
              .environment = {{"OMP_NUM_THREADS", "1"}},
              .files_to_open = {"OUTCAR", "CONTCAR"},
              .stall_s = 6 * 3600,
              .writes_xml = true} {}

  const DftCodeInfo& info() const override { return info_; }

  DftSettings resolve(const SettingsTable& dft_table, std::span<const Species> campaign_species,
                      Problems& problems) const override {
    return vasp::resolve_settings(dft_table, campaign_species, problems);
  }

  void write_inputs(const Structure& structure, const DftSettings& settings, const fs::path& dir) const override {
    if (structure.atom_count() == 0) throw InputError("a structure without atoms cannot be given to VASP");
    const Structure reduced = with_reduced_cell(structure);
    const auto blocks = vasp::file_species(reduced);
    const std::string title = reduced.composition().formula();
    const std::string potcar = potcar_text(blocks, settings);
    write_file(dir / "POSCAR", vasp::poscar_text(reduced, title));
    write_file(dir / "INCAR", vasp::incar_text(vasp::incar_for(reduced, settings), title));
    if (const auto grid = vasp::written_grid(reduced, settings)) write_file(dir / "KPOINTS", vasp::kpoints_text(*grid));
    write_file(dir / "POTCAR", potcar);
    std::error_code ignored;  // licensed: not for everybody's eyes, where the file system knows of that
    fs::permissions(dir / "POTCAR", fs::perms::owner_read | fs::perms::owner_write, ignored);
    write_file(dir / vasp::kRequestFile, request_text(reduced, blocks, settings));
  }

  std::vector<std::string> command(const DftSettings& settings) const override {
    std::vector<std::string> arguments = detail::command_words(vasp::text_value(settings, "command"));
    if (arguments.empty()) arguments.push_back(info_.default_command);
    return arguments;
  }

  DftOutcome read_outputs(const fs::path& dir) const override { return vasp::judge_for_campaign(dir); }
  DftOutcome read_path(const fs::path& file_or_directory) const override { return vasp::judge(file_or_directory); }

  std::optional<Correction> correct(const DftFailure& failure, const DftSettings& settings,
                                    std::span<const std::string> tried) const override {
    return vasp::next_correction(failure, settings, tried);
  }

  std::map<std::string, std::string> hull_keys(const DftSettings& settings) const override {
    return vasp::hull_keys_of(vasp::last_step(settings));
  }

  std::optional<DftStep> next_step(const DftSettings& asked, const DftSettings& done) const override {
    return vasp::next_step(asked, done);
  }

  bool keeps_basis_of_first_cell(const DftSettings& settings) const override {
    return relaxes_cell(settings) && vasp::relaxation_of(settings) == 1;
  }

  std::vector<DftSettings> earlier_defaults(const SettingsTable& dft_table,
                                            const DftSettings& settings) const override {
    return vasp::earlier_defaults(dft_table, settings);
  }

  DftSettings identity(const DftSettings& settings) const override { return vasp::identity_of(settings); }

  bool relaxes_cell(const DftSettings& settings) const override {
    return vasp::calculation_of(vasp::incar_of(settings)) == "vc-relax";
  }

  /// As for any plane-wave code: bands by electrons, plane waves by volume, a k-point at a time, twice with spin.
  double relative_cost(const Structure& structure, const DftSettings& settings) const override {
    double electrons = 0;
    for (const Species species : structure.species) {
      electrons += detail::to_number(vasp::text_value(settings, "valence_electrons." + symbol_of(species))).value_or(1);
    }
    const auto grid = vasp::grid_for(with_reduced_cell(structure), settings);
    const auto incar = vasp::incar_of(settings);
    const bool polarised = incar.contains("ISPIN") && incar.at("ISPIN") == "2";
    return std::pow(electrons, 1.5) * structure.lattice.volume_cubic_angstrom() * grid.n[0] * grid.n[1] * grid.n[2] *
           (polarised ? 2 : 1) * (vasp::calculation_of(incar) == "scf" ? 1 : 8);
  }

 private:
  DftCodeInfo info_;
};

}  // namespace

const DftCode& vasp_code() {
  static const Vasp code;
  return code;
}

}  // namespace hullscan
