/// @file
/// Whether OpenKIM's models are installed: tests that calculate with an interatomic potential ask first.
#pragma once

#include <filesystem>
#include <iostream>
#include <string>

namespace hullscan::test {

/// True if the model (none: the collection) is there; otherwise prints why the test is skipped.
inline bool have_kim_models(const std::string& model = "") {
#ifdef HULLSCAN_WITHOUT_KIM
  std::cout << "SKIPPED: this build does without HULLSCAN_KIM (" << model << ")\n";
  return false;
#else
  if (std::filesystem::exists("/usr/lib/x86_64-linux-gnu/kim-api/portable-models/" + model)) return true;
  std::cout << "SKIPPED: the Debian package openkim-models is not installed\n";
  return false;
#endif
}

}  // namespace hullscan::test
