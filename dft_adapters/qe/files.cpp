#include <fmt/format.h>

#include <algorithm>

#include "core/errors.hpp"
#include "dft_adapters/detail/exit_codes.hpp"
#include "dft_adapters/detail/words.hpp"
#include "dft_adapters/qe/input.hpp"
#include "dft_adapters/qe/judge.hpp"
#include "dft_adapters/qe/output_text.hpp"

namespace hullscan::qe {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kBannerBytes = 4096;

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

/// The first that is there, as it is named or packed ("pw.out.gz"); an empty path if none is.
fs::path first_file(std::initializer_list<fs::path> candidates) {
  for (const fs::path& candidate : candidates) {
    if (candidate.empty()) continue;
    for (const fs::path& file : {candidate, fs::path(candidate.string() + ".gz")}) {
      if (is_file(file)) return file;
    }
  }
  return {};
}

/// "pw.out.gz" -> "pw.out"
fs::path unpacked_name(const fs::path& file) {
  return file.extension() == ".gz" ? file.parent_path() / file.stem() : file;
}

bool is_xml(const fs::path& file) { return unpacked_name(file).extension() == ".xml"; }

bool is_output_of_pwscf(const fs::path& file) {
  const auto text = text_of(file, kBannerBytes);
  return text && parse_output_text(*text).is_pwscf;
}

/// XML, save directory and pseudopotentials, as the input file names them; `folder` is where the code ran.
void add_scratch_files(CalculationFiles& files, const fs::path& folder, bool read_alone) {
  const auto text = files.input.empty() ? std::nullopt : text_of(files.input);
  const Request request = parse_request(text.value_or(""));
  const fs::path scratch = folder / request.outdir;  // an absolute outdir stands for itself
  if (files.xml.empty()) files.xml = first_file({scratch / (request.prefix + ".xml")});
  // Versions before 6.3 leave it only there.
  if (files.xml.empty() && read_alone)
    files.xml =
        first_file({scratch / (request.prefix + ".save") / "data-file-schema.xml", folder / (request.prefix + ".xml")});
  std::error_code error;
  if (const fs::path save = scratch / (request.prefix + ".save"); fs::is_directory(save, error))
    files.save_directory = save;
  if (!request.pseudo_dir.empty()) files.pseudo_directory = folder / request.pseudo_dir;
}

fs::path input_named_in(const fs::path& output) {
  const auto text = text_of(output, kBannerBytes);
  if (!text) return {};
  const std::string name = parse_output_text(*text).input_file;
  return name.empty() ? fs::path() : output.parent_path() / name;
}

/// "al.out", "al.xml" and "al.save.xml" are of one stem.
std::string stem_of(const fs::path& file) {
  const std::string name = unpacked_name(file).filename().string();
  if (name.ends_with(".save.xml")) return name.substr(0, name.size() - 9);
  return fs::path(name).stem().string();
}

CalculationFiles files_beside(const fs::path& file) {
  const fs::path folder = file.parent_path();
  const std::string stem = stem_of(file);
  CalculationFiles files;
  files.output = is_xml(file) ? first_file({folder / (stem + ".out"), folder / (stem + ".pwo")}) : file;
  files.xml = is_xml(file) ? file : first_file({folder / (stem + ".xml")});
  files.crash = first_file({folder / (stem + ".CRASH")});
  files.input = first_file({folder / (stem + ".in"), folder / (stem + ".pwi"),
                            files.output.empty() ? fs::path() : input_named_in(files.output)});
  add_scratch_files(files, folder, true);
  return files;
}

}  // namespace

namespace {

CalculationFiles files_in(const fs::path& dir, bool read_alone) {
  CalculationFiles files;
  files.input = first_file({dir / kInputFile});
  files.output = first_file({dir / kOutputFile});
  files.crash = first_file({dir / kCrashFile});
  files.exit_code = detail::exit_code_in(text_of(dir / "exit_code", 64).value_or(""));
  add_scratch_files(files, dir, read_alone);
  return files;
}

}  // namespace

CalculationFiles files_of_directory(const fs::path& dir) { return files_in(dir, false); }

CalculationFiles files_of_path(const fs::path& file_or_directory) {
  std::error_code error;
  if (!fs::exists(file_or_directory, error))
    throw InputError(fmt::format("{}: no such file or directory", file_or_directory.string()));
  if (!fs::is_directory(file_or_directory, error)) {
    const fs::path file = fs::absolute(file_or_directory, error);
    if (unpacked_name(file).filename() == kOutputFile) return files_in(file.parent_path(), true);
    CalculationFiles files = files_beside(file);
    if (!files.output.empty()) return files;
    // An XML file in the scratch folder or in its save directory: the output lies one or two folders up.
    const fs::path up = file.parent_path().parent_path();
    for (const fs::path& folder : {up, up.parent_path()}) {
      if (!first_file({folder / kOutputFile}).empty()) return files_in(folder, true);
    }
    return files;
  }
  if (!first_file({file_or_directory / kOutputFile, file_or_directory / kInputFile}).empty())
    return files_in(file_or_directory, true);
  std::vector<fs::path> outputs;
  for (fs::directory_iterator entry(file_or_directory, error), last; !error && entry != last; entry.increment(error)) {
    if (is_file(entry->path()) && !is_xml(entry->path()) && is_output_of_pwscf(entry->path()))
      outputs.push_back(entry->path());
  }
  std::sort(outputs.begin(), outputs.end());
  if (outputs.empty()) {
    CalculationFiles files;
    files.xml = first_file({file_or_directory / "data-file-schema.xml"});
    return files;
  }
  if (outputs.size() > 1) {
    throw InputError(fmt::format("{}: {} outputs of pw.x lie here ({}, {}, …), name one of them",
                                 file_or_directory.string(), outputs.size(), outputs[0].filename().string(),
                                 outputs[1].filename().string()));
  }
  CalculationFiles files = files_beside(outputs[0]);
  if (files.xml.empty()) files.xml = first_file({file_or_directory / "data-file-schema.xml"});
  return files;
}

}  // namespace hullscan::qe
