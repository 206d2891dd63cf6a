/// @file
/// Where the program that calculates is looked for: on this machine, or by each job on its own node.
#pragma once

#include <string>

#include "campaign/resolved_campaign.hpp"

namespace hullscan {

/// One line for a person: which program, where it is looked for, whether it is there. "" without a DFT code.
std::string program_note(const ResolvedCampaign& resolved);

/// Nothing where the jobs of a batch system look for it themselves: a login node need not have it.
/// @throws InputError if this machine has to have the program and has not.
void require_program(const ResolvedCampaign& resolved);

}  // namespace hullscan
