#include "campaign/orbit_writer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/errors.hpp"
#include "core/structure_files/extxyz.hpp"
#include "core/structure_files/poscar.hpp"
#include "enumerator/files/cif_writer.hpp"
#include "storage/orbit_table.hpp"
#include "storage/staged_file.hpp"
#include "storage/zip_writer.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

/// Text that grows in a staged file.
class TextFile {
 public:
  explicit TextFile(const fs::path& file) : staged_(file), stream_(staged_.temporary(), std::ios::binary) {
    require_good();
  }
  void write(std::string_view text) {
    stream_.write(text.data(), static_cast<std::streamsize>(text.size()));
    require_good();
  }
  void finish() {
    stream_.close();
    require_good();
    staged_.publish();
  }

 private:
  void require_good() const {
    if (!stream_)
      throw StorageError(fmt::format("{}: cannot be written: {}", staged_.temporary().string(), std::strerror(errno)));
  }
  StagedFile staged_;
  std::ofstream stream_;
};

void append_occupation(std::string& text, std::span<const std::uint8_t> occupation) {
  for (const std::uint8_t occupant : occupation)
    text += static_cast<char>(occupant < 10 ? '0' + occupant : 'a' + occupant - 10);
}

std::string matrix_field(const SupercellMatrix& m) {
  std::string text;
  for (int i = 0; i < 3; ++i) text += fmt::format("{}{} {} {}", i == 0 ? "" : "; ", m(i, 0), m(i, 1), m(i, 2));
  return text;
}

class CsvWriter : public OrbitWriter {
 public:
  CsvWriter(const fs::path& file, const std::vector<SearchSpace>& spaces) : file_(file) {
    for (const SearchSpace& space : spaces) {
      for (const Sublattice& sublattice : space.parent()->sublattices) {
        for (const Species species : sublattice.allowed) {
          const std::string name = sublattice.name + "." + std::string(species.symbol());
          if (std::find(columns_.begin(), columns_.end(), name) == columns_.end()) columns_.push_back(name);
        }
      }
    }
    marked_ = std::any_of(spaces.begin(), spaces.end(),
                          [](const SearchSpace& space) { return !space.spec().markers.empty(); });
    file_.write(fmt::format("space,supercell,{}{},degeneracy,space_group,occupation\n", marked_ ? "marker," : "",
                            fmt::join(columns_, ",")));
  }

  void add(const OrbitRow& row) override {
    if (row.counts != counts_ || row.space != space_ || row.supercell != supercell_ || row.marker != marker_)
      new_stratum(row);
    buffer_ += prefix_;
    fmt::format_to(std::back_inserter(buffer_), "{},", row.degeneracy);
    if (row.space_group) fmt::format_to(std::back_inserter(buffer_), "{}", *row.space_group);
    buffer_ += ',';
    append_occupation(buffer_, row.occupation);
    buffer_ += '\n';
    if (buffer_.size() > (1U << 20U)) flush();
  }
  void finish() override {
    flush();
    file_.finish();
  }

 private:
  void flush() {
    file_.write(buffer_);
    buffer_.clear();
  }
  void new_stratum(const OrbitRow& row) {
    counts_ = row.counts;
    space_ = row.space;
    supercell_ = row.supercell;
    marker_ = row.marker;
    const ParentCrystal& parent = *row.space->parent();
    std::vector<std::string> cells(columns_.size());
    for (std::size_t s = 0; s < parent.sublattices.size(); ++s) {
      for (std::size_t a = 0; a < parent.sublattices[s].allowed.size(); ++a) {
        const std::string name =
            parent.sublattices[s].name + "." + std::string(parent.sublattices[s].allowed[a].symbol());
        const auto at = std::find(columns_.begin(), columns_.end(), name) - columns_.begin();
        cells[static_cast<std::size_t>(at)] = std::to_string(row.counts->of_sublattice[s][a]);
      }
    }
    const std::string marker = marked_ ? (marker_ ? std::to_string(*marker_) : "") + "," : "";
    prefix_ =
        fmt::format("{},{},{}{},", row.space->name(), matrix_field(row.space->supercells()[row.supercell]->matrix()),
                    marker, fmt::join(cells, ","));
  }

  TextFile file_;
  std::vector<std::string> columns_;
  std::string buffer_, prefix_;
  bool marked_ = false;  ///< a space marks something: there is a column for it
  const CompositionCounts* counts_ = nullptr;
  std::optional<std::size_t> marker_;
  const SearchSpace* space_ = nullptr;
  std::size_t supercell_ = 0;
};

