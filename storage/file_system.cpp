#include "storage/file_system.hpp"

#include <sys/vfs.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/errors.hpp"

namespace hullscan {
namespace {

// From statfs(2) and linux/magic.h; Lustre, GPFS, BeeGFS and Panasas from their client sources.
constexpr std::array<std::pair<std::uint32_t, const char*>, 15> kNetwork = {{
    {0x6969, "NFS"},
    {0x0BD00BD0, "Lustre"},
    {0x47504653, "GPFS"},
    {0x19830326, "BeeGFS"},
    {0xFF534D42, "CIFS"},
    {0xFE534D42, "SMB2"},
    {0x517B, "SMB"},
    {0x65735546, "FUSE"},
    {0x00C36400, "CephFS"},
    {0x5346414F, "AFS"},
    {0x01021997, "9P"},
    {0x20030528, "OrangeFS"},
    {0xAAD7AAEA, "Panasas"},
    {0x7461636F, "OCFS2"},
    {0x786F4256, "vboxsf"},
}};

}  // namespace

FileSystem file_system_of_magic(std::uint64_t magic) {
  // f_type is signed on some machines: only the lower 32 bits say something.
  const auto low = static_cast<std::uint32_t>(magic & 0xffffffffU);
  for (const auto& [known, name] : kNetwork) {
    if (known == low) return {name, true};
  }
  return {"local", false};
}

FileSystem file_system_of(const std::filesystem::path& directory) {
  struct statfs found {};
  if (::statfs(directory.c_str(), &found) != 0) {
    throw StorageError(directory.string() + ": cannot be examined: " + std::strerror(errno));
  }
  return file_system_of_magic(static_cast<std::uint64_t>(found.f_type));
}

}  // namespace hullscan
