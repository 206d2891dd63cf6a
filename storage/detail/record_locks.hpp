/// @file
/// Whether a file system has locks at all: Lustre without `-o flock`, NFS without its lock service and some others
/// answer ENOSYS or ENOLCK to every request. Not here: the campaign's own lock.
#pragma once

#include <filesystem>
#include <string>

namespace hullscan::storage_detail {

/// @param error `errno` of flock(2), or of fcntl(2) with F_SETLK. @returns false if the lock is only held by another.
bool has_no_locks(int error);

/// Asks for a record lock (fcntl, what SQLite uses) in a directory, of campaign.lock or of a file made for it and
/// removed.
/// @returns "" if there are such locks, or if nothing can be asked; otherwise what the system says: "Function not
/// implemented".
std::string why_no_record_locks(const std::filesystem::path& directory);

}  // namespace hullscan::storage_detail
