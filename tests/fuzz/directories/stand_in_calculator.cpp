// A calculator by file exchange (docs/formats/exchange.md) for the campaigns that are damaged: a made-up pair
// potential, in a millisecond. It fails for the composition that its argument names, so that a campaign has a failed
// task too.
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>

#include "core/json.hpp"

using hullscan::Json;

int main(int argc, char** argv) {
  const Json request = Json::parse(std::ifstream("request.json"));
  const Json& structure = request["structure"];
  const auto cell = structure["lattice_angstrom"].get<std::vector<std::vector<double>>>();
  const auto species = structure["species"].get<std::vector<std::string>>();
  const auto places = structure["fractional_positions"].get<std::vector<std::vector<double>>>();
  const std::map<std::string, double> own = {{"Al", -3.61}, {"Ni", -4.17}, {"Mg", -1.5}};
  double energy = 0;
  std::map<std::string, int> counts;
  for (std::size_t i = 0; i < species.size(); ++i) {
    ++counts[species[i]];
    energy += own.at(species[i]);
    for (std::size_t j = 0; j < species.size(); ++j) {
      for (int image = 0; image < 27; ++image) {
        const int shift[3] = {image % 3 - 1, image / 3 % 3 - 1, image / 9 - 1};
        double square = 0;
        for (std::size_t c = 0; c < 3; ++c) {
          double x = 0;
          for (std::size_t k = 0; k < 3; ++k) x += (places[j][k] - places[i][k] + shift[k]) * cell[k][c];
          square += x * x;
        }
        const double r = std::sqrt(square);
        if (r > 0.1 && r < 3.2) energy += 0.5 * (species[i] == species[j] ? 0.02 : -0.09) * std::exp(-r / 3);
      }
    }
  }
  std::string formula;
  for (const auto& [symbol, n] : counts) formula += symbol + (n > 1 ? std::to_string(n) : "");
  if (argc > 1 && formula == argv[1]) {
    std::fprintf(stderr, "this one is not to be had\n");
    return 3;
  }
  std::puts("made up");
  const Json forces(species.size(), Json(std::vector<double>{0.0, 0.0, 0.0}));
  const Json result = {{"converged", true},
                       {"energy_ev", energy},
                       {"structure", structure},
                       {"forces_ev_per_angstrom", forces},
                       {"stress_kbar", {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
                       {"code_version", "1"}};
  std::ofstream("result.json.part") << result.dump();
  return std::rename("result.json.part", "result.json");
}
