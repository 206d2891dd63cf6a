#include "parser.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <typeinfo>

#include "core/errors.hpp"

namespace hullscan::fuzz {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void unexpected(const char* type, const char* what) {
  std::fprintf(stderr, "UNEXPECTED: %s: %.600s\n", type, what);
  std::fflush(stderr);
  std::abort();
}

struct Folder {
  fs::path path;
  pid_t owner = ::getpid();
  Folder() {
    std::string name = (fs::temp_directory_path() / "hullscan-fuzz-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path = name;
    fs::current_path(path);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    if (owner == ::getpid()) fs::remove_all(path, ignored);
  }
};

}  // namespace

std::vector<const Parser*> all_parsers() {
  std::vector<const Parser*> all;
  for (const auto group : {campaign_parsers(), structure_parsers(), table_parsers(), output_parsers(),
                           scheduler_parsers(), model_parsers(), command_parsers()}) {
    for (const Parser& parser : group) all.push_back(&parser);
  }
  return all;
}

const Parser* find_parser(std::string_view name) {
  for (const Parser* parser : all_parsers()) {
    if (name == parser->name) return parser;
  }
  return nullptr;
}

bool read_one(const Parser& parser, std::string_view bytes) {
  try {
    parser.read(bytes);
    return true;
  } catch (const Error& error) {
    if (error.exit_code() == ExitCode::kUnexpected) unexpected(typeid(error).name(), error.what());
  } catch (const fs::filesystem_error&) {  // names the path and the reason, and ends in exit code 5
  } catch (const std::exception& error) {
    unexpected(typeid(error).name(), error.what());
  } catch (...) {
    unexpected("no exception of the standard library", "");
  }
  return false;
}

const fs::path& working_folder() {
  static const Folder folder;
  return folder.path;
}

fs::path as_file(const std::string& name, std::string_view bytes) {
  const fs::path file = working_folder() / name;
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return name;
}

}  // namespace hullscan::fuzz
