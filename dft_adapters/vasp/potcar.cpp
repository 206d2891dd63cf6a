#include "dft_adapters/vasp/potcar.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "dft_adapters/detail/sha256.hpp"
#include "dft_adapters/detail/words.hpp"

namespace hullscan::vasp {
namespace {

namespace fs = std::filesystem;

/// Folder names by which the two layouts know a functional.
const std::map<std::string, std::vector<std::string>>& folders() {
  static const std::map<std::string, std::vector<std::string>> kFolders = {
      {"PBE", {"POT_GGA_PAW_PBE", "potpaw_PBE", "potPAW_PBE"}},
      {"PBE_52", {"POT_GGA_PAW_PBE_52", "potpaw_PBE.52", "potpaw_PBE_52"}},
      {"PBE_54", {"POT_GGA_PAW_PBE_54", "potpaw_PBE.54", "potpaw_PBE_54"}},
      {"PBE_64", {"POT_PAW_PBE_64", "POT_GGA_PAW_PBE_64", "potpaw_PBE.64", "potpaw_PBE_64"}},
      {"LDA", {"POT_LDA_PAW", "potpaw", "potpaw_LDA"}},
      {"LDA_52", {"POT_LDA_PAW_52", "potpaw_LDA.52", "potpaw_LDA_52"}},
      {"LDA_54", {"POT_LDA_PAW_54", "potpaw_LDA.54", "potpaw_LDA_54"}},
      {"LDA_64", {"POT_LDA_PAW_64", "potpaw_LDA.64", "potpaw_LDA_64"}},
  };
  return kFolders;
}

/// The folders to look in: those of the functional, or the library itself if it is one or has none of any functional.
std::vector<fs::path> roots(const fs::path& library, const std::string& functional) {
  std::vector<fs::path> found;
  std::error_code error;
  bool any_functional = false;
  for (const auto& [name, list] : folders()) {
    for (const std::string& folder : list) {
      if (library.filename() == folder) return name == functional ? std::vector{library} : std::vector<fs::path>{};
      if (!fs::is_directory(library / folder, error)) continue;
      any_functional = true;
      if (name == functional) found.push_back(library / folder);
    }
  }
  if (!any_functional) found.push_back(library);
  return found;
}

/// The text behind "KEY =" or "KEY=", up to a ';' or the end of the line.
std::string value_of(std::string_view text, std::string_view key) {
  for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    std::size_t equals = at + key.size();
    while (equals < text.size() && text[equals] == ' ') ++equals;
    if (equals >= text.size() || text[equals] != '=') continue;
    return detail::trimmed(text.substr(equals + 1, text.find_first_of(";\n", equals) - equals - 1));
  }
  return "";
}

double first_number(const std::string& text) {
  const auto parts = detail::words(text);
  return parts.empty() ? 0 : detail::to_number(parts[0]).value_or(0);
}

}  // namespace

std::optional<Potcar> parse_potcar(std::string_view text, std::string& problem) {
  Potcar potcar;
  potcar.titel = value_of(text, "TITEL");
  const std::string vrhfin = value_of(text, "VRHFIN");
  potcar.element = detail::trimmed(vrhfin.substr(0, vrhfin.find_first_of(": ")));
  potcar.lexch = value_of(text, "LEXCH");
  potcar.lexch = potcar.lexch.substr(0, potcar.lexch.find(' '));
  potcar.enmax_ev = first_number(value_of(text, "ENMAX"));
  potcar.valence_electrons = first_number(value_of(text, "ZVAL"));
  for (const auto& [name, value] :
       {std::pair{"TITEL", potcar.titel}, std::pair{"VRHFIN", potcar.element}, std::pair{"LEXCH", potcar.lexch}}) {
    if (!value.empty()) continue;
    problem = std::string("no POTCAR: it does not say ") + name;
    return std::nullopt;
  }
  const std::size_t second = text.find("TITEL", text.find("TITEL") + 5);
  if (second != std::string_view::npos) {
    problem = "holds several potentials, expected one";
    return std::nullopt;
  }
  potcar.sha256 = detail::sha256_hex(text);
  return potcar;
}

const std::vector<std::string>& known_functionals() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const auto& [name, list] : folders()) names.push_back(name);
    return names;
  }();
  return kNames;
}

std::string lexch_of(const std::string& functional) { return functional.starts_with("LDA") ? "CA" : "PE"; }

fs::path find_potcar(const fs::path& library, const std::string& functional, const std::string& potential) {
  std::error_code error;
  for (const fs::path& root : roots(library, functional)) {
    for (const fs::path& file : {root / potential / "POTCAR", root / potential / "POTCAR.gz",
                                 root / ("POTCAR." + potential), root / ("POTCAR." + potential + ".gz")}) {
      if (fs::is_regular_file(file, error)) return file;
    }
  }
  return {};
}

std::vector<std::string> potentials_of(const fs::path& library, const std::string& functional,
                                       const std::string& element) {
  std::set<std::string> found;
  for (const fs::path& root : roots(library, functional)) {
    std::error_code error;
    for (fs::directory_iterator entry(root, error), last; !error && entry != last; entry.increment(error)) {
      std::string name = entry->path().filename().string();
      if (name.starts_with("POTCAR.")) name = name.substr(7);
      if (name.ends_with(".gz")) name.resize(name.size() - 3);
      const bool of_element = name == element || (name.starts_with(element) &&
                                                  (name[element.size()] == '_' || name[element.size()] == '.'));
      if (of_element && !find_potcar(library, functional, name).empty()) found.insert(name);
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace hullscan::vasp
