/// @file
/// Spaces as a person writes them: the text of a campaign file's space, beside the tests' structures.
#pragma once

#include <string>

#include "core/campaign/campaign.hpp"
#include "enumerator/space/search_space.hpp"

namespace hullscan::test {

/// @param text what follows [[space]].
inline SpaceSpec space_spec(const std::string& text) {
  const std::string file = std::string(HULLSCAN_TEST_DATA) + "/structures/campaign.toml";
  return parse_campaign("name = \"test\"\n[[space]]\nname = \"test\"\n" + text, file).spaces.front();
}
inline SearchSpace space_from(const std::string& text) { return SearchSpace::build(space_spec(text)); }

}  // namespace hullscan::test
