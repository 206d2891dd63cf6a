/// @file
/// The campaign inside a campaign directory: its file and structures as they were when it ran (DIR/inputs), so that
/// report, export and a later run do not depend on what became of the originals.
#pragma once

#include <filesystem>
#include <string>

#include "campaign/resolved_campaign.hpp"

namespace hullscan {

/// Where a campaign is run if nobody says where: "NAME.hullscan", with characters that any file system takes.
std::string default_directory(const std::string& campaign_name);

/// What decides whether a directory belongs to a campaign file: everything that changes what is enumerated, selected or
/// computed. Where the two rules for superperiodic configurations differ it says which one holds. Not: [run], [report],
/// select.rounds and select.stop, comments, layout, and where files lie.
std::string identity_of(const ResolvedCampaign& resolved);

/// Of a space's structure file; of a listed structure: of itself, wherever in a list it stands.
std::string structure_hash(const SpaceSpec& space);

/// The same of one table: its keys and values in the order of the file, which decides how occupations are numbered.
std::string identity_text(const SettingsTable& table);

/// The rule for superperiodic configurations that a directory was begun with: what was enumerated by one is never
/// joined with what the other leaves. The reference cell's for a directory that does not hold a campaign yet.
RepeatRule stored_repeat_rule(const std::filesystem::path& directory);

/// Which of the code's earlier defaults (DftCode::earlier_defaults) this identity was made with, from 1; 0: the present
/// ones, or it is another campaign.
int earlier_defaults_of(const ResolvedCampaign& resolved, const std::string& identity);
/// The same of whatever campaign lies in the directory; 0 if there is none, or its database cannot be read now.
int earlier_defaults_of(const ResolvedCampaign& resolved, const std::filesystem::path& directory);
/// Takes those defaults: a campaign that an older hullscan began goes on with what it was begun with.
/// @param aloud whether the log says so (one of several ranks is enough).
void take_earlier_defaults(ResolvedCampaign& resolved, int number, bool aloud = true);

/// Copies the campaign file and what it names to a folder of DIR/inputs. Parts that are not its identity may have
/// changed since.
void keep_inputs(const std::filesystem::path& directory, const Campaign& campaign, const std::string& folder);
/// Folder in DIR/inputs of the present revision; "": DIR/inputs itself. The database says it, and a file beside the
/// folders where that is lost.
std::string inputs_folder_name(const std::filesystem::path& directory);
void keep_inputs_folder_name(const std::filesystem::path& directory, const std::string& folder);

/// The campaign of a directory with its spaces, structures taken from DIR/inputs.
/// @throws StorageError if they are not there.
LoadedCampaign load_stored_campaign(const std::filesystem::path& directory);

/// The name that a structure or reference file had before it was copied to DIR/inputs; of any other file, its name.
std::string original_name(const std::filesystem::path& file);

/// The same with its models and settings.
ResolvedCampaign resolve_stored_campaign(const std::filesystem::path& directory);

}  // namespace hullscan
