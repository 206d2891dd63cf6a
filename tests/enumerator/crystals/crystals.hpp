/// @file
/// Crystals and campaign spaces that the tests of this folder share.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/campaign/campaign.hpp"
#include "core/errors.hpp"
#include "core/parent_crystal.hpp"
#include "enumerator/crystal/parent_builder.hpp"
#include "enumerator/files/crystal_reader.hpp"

namespace hullscan::test {

inline std::filesystem::path structure_file(const std::string& name) {
  return std::filesystem::path(HULLSCAN_TEST_DATA) / "structures" / name;
}

/// One sublattice: what `sites` names, and what may sit there.
struct Varied {
  std::vector<std::string> sites;
  std::vector<std::string> species;
};

inline SpaceSpec space(const std::vector<Varied>& sublattices) {
  SpaceSpec spec;
  spec.name = "test";
  spec.where = {"campaign.toml", 3, 1};
  spec.structure_where = {"campaign.toml", 4, 13};
  int line = 10;
  for (const Varied& varied : sublattices) {
    SublatticeSpec sublattice;
    sublattice.name = varied.sites.front();
    sublattice.sites = varied.sites;
    sublattice.where = {"campaign.toml", line++, 9};
    for (const std::string& symbol : varied.species) {
      CountRule rule;
      rule.species = Species::from_symbol(symbol);
      rule.rest = true;
      sublattice.species.push_back(rule);
    }
    spec.sublattices.push_back(sublattice);
  }
  return spec;
}

inline std::shared_ptr<const ParentCrystal> parent_of(const Crystal& crystal, const SpaceSpec& spec) {
  Problems problems;
  auto parent = build_parent(crystal, spec, problems);
  problems.throw_if_any();
  REQUIRE(parent != nullptr);
  return parent;
}

inline std::shared_ptr<const ParentCrystal> parent_of(const std::string& file, const SpaceSpec& spec) {
  return parent_of(read_crystal(structure_file(file)), spec);
}

/// What an expression's error says; "" if it throws nothing.
template <class Function>
std::string error_of(Function function) {
  try {
    function();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace hullscan::test
