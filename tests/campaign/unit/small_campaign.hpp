/// @file
/// Campaigns of a few dozen configurations, run in this process: binary fcc crystals of up to four atoms, and of up to
/// three atoms with energies that have a formula.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../../stored_shards.hpp"
#include "campaign/campaign_directory.hpp"
#include "campaign/units.hpp"
#include "core/errors.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan::test {

/// What a run of that campaign file does, in DIR. @throws std::runtime_error unless it comes to its end.
void run_campaign(const fs::path& file, const fs::path& directory, const std::optional<Part>& part = {});

/// DIR/campaign.toml that only enumerates the colourings of fcc supercells of 1 to `largest` atoms, all in shards.
/// @returns the file.
fs::path write_enumeration(const fs::path& directory, int largest = 4);

/// DIR/campaign.toml of CalculatedCampaign with its calculator. @returns the file.
fs::path write_calculation(const fs::path& directory);

/// A copy, in a folder of its own, of a finished campaign that was run once in this process.
class FinishedCopy {
 public:
  [[nodiscard]] fs::path directory() const { return folder_.path() / "c"; }
  [[nodiscard]] const fs::path& folder() const { return folder_.path(); }
  [[nodiscard]] CampaignStore store() const { return CampaignStore::open_read_only(directory()); }
  [[nodiscard]] std::vector<StoredShard> shards() const { return stored_shards(directory()); }
  void lose_database() const;
  void lose_database_and_backup() const;

 protected:
  explicit FinishedCopy(const fs::path& original) { fs::copy(original, directory(), fs::copy_options::recursive); }

 private:
  TemporaryFolder folder_;
};

/// Of write_enumeration.
class EnumeratedCampaign : public FinishedCopy {
 public:
  EnumeratedCampaign();
};

/// All ten configurations of up to three atoms, calculated. Their energies are those of a mean field,
/// E = -3 n(Al) - 4 n(Ni) - 0.4 n(Al) n(Ni) / n eV, so the formation energy is -0.4 x (1 - x) eV per atom: convex.
class CalculatedCampaign : public FinishedCopy {
 public:
  CalculatedCampaign();
};

/// What a log receives from now on, until this goes.
class LogRead {
 public:
  LogRead();
  [[nodiscard]] std::string text() const { return read_file(folder_.path() / "log"); }

 private:
  TemporaryFolder folder_;
};

/// The message of the error that `work` throws; "" if it throws none of this type.
template <class E, class Work>
std::string refusal(const Work& work) {
  try {
    work();
  } catch (const E& error) {
    return error.what();
  }
  return "";
}

}  // namespace hullscan::test
