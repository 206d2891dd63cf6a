#include "dft_adapters/qe/pseudopotential_choice.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>

#include "core/hash.hpp"

namespace hullscan::qe {
namespace {

constexpr const char* kKey = "dft.pseudopotentials";

/// "; for Al there are in DIR: a, b" or that there is none.
std::string offer(const std::filesystem::path& folder, Species species, const std::string& functional = "") {
  const auto files = pseudopotential_files(folder, species, functional);
  const std::string what = std::string(species.symbol()) + (functional.empty() ? "" : " with " + functional);
  if (files.empty()) return fmt::format("; {} has none for {}", folder.string(), what);
  return fmt::format("; {} has for {}: {}", folder.string(), what, fmt::join(files, ", "));
}

std::optional<ChosenPseudopotential> choose(const PseudopotentialRequest& request, Species species,
                                            const std::string& file_name, const SourcePosition& where,
                                            Problems& problems) {
  const std::string key = fmt::format("{}.{}: ", kKey, species.symbol());
  if (file_name.find_first_of(" \t/'\"") != std::string::npos || file_name.empty() || file_name.size() > 80) {
    problems.add(where,
                 fmt::format("{}expected the name of a file in pseudo_dir, at most 80 characters without blanks and "
                             "folders, found \"{}\"",
                             key, file_name));
    return std::nullopt;
  }
  const std::filesystem::path file = request.folder / file_name;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    problems.add(where, fmt::format("{}no file \"{}\"{}", key, file_name, offer(request.folder, species)));
    return std::nullopt;
  }
  ChosenPseudopotential chosen{.file_name = file_name, .hash = "", .header = {}};
  std::string fault;
  const auto header = read_upf_header(file, fault);
  if (!header) {
    problems.add(where, fmt::format("{}\"{}\": {}{}", key, file_name, fault, offer(request.folder, species)));
    return std::nullopt;
  }
  if (!is_pseudopotential_of(*header, species)) {
    problems.add(where, fmt::format("{}expected a pseudopotential of {}, found one of {} in \"{}\"{}", key,
                                    species.symbol(), header->element, file_name, offer(request.folder, species)));
    return std::nullopt;
  }
  chosen.header = *header;
  try {
    chosen.hash = file_hash128_hex(file);
  } catch (const StorageError& unreadable) {
    problems.add(where, key + unreadable.what());
    return std::nullopt;
  }
  return chosen;
}

void complain_of_mixture(const PseudopotentialRequest& request, const PseudopotentialChoice& choice,
                         Problems& problems) {
  std::string list, remedies;
  std::set<std::string> functionals;
  for (const auto& [species, chosen] : choice.of) {
    list += fmt::format("{}{} {} ({})", list.empty() ? "" : ", ", species.symbol(), chosen.header.functional,
                        chosen.file_name);
    functionals.insert(chosen.header.functional);
  }
  for (const auto& [species, chosen] : choice.of) {
    for (const std::string& functional : functionals) {
      if (functional != chosen.header.functional) remedies += offer(request.folder, species, functional);
    }
  }
  problems.add(request.table_where, fmt::format("{}: expected one functional, found {}{}", kKey, list, remedies));
}

}  // namespace

PseudopotentialChoice choose_pseudopotentials(const PseudopotentialRequest& request, Problems& problems) {
  PseudopotentialChoice choice;
  std::error_code error;
  if (!std::filesystem::is_directory(request.folder, error)) {
    problems.add(request.folder_where, fmt::format("dft.pseudo_dir: no folder {}", request.folder.string()));
    return choice;
  }
  std::vector<std::string> symbols;
  for (const Species species : request.species) symbols.emplace_back(species.symbol());
  if (request.table != nullptr) {
    for (const auto& [symbol, setting] : request.table->entries) {
      if (std::find(symbols.begin(), symbols.end(), symbol) != symbols.end()) continue;
      problems.add(setting.key_where, fmt::format("{}.{}: is not a species of this campaign ({}){}", kKey, symbol,
                                                  fmt::join(symbols, ", "), did_you_mean(symbol, symbols)));
    }
  }
  bool every_file_suggests = true;
  std::set<std::string> functionals;
  for (const Species species : request.species) {
    const Setting* setting = request.table == nullptr ? nullptr : request.table->find(std::string(species.symbol()));
    if (setting == nullptr) {
      problems.add(request.table_where,
                   fmt::format("{}.{}: missing: the pseudopotential file of {}{}", kKey, species.symbol(),
                               species.symbol(), offer(request.folder, species)));
      continue;
    }
    const auto* file_name = std::get_if<std::string>(&setting->value);
    if (file_name == nullptr) {
      problems.add(setting->where,
                   fmt::format("{}.{}: expected text, found {}", kKey, species.symbol(), setting->type_name()));
      continue;
    }
    const auto chosen = choose(request, species, *file_name, setting->where, problems);
    if (!chosen) continue;
    const Pseudopotential& header = chosen->header;
    functionals.insert(header.functional);
    choice.all_norm_conserving = choice.all_norm_conserving && header.norm_conserving;
    every_file_suggests = every_file_suggests && header.suggested_wavefunction_cutoff_ry > 0;
    choice.suggested_wavefunction_cutoff_ry =
        std::max(choice.suggested_wavefunction_cutoff_ry, header.suggested_wavefunction_cutoff_ry);
    choice.suggested_density_cutoff_ry =
        std::max(choice.suggested_density_cutoff_ry, header.suggested_density_cutoff_ry);
    choice.of.emplace(species, *chosen);
  }
  if (!every_file_suggests) choice.suggested_wavefunction_cutoff_ry = 0;
  if (functionals.size() == 1) choice.functional = *functionals.begin();
  if (functionals.size() > 1 && !request.functional_overridden) complain_of_mixture(request, choice, problems);
  return choice;
}

}  // namespace hullscan::qe
