#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "dft_adapters/dft_code.hpp"

using namespace hullscan;

TEST_CASE("a code is found by its name and its alias", "[dft_adapters]") {
  REQUIRE(find_dft_code("quantum-espresso") != nullptr);
  CHECK(find_dft_code("qe") == find_dft_code("quantum-espresso"));
  CHECK(find_dft_code("Quantum ESPRESSO") == nullptr);
}

TEST_CASE("no two codes have a name in common, and the names are in alphabetical order", "[dft_adapters]") {
  const std::vector<std::string> names = dft_code_names();
  std::set<std::string> all;
  std::size_t count = 0;
  for (const std::string& name : names) {
    const DftCodeInfo& info = find_dft_code(name)->info();
    all.insert(name);
    all.insert(info.aliases.begin(), info.aliases.end());
    count += 1 + info.aliases.size();
  }

  CHECK(std::is_sorted(names.begin(), names.end()));
  CHECK(all.size() == count);
}

TEST_CASE("every code says what an executor must know", "[dft_adapters]") {
  for (const std::string& name : dft_code_names()) {
    const DftCodeInfo& info = find_dft_code(name)->info();

    CHECK(info.name == name);
    CHECK_FALSE(info.calculations.empty());
    CHECK_FALSE(info.stdout_file.empty());
    CHECK(info.exit_code_file == "exit_code");
  }
}
