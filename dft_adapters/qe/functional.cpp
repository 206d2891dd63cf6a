#include "dft_adapters/qe/functional.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "dft_adapters/detail/words.hpp"

namespace hullscan::qe {
namespace {

/// Spellings as the code's own tables have them (exchange, correlation, gradient exchange, gradient correlation).
constexpr std::array<std::pair<const char*, const char*>, 25> kSpellings{{
    {"LDA", "LDA"},
    {"PZ", "LDA"},
    {"SLA PZ NOGX NOGC", "LDA"},
    {"PBE", "PBE"},
    {"SLA PW PBX PBC", "PBE"},
    {"SLA PW PBE PBE", "PBE"},
    {"PBESOL", "PBEsol"},
    {"SLA PW PSX PSC", "PBEsol"},
    {"PW", "LDA-PW"},
    {"SLA PW NOGX NOGC", "LDA-PW"},
    {"PW91", "PW91"},
    {"SLA PW GGX GGC", "PW91"},
    {"BLYP", "BLYP"},
    {"SLA LYP B88 BLYP", "BLYP"},
    {"REVPBE", "revPBE"},
    {"SLA PW REVX PBC", "revPBE"},
    {"SLA PW RPB PBC", "revPBE"},
    {"TPSS", "TPSS"},
    {"SLA PW TPSS TPSS", "TPSS"},
    {"SCAN", "SCAN"},
    {"BP", "BP"},
    {"B88 P86", "BP"},
    {"SLA PZ B88 P86", "BP"},
    {"WC", "WC"},
    {"SLA PW WCX PBC", "WC"},
}};

}  // namespace

std::string functional_name(std::string_view spelling) {
  std::string upper(spelling);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return c == '+' ? ' ' : static_cast<char>(std::toupper(c)); });
  std::string joined;
  for (const std::string& word : detail::words(upper)) joined += (joined.empty() ? "" : " ") + word;
  for (const auto& [known, name] : kSpellings) {
    if (joined == known) return name;
  }
  return joined;
}

const std::vector<std::string>& known_functionals() {
  static const std::vector<std::string> names = {"LDA",    "LDA-PW", "PBE",  "PBEsol", "PW91", "BLYP",
                                                 "revPBE", "TPSS",   "SCAN", "BP",     "WC"};
  return names;
}

}  // namespace hullscan::qe
