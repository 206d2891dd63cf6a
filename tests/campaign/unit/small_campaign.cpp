#include "small_campaign.hpp"

#include <algorithm>
#include <optional>

#include "campaign/run.hpp"
#include "core/log.hpp"
#include "storage/campaign_backup.hpp"

namespace hullscan::test {
namespace {

constexpr const char* kFcc = R"(data_fcc
_cell_length_a 3.85
_cell_length_b 3.85
_cell_length_c 3.85
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'F m -3 m'
_symmetry_Int_Tables_number 225
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
M1 Al 0 0 0 1
)";

std::string campaign_text(int largest) {
  return "name = \"small\"\nseed = 1\n\n[[space]]\nname = \"fcc\"\nstructure = \"fcc.cif\"\nprimitive = true\n"
         "volume = [1, " +
         std::to_string(largest) +
         "]\n[[space.sublattice]]\nsites = \"M1\"\nspecies = { Al = \"0%..100%\", Ni = \"rest\" }\n";
}

constexpr const char* kCalculations = R"(
[[surrogate]]
kind = "cluster-expansion"
pairs = 4.2

[select]
policy = "hull-distance"
initial = 10
per_round = 2
rounds = 1

[dft]
code = "command"
command = "./calculator"
method = "mean field"
calculation = "scf"
)";

// The species follow in the POSCAR's sixth line, their numbers in the seventh.
constexpr const char* kCalculator = R"(#!/bin/sh
awk 'NR == 6 { for (i = 1; i <= NF; ++i) name[i] = $i }
     NR == 7 { for (i = 1; i <= NF; ++i) n[name[i]] += $i }
     END { al = n["Al"] + 0; ni = n["Ni"] + 0
           printf "{\"converged\": true, \"energy_ev\": %.12f}\n", -3*al - 4*ni - 0.4*al*ni/(al + ni) }' POSCAR > part
mv part result.json
)";

void write_fcc(const fs::path& directory) { write_file(directory / "fcc.cif", kFcc); }

struct Enumerated {
  TemporaryFolder folder;
  Enumerated() { run_campaign(write_enumeration(folder.path()), folder.path() / "c"); }
};

struct Calculated {
  TemporaryFolder folder;
  Calculated() { run_campaign(write_calculation(folder.path()), folder.path() / "c"); }
};

template <class Campaign>
fs::path once() {
  static const Campaign campaign;
  return campaign.folder.path() / "c";
}

}  // namespace

void run_campaign(const fs::path& file, const fs::path& directory, const std::optional<Part>& part) {
  MpiSession session;
  RunOptions options;
  options.directory = directory;
  options.part = part;
  const ExitCode code = run_master(resolve_campaign(file), options, session).code;
  session.finish(static_cast<int>(code));
  if (code != ExitCode::kDone) throw std::runtime_error(file.string() + ": the campaign has not come to its end");
}

fs::path write_enumeration(const fs::path& directory, int largest) {
  write_fcc(directory);
  write_file(directory / "campaign.toml", campaign_text(largest) + "\n[run]\nkeep = \"all\"\n");
  return directory / "campaign.toml";
}

fs::path write_calculation(const fs::path& directory) {
  write_fcc(directory);
  write_file(directory / "calculator", kCalculator);
  fs::permissions(directory / "calculator", fs::perms::owner_all);
  write_file(directory / "campaign.toml", campaign_text(3) + kCalculations);
  return directory / "campaign.toml";
}

void FinishedCopy::lose_database() const {
  for (const char* file : {"campaign.db", "campaign.db-wal", "campaign.db-shm"}) fs::remove(directory() / file);
}

void FinishedCopy::lose_database_and_backup() const {
  lose_database();
  fs::remove(directory() / kBackupFile);
}

EnumeratedCampaign::EnumeratedCampaign() : FinishedCopy(once<Enumerated>()) {}
CalculatedCampaign::CalculatedCampaign() : FinishedCopy(once<Calculated>()) {}
LogRead::LogRead() { log_to_file(folder_.path() / "log"); }

}  // namespace hullscan::test