class ExtxyzWriter : public OrbitWriter {
 public:
  explicit ExtxyzWriter(const fs::path& file) : file_(file) {}
  void add(const OrbitRow& row) override {
    std::map<std::string, std::string> properties{
        {"space", row.space->name()},
        {"supercell", matrix_field(row.space->supercells()[row.supercell]->matrix())},
        {"degeneracy", std::to_string(row.degeneracy)},
        {"occupation", occupation_text(row.occupation)}};
    if (row.space_group) properties["space_group"] = std::to_string(*row.space_group);
    if (row.marker) properties["marker"] = std::to_string(*row.marker);
    file_.write(to_extxyz(row.space->supercells()[row.supercell]->structure(row.occupation), properties));
  }
  void finish() override { file_.finish(); }

 private:
  TextFile file_;
};

class TableWriter : public OrbitWriter {
 public:
  TableWriter(const fs::path& file, const std::string& campaign) : table_(file, campaign) {}
  void add(const OrbitRow& row) override {
    if (row.space != space_ || row.supercell != supercell_) new_supercell(row);
    std::optional<std::uint32_t> marker;
    if (row.marker) marker = static_cast<std::uint32_t>(*row.marker);
    table_.add(static_cast<std::uint32_t>(row.composition), marker, row.degeneracy, row.space_group, row.occupation);
  }
  void finish() override { table_.finish(); }

 private:
  void new_supercell(const OrbitRow& row) {
    space_ = row.space;
    supercell_ = row.supercell;
    OrbitTableHeader header;
    header.space = row.space->name();
    for (const Sublattice& sublattice : row.space->parent()->sublattices) {
      for (const Species species : sublattice.allowed)
        header.count_names.push_back(sublattice.name + "." + std::string(species.symbol()));
    }
    for (const CompositionCounts& counts : row.space->compositions(row.supercell)) {
      auto& cells = header.counts.emplace_back();
      for (const auto& of_species : counts.of_sublattice)
        cells.insert(cells.end(), of_species.begin(), of_species.end());
    }
    for (const MarkerOrbit& orbit : row.space->markers(row.supercell)) {
      header.markers.push_back({{orbit.sites.begin(), orbit.sites.end()}, orbit.size, orbit.distance_angstrom});
    }
    table_.begin_supercell(header, *row.space->supercells()[row.supercell]);
  }

  OrbitTableWriter table_;
  const SearchSpace* space_ = nullptr;
  std::size_t supercell_ = 0;
};

/// One file a configuration, named as the program `supercell` names them.
class ArchiveWriter : public OrbitWriter {
 public:
  explicit ArchiveWriter(const OrbitOutput& output)
      : zip_(output.file),
        poscar_(output.format == "poscar"),
        width_(std::to_string(static_cast<std::uint64_t>(std::min(output.expected, 1e18))).size()) {}
  void add(const OrbitRow& row) override {
    std::string name;
    for (const char c : row.space->name()) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
      name += plain ? c : '_';
    }
    if (row.marker) name += fmt::format("_m{}", *row.marker);
    name += fmt::format("_{}_i{:0{}}_w{}", row.space->formula(row.supercell, *row.counts), row.index, width_,
                        row.degeneracy);
    const Structure structure = row.space->supercells()[row.supercell]->structure(row.occupation);
    zip_.add(name + (poscar_ ? ".vasp" : ".cif"),
             poscar_ ? to_poscar(structure, name, row.space->parent()->formula_order()) : to_cif(structure, name));
  }
  void finish() override { zip_.finish(); }

 private:
  ZipWriter zip_;
  bool poscar_;
  std::size_t width_;
};

}  // namespace

std::unique_ptr<OrbitWriter> open_orbit_writer(const OrbitOutput& output, const std::vector<SearchSpace>& spaces) {
  const fs::path ending = output.file.extension();
  if (ending == ".csv") return std::make_unique<CsvWriter>(output.file, spaces);
  if (ending == ".extxyz" || ending == ".xyz") return std::make_unique<ExtxyzWriter>(output.file);
  if (ending == ".h5") return std::make_unique<TableWriter>(output.file, output.campaign);
  if (ending == ".zip") return std::make_unique<ArchiveWriter>(output);
  throw InputError(
      fmt::format("--out {}: expected a name that ends in .csv, .h5, .extxyz or .zip", output.file.string()));
}

std::string occupation_text(std::span<const std::uint8_t> occupation) {
  std::string text;
  append_occupation(text, occupation);
  return text;
}

}  // namespace hullscan
