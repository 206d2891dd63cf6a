#include "dft_adapters/qe/pseudopotential.hpp"

#include <algorithm>
#include <map>

#include "dft_adapters/detail/words.hpp"
#include "dft_adapters/qe/functional.hpp"

namespace hullscan::qe {
namespace {

constexpr std::uintmax_t kHeaderBytes = 1u << 18;  // headers stand after the information block, within the first kB

/// name="value" pairs of a start tag; quotes may be single. UPF files are often no well-formed XML.
std::map<std::string, std::string> attributes(std::string_view tag) {
  std::map<std::string, std::string> found;
  std::size_t at = 0;
  while (at < tag.size()) {
    const std::size_t equals = tag.find('=', at);
    if (equals == std::string_view::npos) break;
    const std::size_t quote = tag.find_first_of("\"'", equals);
    if (quote == std::string_view::npos) break;
    const std::size_t end = tag.find(tag[quote], quote + 1);
    if (end == std::string_view::npos) break;
    found[detail::trimmed(tag.substr(at, equals - at))] = detail::trimmed(tag.substr(quote + 1, end - quote - 1));
    at = end + 1;
  }
  return found;
}

std::optional<Pseudopotential> checked(Pseudopotential header, const std::optional<double>& valence,
                                       std::string& problem) {
  if (header.element.empty())
    problem = "its header names no element";
  else if (header.functional.empty())
    problem = "its header names no functional";
  else if (!valence || *valence <= 0)
    problem = "its header has no valence";
  else {
    header.valence_electrons = *valence;
    return header;
  }
  return std::nullopt;
}

std::optional<Pseudopotential> version_2(std::string_view tag, std::string& problem) {
  const auto values = attributes(tag);
  const auto value = [&](const char* name) {
    const auto found = values.find(name);
    return found == values.end() ? std::string() : found->second;
  };
  Pseudopotential header;
  header.element = value("element");
  header.functional = functional_name(value("functional"));
  const std::string type = value("pseudo_type");
  header.norm_conserving = type == "NC" || type == "SL" || type == "1/r";
  header.suggested_wavefunction_cutoff_ry = detail::to_number(value("wfc_cutoff")).value_or(0);
  header.suggested_density_cutoff_ry = detail::to_number(value("rho_cutoff")).value_or(0);
  return checked(header, detail::to_number(value("z_valence")), problem);
}

/// Lines of the form `value(s)   description`, in a fixed order.
std::optional<Pseudopotential> version_1(std::string_view block, std::string& problem) {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : detail::lines(block)) {
    auto row = detail::words(line);
    if (!row.empty()) rows.push_back(std::move(row));
  }
  if (rows.size() < 8 || rows[4].size() < 4 || rows[7].size() < 2) {
    problem = "its header is cut short";
    return std::nullopt;
  }
  Pseudopotential header;
  header.element = rows[1][0];
  header.norm_conserving = rows[2][0] == "NC";
  header.functional = functional_name(rows[4][0] + " " + rows[4][1] + " " + rows[4][2] + " " + rows[4][3]);
  header.suggested_wavefunction_cutoff_ry = detail::to_number(rows[7][0]).value_or(0);
  header.suggested_density_cutoff_ry = detail::to_number(rows[7][1]).value_or(0);
  return checked(header, detail::to_number(rows[5][0]), problem);
}

}  // namespace

std::optional<Pseudopotential> parse_upf_header(std::string_view text, std::string& problem) {
  const std::size_t begin = text.find("<PP_HEADER");
  if (begin == std::string_view::npos) {
    problem = "no UPF file: it has no <PP_HEADER";
    return std::nullopt;
  }
  const std::size_t end = text.find('>', begin);
  if (end == std::string_view::npos) {
    problem = "its header is cut short";
    return std::nullopt;
  }
  const std::string_view tag = text.substr(begin + 10, end - begin - 10);
  if (tag.find('=') != std::string_view::npos) return version_2(tag, problem);
  const std::size_t close = text.find("</PP_HEADER>", end);
  if (close == std::string_view::npos) {
    problem = "its header is cut short";
    return std::nullopt;
  }
  return version_1(text.substr(end + 1, close - end - 1), problem);
}

std::optional<Pseudopotential> read_upf_header(const std::filesystem::path& file, std::string& problem) {
  const auto text = detail::file_text(file, kHeaderBytes);
  if (!text) {
    problem = "cannot be read";
    return std::nullopt;
  }
  return parse_upf_header(*text, problem);
}

bool is_pseudopotential_of(const Pseudopotential& pseudopotential, Species species) {
  const auto element = Species::parse(pseudopotential.element);
  return element && !element->is_vacancy() && element->atomic_number() == species.atomic_number();
}

std::vector<std::string> pseudopotential_files(const std::filesystem::path& folder, Species species,
                                               const std::string& functional) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), last; !error && entry != last;
       entry.increment(error)) {
    std::string problem;
    const auto header = read_upf_header(entry->path(), problem);
    if (!header || !is_pseudopotential_of(*header, species)) continue;
    if (functional.empty() || header->functional == functional) names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace hullscan::qe
