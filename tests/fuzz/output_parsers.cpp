/// @file
/// What DFT codes leave: each file by itself, and each as the one damaged file of a whole calculation.

#include <array>
#include <filesystem>
#include <string>

#include "dft_adapters/command/exchange.hpp"
#include "dft_adapters/dft_code.hpp"
#include "dft_adapters/qe/input.hpp"
#include "dft_adapters/qe/output_text.hpp"
#include "dft_adapters/qe/output_xml.hpp"
#include "dft_adapters/qe/pseudopotential.hpp"
#include "dft_adapters/vasp/incar.hpp"
#include "dft_adapters/vasp/kpoints.hpp"
#include "dft_adapters/vasp/outcar.hpp"
#include "dft_adapters/vasp/poscar.hpp"
#include "dft_adapters/vasp/potcar.hpp"
#include "dft_adapters/vasp/vasprun.hpp"
#include "parser.hpp"

namespace hullscan::fuzz {
namespace {

namespace fs = std::filesystem;

/// A calculation whose files are those of `from`, but one.
void judge_calculation(const char* code, const fs::path& from, const std::string& name, std::string_view bytes) {
  const fs::path folder = "calculation";
  static fs::path filled;
  if (filled != from) {
    fs::remove_all(working_folder() / folder);
    fs::copy(from, working_folder() / folder);
    filled = from;
  }
  (void)as_file((folder / name).string(), bytes);
  (void)find_dft_code(code)->read_path(folder);
}

void judge_vasp(const std::string& name, std::string_view bytes) {
  judge_calculation("vasp", HULLSCAN_TEST_DATA "/vasp_outputs/pricelv-vasp6", name, bytes);
}

void read_outcar(std::string_view bytes) {
  (void)vasp::parse_outcar(bytes);
  judge_vasp("OUTCAR", bytes);
}
void read_oszicar(std::string_view bytes) {
  (void)vasp::parse_oszicar(bytes);
  judge_vasp("OSZICAR", bytes);
}
void read_vasprun_xml(std::string_view bytes) {
  (void)vasp::read_vasprun(as_file("vasprun.xml", bytes));
  judge_vasp("vasprun.xml", bytes);
}
void read_vasp_kpoints(std::string_view bytes) {
  std::string problem;
  (void)vasp::parse_kpoints(bytes, problem);
}
void read_potcar(std::string_view bytes) {
  std::string problem;
  (void)vasp::parse_potcar(bytes, problem);
}
void read_vasp_poscar(std::string_view bytes) {
  std::string problem;
  if (const auto structure = vasp::parse_poscar(bytes, problem)) (void)structure->shortest_distance_angstrom();
}
void read_incar(std::string_view bytes) {
  vasp::IncarRemarks remarks;
  (void)vasp::parse_incar(bytes, remarks);
}

void read_pwx_output(std::string_view bytes) {
  (void)qe::parse_output_text(bytes);
  (void)qe::parse_crash(bytes);
  (void)find_dft_code("quantum-espresso")->read_path(as_file("alone.out", bytes));
}
void read_pwx_xml(std::string_view bytes) {
  std::string problem;
  (void)qe::read_output_xml(as_file("data-file-schema.xml", bytes), problem);
  (void)find_dft_code("quantum-espresso")->read_path(as_file("alone.xml", bytes));
}
void read_pwx_input(std::string_view bytes) { (void)qe::parse_request(bytes); }
void read_upf(std::string_view bytes) {
  std::string problem;
  (void)qe::parse_upf_header(bytes, problem);
}

constexpr const char* kRequest = R"({"format": "hullscan-exchange", "version": 1, "calculation": "relax", "structure":
  {"lattice_angstrom": [[4, 0, 0], [0, 4, 0], [0, 0, 4]], "species": ["Al", "Ni"],
   "fractional_positions": [[0, 0, 0], [0.5, 0.5, 0.5]]}, "parameters": {}, "files": {}, "hull_keys": {},
  "min_distance_angstrom": 0.5})";

void read_result(std::string_view bytes) {
  (void)as_file("exchange/request.json", kRequest);
  (void)as_file("exchange/result.json", bytes);
  (void)exchange::judge("exchange", "stdout.txt");
}
void read_exchange_request(std::string_view bytes) { (void)exchange::read_request(as_file("request.json", bytes)); }
void read_last_words(std::string_view bytes) {
  fs::remove(working_folder() / "words/result.json");
  (void)as_file("words/exit_code", bytes.substr(0, 8));
  (void)as_file("words/stderr.txt", bytes);
  (void)exchange::judge("words", "stdout.txt");
}

}  // namespace

std::span<const Parser> output_parsers() {
  static const std::array parsers = {
      Parser{"vasp-outcar", {"/OUTCAR"}, read_outcar},
      Parser{"vasp-oszicar", {"/OSZICAR"}, read_oszicar},
      Parser{"vasp-vasprun", {"/vasprun.xml"}, read_vasprun_xml},
      Parser{"vasp-kpoints", {"/KPOINTS"}, read_vasp_kpoints},
      Parser{"vasp-potcar", {}, read_potcar},
      Parser{"vasp-poscar", {"/POSCAR", "/CONTCAR"}, read_vasp_poscar},
      Parser{"vasp-incar", {"/INCAR"}, read_incar},
      Parser{"pwx-output", {"qe_outputs/good_relax_si.out", ".out", ".CRASH"}, read_pwx_output},
      Parser{"pwx-xml", {"qe_outputs/good_scf_al.xml", ".xml"}, read_pwx_xml},
      Parser{"pwx-input", {".in"}, read_pwx_input},
      Parser{"upf", {}, read_upf},
      Parser{"exchange-result", {}, read_result},
      Parser{"exchange-request", {}, read_exchange_request},
      Parser{"exchange-words", {}, read_last_words},
  };
  return parsers;
}

}  // namespace hullscan::fuzz
