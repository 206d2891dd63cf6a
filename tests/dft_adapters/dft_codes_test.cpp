#include <catch2/catch.hpp>

#include "dft_adapters/dft_code.hpp"

using namespace hullscan;

TEST_CASE("a code is found by its name and its alias", "[dft_adapters]") {
  REQUIRE(find_dft_code("quantum-espresso") != nullptr);
  CHECK(find_dft_code("qe") == find_dft_code("quantum-espresso"));
  CHECK(find_dft_code("Quantum ESPRESSO") == nullptr);
  CHECK(dft_code_names() == std::vector<std::string>{"command", "kim", "quantum-espresso", "vasp"});
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
