/// @file
/// Which results of a campaign count: the tests of analysis/judging/result_judge.hpp over its tasks, and what changes
/// by them. Pure; CampaignMaster decides when, and stores.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/judging/result_judge.hpp"
#include "dft_adapters/dft_code.hpp"
#include "scheduler/campaign_view.hpp"
#include "storage/records.hpp"

namespace hullscan {

inline constexpr const char* kHullscan = "hullscan";  ///< Judgement::who, where it was not a person

/// What a result says of itself. Nothing for tasks without one, and for those that a person excluded.
std::optional<ResultFacts> facts_of(const CampaignView& view, const TaskRecord& task);

/// Takes away what hullscan said before, so that its tests speak anew; what people said stays.
void forget_own_judgements(std::vector<TaskRecord>& tasks);
/// Adds to the tasks what the tests say of their results: those that stand out are suspect.
void judge_tasks(const CampaignView& view, std::vector<TaskRecord>& tasks);
/// Says of a task that its result is suspect.
void set_aside(TaskRecord& task, const std::string& why);

/// What is to be stored so that the judgements of `before` say what those of `after` do; keys of tasks.
/// @param before, after the same tasks in the same order. @param words_too also where only the reason is another one.
std::map<std::string, Judgement> changes(std::span<const TaskRecord> before, std::span<const TaskRecord> after,
                                         bool words_too);

/// Names the set of results that do not count: equal for equal sets.
std::string name_of_set_aside(std::span<const TaskRecord> tasks);

/// How what is stored of a task's result differs from what the files of its attempts say now: "" if it does not, or if
/// they are not there any more or say nothing.
std::string difference_from_files(const TaskRecord& task, const std::filesystem::path& campaign_directory,
                                  const DftCode& code);

}  // namespace hullscan
