/// @file
/// Tables of energies, of measured points and of descriptors.

#include <array>
#include <string>

#include "analysis/entries/entries_file.hpp"
#include "analysis/entries/measured_points.hpp"
#include "campaign/descriptor_table.hpp"
#include "parser.hpp"

namespace hullscan::fuzz {
namespace {

void read_entries_csv(std::string_view bytes) { (void)parse_entries_csv(std::string(bytes), "entries.csv"); }
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
      Parser{"measured-points", {".csv"}, read_points},
      Parser{"descriptor-table", {}, read_descriptors},
  };
  return parsers;
}

}  // namespace hullscan::fuzz
