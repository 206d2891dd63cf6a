/// @file
/// What hullscan asks of a DFT code, and the codes it knows. An adapter touches one directory and starts nothing:
/// it writes inputs, judges outputs and says what to try next. Their list is in
/// dft_adapters/CMakeLists.txt. Adding a code: docs/adding/dft-code.md.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/campaign/settings.hpp"
#include "core/dft.hpp"
#include "core/errors.hpp"
#include "core/species.hpp"
#include "core/structure.hpp"
#include "dft_adapters/lasting_exchange.hpp"

namespace hullscan {

/// What is constant about a code.
struct DftCodeInfo {
  std::string name;                                ///< "quantum-espresso": stored, never changes
  std::vector<std::string> aliases;                ///< also understood on the command line
  std::string default_command;                     ///< program looked up in PATH; "" = none is to be found
  std::vector<std::string> debian_packages;        ///< where the program and its pseudopotentials come from
  std::vector<std::string> calculations;           ///< what `calculation` may say
  std::string stdout_file;                         ///< where an executor puts standard output, in the directory
  std::string exit_code_file = "exit_code";        ///< decimal; 128 + signal; absent = not known
  std::string stop_file;                           ///< creating it in the directory ends the code cleanly; "" = none
  std::string stop_text;                           ///< what that file must hold
  std::map<std::string, std::string> environment;  ///< set for the process unless the user has set it
  /// The main output and, where it is a file of its own, the final structure: names in the attempt's directory, one or
  /// two. They stay as they are when the others of a calculation that has ended are packed.
  std::vector<std::string> files_to_open;
  double stall_s = 0;       ///< a calculation none of whose files changes for so long hangs; 0 = silence says nothing
  bool writes_xml = false;  ///< its results can be read only where this program has an XML reader: why_no_xml()
};

/// One calculation of the several that a task may be made of.
struct DftStep {
  std::string name;      ///< "closing single point": for the record, the log and messages
  DftSettings settings;  ///< of its first attempt; `kStepKey` holds the name
};
/// The key of an attempt's settings that names the step it makes; absent in the first step of a task.
inline constexpr const char* kStepKey = "step";

class DftCode {
 public:
  virtual ~DftCode() = default;
  [[nodiscard]] virtual const DftCodeInfo& info() const = 0;

  /// Reads the [dft] table (keys in the code's own names), checks it and fills in every default.
  /// Reads pseudopotential files; writes nothing. Paths are taken relative to the campaign file.
  /// @param dft_table without `code`; @param campaign_species those a structure may hold, the vacancy allowed.
  /// Every problem is added with its position; if any was, the result is not usable.
  [[nodiscard]] virtual DftSettings resolve(const SettingsTable& dft_table, std::span<const Species> campaign_species,
                                            Problems& problems) const = 0;

  /// Writes every input file into the empty directory `dir`. Same arguments, same bytes. The lattice vectors may be
  /// replaced by shorter ones of the same lattice; atoms keep their order.
  /// @throws InputError if the structure cannot be asked for (no atoms, a species without pseudopotential),
  /// StorageError if a file cannot be written.
  virtual void write_inputs(const Structure& structure, const DftSettings& settings,
                            const std::filesystem::path& dir) const = 0;

  /// The program and its arguments, to be run inside the directory.
  [[nodiscard]] virtual std::vector<std::string> command(const DftSettings& settings) const = 0;

  /// Set: the program of `command()` is started once and kept, and asked like this instead of being run in the
  /// directory.
  [[nodiscard]] virtual std::optional<LastingExchange> lasting(const DftSettings& /*settings*/) const {
    return std::nullopt;
  }

  /// Judges a directory as our executor leaves it. Never throws for what the code wrote.
  [[nodiscard]] virtual DftOutcome read_outputs(const std::filesystem::path& dir) const = 0;

  /// Judges a calculation that hullscan did not start: an output file, with its siblings, or a directory.
  /// @throws InputError if the path does not exist or does not say which calculation is meant.
  [[nodiscard]] virtual DftOutcome read_path(const std::filesystem::path& file_or_directory) const = 0;

  /// The next thing to try, or nothing. Pure. `tried`: handlers used so far for this task, oldest first.
  /// Never changes a hull key.
  [[nodiscard]] virtual std::optional<Correction> correct(const DftFailure& failure, const DftSettings& settings,
                                                          std::span<const std::string> tried) const = 0;

  /// What must agree between entries of one hull; a key that an entry lacks does not disagree.
  [[nodiscard]] virtual std::map<std::string, std::string> hull_keys(const DftSettings& settings) const = 0;

  /// The settings without what cannot change an accepted result (command, folders, mixing, time limits): the part
  /// that belongs into a task's key, so that moving a campaign to another machine redoes nothing.
  [[nodiscard]] virtual DftSettings identity(const DftSettings& settings) const = 0;

  /// Whether the cell's shape and volume are relaxed, so that a better starting volume changes nothing but the cost.
  [[nodiscard]] virtual bool relaxes_cell(const DftSettings& settings) const = 0;

  /// What is computed next, in the final structure of the step that has just converged; nothing: it was the last, and
  /// its energy is the task's. Pure, so that it can be asked again. @param asked the task's settings; @param done those
  /// of the attempt that converged.
  [[nodiscard]] virtual std::optional<DftStep> next_step(const DftSettings& /*asked*/,
                                                         const DftSettings& /*done*/) const {
    return std::nullopt;
  }

  /// The settings that earlier versions of hullscan made of the same table, newest first, where a default was another:
  /// a campaign that was begun with them goes on with them. @param settings what resolve() made of the table.
  [[nodiscard]] virtual std::vector<DftSettings> earlier_defaults(const SettingsTable& /*dft_table*/,
                                                                  const DftSettings& /*settings*/) const {
    return {};
  }

  /// Whether an attempt with these settings gives the energy of its final cell in the plane waves of its first one.
  [[nodiscard]] virtual bool keeps_basis_of_first_cell(const DftSettings& /*settings*/) const { return false; }

  /// Settings with which an attempt that has this long ends itself cleanly before it is ended. Codes that cannot keep
  /// time return the settings as they are.
  [[nodiscard]] virtual DftSettings within_time(const DftSettings& settings, double /*seconds*/) const {
    return settings;
  }

  /// Brings what a failed attempt left into the new attempt's directory, after write_inputs and only if the settings
  /// ask for a restart. Nothing that judges the old attempt is taken away. @returns what was taken over, "" = nothing.
  virtual std::string carry_over(const DftSettings& /*settings*/, const std::filesystem::path& /*old_attempt*/,
                                 const std::filesystem::path& /*new_attempt*/) const {
    return "";
  }

  /// Proportional to the expected cost of one calculation; for sharing out time, not for promises.
  [[nodiscard]] virtual double relative_cost(const Structure& structure, const DftSettings& settings) const = 0;
};

/// "" where XML can be read; otherwise why not.
[[nodiscard]] std::string why_no_xml();

/// In the order of their list.
std::span<const DftCode* const> dft_codes();
/// @param name a code's name or alias. @returns nullptr if there is none.
const DftCode* find_dft_code(const std::string& name);
/// Names, in alphabetical order, without aliases.
std::vector<std::string> dft_code_names();

}  // namespace hullscan
