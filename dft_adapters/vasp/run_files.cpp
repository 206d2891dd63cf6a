#include "dft_adapters/vasp/run_files.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "dft_adapters/detail/gzip_file.hpp"
#include "dft_adapters/detail/words.hpp"

namespace hullscan::vasp {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestFile = std::size_t{1} << 30;
/// The last of several steps comes first: its result is the calculation's.
constexpr std::array kSuffixes = {"", ".static", ".relax2", ".relax1", ".relax", ".bands"};
constexpr std::array kOutputNames = {"vasp.out", "stdout.txt", "stderr.txt", "std_err.txt", "vasp.err"};
constexpr std::array kUsualOutputNames = {"std_out.txt", "stdout",      "vasp.stdout", "vasp.log",   "run.log",
                                          "log",         "vasp_output", "job.out",     "result.log", "stderr"};

bool is_file(const fs::path& file) {
  std::error_code error;
  return fs::is_regular_file(file, error);
}

fs::path packed(const fs::path& file) { return file.string() + ".gz"; }

std::string without_gz(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.ends_with(".gz") ? name.substr(0, name.size() - 3) : name;
}

/// "slurm-4711.out", "relax.o4711", "relax.e4711".
bool is_of_batch_system(const std::string& name) {
  if (name.starts_with("slurm-") && name.ends_with(".out")) return true;
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos || dot + 2 >= name.size() || (name[dot + 1] != 'o' && name[dot + 1] != 'e'))
    return false;
  return std::all_of(name.begin() + static_cast<std::ptrdiff_t>(dot) + 2, name.end(),
                     [](unsigned char c) { return std::isdigit(c) != 0; });
}

}  // namespace

RunFiles RunFiles::plain(const fs::path& folder) {
  RunFiles files;
  files.folder_ = folder;
  return files;
}

RunFiles RunFiles::found(const fs::path& file_or_directory) {
  RunFiles files;
  files.packed_ = true;
  std::error_code error;
  if (!fs::is_directory(file_or_directory, error)) {
    const fs::path file = fs::absolute(file_or_directory);
    files.folder_ = file.parent_path();
    const std::string name = without_gz(file);
    files.alone_ = name != "vasprun.xml" && name != "OUTCAR";
    for (const std::string plain : {"vasprun.xml", "OUTCAR"}) {
      if (!name.starts_with(plain + ".")) continue;
      files.suffix_ = name.substr(plain.size());
      files.alone_ = false;
    }
    if (name.ends_with(".xml") || name.starts_with("vasprun")) {
      files.named_xml_ = file;
    } else if (name.find("OUTCAR") != std::string::npos) {
      files.named_outcar_ = file;
    } else {
      files.alone_ = false;
    }
    return files;
  }
  files.folder_ = file_or_directory;
  for (const char* suffix : kSuffixes) {
    files.suffix_ = suffix;
    if (!files.path("vasprun.xml").empty() || !files.path("OUTCAR").empty()) return files;
  }
  files.suffix_.clear();
  return files;
}

fs::path RunFiles::path(const std::string& name) const {
  if (name == "vasprun.xml" && !named_xml_.empty()) return named_xml_;
  if (name == "OUTCAR" && !named_outcar_.empty()) return named_outcar_;
  if (alone_) return {};
  const fs::path file = folder_ / (name + suffix_);
  if (is_file(file)) return file;
  if (packed_ && is_file(packed(file))) return packed(file);
  return {};
}

std::optional<std::string> RunFiles::text(const std::string& name) const {
  const fs::path file = path(name);
  if (file.empty()) return std::nullopt;
  return file.extension() == ".gz" ? detail::unpacked_text(file, kLongestFile) : detail::file_text(file, kLongestFile);
}

std::string RunFiles::standard_output() const {
  std::string all;
  for (const char* name : kOutputNames) all += text(name).value_or("");
  if (!packed_ || alone_) return all;
  for (const char* name : kUsualOutputNames) all += text(name).value_or("");
  std::vector<fs::path> more;
  std::error_code error;
  for (fs::directory_iterator entry(folder_, error), last; !error && entry != last; entry.increment(error)) {
    if (is_of_batch_system(entry->path().filename().string()) && is_file(entry->path())) more.push_back(entry->path());
  }
  std::sort(more.begin(), more.end());
  for (const fs::path& file : more) all += detail::unpacked_text(file, kLongestFile).value_or("");
  return all;
}

}  // namespace hullscan::vasp
