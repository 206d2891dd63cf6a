#include "storage/plain_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "core/errors.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 4> kFolders = {"", "inputs", "models", "report"};

/// Written where they lie. All other files are replaced by rename, which replaces a link too.
bool is_written_in_place(std::string_view name) {
  return name == "campaign.lock" || name == "hullscan.log" || name.starts_with("campaign.db");
}

/// "" if it may be opened.
std::string fault_of(const fs::directory_entry& entry) {
  std::error_code error;
  const fs::file_status own = entry.symlink_status(error), end = entry.status(error);
  if (own.type() == fs::file_type::symlink && is_written_in_place(entry.path().filename().string()))
    return "a link, and it would be written through it";
  switch (end.type()) {
    case fs::file_type::regular:
    case fs::file_type::directory:
      return "";
    case fs::file_type::not_found:
      return "a link to nowhere";
    case fs::file_type::fifo:
      return "a pipe";
    case fs::file_type::socket:
      return "a socket";
    case fs::file_type::character:
    case fs::file_type::block:
      return "a device";
    default:
      return "no file that could be opened";
  }
}

}  // namespace

bool is_plain_file(const fs::path& file) {
  std::error_code error;
  return fs::is_regular_file(file, error);
}

void require_plain_files(const fs::path& directory) {
  std::vector<std::string> faults;
  const auto look_into = [&](const fs::path& folder) {
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
      if (const std::string fault = fault_of(*it); !fault.empty())
        faults.push_back(fmt::format("{}: is {}, expected a file or a folder", it->path().string(), fault));
    }
  };
  for (const char* folder : kFolders) look_into(directory / folder);
  std::error_code error;
  for (fs::directory_iterator it(directory / "inputs", error), end; !error && it != end; it.increment(error)) {
    if (it->is_directory(error)) look_into(it->path());  // of a later revision of the campaign file
  }
  if (faults.empty()) return;
  std::sort(faults.begin(), faults.end());
  std::string text;
  for (const std::string& fault : faults) text += fault + "\n";
  throw StorageError(text + "nothing was opened; take them away and run the same line again");
}

}  // namespace hullscan
