/// @file
/// Structure files, read as `read_crystal` does, with all that it checks.

#include <array>

#include "enumerator/files/crystal_reader.hpp"
#include "enumerator/files/extxyz_reader.hpp"
#include "parser.hpp"

namespace hullscan::fuzz {
namespace {

void read_as(const char* name, std::string_view bytes) { (void)read_crystal(as_file(name, bytes)); }

void read_cif(std::string_view bytes) { read_as("x.cif", bytes); }
void read_poscar(std::string_view bytes) { read_as("POSCAR", bytes); }
void read_one_extxyz(std::string_view bytes) { read_as("x.extxyz", bytes); }
void read_unknown(std::string_view bytes) { read_as("x.dat", bytes); }
void read_frames(std::string_view bytes) { (void)parse_extxyz(std::string(bytes), "x.extxyz"); }

}  // namespace

std::span<const Parser> structure_parsers() {
  static const std::array parsers = {
      Parser{"cif", {".cif", ".mcif"}, read_cif},
      Parser{"poscar", {".vasp", "/POSCAR", "/CONTCAR"}, read_poscar},
      Parser{"extxyz", {".extxyz"}, read_one_extxyz},
      Parser{"extxyz-frames", {".extxyz"}, read_frames},
      Parser{"structure-of-any-name", {".cif", ".vasp", ".extxyz"}, read_unknown},
  };
  return parsers;
}

}  // namespace hullscan::fuzz
