#include "cli/campaign_files.hpp"

#include <fmt/format.h>



namespace hullscan::cli {

LoadedCampaign load_campaign(const std::filesystem::path& file) {
  LoadedCampaign loaded{read_campaign(file), {}};
  // Problems of several spaces are told together; a broken structure file is the graver one and decides the exit code.
  std::string input_problems, format_problems;
  for (const SpaceSpec& spec : loaded.campaign.spaces) {
    try {
      loaded.spaces.push_back(SearchSpace::build(spec));
    } catch (const InputError& error) {
      input_problems += (input_problems.empty() ? "" : "\n") + std::string(error.what());
    } catch (const FormatError& error) {
      format_problems += (format_problems.empty() ? "" : "\n") + std::string(error.what());
    }
  }
  if (!format_problems.empty()) {
    throw FormatError(format_problems + (input_problems.empty() ? "" : "\n" + input_problems));
  }
  if (!input_problems.empty()) throw InputError(input_problems);
  return loaded;
}

std::string matrix_text(const SupercellMatrix& m) {
  if (SupercellMatrix(m.diagonal().asDiagonal()) == m) return fmt::format("{}×{}×{}", m(0, 0), m(1, 1), m(2, 2));
  return fmt::format("[[{},{},{}],[{},{},{}],[{},{},{}]]", m(0, 0), m(0, 1), m(0, 2), m(1, 0), m(1, 1), m(1, 2), m(2, 0),
                     m(2, 1), m(2, 2));
}

}  // namespace hullscan::cli
