#include "campaign/import/structures_of_ids.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/entries/csv_lines.hpp"
#include "campaign/import/result_source.hpp"
#include "core/errors.hpp"
#include "dft_adapters/packed_file.hpp"
#include "enumerator/files/cif_reader.hpp"
#include "enumerator/files/crystal_reader.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStructureEndings[] = {".cif", ".vasp", ".poscar", ".extxyz", ".xyz", ".CIF"};

bool is_csv(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.ends_with(".csv") || name.ends_with(".csv.gz");
}

}  // namespace

StructuresOfIds::StructuresOfIds(const fs::path& table, const std::vector<EnergyRow>& rows) : rows_(rows) {
  const fs::path folder = table.parent_path().empty() ? fs::path(".") : table.parent_path();
  if (find_files(folder)) return;
  const std::vector<fs::path> content = sorted_content(folder);
  for (const fs::path& one : content) {
    if (fs::is_directory(one) && find_files(one)) return;
  }
  for (const fs::path& one : content) {
    if (is_csv(one) && one.filename() != table.filename() && find_table(one)) return;
  }
  throw InputError(fmt::format(
      "{}: it has no column of structure files (called structure, file, path or cif), and none of its rows has a file "
      "called by its id ({}.cif, for example) in {} or a folder inside it, nor is there a table with a column "
      "\"structures\" of CIF texts for these rows",
      table.string(), rows.front().id, folder.string()));
}

bool StructuresOfIds::find_files(const fs::path& folder) {
  for (const EnergyRow& row : rows_) {
    if (row.id.find('/') != std::string::npos || row.id.find('\0') != std::string::npos) continue;
    for (const char* ending : kStructureEndings) {
      std::error_code error;
      if (const fs::path file = folder / (row.id + ending); fs::is_regular_file(file, error)) {
        files_.emplace(row.id, file);
        break;
      }
    }
  }
  return !files_.empty();
}

bool StructuresOfIds::find_table(const fs::path& beside) {
  const std::vector<CsvLine> lines = csv_records(unpacked_user_file(beside));
  if (lines.empty()) return false;
  const auto& head = lines.front().fields;
  const auto column = std::find_if(head.begin(), head.end(), [](const CsvField& field) {
    return field.text == "structures" || field.text == "structure" || field.text == "cif";
  });
  if (column == head.end() || head.size() < 2) return false;
  const auto at = static_cast<std::size_t>(column - head.begin());
  const std::size_t id_at = at == 0 ? 1 : 0;
  std::vector<std::string> ids;
  std::vector<Text> texts;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].fields.size() != head.size()) return false;
    ids.push_back(lines[i].fields[id_at].text);
    texts.push_back({lines[i].number, lines[i].fields[at].text});
  }
  std::map<std::string, std::size_t> of_id;
  for (std::size_t i = 0; i < ids.size(); ++i) of_id.emplace(ids[i], i);
  const bool by_id = of_id.size() == ids.size() && std::all_of(rows_.begin(), rows_.end(), [&](const EnergyRow& row) {
                       return of_id.contains(row.id);
                     });
  // Rows of equal kinds share an id in some published tables; then both tables have the same column of them.
  const auto row_by_row = [&] {
    if (ids.size() != rows_.size()) return false;
    for (std::size_t f = 0; f < rows_.front().fields.size(); ++f) {
      bool same = true;
      for (std::size_t i = 0; same && i < ids.size(); ++i)
        same = f < rows_[i].fields.size() && rows_[i].fields[f] == ids[i];
      if (same) return true;
    }
    return false;
  };
  if (!by_id && !row_by_row()) return false;
  texts_of_ = beside;
  for (std::size_t i = 0; i < rows_.size(); ++i) texts_.push_back(std::move(texts[by_id ? of_id.at(rows_[i].id) : i]));
  return true;
}

Crystal StructuresOfIds::of(std::size_t row) const {
  if (texts_.empty()) {
    const auto file = files_.find(rows_[row].id);
    if (file == files_.end())
      throw FormatError(fmt::format("there is no structure file called {}, as there is for others", rows_[row].id));
    return read_crystal(file->second);
  }
  const std::string name = fmt::format("{}:{}", texts_of_.string(), texts_[row].line);
  ReadingWarnings warnings;
  Crystal crystal = crystal_from_cif(texts_[row].cif, name, "", warnings);
  log_once(warnings, name);
  return crystal;
}

}  // namespace hullscan
