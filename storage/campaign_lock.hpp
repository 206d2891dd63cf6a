/// @file
/// One master per campaign directory: DIR/campaign.lock, held by flock(2) where the file system has it, and by what is
/// written in it (host, process, start) and when it was last touched where it has not (campaign.lock.claim is there for
/// the moment of writing it, so that of several that start at once one comes first).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace hullscan {

struct LockHolder {
  std::string host;
  std::int64_t process_id = 0;
  std::uint64_t process_start = 0;  ///< clock ticks since boot: tells a process from a later one of the same id
  std::string boot_id;              ///< of the running kernel
  std::string since;                ///< UTC, for people
  friend bool operator==(const LockHolder&, const LockHolder&) = default;
};

struct LockOptions {
  /// A master on another host counts as dead when it has not called beat() for this long.
  std::chrono::milliseconds silence = std::chrono::seconds(120);
  /// Who asks; not set: this process.
  std::optional<LockHolder> self;
};

class CampaignLock {
 public:
  /// The directory must exist. A lock whose process is gone, or silent on another host, is taken over and the log says
  /// so. @throws StorageError naming host and process of a live holder, or if the disk does not let us.
  explicit CampaignLock(const std::filesystem::path& directory, const LockOptions& options = {});
  CampaignLock(CampaignLock&&) noexcept;
  CampaignLock& operator=(CampaignLock&&) noexcept;
  ~CampaignLock();  ///< gives the lock back

  /// Says that we live: call it several times per `silence`. Cheap.
  /// @throws StorageError if another master has taken over meanwhile (this one was stopped for too long): do not write
  /// another byte.
  void beat();

  /// Who holds the lock of a directory by its file, dead or alive; nothing if nobody does.
  static std::optional<LockHolder> holder(const std::filesystem::path& directory);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// This process.
LockHolder this_process();

}  // namespace hullscan
