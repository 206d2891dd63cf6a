/// @file
/// Those of a task reactor's actions that are of one kind.
#pragma once

#include <variant>
#include <vector>

#include "scheduler/decisions/task_reactor.hpp"

namespace hullscan::test {

template <class Action>
std::vector<Action> of_kind(const std::vector<TaskAction>& actions) {
  std::vector<Action> found;
  for (const TaskAction& action : actions) {
    if (const auto* one = std::get_if<Action>(&action)) found.push_back(*one);
  }
  return found;
}

}  // namespace hullscan::test
