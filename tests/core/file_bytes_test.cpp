#include "core/file_bytes.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "core/errors.hpp"

namespace hullscan {

TEST_CASE("a file of a user is bytes, or a sentence about the path", "[core][files]") {
  const auto folder = std::filesystem::temp_directory_path() / ("hullscan-bytes-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const std::string bytes("a\r\n\0\xFF", 5);
  std::ofstream(folder / "some", std::ios::binary) << bytes;
  std::ofstream(folder / "empty", std::ios::binary);

  CHECK(user_file(folder / "some") == bytes);
  CHECK(user_file(folder / "empty").empty());
  CHECK_THROWS_WITH(user_file(folder), folder.string() + ": is a directory, expected a file");
  CHECK_THROWS_AS(user_file(folder), InputError);
  CHECK_THROWS_WITH(user_file(folder / "absent"), Catch::EndsWith("absent: cannot be read: no such file"));
  std::filesystem::remove_all(folder);
}

}  // namespace hullscan
