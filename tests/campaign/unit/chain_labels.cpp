#include "chain_labels.hpp"

#include <fmt/format.h>

namespace hullscan::test {
namespace {

constexpr const char* kParent = "fcc\n1.0\n0 2 2\n2 0 2\n2 2 0\nAl\n1\nDirect\n0 0 0\n";

std::string frame(const std::string& word, double energy_ev) {
  const double along = 2.0 * static_cast<double>(word.size());
  std::string text =
      fmt::format("{}\nLattice=\"0 {} {} 2 0 2 2 2 0\" Properties=species:S:1:pos:R:3 id={} energy={:.17g}\n",
                  word.size(), along, along, word, energy_ev);
  for (std::size_t i = 0; i < word.size(); ++i)
    text += fmt::format("{} 0 {} {}\n", word[i] == 'A' ? "Al" : "Ni", 2 * i, 2 * i);
  return text;
}

}  // namespace

double unlike_neighbours_ev(const std::string& word) {
  double energy = 0;
  for (std::size_t i = 0; i < word.size(); ++i) energy -= word[i] != word[(i + 1) % word.size()] ? 0.1 : 0;
  return energy;
}

std::vector<std::string> fifteen_words() {
  return {"A",    "N",     "AN",    "AAN",   "ANN",   "AAAN",  "AANN", "ANNN",
          "ANAN", "AAAAN", "AAANN", "AANNN", "ANNNN", "AANAN", "ANANN"};
}

LabelledStructures chain_labels(const std::vector<std::string>& words, const std::string& surrogates,
                                const EnergyOfWord& energy) {
  const TemporaryFolder folder;
  std::string frames;
  for (const std::string& word : words) frames += frame(word, energy(word));
  write_file(folder.path() / "data.extxyz", frames);
  const fs::path campaign = write_fcc_campaign(folder.path(), "volume = [1, 5]\n", surrogates);
  return read_labelled_structures({campaign, folder.path() / "data.extxyz"});
}

fs::path write_fcc_campaign(const fs::path& folder, const std::string& space, const std::string& rest) {
  write_file(folder / "fcc.vasp", kParent);
  write_file(folder / "campaign.toml",
             "name = \"fcc\"\n[[space]]\nname = \"fcc\"\nstructure = \"fcc.vasp\"\n" + space +
                 "[[space.sublattice]]\nsites = \"Al\"\nspecies = { Al = \"rest\", Ni = \"0%..100%\" }\n" + rest);
  return folder / "campaign.toml";
}

}  // namespace hullscan::test
