/// @file
/// Tables of energies, of measured points and of descriptors.

#include <array>
#include <string>

#include "analysis/entries/entries_file.hpp"
#include "analysis/entries/measured_points.hpp"
#include "campaign/descriptor_table.hpp"
#include "campaign/import/ase_json.hpp"
#include "campaign/import/energy_table.hpp"
#include "campaign/import/result_source.hpp"
#include "campaign/import/settings_check.hpp"
#include "parser.hpp"

namespace hullscan::fuzz {
namespace {

void read_entries_csv(std::string_view bytes) { (void)parse_entries_csv(std::string(bytes), "entries.csv"); }
void read_structured_entries(std::string_view bytes) {
  (void)parse_structured_entries_json(std::string(bytes), "entries.json");
}
void read_energy_table(std::string_view bytes) { (void)parse_energy_table(std::string(bytes), "table.csv"); }
void read_ase_json(std::string_view bytes) { (void)parse_ase_json(std::string(bytes), "ase.json"); }
void read_stated_settings(std::string_view bytes) { (void)parse_stated_settings({std::string(bytes.substr(0, 4096))}); }
/// A file of a person, whatever it is: recognised and read.
void read_import(std::string_view bytes) {
  Reading reading;
  read_results(as_file("import", bytes), {true}, reading);
}
void read_entries_json(std::string_view bytes) { (void)parse_entries_json(std::string(bytes), "entries.json"); }
void read_points(std::string_view bytes) { (void)parse_measured_points(std::string(bytes), "lattice.csv"); }

void read_descriptors(std::string_view bytes) {
  const DescriptorTable table = read_descriptor_table(as_file("table.csv", bytes));
  if (!table.others.empty()) (void)table.numbers(table.others.begin()->first, "table.csv");
}

}  // namespace

std::span<const Parser> table_parsers() {
  static const std::array parsers = {
      Parser{"entries-csv", {".csv"}, read_entries_csv},
      Parser{"entries-json", {}, read_entries_json},
      Parser{"structured-entries", {}, read_structured_entries},
      Parser{"energy-table", {".csv"}, read_energy_table},
      Parser{"ase-json", {"ase.json"}, read_ase_json},
      Parser{"stated-settings", {}, read_stated_settings},
      Parser{"import", {"ase.db", "ase.json", ".extxyz"}, read_import},
      Parser{"measured-points", {".csv"}, read_points},
      Parser{"descriptor-table", {}, read_descriptors},
  };
  return parsers;
}

}  // namespace hullscan::fuzz
