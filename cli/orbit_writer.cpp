#include "cli/orbit_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/errors.hpp"
#include "enumerator/structure_writer.hpp"
#include "storage/durable_file.hpp"

namespace hullscan::cli {
namespace {

namespace fs = std::filesystem;

/// A file that appears under its name only when it is complete.
class StagedFile {
 public:
  explicit StagedFile(fs::path file) : file_(std::move(file)), temporary_(file_.string() + ".part"), stream_(temporary_, std::ios::binary) {
    if (!stream_) throw StorageError(fmt::format("{}: cannot be written: {}", temporary_.string(), std::strerror(errno)));
  }
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;
  ~StagedFile() {
    if (finished_) return;
    std::error_code ignored;
    fs::remove(temporary_, ignored);
  }

  void write(std::string_view text) {
    stream_.write(text.data(), static_cast<std::streamsize>(text.size()));
    if (!stream_) throw StorageError(fmt::format("{}: cannot be written: {}", temporary_.string(), std::strerror(errno)));
  }
  void finish() {
    stream_.close();
    if (!stream_) throw StorageError(fmt::format("{}: cannot be written: {}", temporary_.string(), std::strerror(errno)));
    sync_file(temporary_);
    fs::rename(temporary_, file_);
    sync_directory(fs::absolute(file_).parent_path());
    finished_ = true;
  }

 private:
  fs::path file_, temporary_;
  std::ofstream stream_;
  bool finished_ = false;
};

void append_occupation(std::string& text, std::span<const std::uint8_t> occupation) {
  for (const std::uint8_t occupant : occupation) text += static_cast<char>(occupant < 10 ? '0' + occupant : 'a' + occupant - 10);
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
    file_.write(fmt::format("space,supercell,{},degeneracy,space_group,occupation\n", fmt::join(columns_, ",")));
  }

  void add(const OrbitRow& row) override {
    if (row.counts != counts_ || row.space != space_ || row.supercell != supercell_) new_stratum(row);
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
    const ParentCrystal& parent = *row.space->parent();
    std::vector<std::string> cells(columns_.size());
    for (std::size_t s = 0; s < parent.sublattices.size(); ++s) {
      for (std::size_t a = 0; a < parent.sublattices[s].allowed.size(); ++a) {
        const std::string name = parent.sublattices[s].name + "." + std::string(parent.sublattices[s].allowed[a].symbol());
        const auto at = std::find(columns_.begin(), columns_.end(), name) - columns_.begin();
        cells[static_cast<std::size_t>(at)] = std::to_string(row.counts->of_sublattice[s][a]);
      }
    }
    prefix_ = fmt::format("{},{},{},", row.space->name(), matrix_field(row.space->supercells()[row.supercell]->matrix()), fmt::join(cells, ","));
  }

  StagedFile file_;
  std::vector<std::string> columns_;
  std::string buffer_, prefix_;
  const CompositionCounts* counts_ = nullptr;
  const SearchSpace* space_ = nullptr;
  std::size_t supercell_ = 0;
};

class ExtxyzWriter : public OrbitWriter {
 public:
  explicit ExtxyzWriter(const fs::path& file) : file_(file) {}
  void add(const OrbitRow& row) override {
    std::map<std::string, std::string> properties{{"space", row.space->name()},
                                                  {"supercell", matrix_field(row.space->supercells()[row.supercell]->matrix())},
                                                  {"degeneracy", std::to_string(row.degeneracy)},
                                                  {"occupation", occupation_text(row.occupation)}};
    if (row.space_group) properties["space_group"] = std::to_string(*row.space_group);
    file_.write(to_extxyz(row.space->supercells()[row.supercell]->structure(row.occupation), properties));
  }
  void finish() override { file_.finish(); }

 private:
  StagedFile file_;
};

}  // namespace

std::unique_ptr<OrbitWriter> open_orbit_writer(const fs::path& file, const std::vector<SearchSpace>& spaces) {
  if (fs::exists(file)) throw InputError(fmt::format("{}: exists already; choose another name with --out", file.string()));
  if (file.extension() == ".csv") return std::make_unique<CsvWriter>(file, spaces);
  if (file.extension() == ".extxyz" || file.extension() == ".xyz") return std::make_unique<ExtxyzWriter>(file);
  throw InputError(fmt::format("--out {}: expected a name that ends in .csv or .extxyz", file.string()));
}

std::string occupation_text(std::span<const std::uint8_t> occupation) {
  std::string text;
  append_occupation(text, occupation);
  return text;
}

}  // namespace hullscan::cli
