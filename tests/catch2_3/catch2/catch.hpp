/// @file
/// Catch2 3 under the names that Catch2 2 has, which the tests are written with: the only header of a build that finds
/// version 3 (see tests/CMakeLists.txt).
#pragma once

#include <catch2/catch_all.hpp>
#include <string>

namespace Catch {

using Matchers::EndsWith;
using Matchers::StartsWith;

inline auto Contains(const std::string& text, CaseSensitive case_sensitive = CaseSensitive::Yes) {
  return Matchers::ContainsSubstring(text, case_sensitive);
}

}  // namespace Catch

using Catch::Approx;
