// Writes the reports of made-up campaigns into a folder, for the browser test: write_report_samples FOLDER
#include <filesystem>
#include <fstream>
#include <iostream>

#include "analysis/report_files.hpp"
#include "sample_reports.hpp"

int main(int count, char** arguments) {
  using namespace hullscan;
  if (count != 2) {
    std::cerr << "usage: write_report_samples FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder = arguments[1];
  std::filesystem::create_directories(folder);
  const std::pair<const char*, ReportContent> samples[] = {{"binary", test::binary_campaign()},
                                                          {"pseudo_binary", test::pseudo_binary_campaign()},
                                                          {"ternary", test::ternary_campaign()},
                                                          {"hostile", test::hostile_campaign()},
                                                          {"empty", test::empty_campaign()}};
  for (const auto& [name, content] : samples) {
    const Report report = finish_report(content);
    std::ofstream(folder / (std::string(name) + ".html")) << report_html(report);
    std::ofstream(folder / (std::string(name) + ".json")) << report_json(report).dump(1) << "\n";
    std::ofstream(folder / (std::string(name) + ".entries.json")) << entries_json(report).dump(1) << "\n";
    std::ofstream(folder / (std::string(name) + ".csv")) << hull_csv(report);
  }
}
