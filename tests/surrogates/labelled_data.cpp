#include "labelled_data.hpp"

#include <Eigen/LU>
#include <cmath>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "../shared_data.hpp"
#include "core/json.hpp"
#include "symmetric_crystals.hpp"

namespace hullscan::test {
namespace {

Json read_json(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return Json::parse(stream);
}

std::shared_ptr<const ParentCrystal> read_parent(const std::filesystem::path& file) {
  const Json json = read_json(file);
  Eigen::Matrix3d rows;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) rows(i, j) = json["lattice"][static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
  }
  std::vector<VariedSite> sites;
  for (const Json& site : json["sites"]) {
    const std::vector<double> f = site["frac"];
    sites.push_back({{f[0], f[1], f[2]}, species(site["allowed"])});
  }
  return primitive_parent(rows, sites);
}

std::string field(const std::string& header, const std::string& key) {
  std::smatch match;
  if (!std::regex_search(header, match, std::regex("(?:^| )" + key + "=(?:\"([^\"]*)\"|([^ ]*))"))) {
    throw std::runtime_error("no " + key + " in " + header);
  }
  return match[1].matched ? match[1].str() : match[2].str();
}

std::vector<std::vector<std::size_t>> indices(const Json& lists, const std::map<std::string, std::size_t>& index_of) {
  std::vector<std::vector<std::size_t>> result;
  for (const Json& list : lists) {
    result.emplace_back();
    for (const Json& id : list) result.back().push_back(index_of.at(id.get<std::string>()));
  }
  return result;
}

}  // namespace

LabelledSet read_labelled_set(const std::string& name) {
  const std::filesystem::path folder = shared_data() / name;
  LabelledSet set;
  set.parent = read_parent(folder / "parent.json");
  const Json splits = read_json(folder / "splits.json");
  std::map<std::string, std::size_t> index_of;
  for (const Json& id : splits["ids"]) index_of.emplace(id.get<std::string>(), index_of.size());
  set.labels.resize(index_of.size());

  std::ifstream stream(folder / "ideal.extxyz");
  std::string line;
  while (std::getline(stream, line)) {
    const std::size_t atoms = std::stoul(line);
    std::string header;
    std::getline(stream, header);
    Eigen::Matrix3d rows;
    std::istringstream vectors(field(header, "Lattice"));
    for (int i = 0; i < 9; ++i) vectors >> rows(i / 3, i % 3);
    const Eigen::Matrix3d in_parent = rows * set.parent->lattice.rows().inverse();
    const Eigen::Matrix3d rounded = in_parent.array().round();
    if ((in_parent - rounded).norm() > 1e-6) throw std::runtime_error("not a supercell of the parent: " + header);

    Configuration configuration{std::make_shared<const Supercell>(set.parent, rounded.cast<int>()), {}};
    const Supercell& supercell = *configuration.supercell;
    std::vector<std::pair<Eigen::Vector3d, Species>> placed;
    std::size_t vacancies = 0;
    for (std::size_t a = 0; a < atoms; ++a) {
      std::getline(stream, line);
      std::istringstream columns(line);
      std::string symbol;
      Eigen::Vector3d position;
      columns >> symbol >> position[0] >> position[1] >> position[2];
      placed.emplace_back(supercell.lattice().to_fractional({position}).x, Species::from_symbol(symbol));
      if (placed.back().second.is_vacancy()) ++vacancies;
    }
    for (const int site : supercell.varied_sites()) {
      const SupercellSite& at = supercell.sites()[static_cast<std::size_t>(site)];
      const std::vector<Species>& allowed = set.parent
                                                ->sublattices[static_cast<std::size_t>(supercell.sublattice_of(
                                                    static_cast<int>(configuration.occupation.size())))]
                                                .allowed;
      int found = -1;
      for (const auto& [fractional, atom] : placed) {
        if (supercell.lattice().distance_angstrom({fractional}, at.position) > 1e-3) continue;
        for (std::size_t s = 0; s < allowed.size(); ++s) {
          if (allowed[s] == atom) found = static_cast<int>(s);
        }
      }
      if (found < 0) throw std::runtime_error("a site is empty: " + header);
      configuration.occupation.push_back(static_cast<std::uint8_t>(found));
    }
    const std::string id = field(header, "id");
    const auto index = index_of.find(id);
    if (index == index_of.end()) continue;
    set.labels[index->second] = {configuration,
                                 std::stod(field(header, "energy")) / static_cast<double>(atoms - vacancies), 1, id};
  }
  set.folds = indices(splits["folds"], index_of);
  set.permutations = indices(splits["permutations"], index_of);
  return set;
}

}  // namespace hullscan::test
