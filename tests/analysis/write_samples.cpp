// Writes the reports of made-up campaigns into a folder, for the browser test: write_report_samples FOLDER [--long]
// Beside each page NAME.html, NAME.panels lists the titles of the panels that it must show.
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "analysis/report/report_files.hpp"
#include "sample_reports.hpp"

int main(int count, char** arguments) {
  using namespace hullscan;
  const bool everything = count == 3 && std::strcmp(arguments[2], "--long") == 0;
  if (count != 2 && !everything) {
    std::cerr << "usage: write_report_samples FOLDER [--long]\n";
    return 2;
  }
  const std::filesystem::path folder = arguments[1];
  std::filesystem::create_directories(folder);
  for (const test::Sample& sample : test::samples(everything)) {
    const Report report = finish_report(sample.content);
    std::ofstream(folder / (sample.name + ".html")) << report_html(report);
    std::ofstream(folder / (sample.name + ".entries.json")) << entries_json(report).dump(1) << "\n";
    std::ofstream panels(folder / (sample.name + ".panels"));
    for (const std::string& title : sample.panels) panels << title << "\n";
  }
}
