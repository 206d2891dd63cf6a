// Revisions of the campaign file: what a change does to what is known, in one transaction.
#include <fmt/format.h>

#include "core/errors.hpp"
#include "core/foreign_text.hpp"
#include "core/json_text.hpp"
#include "storage/campaign_store.hpp"
#include "storage/crash_point.hpp"
#include "storage/detail/campaign_store_impl.hpp"
#include "storage/detail/fact_rows.hpp"
#include "storage/detail/pass_rows.hpp"
#include "storage/detail/stored_names.hpp"

namespace hullscan {
namespace {

using sqlite::Database;
using sqlite::Query;
using sqlite::Transaction;

constexpr const char* kRevisions =
    "SELECT number, at_ms, identity, text, changes, first, inputs, hullscan FROM revision ORDER BY number";
constexpr const char* kLastRevision = "SELECT number, first FROM revision ORDER BY number DESC LIMIT 1";
constexpr const char* kAddRevision =
    "INSERT INTO revision (number, at_ms, identity, text, changes, first, inputs, hullscan) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kChangeCampaign =
    "UPDATE campaign SET name = ?, identity = ?, text = ?, resolved = ? WHERE id = 1";
constexpr const char* kPlaceTask =
    "UPDATE task SET outside = ?, space = ?, supercell = ?, composition = ?, occupation = ?, degeneracy = ? "
    "WHERE key = ?";
constexpr const char* kEndRounds =
    "UPDATE round SET finished = 1, fit = '[]', hull = '{\"entries\":0,\"vertices\":[]}' WHERE finished = 0";
constexpr const char* kDropPass = "DELETE FROM pass WHERE number = ?";
constexpr const char* kFactsOfPass = "SELECT key, text FROM fact WHERE key LIKE ? ESCAPE '!'";
/// The survey under another number.
constexpr const char* kCopyPass =
    "INSERT INTO pass (number, model_hash, model, finished) SELECT ?, model_hash, model, finished FROM pass "
    "WHERE number = ?";
constexpr const char* kMoveToPass[] = {"UPDATE unit SET pass = ? WHERE pass = ?",
                                       "UPDATE candidate SET pass = ? WHERE pass = ?",
                                       "UPDATE spectrum SET pass = ? WHERE pass = ?"};

/// What the store remembers of a pass, under another number.
void move_facts(Database& database, int from, int to) {
  const std::string before = fmt::format("pass {} ", from), now = fmt::format("pass {} ", to);
  std::vector<std::pair<std::string, std::string>> facts;
  {
    Query rows = database.query(kFactsOfPass, before + "%");
    while (rows.next()) facts.emplace_back(rows.text(0), rows.text(1));
  }
  for (const auto& [key, text] : facts) {
    storage_detail::set_fact(database, now + key.substr(before.size()), text);
    storage_detail::forget_fact(database, key);
  }
}

void move_survey(Database& database, int from, int to) {
  if (from == to || database.change(kCopyPass, to, from) == 0) return;
  for (const char* sql : kMoveToPass) database.change(sql, to, from);
  database.change(kDropPass, from);
  move_facts(database, from, to);
}

std::vector<std::string> lines_in(const Query& row, int column) {
  std::vector<std::string> lines;
  const Json json = Json::parse(row.text(column), nullptr, false);
  if (!json.is_array()) row.refuse(column, "a list of texts", readable_line(row.text(column), 40));
  for (const Json& line : json) {
    if (!line.is_string()) row.refuse(column, "a list of texts", readable_line(row.text(column), 40));
    lines.push_back(readable_line(line.get<std::string>(), 400));
  }
  return lines;
}

}  // namespace

std::vector<Revision> CampaignStore::revisions() const {
  constexpr std::int64_t kYear2200 = 7'258'118'400'000;
  std::vector<Revision> revisions;
  Query row = impl_->database.query(kRevisions);
  while (row.next()) {
    Revision revision;
    revision.number = row.number(0);
    if (!row.is_null(1)) revision.at = Instant(std::chrono::milliseconds(row.integer_from(1, 0, kYear2200)));
    revision.identity = row.text(2);
    revision.text = row.text(3);
    revision.changes = lines_in(row, 4);
    revision.first = static_cast<int>(row.integer_from(5, 0, 1'000'000'000));
    revision.inputs = row.text(6);
    if (!revision.inputs.empty() && !storage_detail::is_plain_name(revision.inputs))
      row.refuse(6, "a folder's name", readable_line(revision.inputs, 40));
    revision.hullscan_version = row.words(7);
    revisions.push_back(std::move(revision));
  }
  if (revisions.empty())
    throw StorageError(impl_->database.file().string() + ": table revision is empty: the database is damaged");
  return revisions;
}

Revision CampaignStore::revision() const { return revisions().back(); }

int CampaignStore::revise(const RevisionChange& change) {
  Database& database = impl_->database;
  Transaction transaction(database);
  int number = 0, before = 0;
  {
    Query last = database.query(kLastRevision);
    if (!last.next()) throw StorageError(database.file().string() + ": table revision is empty");
    number = last.number(0) + 1;
    before = last.number(1);
  }
  const CampaignIdentity& campaign = change.campaign;
  database.change(kAddRevision, number, change.at.time_since_epoch().count(), campaign.identity, campaign.text,
                  json_text(Json(change.changes)), change.first.value_or(before), change.inputs,
                  campaign.hullscan_version);
  database.change(kChangeCampaign, campaign.name, campaign.identity, campaign.text, campaign.resolved);
  HULLSCAN_CRASH_POINT("revise.middle");
  for (const TaskPlacement& placement : change.placements) {
    database.change(kPlaceTask, static_cast<int>(placement.outside), placement.stratum.space,
                    placement.stratum.supercell, placement.stratum.index_in_supercell, placement.occupation,
                    placement.degeneracy, placement.key);
  }
  for (const int pass : change.forgotten_passes) {
    storage_detail::forget_all_of(database, pass);
    database.change(kDropPass, pass);
  }
  for (const int pass : change.repeated_passes) storage_detail::forget_all_of(database, pass);
  if (change.first) {
    database.change(kEndRounds);
    if (change.survey_stays) move_survey(database, before, *change.first);
  }
  storage_detail::change_facts(database, change.facts);
  HULLSCAN_CRASH_POINT("revise.done");
  transaction.commit();
  impl_->worst_kept.clear();
  impl_->task_counts.reset();
  return number;
}

}  // namespace hullscan
