// A scorer in C++ without any library: docs/formats/scorer.md. It gives every pair of neighbours in the list of varied
// sites that hold the same species one unit of energy. Build: c++ -O2 -o pair_counts pair_counts.cpp
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <vector>

namespace {

/// The number that follows "key": in a line of JSON; `otherwise` where there is no such key.
long number_of(const std::string& line, const std::string& key, long otherwise) {
  const std::size_t at = line.find("\"" + key + "\":");
  return at == std::string::npos ? otherwise : std::strtol(line.c_str() + at + key.size() + 3, nullptr, 10);
}

double energy_of(const unsigned char* occupation, std::size_t sites) {
  std::size_t alike = 0;
  for (std::size_t i = 0; i < sites; ++i) alike += occupation[i] == occupation[(i + 1) % sites] ? 1 : 0;
  return 0.01 * static_cast<double>(alike) / static_cast<double>(sites);
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  std::string line;
  std::vector<char> bytes;
  while (std::getline(std::cin, line)) {
    bytes.resize(static_cast<std::size_t>(number_of(line, "bytes", 0)));
    std::cin.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (line.find("\"hello\"") != std::string::npos) {
      std::cout << R"({"hello": "hullscan-scorer", "version": 1, "model": "pairs alike, version 1", "can": ["energies"]})"
                << "\n";
    } else if (line.find("\"do\":\"score\"") != std::string::npos) {
      const auto count = static_cast<std::size_t>(number_of(line, "count", 0));
      const std::size_t sites = count == 0 ? 0 : bytes.size() / count;
      std::vector<double> energies(count);
      for (std::size_t i = 0; i < count; ++i)
        energies[i] = energy_of(reinterpret_cast<const unsigned char*>(bytes.data()) + i * sites, sites);
      std::cout << R"({"done": "score", "bytes": )" << 8 * count << "}\n";
      std::cout.write(reinterpret_cast<const char*>(energies.data()), static_cast<std::streamsize>(8 * count));
    } else if (line.find("\"do\"") != std::string::npos) {
      std::cout << R"({"error": "this scorer only scores"})" << "\n";
    }
    std::cout.flush();
  }
}
