#include "campaign/import/energy_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>

#include "analysis/entries/csv_lines.hpp"
#include "core/errors.hpp"
#include "core/foreign_text.hpp"

namespace hullscan {
namespace {

/// "Energy (eV/atom)" -> "energy", unit "ev/atom".
struct Head {
  std::string name, unit;
};

Head head_of(const std::string& text) {
  Head head;
  bool in_unit = false;
  for (const char raw : text) {
    const auto c = static_cast<char>(std::tolower(static_cast<unsigned char>(raw)));
    if (c == '(' || c == '[') {
      in_unit = true;
    } else if (c == ')' || c == ']') {
      in_unit = false;
    } else if (in_unit) {
      head.unit += c;
    } else {
      head.name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    }
  }
  while (head.name.ends_with('_')) head.name.pop_back();
  while (head.name.starts_with('_')) head.name.erase(0, 1);
  // "energy_ev", "energy_mev_per_atom"
  const auto drop = [&](const char* ending, const char* unit) {
    if (!head.name.ends_with(ending)) return;
    head.name.resize(head.name.size() - std::string_view(ending).size());
    head.unit = unit;
  };
  for (const char* per : {"_per_atom", "_atom", "_peratom", "_pa"}) {
    if (!head.name.ends_with(per)) continue;
    head.name.resize(head.name.size() - std::string_view(per).size());
    drop("_mev", "mev");
    drop("_ev", "ev");
    head.unit = (head.unit.empty() ? "ev" : head.unit) + "/atom";
    return head;
  }
  drop("_mev", "mev");
  drop("_ev", "ev");
  return head;
}

bool is_one_of(const std::string& name, std::initializer_list<const char*> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

struct EnergyColumns {
  std::optional<std::size_t> structure, energy, id;
  double factor = 1;
  bool per_atom = false;
};

class EnergyTableReader {
 public:
  EnergyTableReader(const std::string& bytes, const std::string& file)
      : table_(read_csv(bytes)), numbers_(table_.separator), file_(file) {}

  std::vector<EnergyRow> read() {
    if (table_.lines.empty()) throw InputError(file_ + ": is empty");
    const EnergyColumns columns = columns_of(table_.lines.front());
    problems_.throw_if_any();
    std::vector<EnergyRow> rows;
    for (std::size_t i = 1; i < table_.lines.size(); ++i) row(table_.lines[i], columns, rows);
    problems_.throw_if_any();
    if (rows.empty()) throw InputError(file_ + ": has a header and no line below it");
    return rows;
  }

 private:
  void problem(const CsvLine& line, int column, const std::string& what) {
    problems_.add({file_, line.number, column}, what);
  }

  EnergyColumns columns_of(const CsvLine& head) {
    EnergyColumns columns;
    std::vector<std::string> seen;
    bool formation = false;
    for (std::size_t i = 0; i < head.fields.size(); ++i) {
      const Head one = head_of(head.fields[i].text);
      seen.push_back(readable_line(head.fields[i].text, 40));
      if (is_one_of(one.name, {"structure", "file", "path", "filename", "file_name", "structure_file", "cif", "poscar",
                               "contcar", "xyz"}))
        take(columns.structure, i, head);
      if (is_one_of(one.name, {"id", "name", "label", "material_id", "entry_id"}) && !columns.id) columns.id = i;
      formation = formation || one.name.find("form") == 0 || one.name == "e_form";
      if (is_one_of(one.name, {"energy", "total_energy", "e", "e_total", "etot", "e_tot", "dft_energy", "e0",
                               "final_energy", "energy_total", "energy_dft"})) {
        take_energy(one.unit, columns, head, i);
      }
    }
    const std::string found = fmt::format("found: {}", fmt::join(seen, ", "));
    if (!columns.structure && !columns.id)
      problem(head, 1,
              "expected a column of structure files, called structure, file, path or cif, or one of ids; " + found);
    if (!columns.energy)
      problem(head, 1,
              std::string("expected a column called energy (eV of the file's cell) or energy_per_atom; ") + found +
                  (formation ? "; formation energies cannot be compared with total energies" : ""));
    return columns;
  }

  void take(std::optional<std::size_t>& column, std::size_t i, const CsvLine& head) {
    if (column)
      problem(head, head.fields[i].column,
              fmt::format("\"{}\" and \"{}\" both say the same: leave one out", head.fields[*column].text,
                          head.fields[i].text));
    column = i;
  }

  /// "energy" and "energy_per_atom" say the same: the total one counts.
  void take_energy(const std::string& unit, EnergyColumns& columns, const CsvLine& head, std::size_t i) {
    EnergyColumns of_this;
    read_unit(unit, of_this, head, i);
    if (columns.energy && columns.per_atom != of_this.per_atom) {
      if (of_this.per_atom) return;
      columns.energy.reset();
    }
    take(columns.energy, i, head);
    columns.factor = of_this.factor;
    columns.per_atom = of_this.per_atom;
  }

  void read_unit(std::string unit, EnergyColumns& columns, const CsvLine& head, std::size_t i) {
    std::erase(unit, ' ');
    for (const char* per : {"/atom", "/at.", "/at", "peratom", "atom^-1", "atom-1"}) {
      if (!unit.ends_with(per)) continue;
      columns.per_atom = true;
      unit.resize(unit.size() - std::string_view(per).size());
      break;
    }
    if (unit.ends_with("/cell")) unit.resize(unit.size() - 5);
    if (unit == "mev") {
      columns.factor = 1e-3;
    } else if (!unit.empty() && unit != "ev") {
      problem(head, head.fields[i].column,
              fmt::format("the unit of \"{}\" is none of eV, meV, eV/atom, meV/atom", head.fields[i].text));
    }
  }

  void row(const CsvLine& line, const EnergyColumns& columns, std::vector<EnergyRow>& rows) {
    if (line.fields.empty()) return problem(line, 1, "a quote is not closed");
    if (line.fields.size() <= std::max(columns.structure ? *columns.structure : *columns.id, *columns.energy)) {
      return problem(
          line, 1, fmt::format("expected {} fields, found {}", table_.lines.front().fields.size(), line.fields.size()));
    }
    const CsvField &structure = line.fields[columns.structure ? *columns.structure : *columns.id],
                   &energy = line.fields[*columns.energy];
    std::string why;
    const auto value = numbers_.read(energy.text, why);
    if (!value || !std::isfinite(*value)) {
      return problem(line, energy.column,
                     fmt::format("energy: expected a number, found \"{}\"{}", readable_line(energy.text, 40), why));
    }
    if (structure.text.empty())
      return problem(line, structure.column,
                     columns.structure ? "structure: expected the name of a file" : "id: expected a name");
    EnergyRow made{line.number, "", columns.structure ? structure.text : "", *value * columns.factor, columns.per_atom};
    for (const CsvField& field : line.fields) made.fields.push_back(field.text);
    if (columns.id && *columns.id < line.fields.size()) made.id = line.fields[*columns.id].text;
    rows.push_back(std::move(made));
  }

  CsvTable table_;
  CsvNumbers numbers_;
  std::string file_;
  Problems problems_;
};

}  // namespace

std::vector<EnergyRow> parse_energy_table(const std::string& bytes, const std::string& file_name) {
  return EnergyTableReader(bytes, file_name).read();
}

}  // namespace hullscan
