#include "cli/new_place.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>  // mkdtemp
#include <cstring>
#include <string>

#include "core/errors.hpp"

namespace hullscan::cli {

namespace fs = std::filesystem;

void require_new_place(const fs::path& out, Parents parents) {
  std::error_code error;
  fs::path place = fs::absolute(out).lexically_normal();
  if (place.filename().empty()) place = place.parent_path();  // "best/"
  const fs::file_status status = fs::symlink_status(place, error);
  if (fs::exists(status))
    throw InputError(fmt::format("{}: this {} exists already; nothing is overwritten; choose another name with --out",
                                 out.string(), fs::is_directory(status) ? "folder" : "file"));
  fs::path folder = place.parent_path();
  if (parents == Parents::kMustExist && !fs::exists(folder, error))
    throw InputError(
        fmt::format("{}: cannot be written: there is no folder {}; make it, or choose another name with "
                    "--out",
                    out.string(), folder.string()));
  while (!fs::exists(folder, error) && folder != folder.parent_path()) folder = folder.parent_path();
  const auto refuse = [&](const std::string& why) {
    throw InputError(fmt::format("{}: cannot be written: {}; choose another place with --out", out.string(), why));
  };
  if (!fs::is_directory(folder, error)) refuse(folder.string() + " is not a folder");
  std::string probe = (folder / ".hullscan-XXXXXX").string();
  if (::mkdtemp(probe.data()) == nullptr)
    refuse(fmt::format("nothing can be made in {} ({})", folder.string(), std::strerror(errno)));
  ::rmdir(probe.c_str());
}

}  // namespace hullscan::cli
