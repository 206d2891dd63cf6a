#include "enumerator/files/crystal_reader.hpp"

#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

#include "../../files.hpp"
#include "../../shared_data.hpp"
#include "crystals.hpp"
#include "enumerator/files/cif_reader.hpp"
#include "enumerator/files/extxyz_reader.hpp"
#include "enumerator/files/poscar_reader.hpp"

using namespace hullscan;
using hullscan::test::error_of;
using hullscan::test::read_file;
using hullscan::test::structure_file;
using hullscan::test::TemporaryFolder;
using hullscan::test::write_file;

namespace {

/// A file of this content in a folder of its own.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, const std::string& content) : path_(folder_.path() / name) {
    write_file(path_, content);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  TemporaryFolder folder_;
  std::filesystem::path path_;
};

const std::string kPoscar = "NiAl\n1.0\n3 0 0\n0 3 0\n0 0 3\nNi Al\n1 1\nDirect\n0 0 0\n.5 .5 .5\n";
const std::string kXyz = "2\nLattice=\"3 0 0 0 3 0 0 0 3\"\nNi 0 0 0\nAl 1.5 1.5 1.5\n";

}  // namespace

TEST_CASE("the format of a structure file is known by its name, else by its content", "[enumerator][reading]") {
  const std::string cif = read_file(structure_file("Al-fcc.cif"));
  const auto sites = [](const std::string& name, const std::string& text) {
    const TemporaryFile file(name, text);
    return read_crystal(file.path()).sites.size();
  };

  CHECK(sites("a.cif", cif) == 4);
  CHECK(sites("structure", cif) == 4);
  CHECK(sites("POSCAR.start", kPoscar) == 2);
  CHECK(sites("CONTCAR", kPoscar) == 2);
  CHECK(sites("a.vasp", kPoscar) == 2);
  CHECK(sites("structure.txt", kPoscar) == 2);
  CHECK(sites("a.extxyz", kXyz) == 2);
  CHECK(sites("structure.txt", kXyz) == 2);
}

TEST_CASE("of several frames the first is taken unless a number is given", "[enumerator][reading]") {
  const TemporaryFile frames("t.extxyz", kXyz + "1\nLattice=\"3 0 0 0 3 0 0 0 3\"\nAu 0 0 0\n");

  CHECK(read_crystal(frames.path()).sites.size() == 2);
  CHECK(read_crystal(frames.path(), "2").sites.size() == 1);
  CHECK(error_of([&] { (void)read_crystal(frames.path(), "3"); }) ==
        frames.path().string() + ": no frame \"3\", expected 1 to 2");
}

TEST_CASE("line ends of every system and a byte order mark are read alike", "[enumerator][reading]") {
  std::string windows = "\xEF\xBB\xBF", old_mac;
  for (const char c : read_file(structure_file("gamma-CsPbI3-Pnma.cif"))) {
    windows += c == '\n' ? "\r\n" : std::string(1, c);
    old_mac += c == '\n' ? '\r' : c;
  }

  CHECK(read_crystal(TemporaryFile("w.cif", windows).path()).sites.size() == 20);
  CHECK(read_crystal(TemporaryFile("m.cif", old_mac).path()).sites.size() == 20);
}

TEST_CASE("a file that is not a structure is refused by name", "[enumerator][reading]") {
  const auto message = [](const std::filesystem::path& file) { return error_of([&] { (void)read_crystal(file); }); };
  const TemporaryFile empty("empty.cif", ""), binary("zero.cif", std::string("data_x\n\0_a 1", 12)),
      prose("notes.txt", "hello\nworld\n");
  const TemporaryFile near("POSCAR", "c\n1\n4 0 0\n0 4 0\n0 0 4\nAl\n2\nDirect\n0 0 0\n0 0 .1\n");

  CHECK(message("no-such.cif") == "no-such.cif: no such file");
  CHECK(message(empty.path().parent_path()) ==
        empty.path().parent_path().string() + ": is a directory, expected a file");
  CHECK(message(empty.path()) == empty.path().string() + ": the file is empty");
  CHECK(message(binary.path()) == binary.path().string() + ": holds zero bytes, expected text");
  CHECK(message(prose.path()) ==
        prose.path().string() +
            ": expected a CIF, a POSCAR or an extended XYZ file, found neither by name nor by content");
  CHECK(message(near.path()) ==
        near.path().string() +
            ": two atoms on one place: sites Al1 and Al2 are 0.400 Å apart and hold 2.000 atoms, at most 1");
}

TEST_CASE("errors of structure files have the exit code of structure files", "[enumerator][reading]") {
  CHECK_THROWS_AS(read_crystal("no-such.cif"), FormatError);
  CHECK_THROWS_AS(cif_block_names("no-such.cif"), FormatError);
  CHECK_THROWS_AS(read_extxyz("no-such.xyz"), FormatError);
}

TEST_CASE("the labelled sets' CIF files are read", "[enumerator][reading][data]") {
  if (!test::have_shared_data("WSe2/cif")) return;
  std::size_t count = 0;

  for (const auto& entry : std::filesystem::directory_iterator(test::shared_data() / "WSe2/cif")) {
    INFO(entry.path().string());
    CHECK(read_crystal(entry.path()).sites.size() >= 11);
    ++count;
  }
  CHECK(count > 10);
}

TEST_CASE("truncated and damaged structure files give an error or a crystal, never a crash",
          "[enumerator][reading][property]") {
  const std::vector<std::string> files = {read_file(structure_file("gamma-CsPbI3-Pnma.cif")),
                                          read_file(structure_file("LiNiO2-R-3m.cif")),
                                          read_file(structure_file("traps/two-blocks.cif")),
                                          read_file(structure_file("dialects/magnetic.mcif")),
                                          kPoscar,
                                          kXyz};
  const auto survives = [](const std::string& text) {
    for (int format = 0; format < 3; ++format) {
      try {
        ReadingWarnings warnings;
        if (format == 0) (void)crystal_from_cif(text, "t", "", warnings);
        if (format == 1) (void)crystal_from_poscar(text, "t", warnings);
        if (format == 2) (void)parse_extxyz(text, "t");
      } catch (const FormatError&) {
      }
    }
  };
  for (const std::string& file : files) {
    for (std::size_t length = 0; length < file.size(); length += 7) survives(file.substr(0, length));
  }
  rc::prop("any bytes replaced, removed or doubled", [&] {
    std::string text = *rc::gen::elementOf(files);
    const int changes = *rc::gen::inRange(1, 12);
    for (int i = 0; i < changes && !text.empty(); ++i) {
      const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
      const auto length = std::min(*rc::gen::inRange<std::size_t>(1, 20), text.size() - at);
      switch (*rc::gen::inRange(0, 4)) {
        case 0:
          text[at] = static_cast<char>(*rc::gen::inRange(1, 256));
          break;
        case 1:
          text.erase(at, length);
          break;
        case 2:
          text.insert(at, text.substr(at, length));
          break;
        default:
          text.insert(at, *rc::gen::element<std::string>("'", "\"", "\n;", "loop_", " ", "-", "9e999", "?", "_a", "("));
          break;
      }
    }
    survives(text);
  });
}
