/// @file
/// PBS Professional's commands, run as a user would: qsub, qselect, qstat, qdel. Says what they said and decides
/// nothing.
#pragma once

#include <map>
#include <set>

#include "scheduler/executors/batch_client.hpp"
#include "scheduler/executors/batch_command.hpp"
#include "scheduler/executors/pbs_options.hpp"

namespace hullscan {

class PbsClient : public BatchClient {
 public:
  /// @param directory for the commands' outputs; exists. @param prefix of the names of all jobs of the campaign.
  PbsClient(std::filesystem::path directory, std::string prefix, PbsOptions options);

  [[nodiscard]] const BatchSystem& system() const override;
  [[nodiscard]] SubmissionAnswer submit(const BatchSubmission& submission) override;
  /// Asks which jobs are the user's, then for those of them that are not known to be somebody else's campaign or to
  /// have ended: the history of a busy user is long.
  [[nodiscard]] std::optional<std::vector<BatchJob>> queue() override;
  void cancel(const std::string& id) override;

 private:
  [[nodiscard]] CommandAnswer ask(const std::vector<std::string>& command) const;
  [[nodiscard]] std::optional<std::vector<std::string>> own_ids();

  std::filesystem::path directory_;
  std::string prefix_;
  PbsOptions options_;
  bool has_history_ = true;                             ///< until it says otherwise
  std::set<std::string> others_;                        ///< ids of jobs with other names
  std::map<std::string, std::vector<BatchJob>> ended_;  ///< what is final, by the id that qselect gives
};

}  // namespace hullscan
