#include "enumerator/files/structure_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "core/complaints.hpp"
#include "core/errors.hpp"
#include "core/names.hpp"
#include "enumerator/files/crystal_reader.hpp"
#include "enumerator/files/ordered_structure.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

bool is_structure_file(const fs::path& file) {
  const std::string name = file.filename().string(), ending = file.extension().string();
  if (name.starts_with('.')) return false;
  return ending == ".cif" || ending == ".CIF" || ending == ".vasp" || ending == ".poscar" || ending == ".extxyz" ||
         ending == ".xyz" || name.starts_with("POSCAR") || name.starts_with("CONTCAR");
}

/// The beginning of a file's name, as far as it can stand in a space's name.
std::string name_of_file(const fs::path& file) {
  const std::string stem = file.stem().string();
  std::string name;
  for (const char c : stem) name += fault_of_space_name("a" + std::string(1, c) + "a").empty() && c != ' ' ? c : '_';
  return name;
}

}  // namespace

std::vector<fs::path> files_of_structure_list(const fs::path& list) {
  if (!fs::is_directory(list)) return {list};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(list)) {
    if (entry.is_regular_file() && is_structure_file(entry.path())) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<ListedCrystal> read_structure_list(const fs::path& list) {
  std::error_code error;
  if (!fs::exists(list, error)) throw InputError(list.string() + ": there is no such file or folder");
  const std::vector<fs::path> files = files_of_structure_list(list);
  if (files.empty())
    throw InputError(
        fmt::format("{}: the folder holds no structure file (a name that ends in .cif, .vasp, .poscar, "
                    ".extxyz or .xyz, or begins with POSCAR or CONTCAR)",
                    list.string()));
  const bool folder = fs::is_directory(list);
  std::vector<ListedCrystal> listed;
  std::set<std::string> names;
  Complaints faults;
  for (const fs::path& file : files) {
    faults.collect([&] {
      auto crystals = read_crystals(file);
      for (auto& [block, crystal] : crystals) {
        std::optional<Structure> structure;
        faults.collect([&, &one = crystal] { structure = ordered_structure(one); });
        if (!structure) continue;
        std::string name = std::to_string(listed.size() + 1);
        if (folder && crystals.size() == 1) name = name_of_file(file);
        if (!names.insert(name).second) names.insert(name = fmt::format("{}_{}", name, listed.size() + 1));
        listed.push_back({listed.size() + 1, name, file, block, std::make_shared<const Crystal>(std::move(crystal)),
                          std::move(*structure)});
      }
    });
  }
  faults.throw_if_any();
  return listed;
}

}  // namespace hullscan
