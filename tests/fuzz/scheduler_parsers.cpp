/// @file
/// What Slurm answers, and the scheduler's own stored decisions and messages.

#include <array>
#include <string>

#include "core/protocol.hpp"
#include "parser.hpp"
#include "scheduler/decisions/stages.hpp"
#include "scheduler/executors/pbs_states.hpp"
#include "scheduler/executors/pilot_executor.hpp"
#include "scheduler/executors/slurm_client.hpp"
#include "scheduler/executors/slurm_states.hpp"

namespace hullscan::fuzz {
namespace {

void read_queue(std::string_view bytes) { (void)parse_squeue(std::string(bytes), "hullscan-"); }
void read_accounting(std::string_view bytes) { (void)parse_sacct(std::string(bytes), "hullscan-"); }

void read_answers(std::string_view bytes) {
  const std::string text(bytes);
  (void)parse_sbatch(0, text, "");
  (void)parse_sbatch(1, "", text);
  (void)parse_slurm_seconds(text);
  (void)tells_of_memory(text);
}

void read_allocation(std::string_view bytes) {
  const std::string text(bytes.substr(0, bytes.find('\0')));
  (void)host_names(text);
  (void)allocation_from({{"SLURM_JOB_ID", "1"}, {"SLURM_JOB_CPUS_PER_NODE", text}, {"SLURM_JOB_NODELIST", text}});
}

void read_qstat(std::string_view bytes) {
  const std::string text(bytes);
  for (const PbsRecord& record : parse_qstat(text))
    (void)batch_job(record), (void)is_final(record), (void)is_pbs_array(record.id);
  (void)parse_qsub(0, text, "");
  (void)parse_qsub(1, "", text);
  (void)only_unknown_jobs(text);
}

void read_stage(std::string_view bytes) { (void)parse_stage_decision(std::string(bytes)); }

/// Between ranks of one program; the error of anything malformed is its own, and none of a user's.
void read_messages(std::string_view bytes) {
  const auto raw = std::as_bytes(std::span(bytes));
  try {
    (void)decode_master_message(raw);
  } catch (const TransportError&) {
  }
  try {
    (void)decode_worker_message(raw);
  } catch (const TransportError&) {
  }
}

}  // namespace

std::span<const Parser> scheduler_parsers() {
  static const std::array parsers = {
      Parser{"slurm-squeue", {}, read_queue},    Parser{"slurm-sacct", {}, read_accounting},
      Parser{"slurm-answers", {}, read_answers}, Parser{"slurm-allocation", {}, read_allocation},
      Parser{"pbs-qstat", {}, read_qstat},       Parser{"stage-decision", {}, read_stage},
      Parser{"messages", {}, read_messages},
  };
  return parsers;
}

}  // namespace hullscan::fuzz
