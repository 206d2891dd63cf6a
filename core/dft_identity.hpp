/// @file
/// Settings as a text that belongs into a hash: what decides a result, and nothing else.
#pragma once

#include <string>

#include "core/dft.hpp"

namespace hullscan {

/// A line for the code and one for each key, each begun by a line break. Keys of tasks and identities of campaigns hold
/// it: it never changes. @param identity as DftCode::identity gives it.
inline std::string identity_lines(const DftSettings& identity) {
  std::string text = "\n" + identity.code;
  for (const auto& [key, value] : identity.values) text += "\n" + key + "=" + value;
  return text;
}

}  // namespace hullscan
