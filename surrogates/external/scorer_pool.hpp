/// @file
/// The scorers of this process: as many as the campaign file allows, shared by all threads and all spaces. What one has
/// been told (crystals, supercells, models) is told again when it had to be started again.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/supercell.hpp"
#include "surrogates/external/scorer_process.hpp"
#include "surrogates/surrogate.hpp"

namespace hullscan {

struct ScorerSettings {
  std::vector<std::string> command;
  int processes = 1;  ///< of this host
  double answer_within_s = 600;
  friend bool operator==(const ScorerSettings&, const ScorerSettings&) = default;
};

/// What one space's scorers are to compute with.
class ScorerModel {
 public:
  explicit ScorerModel(std::shared_ptr<const ParentCrystal> crystal) : parent(std::move(crystal)) {}
  void set_fitted(std::vector<std::byte> bytes);
  [[nodiscard]] const std::vector<std::byte>& fitted() const { return fitted_; }
  [[nodiscard]] std::uint64_t hash() const { return hash_; }  ///< 0: as the scorer comes

  std::shared_ptr<const ParentCrystal> parent;

 private:
  std::vector<std::byte> fitted_;  ///< as `fit` answered
  std::uint64_t hash_ = 0;         ///< of these: they may be large, and every block of occupations asks for it
};

/// From now on this process may start the command. Programs are started only if the person who runs hullscan named them
/// in a campaign file of theirs, never because something stored does.
void permit_scorer(const std::vector<std::string>& command);

class ScorerPool {
 public:
  /// The same pool for the same settings, as long as somebody holds it.
  static std::shared_ptr<ScorerPool> of(const ScorerSettings& settings);
  explicit ScorerPool(ScorerSettings settings);
  ~ScorerPool();
  ScorerPool(const ScorerPool&) = delete;
  ScorerPool& operator=(const ScorerPool&) = delete;

  // Each of these takes a free scorer, waits for one if there is none, and starts it up to three times again where it
  // fails. @throws ScorerError then, with the scorer's words; InputError for a command that is not permitted.
  ScorerHello hello();
  /// @param occupations [count * varied sites]. @param deviations also ask for these.
  /// @returns [count] energies in eV per atom, then [count] deviations if asked for.
  std::vector<double> score(const ScorerModel& model, const Supercell& supercell,
                            std::span<const std::uint8_t> occupations, std::size_t count, bool deviations = false);
  struct Fitted {
    std::vector<std::byte> model;
    Json report;
  };
  /// A label and the crystal whose configuration it is.
  using LabelOfCrystal = std::pair<const LabelledConfiguration*, std::shared_ptr<const ParentCrystal>>;
  /// @param parents all that are to be scored with the model, also those without a label; the first is always named.
  Fitted fit(std::span<const std::shared_ptr<const ParentCrystal>> parents, std::span<const LabelOfCrystal> labels);

 private:
  struct Slot;
  class Borrowed;
  template <class Ask>
  auto ask(const Ask& ask);

  ScorerSettings settings_;
  struct Slots;
  std::unique_ptr<Slots> slots_;
};

}  // namespace hullscan
