/// @file
/// What a user writes: campaign files and the small languages in them.

#include <array>
#include <string>

#include "analysis/entries/entries_file.hpp"
#include "analysis/hull/hull_cut.hpp"
#include "campaign/drafts/peer_inputs.hpp"
#include "campaign/orbit_archive.hpp"
#include "campaign/units.hpp"
#include "cli/deadline.hpp"
#include "core/campaign/campaign.hpp"
#include "core/campaign/settings.hpp"
#include "core/campaign/toml_text.hpp"
#include "core/composition.hpp"
#include "core/names.hpp"
#include "enumerator/files/content_check.hpp"
#include "enumerator/files/symmetry_triplet.hpp"
#include "parser.hpp"

namespace hullscan::fuzz {
namespace {

/// Each of several readers gets the same text, and may refuse it.
template <class... Read>
void each(Read... read) {
  const auto one = [](auto reader) {
    try {
      reader();
    } catch (const Error& error) {
      if (error.exit_code() == ExitCode::kUnexpected) throw;
    }
  };
  (one(read), ...);
}

void read_campaign_text(std::string_view bytes) { (void)parse_campaign(std::string(bytes), "campaign.toml"); }

void read_settings(std::string_view bytes) { (void)parse_settings_toml(std::string(bytes), "settings.toml"); }

void read_formula(std::string_view bytes) {
  const std::string text(bytes);
  each([&] { (void)Composition::from_formula(text); },
       [&] {
         double scale = 0;
         (void)composition_of(text, scale);
       },
       [&] { (void)parse_fractional_formula(text); }, [&] { (void)parse_cut(text); },
       [&] {
         (void)parse_constraint(text, {"campaign.toml", 1, 1});
       },
       [&] { (void)parse_triplet(text); }, [&] { (void)Species::parse(text); });
}

void read_option_values(std::string_view bytes) {
  const std::string text(bytes.substr(0, 4096));
  each([&] { (void)cli::parse_deadline(text, std::chrono::system_clock::time_point{}); },
       [&] { (void)parse_part(text); }, [&] { (void)parse_orbit_key(text); },
       [&] { (void)parse_supercell(text, "--supercell"); },
       [&] { (void)fault_of_campaign_name(text), (void)fault_of_space_name(text); },
       // What is quoted for a campaign file must come back as it was.
       [&] {
         const std::string file = "x = " + toml_quoted(text) + " # " + toml_comment(text) + "\ny = 1\n";
         if (parse_settings_toml(file, "quoted.toml").entries.size() != 2) throw Error("a quoted text became more");
       });
}

}  // namespace

std::span<const Parser> campaign_parsers() {
  static const std::array parsers = {
      Parser{"campaign", {".toml"}, read_campaign_text},
      Parser{"settings", {".toml"}, read_settings},
      Parser{"formula", {}, read_formula},
      Parser{"option-values", {}, read_option_values},
  };
  return parsers;
}

}  // namespace hullscan::fuzz
