/// @file
/// Recorded outputs of pw.x 6.7 (tests/data/qe_outputs) laid out as an executor of ours leaves a directory.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "dft_adapters/detail/words.hpp"
#include "dft_adapters/qe/input.hpp"

namespace hullscan::test {

namespace fs = std::filesystem;

inline fs::path recorded() { return fs::path(HULLSCAN_TEST_DATA) / "qe_outputs"; }

inline std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_text(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

/// A directory that is removed at the end of the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    static int count = 0;
    path_ = fs::temp_directory_path() / ("hullscan-dft-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// One line of MANIFEST.tsv.
struct Sample {
  std::string name;
  std::string exit_code;  ///< "-" = not known
  std::string job_done;   ///< "0", "1" or "-"
  std::string bang_lines;
  std::string verdict;
};

inline std::vector<Sample> manifest() {
  std::vector<Sample> samples;
  const auto lines = detail::lines(text_of(recorded() / "MANIFEST.tsv"));
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto cells = detail::split(lines[i], '\t');
    if (cells.size() < 5) continue;
    // One row may speak of several samples: "cut_xml_mid / cut_out_mid".
    for (const std::string& name : detail::split(cells[0], '/')) {
      samples.push_back({detail::trimmed(name), cells[1], cells[2], cells[3], cells[4]});
    }
  }
  return samples;
}

/// Lays a sample out as pw.in, pw.out, exit_code, CRASH and the XML files where its input says they are.
inline void lay_out(const Sample& sample, const fs::path& dir) {
  const auto copy = [&](const std::string& ending, const fs::path& target) {
    const fs::path source = recorded() / (sample.name + ending);
    if (fs::exists(source)) write_text(target, text_of(source));
  };
  copy(".in", dir / "pw.in");
  copy(".out", dir / "pw.out");
  copy(".CRASH", dir / "CRASH");
  if (sample.exit_code != "-") write_text(dir / "exit_code", sample.exit_code + "\n");
  const auto request = qe::parse_request(text_of(recorded() / (sample.name + ".in")));
  const fs::path scratch = dir / request.outdir;
  copy(".xml", scratch / (request.prefix + ".xml"));
  copy(".save.xml", scratch / (request.prefix + ".save") / "data-file-schema.xml");
}

}  // namespace hullscan::test
