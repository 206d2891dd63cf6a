/// @file
/// How calculations are named as processes of a host, beyond the life of this one. Internal to scheduler.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/processes/child_process.hpp"

namespace hullscan::detail {

using hullscan::child_has_ended;
using hullscan::ChildSpec;
using hullscan::EndSignal;
using hullscan::is_machine_code;
using hullscan::own_environment;
using hullscan::reap_child;
using hullscan::signal_group;
using hullscan::start_child;

std::string this_host();

/// "pid:start@host": two processes never share it, even when the process id is used again.
std::string job_name(int pid);
/// The process id of a job of this host whose process or group still exists; nothing for a zombie or a stranger.
std::optional<int> living_pid(const std::string& job);

}  // namespace hullscan::detail
